"""Which references that move the defaults of a chart hold: those that an installer would have to override."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.overrides.fate import Fate
from regfix.overrides.needed import overrides_of
from regfix.reads.chart import ReadValues

if TYPE_CHECKING:
    from regfix.chart.model import Chart
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.overrides.model import Claim


def held_by(chart: Chart, rules: RuleSet, hosts: HostFinder) -> tuple[Claim, ...]:
    """Return the references in the defaults of a chart and of the charts in it that the rules move.

    What no template reads does not count. Raises SourceError where a values file does not go through.
    """
    found = overrides_of(chart, {}, rules, hosts, installed=True, is_read=ReadValues(chart))
    for failure in found.failures:
        raise failure
    return tuple(claim for claim in found.claims if any(fate is not Fate.DEAD for _, fate in claim.leaves))
