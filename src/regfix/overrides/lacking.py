"""What a values file that is laid over a chart's own lacks, once that one has its overrides. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.chart.merging import deep_merge, lookup, put, same
from regfix.locate.kind import Kind
from regfix.overrides.fate import Fate
from regfix.overrides.needed import overrides_of
from regfix.rewriting import rewrite_source
from regfix.syntax.yamltree import load_mapping
from regfix.text.source import Source

if TYPE_CHECKING:
    from regfix.chart.model import Chart
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.overrides.model import Overrides
    from regfix.syntax.yamltree import Data


def lacking_values(overrides: Overrides, base: dict[str, Data]) -> dict[str, Data]:
    """Return the overrides that complete a reference of which a part is set, as far as `base` has others."""
    lacking: dict[str, Data] = {}
    for claim in overrides.claims:
        if Fate.SET not in [fate for _, fate in claim.leaves]:
            continue
        for path, fate in claim.leaves:
            new, have = lookup(overrides.values, path), lookup(base, path)
            if fate is Fate.OVERRIDDEN and new is not None and (have is None or not same(have, new)):
                put(lacking, path, new)
    return lacking


def values_after(chart: Chart, rules: RuleSet, hosts: HostFinder) -> dict[str, Data]:
    """Return what the chart's values file will hold after the run. Raises SourceError."""
    if chart.values is None:
        return {}
    path, text = chart.values
    after = rewrite_source(Source(path, text), Kind.YAML, rules, hosts).after
    overrides = overrides_of(chart, load_mapping(text, path), rules, hosts)
    values = deep_merge(load_mapping(text if after is None else after, path), overrides.values)
    for wanted in overrides.wanted:
        put(values, wanted.path, wanted.value)
    return values
