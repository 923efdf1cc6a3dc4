"""The record: JSON after its schema, Markdown without surprises."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from regfix.image.rule import Rule
from regfix.prove.compare import Cause, Difference
from regfix.prove.model import Case, Copied, Image, Left, Place, Proof, Setting, Verdict
from regfix.prove.naming import Change
from regfix.report.proof import proof_lines
from regfix.report.record import Record, record_json, record_markdown

SCHEMA = Path(__file__).parents[3] / "docs/reference/record.schema.json"
RULE = Rule.parse("quay.io=harbor.corp/quay")
EVIL = "\x1b[2J|`<b>\u202e\n"
PROOFS = [
    Proof(
        "charts/app", Verdict.INCOMPLETE, "1.31.0", 3, (Case(), Case("charts/app/ci/a-values.yaml", "no password")),
        (Image(Change("quay.io/a:1", "harbor.corp/quay/a:1", RULE), (Place("charts/app/values.yaml", 3, 7, "image"),)),),
        (Setting(("a", 0, "b"), "harbor.corp/quay/b", "traced", "charts/app/values.yaml", "quay.io/b"),
         Setting(("global", "allow"), "true", "switch", "charts/app/values.yaml")),
        (Copied(Place("charts/app/charts/x/templates/a.yaml", 2, 3), "quay.io/c"),),
        (Difference(0, "Pod a", ("metadata", "annotations", "checksum/a"), "a" * 8, "b" * 8, Cause.DERIVED),), 2,
        (Left("", 0, "Pod b", "app/templates/b.yaml", ("spec",), "quay.io/d", "harbor.corp/quay/d", RULE, EVIL),
         Left("", 1, "Pod c", "app/templates/c.yaml", ("spec",), "quay.io/e", "harbor.corp/quay/e", RULE, "x", True)),
    ),
    Proof("charts/bad", Verdict.REFUSED, "1.31.0", 2, (Case(),), reasons=(EVIL,)),
    Proof("charts/lib", Verdict.SKIPPED, "1.31.0", 1, reasons=("it is a library",)),
]  # fmt: skip


def test_json_is_what_the_schema_says() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    text = record_json(Record("v4.3.1", True, PROOFS))
    data = json.loads(text)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(data)] == []
    assert text.isascii()
    assert data["charts"][0]["set"][0]["keyPath"] == "a[0].b"
    verdicts = schema["$defs"]["chart"]["properties"]["verdict"]["enum"]
    assert sorted(verdicts) == sorted(Verdict)


def test_markdown_names_what_matters_and_escapes_the_rest() -> None:
    text = record_markdown(Record("v4.3.1", True, PROOFS))
    assert (
        "| `quay.io/a:1` | `harbor.corp/quay/a:1` | `quay.io=harbor.corp/quay` | `charts/app/values.yaml:3 image` |"
        in text
    )
    for said in ("incomplete, 1 image left", "not proven, left as it was", "nothing to prove", "no password",
                 "the chart refuses other images without it", "an update of the copy undoes it"):  # fmt: skip
        assert said in text
    assert not {"\x1b", "\u202e"} & set(text)
    assert "<b>" not in text


def test_the_terminal_gets_every_image_that_is_left() -> None:
    lines = [line for proof in PROOFS for line in proof_lines(proof)]
    assert lines[0] == "incomplete, 1 image left: charts/app: 1 image moved, nothing else changed, with its own values"
    assert sum(line.startswith("  left: ") for line in lines) == 2
    assert "not proven: charts/bad: nothing of it was changed" in lines
    assert not any(set(line) & {"\x1b", "\u202e", "\n"} for line in lines)


def test_markdown_is_bounded() -> None:
    many = tuple(Image(Change(f"quay.io/a:{n}", f"harbor.corp/quay/a:{n}", RULE)) for n in range(500))
    text = record_markdown(Record("v4.3.1", False, [PROOFS[0]._replace(images=many)] * 3))
    assert len(text) < 60_000
    assert "... and 300 more" in text
    assert "Nothing was written." in text


def test_a_proof_in_which_no_image_moved_says_so() -> None:
    (line,) = proof_lines(Proof("charts/app", Verdict.PROVEN, "1.31.0", 3, (Case(),)))
    assert line == "proven: charts/app: no image in the renders moved, nothing else changed, with its own values"
