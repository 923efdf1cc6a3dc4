"""Text for people: escapes, tables, CSV, findings, the accounting (R53)."""

from __future__ import annotations

import csv
import io
import json

import pytest

from regfix import Action, Finding, Outcome, Rule, SourceError, Status, rewrite_text
from regfix.locate.site import Context, Reason
from regfix.report.escape import escape, escape_line
from regfix.report.json import encode, finding_object, outcome_object, report_pieces
from regfix.report.summary import Summary
from regfix.report.table import csv_line, table_lines
from regfix.report.text import changed_lines, error_line, finding_line, plural, summary_lines
from regfix.text.edit import Edit
from regfix.text.span import Position, Span

EVIL = "\x1b[31m\a\r\n\t\x00\x7f\x85\x9b\u202e\u2066\u200b\u2028\ufeff\udcff"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("k8s.gcr.io/pause:3.2", "k8s.gcr.io/pause:3.2"),
        ("é😀日本 e\u0301", "é😀日本 e\u0301"),
        ("a\nb", "a\\nb"),
        ("a\r\tb", "a\\r\\tb"),
        ("\x1b[0m", "\\x1b[0m"),
        ("\x07\x08\x7f", "\\x07\\x08\\x7f"),
        ("\x85\x9b", "\\x85\\x9b"),
        ("\u202e\u2066", "\\u202e\\u2066"),
        ("\u200b\u200f\u2028\ufeff", "\\u200b\\u200f\\u2028\\ufeff"),
        ("\udcff\udc80", "\\xff\\x80"),
        ("\ud800", "\\ud800"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_escapes(text: str, expected: str) -> None:
    assert escape(text) == expected


def test_nothing_raw_is_left() -> None:
    assert escape(EVIL).isprintable()
    assert escape_line(EVIL.replace("\t", "")).isprintable()
    assert escape_line("a\tb\x1b") == "a\tb\\x1b"


def test_a_table_has_columns_and_no_trailing_blanks() -> None:
    lines = list(table_lines(["name", "x"], [["a", "bbb"], ["long name", ""], ["\x1b", "c"]]))
    assert lines == ["NAME        X", "a           bbb", "long name", "\\x1b        c"]


def test_an_empty_table_is_its_header() -> None:
    assert list(table_lines(["a", "b"], [])) == ["A   B"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["a", "b"], "a,b"),
        (["", ""], ","),
        (["a,b", 'say "x"'], '"a,b","say ""x"""'),
        (["a\nb"], "a\\nb"),
        (["é"], "é"),
    ],
)
def test_rows_of_csv(row: list[str], expected: str) -> None:
    assert csv_line(row) == expected


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(cell: str) -> None:
    (read,) = next(csv.reader(io.StringIO(csv_line([cell]))))
    assert read == "'" + cell


@pytest.mark.parametrize("cell", ["a=1", "k8s.gcr.io/x:1", "1-2", "a@b", "'x'", ""])
def test_other_cells_stay(cell: str) -> None:
    assert next(csv.reader(io.StringIO(csv_line([cell, "x"])))) == [cell, "x"]


@pytest.mark.parametrize(("count", "expected"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_plurals(count: int, expected: str) -> None:
    assert plural(count, "file") == expected


def finding(action: Action = Action.REWRITE, reason: Reason | None = None, source: str = "a.yaml") -> Finding:
    edits = (Edit(Span(7, 17), "k8s.gcr.io", "registry.k8s.io"),) if action is Action.REWRITE else ()
    rule = Rule.parse("k8s.gcr.io=registry.k8s.io")
    return Finding(
        source,
        Position(3, 9),
        ("spec", 0, "image"),
        Context.VALUE,
        "k8s.gcr.io/x:1",
        action,
        "registry.k8s.io/x:1",
        rule,
        reason,
        edits,
    )


def test_lines_of_findings() -> None:
    assert finding_line(finding()) == "a.yaml:3:9: k8s.gcr.io/x:1 -> registry.k8s.io/x:1"
    assert finding_line(finding(Action.LEAVE, Reason.URL)) == "a.yaml:3:9: k8s.gcr.io/x:1 [url]"
    assert finding_line(finding(Action.NONE)) == "a.yaml:3:9: k8s.gcr.io/x:1"
    assert finding_line(finding(source=EVIL)).isprintable()


def test_lines_of_a_changed_source() -> None:
    outcome = Outcome("a.yaml", Status.CHANGED, (finding(), finding(Action.LEAVE, Reason.URL), finding()))
    assert list(changed_lines(outcome, dry=False)) == ["a.yaml: 2 references rewritten"]
    assert list(changed_lines(outcome, dry=True)) == [finding_line(finding())] * 2


def test_errors_are_one_printable_line() -> None:
    assert (
        error_line(SourceError("cannot be read", where="x", why="no", hint="do")) == "error: x: cannot be read: no (do)"
    )
    assert error_line(SourceError(EVIL, where=EVIL, why=EVIL, hint=EVIL)).isprintable()


def summary(*outcomes: Outcome) -> Summary:
    total = Summary()
    for outcome in outcomes:
        total.add(outcome)
    return total


OUTCOMES = (
    Outcome("a.yaml", Status.CHANGED, (finding(), finding(Action.LEAVE, Reason.URL), finding(Action.NONE))),
    Outcome("b.yaml", Status.CHANGED, (finding(), finding())),
    Outcome("c.yaml", Status.UNCHANGED, (finding(Action.LEAVE, Reason.PROSE), finding(Action.LEAVE, Reason.URL))),
    Outcome("d", Status.SKIPPED, reason="a symbolic link"),
    Outcome("e", Status.SKIPPED, reason="a symbolic link"),
    Outcome("f.yaml", Status.FAILED, error=SourceError("not valid YAML", where="f.yaml:1:1")),
)


def test_the_accounting_counts_everything_once() -> None:
    total = summary(*OUTCOMES)
    assert (total.files, total.references, total.edits, total.left_count) == (2, 3, 3, 3)
    assert {reason: len(found) for reason, found in total.left.items()} == {Reason.URL: 2, Reason.PROSE: 1}
    assert dict(total.skipped) == {"a symbolic link": 2}
    assert [outcome.source for outcome in total.failed] == ["f.yaml"]


@pytest.mark.parametrize(("dry", "verb"), [(True, "would be rewritten"), (False, "rewritten")])
def test_the_accounting_as_text(dry: bool, verb: str) -> None:
    lines = list(summary_lines(summary(*OUTCOMES), dry=dry))
    assert lines[0] == f"3 references in 2 files {verb}"
    assert any(line.startswith("2 left: ") and line.endswith("[url]") for line in lines)
    assert any(line.startswith("1 left: ") and line.endswith("[prose]") for line in lines)
    assert lines.count("  a.yaml:3:9: k8s.gcr.io/x:1") == 3
    assert "2 not read: a symbolic link" in lines
    assert lines[-1].startswith("1 source failed")


def test_an_accounting_of_nothing() -> None:
    assert list(summary_lines(Summary(), dry=False)) == ["0 references in 0 files rewritten"]


def test_a_finding_as_data() -> None:
    assert finding_object(finding()) == {
        "line": 3, "column": 9, "keyPath": "spec[0].image", "context": "value", "reference": "k8s.gcr.io/x:1", "action": "rewrite",
        "result": "registry.k8s.io/x:1", "rule": "k8s.gcr.io=registry.k8s.io", "reason": None,
        "edits": [{"start": 7, "end": 17, "old": "k8s.gcr.io", "new": "registry.k8s.io"}],
    }  # fmt: skip
    assert finding_object(finding(Action.LEAVE, Reason.OTHER_HOST))["reason"] == "other-host"


def test_a_report_is_json_line_by_line() -> None:
    pieces = list(report_pieces(OUTCOMES, Summary(), "rewrite", dry=True))
    report = json.loads("".join(pieces))
    assert [source["path"] for source in report["sources"]] == [outcome.source for outcome in OUTCOMES]
    assert (report["command"], report["dry"], report["version"]) == ("rewrite", True, 1)
    assert report["summary"]["left"] == {"prose": 1, "url": 2}
    assert report["summary"]["failed"] == 1
    assert "".join(pieces).count("\n") == len(OUTCOMES) + 2
    assert json.loads("".join(report_pieces((), Summary(), "scan")))["sources"] == []


def test_json_is_ascii_whatever_the_names() -> None:
    text = encode(outcome_object(Outcome(EVIL, Status.UNCHANGED)))
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["path"] == EVIL


def test_positions_count_code_points_from_one() -> None:
    (found,) = rewrite_text("# é😀\r\na: 😀 k8s.gcr.io/x\n", ["k8s.gcr.io=a.io"]).findings
    data = finding_object(found)
    assert (data["line"], data["column"]) == (2, 6)
    assert data["edits"] == [{"start": 11, "end": 21, "old": "k8s.gcr.io", "new": "a.io"}]
