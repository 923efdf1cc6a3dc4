"""A chart on the bench: the outcomes that are planned for it, how it does with them, and how plans are changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.errors import SourceError
from regfix.finding import Action
from regfix.locate.site import Reason
from regfix.outcome import Outcome, Status
from regfix.plan import edits_of
from regfix.prove.settle import is_set, settled_by_proof
from regfix.prove.values import effective_values, own_values
from regfix.syntax.yamlwrite import Style, block_lines
from regfix.text.edit import apply_edits
from regfix.text.read import read_file
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from regfix.chart.model import Chart
    from regfix.prove.hardcoded import Spot
    from regfix.prove.judge import Judge, Trial
    from regfix.prove.model import Case
    from regfix.prove.render import Document
    from regfix.prove.settle import Wish
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamltree import Data
    from regfix.text.source import Source

Plan = dict[str, Outcome]


class Bench:
    """A chart with its plan, and the last trial that counted."""

    def __init__(self, chart: Chart, plan: Plan, judge: Judge, home: str) -> None:
        self.chart = chart
        self.plan = plan
        self.judge = judge
        self._overlay = os.path.join(home, "overlay.yaml")
        self.values_file = os.path.join(chart.path, "values.yaml")
        self.trial: Trial = judge.trial(plan.values())

    def try_out(self, plan: Plan) -> Trial:
        """Return how the chart would do with another plan; the copy holds that plan then. Raises HelmError."""
        return self.judge.trial(plan.values())

    def accept(self, plan: Plan, trial: Trial) -> None:
        """Take over a plan that was tried out."""
        self.plan, self.trial = plan, trial

    def improve(self, plan: Plan) -> bool:
        """Take over a plan if the chart renders as it should, with fewer images left. Raises HelmError."""
        trial = self.try_out(plan)
        better = trial.holds and len(trial.left) < len(self.trial.left)
        if better:
            self.accept(plan, trial)
        return better

    def render(self, case: Case, values: Mapping[str, Data]) -> Sequence[Document] | None:
        """Render the plan in force with values laid over; None where that fails. Raises HelmError."""
        try:
            lines = list(block_lines(values, 0, Style()))
        except SourceError:
            return None
        with open(self._overlay, "w", encoding="utf-8", newline="") as file:
            file.writelines(line + "\n" for line in lines)
        self.judge.after.apply(self.plan.values())
        return self.judge.render(case, self._overlay)

    def source(self, path: str) -> Source:
        """Return what a file of the chart holds now, without the plan. Raises SourceError."""
        outcome = self.plan.get(path)
        if outcome is not None and outcome.decoded is not None:
            return outcome.decoded
        return decode(read_file(path)[0], path)

    def own(self, path: str) -> dict[str, Data]:
        """Return what a values file holds after the plan; nothing where there is none."""
        try:
            return own_values(path, self.source(path).text, self.plan.get(path))
        except SourceError:
            return {}

    def effective(self, case: Case) -> dict[str, Data]:
        """Return the values that reach the chart and those below it."""
        given = self.own(case.values) if case.values else {}
        return effective_values(self.chart, self.own(self.values_file), given)

    def home_of(self, case: Case, path: KeyPath) -> str:
        """Return the values file that decides about a value: the case's, if it sets it, else the chart's own."""
        return case.values if case.values and is_set(self.own(case.values), path) else self.values_file

    def with_wishes(self, case: Case, wishes: Iterable[Wish]) -> Plan:
        """Return the plan with settings made. Raises SourceError for one that cannot be made."""
        plan = dict(self.plan)
        files: dict[str, list[Wish]] = {}
        for wish in wishes:
            files.setdefault(wish.setting.file, []).append(wish)
        for path, its in files.items():
            if not os.path.isfile(path):
                raise SourceError("nothing can be set", where=path, why="the chart has no values.yaml")
            outcome = plan.get(path) or Outcome(path, Status.UNCHANGED)
            if outcome.error is not None:
                raise outcome.error
            plan[path] = settled_by_proof(outcome, self.source(path), its, self.effective(case))
        return plan


def with_copies(plan: Plan, spots: Sequence[Spot]) -> Plan:
    """Return the plan with hard-coded references rewritten in vendored copies, and nothing else in these files."""
    plan = dict(plan)
    for path in dict.fromkeys(spot.source.name for spot in spots):
        its = [spot for spot in spots if spot.source.name == path]
        meant = {spot.finding for spot in its}
        findings = tuple(
            finding._replace(action=Action.LEAVE, reason=Reason.VENDORED, edits=())
            if finding.action is Action.REWRITE and finding not in meant
            else finding
            for finding in its[0].findings
            if finding.action is not Action.NONE
        )
        source = its[0].source
        after = apply_edits(source.text, edits_of(findings))
        plan[path] = Outcome(path, Status.CHANGED, findings, decoded=source, after=after)
    return plan
