"""The files of a chart that go together: an edit in one of them may depend on what stands in another.

An override in `values.yaml` comes from a vendored copy, from `Chart.yaml`, from what a template reads; the lock file
follows `Chart.yaml`, the schema its values. So whoever names a file of a chart gets these with it.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_BESIDE = ("Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.schema.json")


def with_companions(paths: Iterable[str], roots: Sequence[str]) -> list[str]:
    """Return the paths, and for files of a chart at or below the folders `roots` its values files and metadata."""
    holding = cache(_chart_above)
    found = dict.fromkeys(paths)
    for path in list(found):
        chart = holding(os.path.dirname(path))
        if chart is not None:
            from regfix.chart.paths import top_of  # what knows of charts is imported for the first one

            top = top_of(path, roots)
            found.update(dict.fromkeys(_companions(chart if top is None else top)))
    return list(found)


def _chart_above(folder: str) -> str | None:
    """Return the folder, with its slash, of the chart that holds a folder; None where there is none."""
    while True:
        place = folder + "/" if folder and not folder.endswith("/") else folder
        if os.path.isfile(place + "Chart.yaml"):
            return place
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _companions(chart: str) -> Iterator[str]:
    """Yield the metadata and the values files of the chart in a folder (with its slash)."""
    yield from (chart + name for name in _BESIDE if os.path.isfile(chart + name))
    from regfix.chart.paths import is_values_name

    for below in ("", "values/", "ci/"):
        if os.path.isdir(chart + below):
            names = (below + name for name in sorted(os.listdir(chart + below)))
            yield from (chart + name for name in names if is_values_name(name))
