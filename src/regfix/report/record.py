"""The record of a run with proofs, as JSON for programs or as Markdown for the body of a pull request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from regfix.prove.model import Verdict
from regfix.report.escape import escape
from regfix.report.markdown import MAX_CHARACTERS, MAX_LEFT, MAX_ROWS, code, fitting
from regfix.report.project import project_path
from regfix.report.text import plural
from regfix.syntax.keypath import format_key_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.prove.model import Copied, Image, Left, Place, Proof, Setting

VERSION = 1
"""Version of the JSON: raised when a consumer would have to change."""


class Record(NamedTuple):
    """What a record is about: the version of Helm, whether files were written, the proofs of all charts."""

    helm: str
    written: bool
    proofs: Sequence[Proof]


def record_json(record: Record) -> str:
    """Return the record as JSON; files are named from the root of the project."""
    from regfix import __version__

    data = {
        "version": VERSION,
        "regfix": __version__,
        "helm": record.helm,
        "written": record.written,
        "charts": [_chart(proof) for proof in record.proofs],
    }
    return json.dumps(data, ensure_ascii=True, indent=2) + "\n"


def _chart(proof: Proof) -> dict[str, Any]:
    return {
        "chart": project_path(proof.chart),
        "verdict": str(proof.verdict),
        "kubernetes": proof.kube_version or None,
        "renders": proof.renders,
        "values": [{"file": _file(case.values), "skipped": case.skipped or None} for case in proof.cases],
        "images": [_image(image) for image in proof.images],
        "set": [_setting(setting) for setting in proof.settings],
        "copies": [{"place": _place(one.place), "reference": one.reference} for one in proof.copied],
        "derived": [{"document": one.document, "keyPath": format_key_path(one.key_path)} for one in proof.derived],
        "random": proof.random,
        "left": [_left(one) for one in proof.left],
        "reasons": list(proof.reasons),
    }


def _image(image: Image) -> dict[str, Any]:
    before, after, rule = image.change
    return {"before": before, "after": after, "rule": str(rule), "places": [_place(place) for place in image.places]}


def _setting(setting: Setting) -> dict[str, Any]:
    path = format_key_path(setting.path)
    return {"file": _file(setting.file), "keyPath": path, "value": setting.value, "before": setting.old,
            "reason": setting.reason}  # fmt: skip


def _left(left: Left) -> dict[str, Any]:
    return {
        "reference": left.reference,
        "document": left.document,
        "keyPath": format_key_path(left.key_path),
        "values": _file(left.case),
        "why": left.why,
        "ignored": left.ignored,
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": _file(place.file), "line": place.line, "keyPath": place.key_path or None}


def _file(path: str) -> str | None:
    return project_path(path) if path else None


def record_markdown(record: Record) -> str:
    """Return the record as Markdown, bounded as a report is."""
    lines = list(_lines(record))
    shown = fitting(lines, len(lines), MAX_CHARACTERS)
    return "".join(shown) + ("\nThe rest does not fit here.\n" if len(shown) < len(lines) else "")


def _lines(record: Record) -> Iterator[str]:
    did = "Each chart" if record.written else "Nothing was written. Each chart"
    yield "## Proof by Helm\n\n"
    yield f"{did} was rendered with Helm {record.helm} before and after, and the renders were compared.\n"
    rows = MAX_ROWS
    for proof in record.proofs:
        yield f"\n### {code(project_path(proof.chart))}: {_verdict(proof)}\n\n"
        yield from (f"- {code(reason)}\n" for reason in proof.reasons[:MAX_LEFT])
        if proof.images and rows > 0:
            yield "| image before | image after | rule | moved at |\n| --- | --- | --- | --- |\n"
            yield from (_row(image) for image in proof.images[:rows])
            more = len(proof.images) - rows
            yield f"\n... and {more} more.\n" if more > 0 else "\n"
            rows -= len(proof.images)
        yield from _notes(proof)


def _verdict(proof: Proof) -> str:
    if proof.verdict is Verdict.REFUSED:
        return "not proven, left as it was"
    if proof.verdict is Verdict.SKIPPED:
        return "nothing to prove"
    cases = sum(not case.skipped for case in proof.cases)
    how = f"Kubernetes {escape(proof.kube_version)}, {plural(cases, 'set')} of values"
    left = sum(not one.ignored for one in proof.left)
    return f"{'incomplete, ' + plural(left, 'image') + ' left' if left else 'nothing but images changed'} ({how})"


def _row(image: Image) -> str:
    before, after, rule = image.change
    places = "<br>".join(code(_where(place)) for place in image.places[:3])
    return f"| {code(before)} | {code(after)} | {code(str(rule))} | {places} |\n"


def _where(place: Place) -> str:
    return f"{project_path(place.file)}:{place.line}" + (f" {place.key_path}" if place.key_path else "")


def _notes(proof: Proof) -> Iterator[str]:
    for one in proof.left[:MAX_LEFT]:
        yield f"- **left**: {code(one.reference)} in {code(one.document)}: {code(one.why)}\n"
    for setting in proof.settings[:MAX_LEFT]:
        yield f"- {_set(setting)}\n"
    for copied in proof.copied[:MAX_LEFT]:
        yield f"- {_copied(copied)}\n"
    for derived in proof.derived[:MAX_LEFT]:
        yield f"- follows from the images: {code(derived.document)}, {code(format_key_path(derived.key_path))}\n"
    for case in proof.cases[:MAX_LEFT]:
        if case.skipped:
            yield f"- not rendered with {code(_file(case.values) or 'its own values')}: {code(case.skipped)}\n"
    if proof.random:
        yield f"- {plural(proof.random, 'place')} at random, different in each render\n"


def _set(setting: Setting) -> str:
    why = "the chart refuses other images without it" if setting.reason == "switch" else "it feeds an image"
    said = f"{format_key_path(setting.path)}: {setting.value}"
    return f"set {code(said)} in {code(_file(setting.file) or '')}: {why}"


def _copied(copied: Copied) -> str:
    where = code(_where(copied.place))
    return f"rewritten in the vendored copy: {code(copied.reference)} at {where}; an update of the copy undoes it"
