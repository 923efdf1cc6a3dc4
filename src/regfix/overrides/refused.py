"""What the schemas of charts refuse: overrides and edits that Helm would not render are not made. Pure."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from regfix.chart.coalescing import coalesce, read_tree, with_imports
from regfix.chart.merging import changes, deep_merge, lookup
from regfix.chart.model import ValuesFile
from regfix.chart.paths import is_own, is_values_name
from regfix.chart.schema import Schema, breaks, refuses
from regfix.errors import SourceError
from regfix.finding import Action
from regfix.locate.kind import Kind
from regfix.locate.site import Context, Reason
from regfix.outcome import Outcome, Status
from regfix.overrides.reaching import leaf_of, places_in
from regfix.plan import edits_of
from regfix.rewriting import rewrite_source
from regfix.syntax.yamltree import load_mapping
from regfix.text.edit import apply_edits
from regfix.text.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.chart.model import Chart
    from regfix.finding import Finding
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.overrides.reaching import Path
    from regfix.syntax.yamltree import Data

SCHEMA = "values.schema.json"


def schemas_of(
    chart: Chart, rules: RuleSet, hosts: HostFinder, top: str | None, chain: Path = ()
) -> Iterator[tuple[Path, Schema]]:
    """Yield the schemas of a chart and of all below it, with the keys that lead to them.

    Those that the run changes are taken as they will be after it: of the chart in the folder `top`, and of what is the
    source of a chart in its `charts/`; None where nothing is changed. One that cannot be read says nothing.
    """
    with suppress(SourceError):
        data = chart.files.read(SCHEMA) if chart.files is not None else None
        if data is not None and chart.files is not None:
            source = decode(data, chart.files.where(SCHEMA))
            after = _schema_after(source, chart, rules, hosts, top, chain)
            before = load_mapping(source.text, source.name)
            yield chain, Schema(before, before if after is None else load_mapping(after, source.name))
    for sub in chart.subcharts:
        yield from schemas_of(sub.chart, rules, hosts, top, (*chain, sub.key))


def _schema_after(
    source: Source, chart: Chart, rules: RuleSet, hosts: HostFinder, top: str | None, chain: Path
) -> str | None:
    if top is None:
        return None
    if not chain:
        return schema_outcome(source, chart, rules, hosts).after
    return rewrite_source(source, Kind.SCHEMA, rules, hosts).after if is_own(source.name, top) else None


def schema_outcome(source: Source, chart: Chart, rules: RuleSet, hosts: HostFinder) -> Outcome:
    """Return what becomes of a chart's schema: what it permits stays where the values files keep the old registry."""
    outcome = rewrite_source(source, Kind.SCHEMA, rules, hosts)
    if outcome.after is None:
        return outcome
    schema = Schema(load_mapping(source.text, source.name), load_mapping(outcome.after, source.name))
    if not any(breaks(schema, *pair) for pair in _values_of(chart, rules, hosts)):
        return outcome
    findings = tuple(_as_left(finding) if _permits(finding) else finding for finding in outcome.findings)
    edits = edits_of(findings)
    if not edits:
        return Outcome(outcome.source, Status.UNCHANGED, findings)
    return outcome._replace(findings=findings, after=apply_edits(source.text, edits))


def _permits(finding: Finding) -> bool:
    return bool(finding.edits) and ("enum" in finding.key_path[-2:] or "const" in finding.key_path[-2:])


def _values_of(chart: Chart, rules: RuleSet, hosts: HostFinder) -> Iterator[tuple[Data, Data]]:
    """Yield the values that the chart has, with each values file beside its own laid over, before and after the run."""
    tree = read_tree(chart, [])
    own, own_after = _moved_values(chart.values, rules, hosts)
    yield coalesce(tree, own), coalesce(tree, own_after)
    for name in chart.files.names() if chart.files is not None else ():
        if name != "values.yaml" and is_values_name(name) and chart.files is not None:
            with suppress(SourceError):
                where = chart.files.where(name)
                text = decode(chart.files.read(name) or b"", where).text
                over, over_after = _moved_values(ValuesFile(where, text), rules, hosts)
                yield coalesce(tree, deep_merge(own, over)), coalesce(tree, deep_merge(own_after, over_after))


def _moved_values(
    file: ValuesFile | None, rules: RuleSet, hosts: HostFinder
) -> tuple[dict[str, Data], dict[str, Data]]:
    """Return what a values file holds before and after the run; raises SourceError."""
    if file is None:
        return {}, {}
    after = rewrite_source(Source(file.path, file.text), Kind.YAML, rules, hosts).after
    before = load_mapping(file.text, file.path)
    return before, before if after is None else load_mapping(after, file.path)


class Schemas:
    """Tells what the schemas of a chart and its subcharts refuse, where the chart has the given values.

    `changes` tells that the schemas of the chart move, too.
    """

    def __init__(
        self, chart: Chart, values: dict[str, Data], rules: RuleSet, hosts: HostFinder, *, changes: bool = True
    ) -> None:
        self._schemas = tuple(schemas_of(chart, rules, hosts, chart.path if changes else None))
        self._effective: Data = coalesce(with_imports(read_tree(chart, [])), values) if self._schemas else {}

    def refuse(self, path: Path, new: Data) -> bool:
        """Tell whether a schema would refuse `new` at a path, but takes what is there."""
        return any(
            refuses(schema, lookup(self._effective, chain) or {}, path[len(chain) :], new)
            for chain, schema in self._schemas
            if path[: len(chain)] == chain
        )


def without_refused(outcome: Outcome, chart: Chart, rules: RuleSet, hosts: HostFinder) -> Outcome:
    """Return the outcome of a values file without the edits of values that a schema would refuse."""
    source = outcome.decoded
    if source is None or outcome.after is None:
        return outcome
    before, after = load_mapping(source.text, source.name), load_mapping(outcome.after, source.name)
    schemas = Schemas(chart, before, rules, hosts)
    changed = dict(changes(before, after))
    refused = {path for path, new in changed.items() if schemas.refuse(path, new)}
    if not refused:
        return outcome
    findings = tuple(_left(source, outcome.findings, changed, refused))
    edits = edits_of(findings)
    if not edits:
        return Outcome(outcome.source, Status.UNCHANGED, findings, notes=outcome.notes)
    return outcome._replace(findings=findings, after=apply_edits(source.text, edits))


def _left(
    source: Source, findings: tuple[Finding, ...], changed: dict[Path, Data], refused: set[Path]
) -> Iterator[Finding]:
    places = places_in(source.text, source.name)
    for finding in findings:
        leaves = {leaf_of(places, edit.span.start, changed) for edit in finding.edits}
        if finding.context is not Context.OVERRIDE and leaves & refused:
            yield _as_left(finding)
        else:
            yield finding


def _as_left(finding: Finding) -> Finding:
    return finding._replace(action=Action.LEAVE, reason=Reason.SCHEMA, edits=())
