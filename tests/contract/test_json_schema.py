"""JSON output is what docs/reference/output.schema.json says, and means what it says."""

from __future__ import annotations

import json
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from regfix.commands.rewrite import Mode
from regfix.discover import SkipReason
from regfix.finding import Action
from regfix.locate.site import Context, Reason
from regfix.outcome import Status
from regfix.report.json import VERSION
from support import HUB, PAUSE, Run, contents, git, grow, regfix

if TYPE_CHECKING:
    from enum import Enum

SCHEMA = Path(__file__).parents[2] / "docs/reference/output.schema.json"
RUNS = [
    ["rewrite"],
    ["rewrite", "--dry-run"],
    ["rewrite", "--check"],
    ["rewrite", "--diff"],
    ["rewrite", "--text", "--dry-run"],
    ["rewrite", "--no-comments", "--check"],
    ["rewrite", "--dry-run", *HUB],
    ["scan"],
    ["scan", *HUB],
    ["scan", "--text"],
    ["scan", "nowhere"],
    ["rewrite", "nowhere", "a"],
]


@cache
def schema() -> dict[str, Any]:
    """Return the schema."""
    return dict(json.loads(SCHEMA.read_text(encoding="utf-8")))


def valid(run: Run) -> dict[str, Any]:
    """Return the report of a run, checked against the schema and held against the accounting."""
    report: dict[str, Any] = json.loads(run.stdout)
    errors = [
        f"{error.json_path}: {error.message}"[:300] for error in Draft202012Validator(schema()).iter_errors(report)
    ]
    assert errors == []
    sources, summary = report["sources"], report["summary"]
    findings = [finding for source in sources for finding in source["findings"]]
    assert summary["files"] == sum(source["status"] == "changed" for source in sources)
    assert summary["failed"] == sum(source["status"] == "failed" for source in sources)
    assert summary["references"] == sum(finding["action"] == "rewrite" for finding in findings)
    assert summary["edits"] == sum(len(finding["edits"]) for finding in findings)
    assert summary["left"] == Counter(finding["reason"] for finding in findings if finding["action"] == "leave")
    assert summary["skipped"] == Counter(source["reason"] for source in sources if source["status"] == "skipped")
    assert run.code == (2 if summary["failed"] else 1 if report.get("mode") == "check" and summary["files"] else 0)
    return report


@pytest.mark.parametrize("arguments", RUNS, ids=" ".join)
def test_json_is_valid_and_adds_up(tree: Path, arguments: list[str]) -> None:
    """R4, R53: each command, each mode; the counts of the summary are those of the sources."""
    report = valid(regfix(*arguments, "--format", "json", cwd=tree))
    assert report["command"] == arguments[0]
    assert not {"link", ".git"} & {part for source in report["sources"] for part in source["path"].split("/")[1:2]} - {
        "link"
    }


@pytest.mark.parametrize("arguments", [["rewrite", "--dry-run"], ["scan"]])
def test_json_is_valid_where_there_is_nothing(project: Path, arguments: list[str]) -> None:
    """R4: an empty folder."""
    assert valid(regfix(*arguments, "--format", "json", cwd=project))["sources"] == []


def test_the_edits_are_those_that_are_made(tree: Path) -> None:
    """R2, R4: a reader of JSON can make them: offsets, old and new text, byte-order mark apart."""
    report = valid(regfix("rewrite", "--dry-run", "--text", "--format", "json", cwd=tree))
    before = contents(tree)
    assert regfix("rewrite", "--text", "-q", cwd=tree).code == 2
    after = contents(tree)
    for source in report["sources"]:
        name = os.path.relpath(source["path"])
        if source["status"] != "changed":
            continue
        text = before[name].decode("utf-8-sig")
        edits = sorted(
            (edit for finding in source["findings"] for edit in finding["edits"]), key=lambda edit: -edit["start"]
        )
        for edit in edits:
            assert text[edit["start"] : edit["end"]] == edit["old"]
            text = text[: edit["start"]] + edit["new"] + text[edit["end"] :]
        assert text == after[name].decode("utf-8-sig"), name
        lines = before[name].decode("utf-8-sig").split("\n")
        for finding in source["findings"]:
            assert lines[finding["line"] - 1][finding["column"] - 1 :].strip("\r") != ""
    assert {source["path"] for source in report["sources"] if source["status"] == "changed"} == {
        f"./{name}" for name in before if before[name] != after[name]
    }


def test_scan_and_rewrite_say_the_same(tree: Path) -> None:
    """R4: what scan says the rules would do, rewrite does."""
    scan = valid(regfix("scan", "--format", "json", cwd=tree))
    rewrite = valid(regfix("rewrite", "--dry-run", "--format", "json", cwd=tree))
    moves = [
        {
            source["path"]: [finding for finding in source["findings"] if finding["action"] == "rewrite"]
            for source in report["sources"]
            if source["status"] == "changed"
        }
        for report in (scan, rewrite)
    ]
    assert moves[0] == moves[1]


def test_each_source_is_on_a_line_of_its_own(tree: Path) -> None:
    """R24: so that a report can be read piece by piece."""
    lines = regfix("rewrite", "--dry-run", "--format", "json", cwd=tree).out.splitlines()
    report = json.loads("".join(lines))
    assert [json.loads(line.rstrip(",")) for line in lines[1:-1]] == report["sources"]


def test_json_is_ascii_also_for_undecodable_names(tree: Path) -> None:
    """R52, R53: nothing raw; the name can be had back."""
    run = regfix("scan", "--format", "json", cwd=tree)
    assert run.stdout.isascii()
    assert any(
        os.fsencode(source["path"]).endswith(b"/bad/\xff\n.yaml") for source in json.loads(run.stdout)["sources"]
    )


def test_errors_that_stop_the_run_are_no_json(project: Path) -> None:
    """R4: they are text on standard error; standard output stays empty."""
    grow(project, {".regfix.yaml": "nonsense: 1\n"})
    for arguments in (["rewrite"], ["scan"], ["rewrite", "--rule", "x"]):
        run = regfix(*arguments, "--format", "json", cwd=project)
        assert (run.code, run.stdout) == (2, b"")
        assert run.err.startswith("error: ")


def test_the_schema_is_one() -> None:
    """The schema is valid, closed everywhere, and versioned."""
    Draft202012Validator.check_schema(schema())
    assert schema()["properties"]["version"] == {"description": "Version of this format.", "const": VERSION}
    assert schema()["$id"].endswith(f":{VERSION}")
    objects = [schema(), *schema()["$defs"].values()]
    assert all("additionalProperties" in item and set(item["required"]) <= set(item["properties"])
               for item in objects if item["type"] == "object")  # fmt: skip
    assert all(item["additionalProperties"] is False for item in objects if item["type"] == "object")


@pytest.mark.parametrize(("place", "words", "more"), [
    (("finding", "reason"), Reason, {None}),
    (("finding", "context"), Context, set()),
    (("finding", "action"), Action, set()),
    (("source", "status"), Status, set()),
    (("source", "reason"), SkipReason, {None, "settings", "archive"}),
], ids=lambda value: value[1] if isinstance(value, tuple) else "")  # fmt: skip
def test_the_schema_knows_all_words(place: tuple[str, str], words: type[Enum], more: set[str | None]) -> None:
    """A new reason comes with the schema."""
    kind, name = place
    assert set(schema()["$defs"][kind]["properties"][name]["enum"]) == {str(word.value) for word in words} | more


def test_the_schema_knows_all_modes() -> None:
    """As the documentation lists them."""
    assert set(schema()["properties"]["mode"]["enum"]) == {mode.value for mode in Mode}


@pytest.mark.parametrize("change", [
    {"version": 2}, {"mode": "x"}, {"extra": 1}, {"command": "scan"}, {"sources": [{}]}, {"summary": {}},
    {"sources": [{"path": "x", "status": "failed", "reason": None, "error": None, "findings": []}]},
    {"sources": [{"path": "x", "status": "skipped", "reason": None, "error": None, "findings": []}]},
    {"sources": [{"path": "x", "status": "changed", "reason": None, "error": None, "findings": []}]},
], ids=str)  # fmt: skip
def test_the_schema_refuses_what_is_wrong(project: Path, change: dict[str, Any]) -> None:
    """A schema that takes everything proves nothing."""
    grow(project, {"x.yaml": PAUSE})
    git(project, "init", "-q")
    report = json.loads(regfix("rewrite", "--dry-run", "--format", "json", cwd=project).stdout)
    assert Draft202012Validator(schema()).is_valid(report)
    assert not Draft202012Validator(schema()).is_valid(report | change)
