"""The accounting of a run: what was changed, what was left and why, what failed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regfix.finding import Finding
    from regfix.locate.site import Reason
    from regfix.outcome import Note, Outcome


class Summary:
    """Counts outcomes as they come; keeps what was left, what is dead and what failed, not the sources."""

    def __init__(self) -> None:
        self.edits = 0
        self.references = 0
        self.files = 0
        self.unverified = 0
        self.left: dict[Reason, list[Finding]] = {}
        self.raised: list[Finding] = []
        self.dead: list[Finding] = []
        self.skipped: Counter[str] = Counter()
        self.failed: list[Outcome] = []
        self.known = 0  # findings that a baseline knows of
        self.notes: list[tuple[str, Note]] = []

    def add(self, outcome: Outcome) -> None:
        """Take one outcome into account."""
        from regfix.finding import Action
        from regfix.locate.site import Context
        from regfix.outcome import Status

        if outcome.status is Status.CHANGED:
            self.files += 1
        elif outcome.status is Status.SKIPPED:
            self.skipped[outcome.reason] += 1
        elif outcome.status is Status.FAILED:
            self.failed.append(outcome)
        self.notes += [(outcome.source, note) for note in outcome.notes]
        for finding in outcome.findings:
            if finding.action is Action.LEAVE and finding.reason is not None:
                self.left.setdefault(finding.reason, []).append(finding)
            elif finding.context is Context.VERSION:
                self.raised.append(finding)
            elif finding.action is Action.REWRITE and finding.context is not Context.SWITCH:
                self.references += 1
                self.edits += len(finding.edits)
                self.unverified += finding.applicability == "unverified"
            elif finding.reason is not None:
                self.dead.append(finding)

    @property
    def left_count(self) -> int:
        """How many occurrences of a source registry stay."""
        return sum(len(findings) for findings in self.left.values())
