"""Outcomes: what a run did with one source."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from regfix.errors import SourceError
    from regfix.finding import Finding
    from regfix.text.source import Source


class Status(StrEnum):
    """What became of a source: changed (or would be), unchanged, skipped for a reason, or failed."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


class Note(NamedTuple):
    """Something about a dependency of a chart: its keys from the chart, what is the matter, why, what helps.

    `held` is the version in `charts/` where there is one that the chart does not ask for.
    """

    key: str
    state: str
    why: str
    command: str = ""
    held: str = ""


class Remark(NamedTuple):
    """Something about a place in a source that a person may want to know, told with `-v`; line and column from 1."""

    line: int
    column: int
    what: str


class Outcome(NamedTuple):
    """The result of one source. `decoded` is what was read and `after` the new text, where there is one.

    `notes` are about the dependencies of the chart whose metadata the source is, `remarks` about places in it.
    """

    source: str
    status: Status
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    error: SourceError | None = None
    decoded: Source | None = None
    after: str | None = None
    notes: tuple[Note, ...] = ()
    remarks: tuple[Remark, ...] = ()
