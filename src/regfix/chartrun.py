"""The files of charts in a run: vendored ones are accounted for, the top chart's values get the overrides."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.chart.archive import Budget, read_archive
from regfix.chart.files import is_archive
from regfix.charts import as_vendored, insert_overrides, plan_chart, top_of
from regfix.errors import SourceError
from regfix.filerun import read_outcome, written
from regfix.locate.site import Reason
from regfix.outcome import Outcome, Status
from regfix.rewriting import left_as_failed
from regfix.text.read import read_file
from regfix.text.source import Source, decode
from regfix.vendored import Vendored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.charts import ChartPlan
    from regfix.discover import File
    from regfix.filerun import Options
    from regfix.locate.hosts import HostFinder


class ChartRun:
    """What a run knows of the charts that it has met. A plan is kept until its values file was done."""

    def __init__(self, roots: Sequence[str], options: Options, hosts: HostFinder) -> None:
        """Take the named paths of the run: a chart above them is not its business."""
        self._roots = [root for root in roots if os.path.isdir(root)]
        self._options = options
        self._hosts = hosts
        self._plans: dict[str, ChartPlan | None] = {}
        self._done: set[str] = set()

    def outcomes(self, found: File) -> Sequence[Outcome] | None:
        """Return the outcomes of a file of a chart; None where it is to be treated like any file."""
        top = None if found.named else top_of(found.path, self._roots)
        if top is not None:
            return self._vendored(found.path, top)
        folder, name = os.path.split(found.path)
        if name != "values.yaml" or self._options.vendored is not Vendored.OVERRIDE:
            return None
        folder = folder.rstrip("/") + "/" if folder else ""
        if not os.path.isfile(folder + "Chart.yaml") or not os.path.isdir(folder + "charts"):
            return None
        if found.named and top_of(found.path, ("/",)) is not None:
            return None  # a vendored chart's own values, which the user means
        return list(self._values(found.path, folder))

    def close(self) -> Iterator[Outcome]:
        """Yield what is left because the values file of a chart was not among the files of the run."""
        for top, plan in self._plans.items():
            if plan is not None and top not in self._done:
                yield from _not_inserted(top + "values.yaml", plan)
                yield from _errors(plan)

    def _plan(self, top: str, source: Source | None = None) -> ChartPlan | None:
        """Return the plan of a top chart, made for its values file as it is now; None where it is no chart."""
        plan = self._plans.get(top)
        if top in self._plans and (source is None or (plan is not None and plan.source == source)):
            return plan
        from regfix.chart.tree import load_chart

        try:
            chart = load_chart(top)
        except SourceError:
            self._plans[top] = None  # its Chart.yaml fails, and is told like any file
            return None
        if source is None and chart.values is not None:
            source = Source(chart.values.path, chart.values.text)
        self._plans[top] = plan = plan_chart(chart, source, self._options.rules, self._hosts)
        return plan

    def _vendored(self, path: str, top: str) -> Sequence[Outcome] | None:
        """Return what is left in a vendored file; None where it is to be rewritten."""
        mode = self._options.vendored
        if mode is Vendored.REWRITE and not is_archive(path):
            return None
        plan = self._plan(top) if mode is Vendored.OVERRIDE else None
        if not is_archive(path):
            return list(self._accounted(path, read_file(path)[0], plan))
        if plan is not None and any(error.where.startswith(path) for error in plan.errors):
            return ()  # told with the chart
        members = read_archive(read_file(path)[0], path, Budget())
        return [told for name in members for told in self._accounted(f"{path}!{name}", members[name], plan)]

    def _accounted(self, path: str, data: bytes, plan: ChartPlan | None) -> Iterator[Outcome]:
        """Yield what is left of a file in a vendored chart."""
        if is_archive(path) and "!" in path:
            members = read_archive(data, path, Budget())
            for name, member in members.items():
                yield from self._accounted(f"{path}!{name}", member, plan)
            return
        outcome = read_outcome(path, data, self._options, self._hosts)
        if outcome is None or outcome.status is Status.SKIPPED:
            return
        findings = list(as_vendored(outcome.findings))
        if plan is not None and path in plan.left:
            others = (finding for finding in findings if finding.reason is not Reason.VENDORED)
            findings = sorted((*others, *plan.left[path]), key=lambda finding: finding.position)
        status = Status.FAILED if outcome.error is not None else Status.UNCHANGED
        yield Outcome(path, status, tuple(findings), error=outcome.error)

    def _values(self, path: str, folder: str) -> Iterator[Outcome]:
        """Yield the outcomes of a top chart's values file: edits and overrides in one write."""
        data, state = read_file(path)
        outcome = read_outcome(path, data, self._options, self._hosts)
        plan = None
        if outcome is None or outcome.error is None:
            plan = self._plan(folder, decode(data, path))
        else:
            plan = self._plan(folder)
        self._done.add(folder)
        self._plans.pop(folder, None)
        if plan is not None and (plan.findings or plan.wanted):
            outcome = self._with_overrides(path, outcome, plan)
        if outcome is not None:
            yield outcome if outcome.after is None else written(path, outcome, state, write=self._options.write)
        if plan is not None:
            yield from _errors(plan)

    def _with_overrides(self, path: str, outcome: Outcome | None, plan: ChartPlan) -> Outcome:
        """Return the outcome with the overrides in it, or with why they were not made."""
        outcome = outcome or Outcome(path, Status.UNCHANGED)
        try:
            if outcome.error is not None:
                raise outcome.error
            return insert_overrides(outcome, plan, self._options.rules, self._hosts)
        except SourceError as error:
            both = outcome._replace(findings=(*outcome.findings, *plan.findings))
            return left_as_failed(both, error)


def _not_inserted(path: str, plan: ChartPlan) -> Iterator[Outcome]:
    """Yield the overrides of a values file that the run did not come upon, as left."""
    findings = tuple(as_vendored(plan.findings))
    if findings:
        yield Outcome(path, Status.UNCHANGED, findings)


def _errors(plan: ChartPlan) -> Iterator[Outcome]:
    for error in plan.errors:
        yield Outcome(error.where, Status.FAILED, error=error)
