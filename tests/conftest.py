"""What all tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support import git

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that is a git work tree: the settings of folders above it do not count."""
    folder = tmp_path / "project"
    folder.mkdir()
    assert git(folder, "init", "-q").returncode == 0
    return folder
