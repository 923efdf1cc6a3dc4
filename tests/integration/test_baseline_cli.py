"""`--baseline`: a check fails for what is new, and for nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from support import PAUSE, WITH_AN_OVERRIDE, contents, grow, regfix

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/reference/baseline.schema.json").read_text("utf-8"))
FILE = "regfix-baseline.json"
POD = "spec:\n  containers:\n  - name: a\n    image: k8s.gcr.io/a:1\n  - name: b\n    image: k8s.gcr.io/a:1\n"
CHECK = ("rewrite", "--check", "--baseline", FILE)


def write(folder: Path, *more: str) -> None:
    run = regfix("rewrite", "--check", "--write-baseline", FILE, *more, cwd=folder)
    assert (run.code, run.out) == (0, ""), run.said


@pytest.fixture
def known(project: Path) -> Path:
    """A project with a baseline."""
    grow(project, {"pod.yaml": POD, "d/x.yaml": PAUSE + "# of k8s.gcr.io\n", "README.md": "k8s.gcr.io/pause:3.2\n"})
    before = contents(project)
    write(project)
    assert contents(project) == before | {FILE: (project / FILE).read_bytes()}
    return project


def test_what_is_known_does_not_count(known: Path) -> None:
    run = regfix(*CHECK, cwd=known)
    assert (run.code, run.out) == (0, "")
    assert "5 known by the baseline, and not counted" in run.err
    assert "left" not in run.err
    assert regfix("rewrite", "--check", cwd=known).code == 1


def test_a_baseline_is_valid_and_does_not_depend_on_the_folder(known: Path) -> None:
    text = (known / FILE).read_text("ascii")
    assert list(Draft202012Validator(SCHEMA).iter_errors(json.loads(text))) == []
    assert [entry["rule"] for entry in json.loads(text)["findings"]] == ["text", "move", "prose", "move", "move"]
    write(known)
    assert (known / FILE).read_text("ascii") == text
    assert regfix("rewrite", "--check", "--baseline", f"../{FILE}", cwd=known / "d").code == 0
    assert regfix("scan", FILE, cwd=known).out == ""


def test_moved_lines_new_tags_and_other_entries_of_a_list_are_known(known: Path) -> None:
    grow(
        known,
        {"pod.yaml": "# more\n\n" + POD.replace("a:1", "a:2").replace("containers:\n", "containers:\n  - image: x\n")},
    )
    assert regfix(*CHECK, cwd=known).code == 0


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("new.yaml", PAUSE, "./new.yaml:1:8: k8s.gcr.io/pause:3.2"),
        ("d/x.yaml", "first: k8s.gcr.io/b:1\n" + PAUSE, "./d/x.yaml:1:8: k8s.gcr.io/b:1"),
        ("pod.yaml", POD + "  - image: k8s.gcr.io/a:1\n", "./pod.yaml:7:12: k8s.gcr.io/a:1"),
    ],
    ids=["file", "key", "count"],
)
def test_what_is_new_counts(known: Path, name: str, text: str, line: str) -> None:
    grow(known, {name: text})
    run = regfix(*CHECK, cwd=known)
    assert run.code == 1
    assert [told.partition(" -> ")[0] for told in run.out.splitlines()] == [line]
    assert "1 reference in 1 file would be rewritten" in run.err


def test_every_format_is_about_what_is_new(known: Path) -> None:
    grow(known, {"d/x.yaml": PAUSE + "other: k8s.gcr.io/b:1\n"})
    told = {form: regfix(*CHECK, "--format", form, cwd=known) for form in ("json", "sarif", "github", "markdown")}
    assert {run.code for run in told.values()} == {1}
    report = json.loads(told["json"].out)
    assert [finding["reference"] for one in report["sources"] for finding in one["findings"]] == ["k8s.gcr.io/b:1"]
    assert (report["summary"]["references"], report["summary"]["known"], report["summary"]["left"]) == (1, 4, {})
    assert [one["message"]["text"].split()[0] for one in json.loads(told["sarif"].out)["runs"][0]["results"]] == [
        "k8s.gcr.io/b:1"
    ]
    assert told["github"].out.count("\n") == 1
    assert "4 known by the baseline" in told["markdown"].out
    assert "pod.yaml" not in told["markdown"].out


def test_what_is_gone_may_stay_in_the_baseline(known: Path) -> None:
    (known / "pod.yaml").unlink()
    assert regfix(*CHECK, cwd=known).code == 0
    write(known)
    assert "pod.yaml" not in (known / FILE).read_text()


def test_overrides_of_a_chart_are_known(project: Path) -> None:
    grow(project, WITH_AN_OVERRIDE)
    write(project)
    assert regfix(*CHECK, cwd=project).code == 0
    grow(project, {"c/values.yaml": "# more\nreplicas: 1\nimage: k8s.gcr.io/z:1\n"})
    run = regfix(*CHECK, cwd=project)
    assert (run.code, run.out.count("\n")) == (1, 1), run.said


def test_what_fails_is_told_and_the_rest_is_written(project: Path) -> None:
    grow(project, {"x.yaml": PAUSE, "broken.yaml": f"[{PAUSE}"})
    run = regfix("rewrite", "--check", "--write-baseline", FILE, cwd=project)
    assert (run.code, "broken.yaml" in run.err) == (2, True)
    run = regfix(*CHECK, cwd=project)
    assert (run.code, run.out, "broken.yaml" in run.err) == (2, "", True)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"version": 1}', '{"version": 1, "findings": [1]}', '{"version": 1, "findings": [{}]}',
     '{"version": 1, "findings": [{"fingerprint": 1}]}', "[" * 100_000, b"\xff", '{"version": 2, "findings": []}'],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_what_is_no_baseline_is_refused(project: Path, text: str | bytes) -> None:
    grow(project, {"x.yaml": PAUSE, FILE: text})
    run = regfix(*CHECK, cwd=project)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"error: {FILE}: ")
    assert "write it again with --check --write-baseline" in run.err


def test_a_baseline_that_cannot_be_read_or_written_is_told(project: Path) -> None:
    grow(project, {"x.yaml": PAUSE})
    run = regfix(*CHECK, cwd=project)
    assert (run.code, f"{FILE}: cannot be read: no such file" in run.err) == (2, True)
    run = regfix("rewrite", "--check", "--write-baseline", "none/b.json", cwd=project)
    assert (run.code, "none/b.json: the baseline was not written" in run.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--baseline", FILE), "it goes with --check"),
        (("--write-baseline", FILE, "--dry-run"), "it goes with --check"),
        (("--check", "--baseline", FILE, "--write-baseline", FILE), "exclude each other"),
        (("--check", "--baseline", FILE, "--bump", "patch"), "exclude each other"),
        (("--check", "--write-baseline", FILE, "--force-exclude", "x.yaml"), "a baseline is of all files"),
        (("--check", "--baseline", FILE, "-"), "means nothing for standard input"),
    ],
)
def test_what_does_not_go_together_is_refused(project: Path, options: tuple[str, ...], said: str) -> None:
    grow(project, {"x.yaml": PAUSE})
    run = regfix("rewrite", *options, cwd=project)
    assert (run.code, said in run.err) == (2, True), run.err
    assert contents(project) == {"x.yaml": PAUSE.encode()}
