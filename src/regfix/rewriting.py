"""One source through the line: locate, plan, apply, check. Pure; reading and writing are the caller's."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from regfix.check import check
from regfix.errors import SourceError
from regfix.finding import Action
from regfix.locate.analysis import analyse
from regfix.locate.kind import Kind
from regfix.locate.site import Reason
from regfix.outcome import Outcome, Remark, Status
from regfix.plan import Policy, edits_of, plan, plan_sites
from regfix.syntax.keypath import format_key_path
from regfix.text.edit import apply_edits
from regfix.text.span import LineIndex, Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.finding import Finding
    from regfix.image.rule import RuleSet
    from regfix.locate.analysis import Analysis
    from regfix.locate.hosts import HostFinder
    from regfix.text.source import Source


def rewrite_source(
    source: Source,
    kind: Kind,
    rules: RuleSet,
    hosts: HostFinder,
    policy: Policy | None = None,
    *,
    every: bool = False,
    here: frozenset[str] | None = frozenset(),
) -> Outcome:
    """Return what the rules make of one source; a source that fails keeps its text, with the error.

    `here` are the names of the images that an overlay selects from, as far as they are in the run.
    """
    policy = policy or Policy()
    try:
        analysis = analyse(source.text, kind, hosts, source.name, every=every, here=here)
        sites, analysis = list(analysis.sites), analysis._replace(sites=())
        findings = plan_sites(source, sites, rules, policy)
        edits, remarks = edits_of(findings), _remarks(source, analysis)
        if not edits:
            return Outcome(source.name, Status.UNCHANGED, findings, remarks=remarks)
        after = apply_edits(source.text, edits)
        check(source, after, edits, analysis, rules, hosts, policy)
    except SourceError as error:
        return failed_source(source, error, rules, hosts)
    return Outcome(source.name, Status.CHANGED, findings, decoded=source, after=after, remarks=remarks)


def _remarks(source: Source, analysis: Analysis) -> tuple[Remark, ...]:
    """Return a remark for each document in a scalar that could not be read."""
    if not analysis.broken:
        return ()
    lines = LineIndex(source.text)
    return tuple(
        Remark(*lines.position(one.start), f"the document in {format_key_path(one.path)} is {one.why}")
        for one in analysis.broken
    )


def account(source: Source, rules: RuleSet, hosts: HostFinder, reason: Reason) -> Outcome:
    """Return every reference of a source registry in a text that is not to be rewritten, left for `reason`."""
    rules = rules.with_veto(None)  # there is nothing to forbid
    findings = plan(source, analyse(source.text, Kind.TEXT, hosts, source.name), rules, Policy())
    return Outcome(source.name, Status.UNCHANGED, tuple(_left(findings, reason)))


def failed_source(source: Source, error: SourceError, rules: RuleSet, hosts: HostFinder) -> Outcome:
    """Return the outcome of a source that failed: its references are told all the same."""
    return left_as_failed(account(source, rules, hosts, Reason.FAILED), error)


def left_as_failed(outcome: Outcome, error: SourceError) -> Outcome:
    """Return an outcome whose source turned out to fail: nothing of it was changed."""
    findings = tuple(_left(outcome.findings, Reason.FAILED))
    return Outcome(outcome.source, Status.FAILED, findings, error=error)


def _left(findings: Iterable[Finding], reason: Reason) -> Iterator[Finding]:
    for finding in findings:
        if finding.action is Action.REWRITE:
            yield finding._replace(action=Action.LEAVE, reason=reason, edits=())
        elif finding.action is Action.LEAVE:
            yield finding


def as_written(outcome: Outcome) -> Outcome:
    """Return the outcome of a source that was written, with its findings where they stand in the new text."""
    source = outcome.decoded
    if source is None:
        return outcome
    lines = LineIndex(source.text)
    grown: dict[int, list[tuple[int, int]]] = {}
    added: list[int] = []
    for edit in edits_of(outcome.findings):
        line, column = lines.position(edit.span.start)
        before = grown.setdefault(line, [])
        before.append((column, len(edit.new) - len(edit.old) + (before[-1][1] if before else 0)))
        added += [line] * edit.new.count("\n")
    findings = (_shifted(finding, grown.get(finding.position.line, ()), added) for finding in outcome.findings)
    return outcome._replace(findings=tuple(findings))


def _shifted(finding: Finding, grown: Sequence[tuple[int, int]], added: Sequence[int]) -> Finding:
    """Move a finding by what the edits before it add, on its line and as lines.

    `grown` holds the columns and running sums of the edits on its line, `added` a line for each one that comes behind.
    """
    line, column = finding.position
    by = grown[bisect_left(grown, (column,)) - 1][1] if grown and grown[0][0] < column else 0
    down = bisect_left(added, line)
    return finding._replace(position=Position(line + down, column + by)) if by or down else finding
