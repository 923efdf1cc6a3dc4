"""Proofs as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.prove.model import Verdict
from regfix.report.escape import escape
from regfix.report.text import plural
from regfix.syntax.keypath import format_key_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.prove.model import Left, Proof, Setting

MAX_DERIVED = 3
"""Checksums that are told of a chart; the record has them all."""

MAX_REASONS = 20
"""Differences that are told of a chart that is refused."""


def proof_lines(proof: Proof) -> Iterator[str]:
    """Yield what there is to say about one chart, first in one line."""
    done = sum(not case.skipped for case in proof.cases)
    chart = escape(proof.chart)
    if proof.verdict is Verdict.SKIPPED:
        yield f"nothing to prove: {chart}: {escape('; '.join(proof.reasons))}"
        return
    if proof.verdict is Verdict.REFUSED:
        yield f"not proven: {chart}: nothing of it was changed"
        yield from _reasons(proof.reasons)
        return
    left = [one for one in proof.left if not one.ignored]
    head = "proven" if proof.verdict is Verdict.PROVEN else f"incomplete, {plural(len(left), 'image')} left"
    what = "with its own values" if done == 1 else f"with {done} sets of values"
    moved = f"{plural(len(proof.images), 'image')} moved" if proof.images else "no image in the renders moved"
    yield f"{head}: {chart}: {moved}, nothing else changed, {what}"
    yield from _beside(proof)
    for one in proof.left:
        yield f"  {left_line(one)}"


def _beside(proof: Proof) -> Iterator[str]:
    """Yield what was done beside the ordinary run, and what was not looked at."""
    for setting in proof.settings:
        yield f"  {setting_line(setting)}"
    for one in proof.copied:
        where = f"{one.place.file}:{one.place.line}:{one.place.column}"
        said = f"{escape(where)}: {escape(one.reference)}"
        yield f"  rewritten in the vendored copy: {said} (no value reaches it; an update of the dependency undoes it)"
    for checksum in proof.derived[:MAX_DERIVED]:
        yield f"  follows from the images: {escape(checksum.document)}, {escape(format_key_path(checksum.key_path))}"
    if len(proof.derived) > MAX_DERIVED:
        yield f"  ... and {plural(len(proof.derived) - MAX_DERIVED, 'checksum')} more"
    for case in proof.cases:
        if case.skipped:
            name = case.values or "its own values"
            yield f"  not rendered with {escape(name)}: {escape(case.skipped)}"


def setting_line(setting: Setting) -> str:
    """Return what was set and why, on one line."""
    why = "the chart refuses other images without it" if setting.reason == "switch" else "it feeds an image"
    return f"set {escape(setting.file)}: {escape(format_key_path(setting.path))}: {escape(setting.value)} ({why})"


def left_line(left: Left) -> str:
    """Return an image that is left, where it shows, and why."""
    place = f"{left.document}, {format_key_path(left.key_path)}" + (f", with {left.case}" if left.case else "")
    return f"left: {escape(left.reference)} ({escape(place)}): {escape(left.why)}"


def _reasons(reasons: Sequence[str]) -> Iterator[str]:
    for reason in reasons[:MAX_REASONS]:
        yield f"  {escape(reason)}"
    if len(reasons) > MAX_REASONS:
        yield f"  ... and {len(reasons) - MAX_REASONS} more"
