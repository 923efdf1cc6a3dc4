"""Running a program as Helm: found or named, bounded in time and output, no terminal, no child left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from regfix.errors import UsageError
from regfix.helm.run import HelmError, find_helm, run_helm

if TYPE_CHECKING:
    from pathlib import Path


def script(folder: Path, text: str) -> str:
    path = folder / "helm"
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_named_binary_counts_and_else_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = script(tmp_path, "exit 0")
    assert find_helm(named) == named
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_helm() == named
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    with pytest.raises(UsageError, match="--helm"):
        find_helm()
    with pytest.raises(UsageError, match="no such program"):
        find_helm("/no/helm")


def test_code_and_streams_are_returned(tmp_path: Path) -> None:
    done = run_helm(script(tmp_path, 'echo "$1 $MINE"; echo "Error: no luck" >&2; exit 3'), ["x"], env={"MINE": "y"})
    assert (done.code, done.stdout, done.why) == (3, b"x y\n", "no luck")


@pytest.mark.parametrize("line", ["sleep 60", "sleep 60 & exit 0"])
def test_time_is_bounded_and_children_end_too(line: str, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(HelmError, match="took too long"):
        run_helm(script(tmp_path, line), [], timeout=0.3)
    assert time.monotonic() - started < 10


def test_output_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(HelmError, match="printed too much"):
        run_helm(script(tmp_path, "yes"), [], limit=100_000)


def test_what_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(HelmError, match="cannot be started"):
        run_helm(str(tmp_path / "missing"), [])
