"""What stays as it is in a run over a chart: in vendored copies, and what its plan could not do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.site import Reason
from regfix.outcome import Outcome, Status
from regfix.overrides.chartplan import as_vendored
from regfix.run.members import left_as_vendored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.overrides.chartplan import ChartPlan


def accounted(outcome: Outcome, plan: ChartPlan | None) -> Iterator[Outcome]:
    """Yield what is left of a file in a vendored chart."""
    if outcome.status is Status.SKIPPED:
        return
    left = left_as_vendored(outcome)
    if plan is not None and left.source in plan.left:
        others = (finding for finding in left.findings if finding.reason is not Reason.VENDORED)
        findings = sorted((*others, *plan.left[left.source]), key=lambda finding: finding.position)
        left = left._replace(findings=tuple(findings))
    yield left


def not_inserted(path: str, plan: ChartPlan) -> Iterator[Outcome]:
    """Yield the overrides of a values file that the run did not come upon, as left."""
    findings = tuple(as_vendored(plan.findings))
    if findings:
        yield Outcome(path, Status.UNCHANGED, findings)


def errors_of(plan: ChartPlan) -> Iterator[Outcome]:
    """Yield what could not be done for a chart."""
    for error in plan.errors:
        yield Outcome(error.where, Status.FAILED, error=error)
