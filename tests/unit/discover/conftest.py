"""Real trees to walk: each test runs in a folder of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: empty, and this test's own."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def grow(here: Path) -> Callable[[Mapping[str, str]], None]:
    """Return a function that makes files (path to content; a path that ends with `/` is an empty folder)."""

    def make(files: Mapping[str, str]) -> None:
        for path, content in files.items():
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            if not path.endswith("/"):
                with open(path, "w", encoding="utf-8", newline="") as file:
                    file.write(content)

    return make


@pytest.fixture
def unprivileged(here: Path) -> Iterator[None]:
    """Permission bits hold: root is somebody else for the duration of the test."""
    for folder in (here, here.parent, here.parent.parent):
        os.chmod(folder, 0o755)
    if os.geteuid() != 0:
        yield
        return
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
