"""One source through the line: locate, plan, apply, check. Pure; reading and writing are the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.check import check
from regfix.errors import SourceError
from regfix.finding import Action
from regfix.locate.analysis import analyse
from regfix.locate.kind import Kind
from regfix.outcome import Outcome, Status
from regfix.plan import Policy, edits_of, plan
from regfix.text.edit import apply_edits

if TYPE_CHECKING:
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.locate.site import Reason
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
    return Outcome(source.name, Status.CHANGED, findings, decoded=source, after=after)


def account_text(source: Source, rules: RuleSet, hosts: HostFinder, reason: Reason) -> Outcome:
    """Return every reference of a source registry in a text that is not to be rewritten, left for `reason`."""
    findings = plan(source, analyse(source.text, Kind.TEXT, hosts, source.name), rules, Policy())
    left = (f if f.action is Action.LEAVE else f._replace(action=Action.LEAVE, reason=reason, edits=())
            for f in findings if f.action is not Action.NONE)  # fmt: skip
    return Outcome(source.name, Status.UNCHANGED, tuple(left))
