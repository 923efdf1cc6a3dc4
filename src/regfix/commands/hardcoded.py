"""What stands in the templates of a chart that is not ours, where the values of an installer do not reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError
from regfix.finding import Action
from regfix.run.file import Options, read_outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.chart.model import Chart
    from regfix.finding import Finding
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder

FOLDERS = ("templates/", "crds/")
"""What Helm sends to a cluster: the folders of a chart that it renders, or hands over as they are."""


class Hardcoded(NamedTuple):
    """The references that the rules would move, comments apart, and why some files could not be looked into."""

    findings: tuple[Finding, ...] = ()
    failures: tuple[SourceError, ...] = ()


def hardcoded(chart: Chart, rules: RuleSet, hosts: HostFinder) -> Hardcoded:
    """Return what is hard-coded in the templates of a chart and its subcharts, each file once."""
    options = Options(rules, comments=False)
    findings: list[Finding] = []
    failures: list[SourceError] = []
    for where, data in _files(chart, failures):
        try:
            outcome = read_outcome(where, data, options, hosts)
        except SourceError as error:
            failures.append(error)
            continue
        if outcome is not None and outcome.error is not None:
            failures.append(outcome.error)
        elif outcome is not None:
            findings += (finding for finding in outcome.findings if finding.action is Action.REWRITE)
    return Hardcoded(tuple(findings), tuple(failures))


def _files(chart: Chart, failures: list[SourceError]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a chart and its subcharts that Helm sends to a cluster; an alias gives none twice."""
    seen: set[str] = set()
    todo = [chart]
    while todo:
        one = todo.pop()
        todo.extend(sub.chart for sub in reversed(one.subcharts))
        if one.files is None or one.path in seen:
            continue
        seen.add(one.path)
        for name in one.files.names():
            try:
                data = one.files.read(name) if name.startswith(FOLDERS) else None
            except SourceError as error:
                failures.append(error)
                continue
            if data is not None:
                yield one.files.where(name), data
