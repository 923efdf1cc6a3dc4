"""The files of charts in a run: vendored ones are accounted for, the top chart's values get the overrides."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.chart.files import is_archive
from regfix.chart.paths import chart_beside, has_subcharts, is_own, top_of
from regfix.chart.vendored import Vendored
from regfix.errors import SourceError
from regfix.locate.site import Reason
from regfix.outcome import Note, Outcome, Status
from regfix.overrides.chartplan import insert_overrides, plan_chart, plan_overlay
from regfix.rewriting import account, left_as_failed
from regfix.run.archive import is_packed_chart, rewritten_archive, told_members
from regfix.run.bump import chart_holding, with_version
from regfix.run.file import read_outcome, skipped, written
from regfix.run.left import accounted, errors_of, not_inserted
from regfix.run.lock import LOCKS, lock_outcome
from regfix.run.notes import notes_of, unread_metadata
from regfix.run.schema import SCHEMA, permitted, schema_outcomes, values_matter
from regfix.text.read import read_file
from regfix.text.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.chart.fetching import FetchedArchive
    from regfix.chart.model import Chart
    from regfix.discover import File
    from regfix.locate.hosts import HostFinder
    from regfix.overrides.chartplan import ChartPlan
    from regfix.run.file import Options


class ChartRun:
    """What a run knows of the charts that it has met. A plan is kept until its values file was done."""

    def __init__(self, roots: Sequence[str], options: Options, hosts: HostFinder) -> None:
        """Take the named paths of the run: a chart above them is not its business."""
        self._roots = [root for root in roots if os.path.isdir(root)]
        self._options = options
        self._told = options._replace(rules=options.rules.with_veto(None))  # for what is told, and not rewritten
        self._hosts = hosts
        self._plans: dict[str, ChartPlan | None] = {}
        self._done: set[str] = set()
        self._locks: dict[str, File] = {}
        self._later: dict[str, File] = {}  # metadata by the chart's folder: its version depends on all other files
        self._fetched: dict[str, tuple[FetchedArchive, ...]] = {}

    def outcomes(self, found: File) -> Sequence[Outcome] | None:
        """Return the outcomes of a file of a chart; None where it is to be treated like any file."""
        top = None if found.named else top_of(found.path, self._roots)
        if is_archive(found.path):
            return self._archive(found, top)
        if self._options.values and (elsewhere := self._options.values.get(os.path.realpath(found.path))):
            return list(self._overlay(found.path, elsewhere))
        if top is not None and (told := self._vendored(found.path, top)) is not None:
            return told
        folder, name = os.path.split(found.path)
        folder = folder.rstrip("/") + "/" if folder else ""
        if name in LOCKS and os.path.isfile(folder + LOCKS[name]):
            self._locks[found.path] = found  # done with the file that it belongs to
            return ()
        if self._options.bump and name == "Chart.yaml" and top is None:
            self._later[folder] = found
            return ()
        if name in LOCKS.values():
            return list(self._metadata(found, folder))
        above = top or (top_of(found.path, ("/",)) if found.named else None)
        if self._options.vendored is not Vendored.OVERRIDE or above is not None:
            return None  # or a vendored chart's own values, which the user means
        if name == SCHEMA:
            chart = self._chart(folder) if os.path.isfile(folder + "Chart.yaml") else None
            return None if chart is None else schema_outcomes(found.path, chart, self._options, self._hosts)
        if name == "values.yaml":
            return list(self._values(found.path, folder)) if values_matter(folder) else None
        beside = chart_beside(found.path)
        return None if beside is None or not values_matter(beside) else list(self._overlay(found.path, beside))

    def close(self, changed: Sequence[str] = ()) -> Iterator[Outcome]:
        """Yield what waited for the files that `changed`.

        Then what is left because a values file, or the metadata of a chart, was not among the files of the run.
        """
        grown = {chart_holding(path, self._later) for path in changed}
        for folder, found in self._later.items():
            try:
                yield from self._metadata(found, folder, bump=folder in grown)
            except SourceError as error:
                yield Outcome(found.path, Status.FAILED, error=error)
        for top, plan in self._plans.items():
            if plan is not None and top not in self._done:
                yield from not_inserted(top + "values.yaml", plan)
                yield from self._ends(top, plan)
        for path in self._locks:
            yield from self._lock(path, None)

    def _chart(self, top: str) -> Chart | None:
        """Return the tree of a top chart; None where its Chart.yaml fails, which is told like any file."""
        from regfix.run.topchart import top_chart

        found = top_chart(top, self._roots, self._options)
        if found is None:
            return None
        self._fetched[top] = found.archives
        return found.chart

    def _plan(self, top: str, source: Source | None = None) -> ChartPlan | None:
        """Return the plan of a top chart, made for its values file as it is now; None where it is no chart."""
        plan = self._plans.get(top)
        if top in self._plans and (source is None or (plan is not None and plan.source == source)):
            return plan
        chart = self._chart(top) if plan is None else plan.chart
        if chart is None:
            self._plans[top] = None
            return None
        if source is None and chart.values is not None:
            source = Source(chart.values.path, chart.values.text)
        self._plans[top] = plan = plan_chart(chart, source, self._options.rules, self._hosts)
        return plan

    def _archive(self, found: File, top: str | None) -> Sequence[Outcome] | None:
        """Return the outcomes of an archive; None where it is no chart that Helm would load."""
        path, packed = found.path, is_packed_chart(found.path)
        if self._options.every and packed:
            return list(told_members(path, self._told, self._hosts))
        if packed and self._options.vendored is Vendored.REWRITE:
            return rewritten_archive(path, self._options, self._hosts)
        if not packed and (top is None or self._options.every):
            return (skipped(path, "archive"),) if found.named else None
        plan = self._plan(top) if top is not None and self._options.vendored is Vendored.OVERRIDE else None
        if plan is not None and any(error.where.startswith(path) for error in plan.errors):
            return ()  # told with the chart
        members = told_members(path, self._told, self._hosts)
        return [told for member in members for told in accounted(member, plan)]

    def _vendored(self, path: str, top: str) -> Sequence[Outcome] | None:
        """Return what is left in a file of a vendored folder; None where it is to be rewritten."""
        mode = self._options.vendored
        if mode is Vendored.REWRITE:
            return None
        if mode is Vendored.OVERRIDE and os.path.basename(path) != "values.yaml" and is_own(path, top):
            return None  # no value reaches what is hard-coded, and no copy elsewhere is the source
        plan = self._plan(top) if mode is Vendored.OVERRIDE else None
        outcome = read_outcome(path, read_file(path)[0], self._told, self._hosts)
        return [] if outcome is None else list(accounted(outcome, plan))

    def _values(self, path: str, folder: str) -> Iterator[Outcome]:
        """Yield the outcomes of a top chart's values file: edits and overrides in one write."""
        data, state = read_file(path)
        outcome = read_outcome(path, data, self._options, self._hosts)
        failed = outcome is not None and outcome.error is not None
        plan = self._plan(folder, None if failed else decode(data, path))
        self._done.add(folder)
        self._plans.pop(folder, None)
        if plan is not None and (plan.findings or plan.wanted):
            outcome = self._with_overrides(path, outcome, plan)
        if outcome is not None:
            outcome = outcome if plan is None else permitted(outcome, plan.chart, self._options, self._hosts)
            yield outcome if outcome.after is None else written(path, outcome, state, write=self._options.write)
        if plan is not None:
            yield from self._ends(folder, plan)

    def _ends(self, top: str, plan: ChartPlan) -> Iterator[Outcome]:
        """Yield what could not be done for a top chart, and what is left in the charts that were fetched for it."""
        yield from errors_of(plan)
        for path, data in self._fetched.pop(top, ()):
            for member in told_members(path, self._told, self._hosts, data):
                yield from accounted(member, plan)

    def _overlay(self, path: str, folder: str) -> Iterator[Outcome]:
        """Yield the outcome of a values file that is laid over the chart's own."""
        data, state = read_file(path)
        outcome = read_outcome(path, data, self._options, self._hosts)
        chart = self._chart(folder) if outcome is None or outcome.error is None else None
        if chart is not None:
            plan = plan_overlay(chart, decode(data, path), self._options.rules, self._hosts)
            if plan.findings or plan.wanted:
                outcome = self._with_overrides(path, outcome, plan)
        if outcome is not None:
            outcome = outcome if chart is None else permitted(outcome, chart, self._options, self._hosts)
            yield outcome if outcome.after is None else written(path, outcome, state, write=self._options.write)

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

    def _metadata(self, found: File, folder: str, *, bump: bool = False) -> Iterator[Outcome]:
        """Yield the outcomes of a chart's metadata, and of the lock file that has to stay in step with it."""
        data, state = read_file(found.path)
        outcome = read_outcome(found.path, data, self._options, self._hosts)
        if found is self._later.get(folder) and (bump or (outcome is not None and outcome.after is not None)):
            outcome = with_version(decode(data, found.path), outcome, self._options.bump, self._later)
        planned = outcome
        notes = self._notes(folder, data) if found.path.endswith("Chart.yaml") else ()  # of the chart as it is now
        if outcome is not None and outcome.after is not None:
            outcome = written(found.path, outcome, state, write=self._options.write)
        if outcome is not None or notes:
            yield (outcome or Outcome(found.path, Status.UNCHANGED))._replace(notes=notes)
        elif self._options.fetcher is not None:
            yield from unread_metadata(folder)
        lock = folder + next(name for name, of in LOCKS.items() if found.path.endswith(of))
        if self._locks.pop(lock, None) is not None or (found.named and os.path.isfile(lock)):
            moved = outcome is not None and outcome.status is Status.CHANGED
            yield from self._lock(lock, planned if moved else None)

    def _lock(self, path: str, chart: Outcome | None) -> Iterator[Outcome]:
        """Yield the outcome of a lock file, whose chart's metadata has the outcome `chart` (None: it stays)."""
        try:
            data, state = read_file(path)
            if chart is not None:
                outcome = lock_outcome(decode(data, path), chart, self._options.rules, self._hosts)
                yield outcome if outcome.after is None else written(path, outcome, state, write=self._options.write)
            elif self._hosts.in_bytes(data):
                yield account(decode(data, path), self._options.rules, self._hosts, Reason.LOCK)
        except SourceError as error:
            yield Outcome(path, Status.FAILED, error=error)

    def _notes(self, folder: str, data: bytes) -> tuple[Note, ...]:
        """Return what is to be said about the dependencies of a chart."""
        listed = b"dependencies" in data or os.path.isfile(folder + "requirements.yaml")
        if self._options.vendored is not Vendored.OVERRIDE or not listed:
            return ()
        plan = self._plan(folder)
        if not has_subcharts(folder):
            self._plans.pop(folder, None)
        return () if plan is None else tuple(notes_of(plan.chart, plan.off, folder))
