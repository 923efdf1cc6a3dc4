"""A run in which a chart is written only after its proof; files that are of no chart are written as ever."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from regfix.chart.paths import chart_beside, is_at_or_below, top_of
from regfix.discover import File, discover
from regfix.discover.chartscope import left_out
from regfix.errors import RegfixError, SourceError
from regfix.finding import Action
from regfix.helm.run import find_helm
from regfix.locate.hosts import HostFinder
from regfix.locate.site import Context, Reason
from regfix.outcome import Outcome, Status
from regfix.prove.chart import Terms, prove_chart
from regfix.prove.model import Proof, Verdict
from regfix.prove.packed import archive_of, write_members
from regfix.prove.render import helm_version
from regfix.rewriting import left_as_failed
from regfix.run.file import written
from regfix.run.pipeline import run
from regfix.text.read import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.prove.chart import Ask
    from regfix.run.file import Options


class ProvenRun:
    """A run with proofs; `proofs` are those of the charts that it has done, `helm` says with which Helm."""

    def __init__(
        self, paths: Sequence[str], options: Options, named: str | None, kube_version: str | None,
        ask: Ask | None = None,
    ) -> None:  # fmt: skip
        """Take what an ordinary run takes, and the Helm that the user names; `ask` gets the images of each chart.

        Raises UsageError where there is none, HelmError where it is not one.
        """
        self._paths = paths
        self._options = options
        self._roots = [path for path in paths if os.path.isdir(path)]
        self._above: dict[str, str | None] = {}
        self._values: dict[str, list[str]] = {}
        self.proofs: list[Proof] = []
        binary = find_helm(named)
        hosts = HostFinder(options.rules, options.fields)
        self._terms = Terms(binary, options.rules, hosts, options.vendored, options.fetcher, kube_version, ask)
        with TemporaryDirectory(prefix="regfix-prove-") as home:
            self.helm = helm_version(binary, home)

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the outcomes of the run, those of a chart once it was proven and written."""
        self._look_around(self._paths)
        waiting: dict[str, list[Outcome]] = {top: [] for top in self._values}
        done: set[str] = set()
        for outcome in run(self._paths, self._options._replace(write=False)):
            path = outcome.source.partition("!")[0]
            top = self._top(path)
            for passed in self._passed(waiting, path):
                done.add(passed)
                yield from self._chart(passed, waiting.pop(passed))
            if top is None:
                yield self._written(outcome)
            elif top in done:
                yield unproven(outcome)  # what a run tells at its end; it plans nothing more
            else:
                waiting.setdefault(top, []).append(outcome)
        for top, planned in waiting.items():
            yield from self._chart(top, planned)

    def _passed(self, waiting: dict[str, list[Outcome]], path: str) -> list[str]:
        """Return the charts that have outcomes and that the walk has left behind."""
        if len(self._paths) > 1:
            return []
        return [top for top, planned in waiting.items() if planned and not is_at_or_below(path, top or ".")]

    def _look_around(self, paths: Sequence[str]) -> None:
        """Note the charts at the top of the folders that are named, and the values files beside their own."""
        options = self._options
        for found in discover(paths, exclude=options.exclude, ignore_files=options.ignore_files):
            path = found.path if isinstance(found, File) else ""
            if os.path.basename(path) == "Chart.yaml" and self._top(path) == os.path.dirname(path):
                self._values.setdefault(os.path.dirname(path), [])
            elif os.path.realpath(path) in options.values and (top := self._top(path)) is not None:
                self._values.setdefault(top, []).append(path)
            elif path.endswith((".yaml", ".yml")) and (beside := chart_beside(path)) is not None:
                top = beside.rstrip("/") or beside
                if self._top(path) == top and os.path.relpath(path, top or ".") != "values.yaml":
                    self._values.setdefault(top, []).append(path)

    def _top(self, path: str) -> str | None:
        """Return the folder of the chart at the top that a file belongs to; None for a file of no chart."""
        folder = os.path.dirname(path)
        elsewhere = self._options.values.get(os.path.realpath(path)) if self._options.values else None
        if elsewhere is not None:
            return elsewhere.rstrip("/") or elsewhere
        if folder not in self._above:
            self._above[folder] = _chart_above(folder)
        return self._above[folder]

    def _chart(self, top: str, planned: Sequence[Outcome]) -> Iterator[Outcome]:
        """Prove a chart, and yield its outcomes: written if the proof holds, else left."""
        root = next((root for root in self._roots if is_at_or_below(top or ".", root)), None)
        ignored = left_out(top or ".", root or top or ".", self._options.exclude)
        if top not in self._values:  # some of its files were named
            self._look_around([top or "."])
        try:
            values = self._values.get(top, ())
            proof, outcomes = prove_chart(top, planned, self._terms, values, ignored, may_edit=root is not None)
        except (RegfixError, OSError) as error:
            why = str(error) if isinstance(error, RegfixError) else f"{error.filename}: {error.strerror}"
            proof, outcomes = Proof(top or ".", Verdict.REFUSED, "", 0, reasons=(why,)), planned
        if proof.verdict is Verdict.REFUSED and not any(map(_has_something, planned)):
            proof = proof._replace(verdict=Verdict.SKIPPED)
        self.proofs.append(proof)
        if proof.verdict not in (Verdict.PROVEN, Verdict.INCOMPLETE):
            yield from map(unproven, outcomes)
        elif self._options.write:
            yield from map(self._written, write_members(outcomes))
        else:
            yield from outcomes

    def _written(self, outcome: Outcome) -> Outcome:
        if outcome.after is None or not self._options.write or archive_of(outcome.source):
            return outcome
        try:
            state = read_file(outcome.source)[1]
        except SourceError as error:
            return left_as_failed(outcome, error)
        return written(outcome.source, outcome, state, write=True)


def unproven(outcome: Outcome) -> Outcome:
    """Return the outcome of a file in a chart whose proof did not hold: nothing of it was changed."""
    if outcome.after is None:
        return outcome
    findings = tuple(
        finding._replace(action=Action.LEAVE, reason=Reason.UNPROVEN, edits=())
        if finding.action is Action.REWRITE
        else finding
        for finding in outcome.findings
        if finding.context not in (Context.VERSION, Context.SWITCH)
    )
    return outcome._replace(status=Status.UNCHANGED, findings=findings, decoded=None, after=None)


def _has_something(outcome: Outcome) -> bool:
    """Tell whether a file holds what the rules concern."""
    return outcome.error is not None or any(finding.action is not Action.NONE for finding in outcome.findings)


def _chart_above(folder: str) -> str | None:
    """Return the folder of the chart at the top that a folder is in, as it would be typed."""
    while not os.path.isfile(os.path.join(folder, "Chart.yaml")):
        above = os.path.dirname(folder.rstrip("/"))
        if above == folder or not folder or folder in (".", ".."):
            return None
        folder = above
    top = top_of(os.path.join(folder, "Chart.yaml"), ("/",))
    return folder if top is None else (top.rstrip("/") or top)
