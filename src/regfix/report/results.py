"""Results: findings and errors in the form that tools for code review take (SARIF's word for a reported finding)."""

from __future__ import annotations

import hashlib
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from regfix.finding import Action
from regfix.image.reference import Reference
from regfix.locate.site import REASONS, Context, Reason
from regfix.report.project import project_path
from regfix.report.text import known, works
from regfix.syntax.keypath import format_key_path
from regfix.text.span import LineIndex, Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regfix.finding import Finding
    from regfix.outcome import Outcome

MOVE = "move"
"""The rule of a reference that moves; one that is left has its reason for a rule."""


class Level(StrEnum):
    """How much a result matters: it makes a check fail, somebody should look, or it is only told."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Fix(NamedTuple):
    """Replace the text between two positions by `new`."""

    start: Position
    end: Position
    new: str


class Result(NamedTuple):
    """What a tool for code review shows at one place.

    `source` is relative to the project's root. `end` is the column behind the reference, None where it is not known.
    `fingerprint` stays the same when lines above are added or removed.
    """

    rule: str
    level: Level
    message: str
    source: str
    position: Position
    end: int | None
    key_path: str
    fingerprint: str
    fixes: tuple[Fix, ...] = ()


def results(outcome: Outcome, *, done: bool = False) -> Iterator[Result]:
    """Yield the results of a source; `done` leaves out what was written, and so is no longer to be done."""
    lines: LineIndex | None = None
    for finding, fingerprint in zip(outcome.findings, fingerprints(outcome), strict=True):
        if not is_shown(finding) or (done and finding.action is Action.REWRITE):
            continue
        if outcome.decoded is not None and not done and lines is None:
            lines = LineIndex(outcome.decoded.text)
        yield Result(
            rule_of(finding), _level(finding), message_of(finding),
            project_path(finding.source), finding.position, _end(outcome, finding, lines),
            format_key_path(finding.key_path), fingerprint, tuple(_fixes(finding, lines)),
        )  # fmt: skip


def is_shown(finding: Finding) -> bool:
    """Tell whether a finding is about something that is to be done, or left: no chart's version, no foreign image."""
    return finding.context is not Context.VERSION and (finding.action is not Action.NONE or finding.reason is not None)


def _level(finding: Finding) -> Level:
    return Level.NOTE if finding.action is Action.LEAVE else Level.WARNING


def rule_of(finding: Finding) -> str:
    """Return the identifier of the rule that a finding falls under: `move`, or the reason why it is left."""
    return str(finding.reason) if finding.reason is not None else MOVE


def message_of(finding: Finding) -> str:
    """Return a sentence about a finding."""
    if finding.action is Action.REWRITE:
        unverified = " (unverified)" if finding.applicability == "unverified" else ""
        return f"{finding.reference} moves to {finding.result}{unverified}"
    if finding.reason is Reason.DEAD_VALUE:
        return f"{finding.reference} is {REASONS[finding.reason]}: {works(finding)}"
    if finding.reason is None:
        return finding.reference
    said = known(finding)
    return f"{finding.reference} is left: {REASONS[finding.reason]}" + (f" ({said})" if said else "")


def fingerprints(outcome: Outcome) -> list[str]:
    """Return a name for each finding of a source that does not depend on lines, columns, tags and digests.

    It is made from the file, the rule, the keys (without indexes of lists) and the name of the image; equal ones in a
    file are counted. 16 hexadecimal digits are enough to tell the findings of one project apart.
    """
    return fingerprints_of((rule_of(finding), finding) for finding in outcome.findings)


def fingerprints_of(ruled: Iterable[tuple[str, Finding]]) -> list[str]:
    """Return the same for findings with the rule that each is a result of."""
    seen: Counter[str] = Counter()
    names: list[str] = []
    for rule, finding in ruled:
        parsed = Reference.match(finding.reference)
        name = finding.reference.removesuffix(parsed.suffix) if parsed is not None else finding.reference
        identity = "\0".join((project_path(finding.source), rule, str(finding.context), name, *names_of_keys(finding)))
        seen[identity] += 1
        data = f"{identity}\0{seen[identity]}".encode("utf-8", "surrogateescape")
        names.append(hashlib.sha256(data).hexdigest()[:16])
    return names


def names_of_keys(finding: Finding) -> list[str]:
    """Return the keys to a finding without the indexes of lists, which move."""
    return [step for step in finding.key_path if isinstance(step, str)]


def _end(outcome: Outcome, finding: Finding, lines: LineIndex | None) -> int | None:
    """Return the column behind a reference that stands there as it is told."""
    if outcome.decoded is None or lines is None:
        return None
    offset = lines.offset(finding.position)
    column = finding.position.column + len(finding.reference)
    return column if outcome.decoded.text.startswith(finding.reference, offset) else None


def _fixes(finding: Finding, lines: LineIndex | None) -> Iterator[Fix]:
    if lines is not None:
        for edit in finding.edits:
            yield Fix(lines.position(edit.span.start), lines.position(edit.span.end), edit.new)
