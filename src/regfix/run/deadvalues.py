"""Dead values in a run: what the values files of charts say of registries and images that no template reads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.chart.paths import chart_beside, top_of
from regfix.errors import SourceError
from regfix.finding import Action, Finding
from regfix.image.host import DOCKER_HUB, normalize_host
from regfix.image.reference import Reference
from regfix.locate.site import Context, Reason
from regfix.outcome import Outcome, Status
from regfix.syntax.linepaths import line_paths
from regfix.text.read import read_file
from regfix.text.source import decode
from regfix.text.span import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.chart.model import Chart
    from regfix.discover import File
    from regfix.image.rule import RuleSet
    from regfix.reads.chart import ChartReads
    from regfix.reads.dead import DeadValue, Judged
    from regfix.reads.paths import Path
    from regfix.run.file import Options
    from regfix.run.printed import PrintedValues
    from regfix.syntax.keypath import KeyPath
    from regfix.text.source import Source


_FEW = 12
"""With more registries than this a file is not looked through for each."""


class DeadValues:
    """Finds the dead values of the values files of a run; the last chart is kept for the files beside it."""

    def __init__(self, roots: Sequence[str], options: Options) -> None:
        self._roots = [root for root in roots if os.path.isdir(root)]
        self._options = options
        self._printed: PrintedValues | None = None
        self._folder: str | None = None
        self._read: tuple[Chart, ChartReads] | None = None

    def told(self, found: File, outcomes: Sequence[Outcome], data: bytes | None = None) -> Sequence[Outcome]:
        """Return the outcomes of a values file with its dead values among the findings; `data` is what it holds."""
        path = found.path
        elsewhere = self._options.values.get(os.path.realpath(path)) if self._options.values else None
        folder = elsewhere or chart_of_values(path)
        own = next((outcome for outcome in outcomes if outcome.source == path), None)
        if folder is None or (own is not None and own.status in (Status.FAILED, Status.SKIPPED)):
            return outcomes
        try:
            source = self._source(path, own, data)
            if self._are_surely_read(source.text, folder) or (not elsewhere and top_of(path, self._roots) is not None):
                return outcomes
            findings = tuple(self._findings(source, folder))
        except SourceError:
            return outcomes  # what cannot be read is told where it matters
        if not findings:
            return outcomes
        own = own or Outcome(path, Status.UNCHANGED)
        both = sorted((*own.findings, *findings), key=lambda finding: finding.position)
        return (own._replace(findings=tuple(both)), *(outcome for outcome in outcomes if outcome.source != path))

    def _source(self, path: str, own: Outcome | None, data: bytes | None) -> Source:
        """Return what the findings are about: the file as it is after the run."""
        if own is not None and own.decoded is not None and own.after is not None and not self._options.write:
            return own.decoded
        return decode(read_file(path)[0] if data is None else data, path)

    def _are_surely_read(self, text: str, folder: str) -> bool:
        """Tell, fast, whether a template prints all that names a registry of a rule; False says nothing."""
        hosts = () if self._options.every else _hosts(self._options.rules)
        if DOCKER_HUB in hosts or not 0 < len(hosts) <= _FEW:
            return False
        starts = sorted(start for host in hosts for start in _starts(text, host))
        paths = line_paths(text, starts)
        return paths is not None and self._printed_values(folder).prints_all(set(map(_steps, paths)))

    def _findings(self, source: Source, folder: str) -> Iterator[Finding]:
        rules = None if self._options.every else self._options.rules
        if rules is not None and not _names(source.text, _hosts(rules)):
            return
        judged = _judged(source, rules)
        if rules is not None:  # of what scan lists, little is printed as it is
            judged = judged.without(self._printed_values(folder))
        chart = self._chart(folder) if judged.found else None
        if chart is not None:
            yield from _told(source, judged, *chart, rules)

    def _printed_values(self, folder: str) -> PrintedValues:
        if self._printed is None or self._printed.folder != folder:
            from regfix.run.printed import PrintedValues

            self._printed = PrintedValues(folder, self._options.exclude)
        return self._printed

    def _chart(self, folder: str) -> tuple[Chart, ChartReads] | None:
        """Return the chart in a folder with what its templates read; None for one of which that is not known."""
        if folder != self._folder:
            from regfix.chart.tree import load_chart
            from regfix.discover.chartscope import left_out
            from regfix.reads.chart import chart_reads

            self._folder, self._read = folder, None
            try:
                chart = load_chart(folder, left_out(folder or ".", folder or ".", self._options.exclude))
                fetcher = self._options.fetcher
                chart = chart if fetcher is None else fetcher.fetched(chart).chart
                self._read = chart, chart_reads(chart)
            except SourceError:
                return None
        return self._read


def chart_of_values(path: str) -> str | None:
    """Return the folder, with its slash, of the chart that a file holds values of; None for any other file."""
    folder, name = os.path.split(path)
    if name == "values.yaml" and os.path.isfile(os.path.join(folder, "Chart.yaml")):
        return folder + "/" if folder else ""
    return chart_beside(path)


def findings_of(source: Source, chart: Chart, reads: ChartReads) -> Iterator[Finding]:
    """Yield the dead values of a values file; raises SourceError for a file that cannot be read as values."""
    yield from _told(source, _judged(source, None), chart, reads, None)


def _judged(source: Source, rules: RuleSet | None) -> Judged:
    """Return what a values file says of images, with `rules` what may name a registry of one of these."""
    from regfix.reads.dead import judged_values

    hosts = frozenset() if rules is None else _hosts(rules)
    return judged_values(source.text, source.name, lambda value: rules is None or _names(value, hosts))


def _told(source: Source, judged: Judged, chart: Chart, reads: ChartReads, rules: RuleSet | None) -> Iterator[Finding]:
    from regfix.reads.dead import dead_values

    if chart.metadata.library:
        return
    lines, hosts = LineIndex(source.text), None if rules is None else _hosts(rules)
    for dead in dead_values(judged, chart, reads):
        if hosts is None or _host(dead) in hosts:
            yield Finding(
                source.name, lines.position(dead.start), dead.path, Context.VALUE, dead.value, Action.NONE,
                reason=Reason.DEAD_VALUE, instead=dead.instead,
            )  # fmt: skip


def _host(dead: DeadValue) -> str:
    """Return the registry that a dead value names, itself or by default."""
    first = dead.value.partition("/")[0]
    parsed = Reference.match(dead.value)
    return normalize_host(parsed.registry or (first if "/" not in dead.value and "." in first else DOCKER_HUB)
                          if parsed is not None else first)  # fmt: skip


def _hosts(rules: RuleSet) -> frozenset[str]:
    return frozenset(prefix.host for rule in rules.rules for prefix in (rule.source, rule.target))


def _starts(text: str, host: str) -> Iterator[int]:
    at = text.find(host)
    while at >= 0:
        yield at
        at = text.find(host, at + len(host))


def _steps(path: KeyPath) -> Path:
    return tuple(map(str, path))


def _names(text: str, hosts: frozenset[str]) -> bool:
    """Tell, fast, whether a text may name one of these registries."""
    return DOCKER_HUB in hosts or any(host in text for host in hosts)
