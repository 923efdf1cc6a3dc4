"""What tools like multi-gitter, turbolift and git-xargs ask of a script that they run in each clone, with plain git."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from projects import checkout, git, make_project
from support import PAUSE, regfix

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = ("rewrite", "--quiet")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return checkout(make_project(tmp_path / "a.git"), tmp_path / "clone")


def status(clone: Path) -> str:
    """What such a tool looks at: changes and new files, ignored ones, too."""
    return git(clone, "status", "--porcelain", "--ignored")


def test_a_change_is_all_that_a_run_leaves(clone: Path) -> None:
    run = regfix(*SCRIPT, cwd=clone)
    assert (run.code, run.said) == (0, "")
    assert status(clone) == " M app.yaml\n"
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "Move images")
    assert "registry.k8s.io" in git(clone, "show", "HEAD:app.yaml")
    assert regfix(*SCRIPT, cwd=clone).code == 0
    assert status(clone) == "", "a clean tree: nothing to do"


def test_nothing_to_do_is_no_failure(clone: Path) -> None:
    assert regfix(*SCRIPT, "--rule", "quay.io=r.corp", cwd=clone).code == 0
    assert status(clone) == ""


def test_what_cannot_be_processed_is_a_failure_with_a_reason(clone: Path) -> None:
    (clone / "broken.yaml").write_text(f"[{PAUSE}")
    run = regfix(*SCRIPT, cwd=clone)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("error: ./broken.yaml:")
    assert (clone / "broken.yaml").read_text() == f"[{PAUSE}"


def test_asking_before_and_taking_a_patch(clone: Path, tmp_path: Path) -> None:
    assert regfix("rewrite", "--check", "--quiet", cwd=clone).code == 1
    patch = regfix("rewrite", "--dry-run", "--quiet", cwd=clone)
    assert status(clone) == ""
    git(clone, "apply", "-", stdin=patch.stdout)
    assert status(clone) == " M app.yaml\n"
    assert regfix("rewrite", "--check", "--quiet", cwd=clone).code == 0
    body = regfix("rewrite", "--dry-run", "--quiet", "--format", "markdown", cwd=clone)
    assert body.out.startswith("## Image references\n")
