"""The values of a chart under proof: what it holds after the run, what reaches whom, what templates ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.chart.coalescing import GLOBAL, coalesce, read_tree, with_imports
from regfix.errors import SourceError
from regfix.reads.chart import chart_reads
from regfix.reads.paths import ANY
from regfix.syntax.yamltree import load_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from regfix.chart.model import Chart
    from regfix.outcome import Outcome
    from regfix.syntax.yamltree import Data

Chain = tuple[str, ...]


def own_values(path: str, text: str, outcome: Outcome | None) -> dict[str, Data]:
    """Return what a values file holds after its outcome; nothing of one that cannot be read."""
    try:
        return load_mapping(text if outcome is None or outcome.after is None else outcome.after, path)
    except SourceError:
        return {}


def effective_values(chart: Chart, own: dict[str, Data], given: Mapping[str, Data]) -> dict[str, Data]:
    """Return the values that reach a chart and all below it: `own` are its own, `given` those laid over them."""
    tree = read_tree(chart._replace(values=None), [])._replace(own=own)
    return coalesce(with_imports(tree), given)


def chains(chart: Chart, above: Chain = ()) -> Iterator[Chain]:
    """Yield the keys that lead to each chart below."""
    for sub in chart.subcharts:
        chain = (*above, sub.key)
        yield chain
        yield from chains(sub.chart, chain)


def asked(chart: Chart) -> list[tuple[str, ...]]:
    """Return the values that the templates of a chart, and of those below it, read: by their paths from the top.

    Values of `global` are named there. Nothing is returned where that cannot be known.
    """
    try:
        reads = chart_reads(chart).reads
    except SourceError:
        return []
    named = (path for path in (*reads.tested, *reads.whole) if path and ANY not in path)
    return sorted({path[path.index(GLOBAL) :] if GLOBAL in path else path for path in named})
