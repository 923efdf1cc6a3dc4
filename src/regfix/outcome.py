"""Outcomes: what a run did with one source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regfix.errors import SourceError
    from regfix.finding import Finding


class Status(StrEnum):
    """What became of a source: changed (or would be), unchanged, skipped for a reason, or failed."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one source; `before` and `after` are its texts where a caller asked for them."""

    source: str
    status: Status
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    error: SourceError | None = None
    before: str | None = None
    after: str | None = None
