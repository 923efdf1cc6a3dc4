"""Standard input and output: bytes are kept, messages stay apart, and nobody takes half a result for a whole one."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support import HUB, PAUSE, PAUSE_MOVED, Run, contents, environment, git, grow, regfix

if TYPE_CHECKING:
    from pathlib import Path


def pipe(data: str | bytes, *arguments: str, cwd: Path) -> Run:
    """Run regfix with something on standard input."""
    given = data.encode() if isinstance(data, str) else data
    return regfix(*arguments, cwd=cwd, stdin=None, input=given)


KEPT = [
    b"",
    b"\n",
    b"# only a comment",
    b"\xef\xbb\xbfa: b\r\n",
    b"a:   b   \n\n\n...\n---\nc: 'd'\t\n",
    b"image: quay.io/a:1\r",
    b"{{ if .Values.x }}\na: [\n{{ end }}\n",
]


@pytest.mark.parametrize("data", KEPT)
def test_bytes_are_kept_where_nothing_moves(project: Path, data: bytes) -> None:
    run = pipe(data, "rewrite", "-", cwd=project)
    assert (run.code, run.stdout) == (0, data)


MOVED = [b"\xef\xbb\xbf# a\r\n%s\r\nb: 'c'  \r\n", b"%s", b"---\n%s\n---\n%s\n", b"{{ if a }}\n%s\n{{ end }}\n"]


@pytest.mark.parametrize("form", MOVED)
def test_bytes_are_kept_where_something_moves(project: Path, form: bytes) -> None:
    old, new = PAUSE.strip().encode(), PAUSE_MOVED.strip().encode()
    run = pipe(form.replace(b"%s", old), "rewrite", "-", cwd=project)
    assert (run.code, run.stdout) == (0, form.replace(b"%s", new))
    assert "rewritten" in run.err
    again = pipe(run.stdout, "rewrite", "-q", "-", cwd=project)
    assert (again.stdout, again.stderr) == (run.stdout, b"")


BAD = {
    "not YAML": b"a: [\n",
    "not YAML behind a good document": b"image: k8s.gcr.io/a:1\n---\nb: 'c\n",
    "not UTF-8": b"a: \xff\n",
    "UTF-16": "a: b\n".encode("utf-16"),
    "NUL": b"a: \0\n",
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
@pytest.mark.parametrize("command", ["rewrite", "scan"])
def test_bad_input_gives_an_error_and_nothing_else(project: Path, command: str, data: bytes) -> None:
    run = pipe(data, command, "-", cwd=project)
    assert (run.code, run.stdout) == (2, b"")
    assert run.err.startswith("error: <stdin>")


def test_check_dry_run_and_diff(project: Path) -> None:
    check = pipe(PAUSE, "rewrite", "--check", "-", cwd=project)
    assert (check.code, check.out) == (1, "<stdin>:1:8: k8s.gcr.io/pause:3.2 -> registry.k8s.io/pause:3.2\n")
    assert pipe(PAUSE_MOVED, "rewrite", "--check", "-", cwd=project).code == 0
    dry = pipe(PAUSE, "rewrite", "--dry-run", "-", "--stdin-filename", "x.yaml", cwd=project)
    grow(project, {"x.yaml": PAUSE})
    assert (dry.code, git(project, "apply", "-", stdin=dry.stdout).returncode) == (0, 0)
    assert (project / "x.yaml").read_text() == PAUSE_MOVED
    diff = pipe(PAUSE, "rewrite", "--diff", "-", cwd=project)
    assert (diff.code, diff.out) == (0, PAUSE_MOVED)
    assert f"-{PAUSE}+{PAUSE_MOVED}" in diff.err


def test_a_name_says_what_it_is_and_which_settings_count(project: Path) -> None:
    grow(project, {"a/.regfix.yaml": "rules: {k8s.gcr.io: harbor.corp}\n"})
    template = "{{- x -}}\n'{{ default \"k8s.gcr.io/a:1\" }}'\n[\n"
    run = pipe(template, "rewrite", "-", "--stdin-filename", "a/templates/b.tpl", cwd=project)
    assert (run.code, run.out) == (0, template.replace("k8s.gcr.io", "harbor.corp"))
    text = "docker pull k8s.gcr.io/pause:3.2\n"
    run = pipe(text, "rewrite", "-", "--stdin-filename", "README.md", cwd=project)
    assert (run.code, run.out) == (0, text)
    assert "README.md:1:13: k8s.gcr.io/pause:3.2" in run.err
    assert "registry.k8s.io" in pipe(text, "rewrite", "--text", "-", "--stdin-filename", "README.md", cwd=project).out
    assert contents(project).keys() == {"a/.regfix.yaml"}


def test_reports_and_scans(project: Path) -> None:
    report = json.loads(pipe(PAUSE, "rewrite", "--check", "--format", "json", "-", cwd=project).out)
    assert report["sources"][0]["path"] == "<stdin>"
    assert pipe("image: nginx\n", "scan", "-", *HUB, cwd=project).out == (
        "<stdin>:1:8: nginx -> harbor.corp/hub/library/nginx\n"
    )


MEANINGLESS = [
    ["-", "x.yaml"], ["-", "--prove"], ["-", "--bump", "patch"], ["-", "--fetch"], ["-", "-f", "x.yaml"],
    ["-", "--force-exclude"], ["-", "--format", "json"], [".", "--stdin-filename", "x.yaml"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", MEANINGLESS, ids=" ".join)
def test_what_means_nothing_is_refused(project: Path, arguments: list[str]) -> None:
    run = pipe(PAUSE, "rewrite", *arguments, cwd=project)
    assert (run.code, run.stdout) == (2, b"")


def test_a_closed_input_and_a_full_output_are_told(project: Path) -> None:
    closed = subprocess.run(["sh", "-c", f"'{sys.executable}' -m regfix rewrite - <&-"], cwd=project, env=environment(),
                            capture_output=True, text=True, check=False)  # fmt: skip
    assert (closed.returncode, "standard input" in closed.stderr) == (2, True), closed.stderr
    with open("/dev/full", "wb") as full:
        run = regfix("rewrite", "-", cwd=project, stdin=None, input=PAUSE.encode(), capture_output=False, stdout=full,
                     stderr=subprocess.PIPE)  # fmt: skip
    assert (run.code, "standard output cannot be written" in run.err) == (2, True)
