"""One source through the line: locate, plan, apply, check. Pure; reading and writing are the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.check import check
from regfix.errors import SourceError
from regfix.locate.analysis import analyse
from regfix.outcome import Outcome, Status
from regfix.plan import Policy, edits_of, plan
from regfix.text.edit import apply_edits

if TYPE_CHECKING:
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.locate.kind import Kind
    from regfix.text.source import Source


def rewrite_source(
    source: Source, kind: Kind, rules: RuleSet, hosts: HostFinder, policy: Policy | None = None, *, every: bool = False
) -> Outcome:
    """Return what the rules make of one source; a source that fails keeps its text, with the error."""
    policy = policy or Policy()
    try:
        analysis = analyse(source.text, kind, hosts, source.name, every=every)
        findings = plan(source, analysis, rules, policy)
        edits = edits_of(findings)
        if not edits:
            return Outcome(source.name, Status.UNCHANGED, findings)
        after = apply_edits(source.text, edits)
        check(source, after, edits, analysis, rules, hosts, policy)
    except SourceError as error:
        return Outcome(source.name, Status.FAILED, error=error)
    return Outcome(source.name, Status.CHANGED, findings, before=source.text, after=after)
