"""Where an image that no value feeds is written: its template and line, found by the lexical locator."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError
from regfix.finding import Action
from regfix.image.reference import is_start
from regfix.locate.kind import kind_of
from regfix.rewriting import rewrite_source
from regfix.text.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.chart.files import ChartFiles
    from regfix.chart.model import Chart
    from regfix.finding import Finding
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.prove.model import Left

MAX_TEMPLATES = 2000
"""Templates that are looked into for one image."""


class Spot(NamedTuple):
    """Where an image is written: the template, all findings in it, and the one that is meant."""

    source: Source
    findings: tuple[Finding, ...]
    finding: Finding


class Finder:
    """Finds images in the templates of one chart; what was looked into is kept.

    `budget` bounds the templates that hold a source registry and are looked into, in bytes; None for all.
    """

    def __init__(self, chart: Chart, rules: RuleSet, hosts: HostFinder, budget: int | None = None) -> None:
        self._chart = chart
        self._rules = rules
        self._hosts = hosts
        self._budget = budget
        self._known: dict[str, tuple[Source, tuple[Finding, ...]] | None] = {}

    def spot(self, left: Left) -> Spot | None:
        """Return where an image is written; None where no template shows it."""
        levels = list(self._levels(left.template))
        names = [(files, name) for files, _ in reversed(levels) for name in files.names() if _is_template(name)]
        for files, name in [*levels[-1:], *names[:MAX_TEMPLATES]]:
            found = self._in_template(files, name, left)
            if found is not None:
                return found
        return None

    def _in_template(self, files: ChartFiles, name: str, left: Left) -> Spot | None:
        looked = self._looked(files, name)
        if looked is None:
            return None
        source, findings = looked
        fitting = [f for f in findings if f.action is not Action.NONE and is_start(f.reference, left.reference)]
        best = max(fitting, key=lambda finding: len(finding.reference), default=None)
        return None if best is None else Spot(source, findings, best)

    def _looked(self, files: ChartFiles, name: str) -> tuple[Source, tuple[Finding, ...]] | None:
        where = files.where(name)
        if where not in self._known:
            self._known[where] = None
            try:
                data = files.read(name)
                if data is not None and self._hosts.may_hold(data) and self._is_affordable(len(data)):
                    source = decode(data, where)
                    outcome = rewrite_source(source, kind_of(where), self._rules, self._hosts)
                    self._known[where] = source, outcome.findings
            except SourceError:
                pass  # told with the file itself
        return self._known[where]

    def _is_affordable(self, size: int) -> bool:
        if self._budget is None:
            return True
        self._budget -= size
        return self._budget >= 0

    def _levels(self, template: str) -> Iterator[tuple[ChartFiles, str]]:
        """Yield the charts from the top to the one that a template, as Helm names it, belongs to."""
        chart, name = self._chart, template.partition("/")[2]
        while chart.files is not None:
            yield chart.files, name
            key, _, rest = name.removeprefix("charts/").partition("/")
            sub = next((sub for sub in chart.subcharts if sub.key == key), None)
            if sub is None or not name.startswith("charts/"):
                return
            chart, name = sub.chart, rest


def _is_template(name: str) -> bool:
    return name.startswith("templates/")
