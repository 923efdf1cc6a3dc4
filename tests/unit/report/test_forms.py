"""Annotations of GitHub and reports in Markdown, through the real command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from regfix.report.markdown import MAX_LEFT, MAX_ROWS, code
from support import PAUSE, grow, regfix

if TYPE_CHECKING:
    from pathlib import Path

ANNOTATION = re.compile(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^,:]*,?)+)::(.+)")


def annotations(folder: Path, *arguments: str) -> list[tuple[str, dict[str, str], str]]:
    """Return what GitHub reads: command, properties, message."""
    found = []
    for line in regfix("rewrite", *arguments, "--format", "github", cwd=folder).out.splitlines():
        match = ANNOTATION.fullmatch(line)
        assert match is not None, line
        found.append((match[1], dict(pair.split("=") for pair in match[2].split(",")), match[3]))
    return found


def test_annotations_tell_file_line_and_column(project: Path) -> None:
    grow(project, {"d/x.yaml": "a: 1\n" + PAUSE + "# of k8s.gcr.io\n"})
    moved, left = annotations(project, "--check")
    assert moved == (
        "error",
        {"file": "d/x.yaml", "line": "2", "col": "8", "endLine": "2", "endColumn": "28", "title": "regfix%3A move"},
        "k8s.gcr.io/pause:3.2 moves to registry.k8s.io/pause:3.2",
    )
    assert (left[0], left[1]["line"]) == ("notice", "3")
    assert annotations(project / "d", "--dry-run")[0][1]["file"] == "d/x.yaml"
    assert annotations(project, "--dry-run")[0][0] == "warning"


def test_annotations_of_what_failed(project: Path) -> None:
    grow(project, {"x.yaml": f"[{PAUSE}"})
    failed = annotations(project, "--check")[0]
    assert failed[0] == "error"
    assert failed[1]["file"] == "x.yaml"


def test_annotations_cannot_be_forged(project: Path) -> None:
    grow(project, {"a,b:%\n::error::x.yaml": PAUSE, "y.yaml": 'x: "k8s.gcr.io/a%0A::error::b"\n'})
    for command, properties, message in annotations(project, "--check"):
        assert command in ("error", "notice")
        assert properties["file"] in ("a%2Cb%3A%25\\n%3A%3Aerror%3A%3Ax.yaml", "y.yaml")
        assert "%0A" not in message


def markdown(folder: Path, *arguments: str, command: str = "rewrite") -> str:
    return regfix(command, *arguments, "--format", "markdown", cwd=folder).out


def test_markdown_tells_what_moved_and_what_is_left(project: Path) -> None:
    grow(project, {"x.yaml": PAUSE + "# of k8s.gcr.io\n", "bad.yaml": f"[{PAUSE}"})
    text = markdown(project)
    assert "1 reference in 1 file moved.\n" in text
    assert "| `x.yaml:1` | `k8s.gcr.io/pause:3.2` | `registry.k8s.io/pause:3.2` |\n" in text
    assert "- `x.yaml:2` `k8s.gcr.io`\n" in text
    assert "1 source failed" in text
    assert "would move" in markdown(project, command="scan")


def test_markdown_fits_a_pull_request(project: Path) -> None:
    grow(project, {"x.yaml": "".join(f"- image: k8s.gcr.io/a/b{n}:1\n# k8s.gcr.io\n" for n in range(500))})
    text = markdown(project, "--dry-run")
    assert text.count("registry.k8s.io") == MAX_ROWS
    assert f"... and {500 - MAX_ROWS} more.\n" in text
    assert f"- ... and {500 - MAX_LEFT} more\n" in text
    assert len(text) < 65536


def test_markdown_fits_whatever_the_names_are(project: Path) -> None:
    """Names of 3,000 characters, each of which is four in Markdown; every section keeps its part."""
    long = "/".join(["&" * 250] * 4)
    grow(
        project,
        {f"{long}/{n}.yaml": f"{PAUSE}# k8s.gcr.io\n" for n in range(60)}
        | {f"bad{n}&.yaml": f"[{PAUSE}" for n in range(99)},
    )
    text = markdown(project, "--dry-run")
    assert 30_000 < len(text) < 60_000 + 3_000
    for said in (r"\.\.\. and \d+ more\.", r"- \.\.\. and \d+ more", "99 sources failed", "</details>"):
        assert re.search(said, text), said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a/b:1", "`a/b:1`"),
        ("", ""),
        ("a`b|c", "<code>a&#96;b&#124;c</code>"),
        ("<img src=x>", "<code>&lt;img src=x&gt;</code>"),
        ("a\nb\x1b", "`a\\nb\\x1b`"),
    ],
)
def test_code_cannot_be_left(text: str, shown: str) -> None:
    assert code(text) == shown


@pytest.mark.parametrize("form", ["sarif", "github", "gitlab", "markdown"])
def test_exit_codes_do_not_depend_on_the_format(project: Path, form: str) -> None:
    assert regfix("rewrite", "--check", "--format", form, cwd=project).code == 0
    grow(project, {"x.yaml": PAUSE})
    assert regfix("rewrite", "--check", "--format", form, cwd=project).code == 1
    run = regfix("rewrite", "--check", "--format", form, "nowhere", cwd=project)
    assert run.code == 2
    assert "nowhere" in (run.out if form == "github" else run.err)
