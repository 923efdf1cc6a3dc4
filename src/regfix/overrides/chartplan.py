"""What a run does with vendored charts: which files belong to one, and what the top chart's values get for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError
from regfix.finding import Action
from regfix.locate.site import Context, Reason
from regfix.outcome import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.chart.model import Chart
    from regfix.finding import Finding
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.overrides.insertion import Insertion
    from regfix.overrides.model import Claim, IsRead, Overrides, Switch, Wanted
    from regfix.syntax.yamltree import Data
    from regfix.text.source import Source


class ChartPlan(NamedTuple):
    """What the overrides of a top chart come to.

    `source` is its values file, which the findings and their edits are for, None where there is none; `values` are
    the overrides that the edits insert, `wanted` what parts of references shall be that the file sets itself. `left`
    are the findings in the values files of vendored charts, by path, that no override takes care of; `errors` say what
    could not be done, `off` which subcharts are switched off. `overlay`: the file is laid over the chart's values file.
    `is_read` tells whether any template depends on a value.
    """

    chart: Chart
    source: Source | None
    values: dict[str, Data]
    findings: tuple[Finding, ...]
    wanted: tuple[Wanted, ...]
    left: dict[str, tuple[Finding, ...]]
    errors: tuple[SourceError, ...]
    off: tuple[Switch, ...] = ()
    overlay: bool = False
    is_read: IsRead | None = None


def plan_chart(
    chart: Chart, source: Source | None, rules: RuleSet, hosts: HostFinder, is_read: IsRead | None = None
) -> ChartPlan:
    """Return the plan of a top chart; `source` is its values file. Raises nothing: what fails is in the plan.

    `is_read` tells whether any template depends on a value; what it is the plan keeps.
    """
    from regfix.overrides.insertion import Insertion, insert
    from regfix.overrides.needed import overrides_of
    from regfix.overrides.refused import Schemas
    from regfix.reads.chart import ReadValues
    from regfix.syntax.yamltree import load_mapping

    why = "the chart has no values.yaml; create an empty one"
    values: dict[str, Data] = {}
    if source is not None:
        try:
            values, why = load_mapping(source.text, source.name), ""
        except SourceError as error:
            why = error.why or error.what
    frozen = _frozen(source, rules, hosts) if source is not None and "regfix" in source.text else frozenset()
    is_read = is_read or ReadValues(chart)
    refuses = Schemas(chart._replace(values=None), values, rules, hosts).refuse
    overrides = overrides_of(chart, values, rules, hosts, frozen=frozen, is_read=is_read, refuses=refuses)
    if why or source is None:
        return _planned(chart, source, overrides, Insertion((), (((), why),)), is_read)
    return _planned(chart, source, overrides, insert(source.text, overrides.values, source.name), is_read)


def plan_overlay(
    chart: Chart, source: Source, rules: RuleSet, hosts: HostFinder, is_read: IsRead | None = None
) -> ChartPlan:
    """Return the plan of a values file that is laid over the chart's own one. Raises nothing.

    It gets only what the chart's values file will not have: the other part of a reference that it sets a part of.
    """
    from regfix.overrides.insertion import insert
    from regfix.overrides.lacking import lacking_values, values_after
    from regfix.overrides.needed import overrides_of
    from regfix.overrides.refused import Schemas
    from regfix.reads.chart import ReadValues
    from regfix.syntax.yamltree import load_mapping

    is_read = is_read or ReadValues(chart)
    try:
        values = load_mapping(source.text, source.name)
        frozen = _frozen(source, rules, hosts) if "regfix" in source.text else frozenset()
        refuses = Schemas(chart, values, rules, hosts).refuse
        overrides = overrides_of(
            chart, values, rules, hosts, installed=True, frozen=frozen, is_read=is_read, refuses=refuses
        )
        lacking = lacking_values(overrides, values_after(chart, rules, hosts))
        insertion = insert(source.text, lacking, source.name)
    except SourceError:
        return ChartPlan(chart, source, {}, (), (), {}, (), overlay=True)  # as any file: it is told by itself
    planned = _planned(chart, source, overrides._replace(values=lacking), insertion, is_read)
    return planned._replace(left={}, errors=(), overlay=True)


def _frozen(source: Source, rules: RuleSet, hosts: HostFinder) -> frozenset[tuple[str, ...]]:
    """Return the paths that a comment in a values file protects."""
    from regfix.locate.kind import Kind
    from regfix.rewriting import rewrite_source

    findings = rewrite_source(source, Kind.YAML, rules, hosts, every=True).findings
    return frozenset(tuple(map(str, f.key_path)) for f in findings if f.reason is Reason.IGNORED)


def _planned(
    chart: Chart, source: Source | None, overrides: Overrides, insertion: Insertion, is_read: IsRead
) -> ChartPlan:
    from regfix.chart.merging import without

    refused = [path for path, _ in insertion.refused]
    values = overrides.values
    for path in refused:
        values = without(values, path)
    where = source.name if source is not None else os.path.join(chart.path, "values.yaml")
    findings = _findings(source, overrides.claims, insertion) if source is not None else ()
    errors = (*overrides.failures, *_errors(where, overrides, insertion))
    left = _left(overrides, refused)
    return ChartPlan(chart, source, values, tuple(findings), overrides.wanted, left, errors, overrides.off,
                     is_read=is_read)  # fmt: skip


def _left(overrides: Overrides, refused: Sequence[Sequence[str]]) -> dict[str, tuple[Finding, ...]]:
    """Return the findings that no override takes care of, for each values file that was read."""
    from regfix.overrides.fate import Fate, reason_of

    left: dict[str, list[Finding]] = {path: [] for path in overrides.files}
    for claim in overrides.told:
        overridden = [leaf for leaf, fate in claim.leaves if fate is Fate.OVERRIDDEN]
        fates = {fate for _, fate in claim.leaves}
        if any(_below(leaf, refused) for leaf in overridden):
            fates.add(Fate.LEFT)
        reason = reason_of(fates)
        if reason is not None:
            whys = overrides.whys if reason is Reason.UNCONFIRMED else {}
            why = next((whys[leaf] for leaf, _ in claim.leaves if leaf in whys), "")
            left[claim.source].append(_as_left(claim.finding, reason, why))
    return {path: tuple(dict.fromkeys(found)) for path, found in left.items()}


def _below(path: Sequence[str], others: Iterable[Sequence[str]]) -> bool:
    return any(tuple(path[: len(other)]) == tuple(other) for other in others)


def _errors(where: str, overrides: Overrides, insertion: Insertion) -> Iterator[SourceError]:
    from regfix.syntax.keypath import format_key_path

    if not overrides.values:
        return
    for path, why in insertion.refused:
        what = f"the overrides below {format_key_path(path)} were not inserted" if path else "no override was inserted"
        yield SourceError(what, where=where, why=why, hint="regfix overrides prints them")


def _findings(source: Source, claims: Sequence[Claim], insertion: Insertion) -> Iterator[Finding]:
    """Yield a finding for each reference that overrides move; the first of an inserted block carries its edit."""
    from regfix.overrides.fate import Fate
    from regfix.text.span import LineIndex

    lines = LineIndex(source.text)
    bringing = {path: one for one in insertion.inserted for path in one.paths}
    carried: set[int] = set()
    for claim in claims:
        brought = [bringing[leaf] for leaf, fate in claim.leaves if fate is Fate.OVERRIDDEN and leaf in bringing]
        if not brought:
            continue
        edits = {one.edit for one in brought if one.edit.span.start not in carried}
        carried.update(edit.span.start for edit in edits)
        yield claim.finding._replace(
            source=source.name, position=lines.position(brought[0].edit.span.start), key_path=claim.key_path,
            context=Context.OVERRIDE, edits=tuple(sorted(edits)),
        )  # fmt: skip


def _as_left(finding: Finding, reason: Reason = Reason.VENDORED, why: str = "") -> Finding:
    return finding._replace(action=Action.LEAVE, reason=reason, edits=(), why=why)


def as_vendored(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield what stays of a source registry in a vendored chart that is not rewritten."""
    for finding in findings:
        if finding.action is Action.REWRITE:
            yield _as_left(finding)
        elif finding.action is Action.LEAVE:
            yield finding


def insert_overrides(outcome: Outcome, plan: ChartPlan, rules: RuleSet, hosts: HostFinder) -> Outcome:
    """Return the outcome of a values file with the plan's overrides inserted, proven. Raises SourceError.

    The bytes outside of the edits are equal; a parser sees the values after the edits with the overrides merged in;
    a second run would neither edit nor insert.
    """
    from regfix.chart.merging import deep_merge, same
    from regfix.check import check_conservation, failed_check
    from regfix.overrides.inplace import settled
    from regfix.plan import edits_of
    from regfix.syntax.yamltree import load_mapping
    from regfix.text.edit import apply_edits

    source = plan.source
    if source is None:
        return outcome
    own = settled(source, outcome, plan.wanted)
    if own == outcome.findings and not plan.findings:
        return outcome
    findings = tuple(sorted((*own, *plan.findings), key=lambda finding: finding.position))
    edits = edits_of(findings)
    if not edits:
        return outcome._replace(status=Status.UNCHANGED, findings=findings, decoded=None, after=None)
    after = apply_edits(source.text, edits)
    check_conservation(source, after, edits)
    edited = load_mapping(apply_edits(source.text, edits_of(own)), source.name)
    if not same(load_mapping(after, source.name), deep_merge(edited, plan.values)):
        raise failed_check(source, "the values would not be the old ones with the overrides")
    if _changes_again(source._replace(text=after), plan, rules, hosts):
        raise failed_check(source, "a second run would change the file again")
    return Outcome(source.name, Status.CHANGED, findings, decoded=source, after=after)


def _changes_again(source: Source, plan: ChartPlan, rules: RuleSet, hosts: HostFinder) -> bool:
    """Tell whether a second run would edit the values file, or insert into it."""
    from regfix.locate.kind import Kind
    from regfix.overrides.inplace import settled
    from regfix.plan import edits_of
    from regfix.rewriting import rewrite_source

    again = rewrite_source(source, Kind.YAML, rules, hosts)
    if again.error is not None:
        return True
    replan = (plan_overlay if plan.overlay else plan_chart)(plan.chart, source, rules, hosts, plan.is_read)
    return bool(replan.findings or edits_of(settled(source, again, replan.wanted)))
