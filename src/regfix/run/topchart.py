"""The tree of a top chart in a run: less what is excluded, plus what is fetched, less what the run does itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.chart.fetching import Fetched
from regfix.chart.paths import is_at_or_below
from regfix.chart.tree import load_chart
from regfix.discover.chartscope import left_out
from regfix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.run.file import Options


def top_chart(top: str, roots: Sequence[str], options: Options) -> Fetched | None:
    """Return the tree of the chart in the folder `top` (ends with a slash), in a run over the folders `roots`.

    None where its Chart.yaml fails, which is told like any file. A subchart that `file://` leads to is left out where
    it is among the files of the run: then it needs no override.
    """
    root = next((root for root in roots if is_at_or_below(top or ".", root)), top or ".")
    try:
        chart = load_chart(top, left_out(top or ".", root, options.exclude))
    except SourceError:
        return None
    found = Fetched(chart)
    if options.fetcher is not None and any(dependency.is_fetched for dependency in chart.missing):
        found = options.fetcher.fetched(chart)
    kept = (sub for sub in found.chart.subcharts if not _is_done_itself(sub.chart.path, top, roots))
    return found._replace(chart=found.chart._replace(subcharts=tuple(kept)))


def _is_done_itself(path: str, top: str, roots: Sequence[str]) -> bool:
    return not path.startswith(top + "charts/") and any(is_at_or_below(path, root) for root in roots)
