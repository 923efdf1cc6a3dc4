"""Charts on the disk, found for the releases that are made of them."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.archive import Budget
from regfix.chart.coalescing import read_tree
from regfix.chart.files import FolderFiles, archive_files, is_archive
from regfix.chart.metadata import read_metadata
from regfix.chart.paths import top_of
from regfix.chart.tree import chart_of
from regfix.cluster.model import ClusterError
from regfix.discover import Failed, File, discover
from regfix.discover.chartscope import left_out
from regfix.errors import SourceError
from regfix.text.read import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.chart.files import ChartFiles
    from regfix.chart.model import Chart
    from regfix.cluster.model import Declared


class _Found(NamedTuple):
    version: str
    path: str


class Charts:
    """The charts at and below some paths, folders and archives; `problems` says what could not be read."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.problems: list[ClusterError] = []
        self._paths = paths
        self._loaded: dict[str, Chart | None] = {}

    def of(self, declared: Declared) -> Chart | None:
        """Return the chart of a release: of its version, else of its name; None where there is none."""
        found = self._by_name.get(declared.chart, [])
        best = next((one for one in found if one.version == declared.version), found[0] if found else None)
        if best is None:
            return None
        if best.path not in self._loaded:
            self._loaded[best.path] = None
            failures: list[SourceError] = []
            try:
                chart = self._loaded[best.path] = chart_of(_files(best.path))
                failures += chart.failures
                read_tree(chart, failures)
            except SourceError as error:
                failures.append(error)
            for failure in failures:
                self._note(failure)
        return self._loaded[best.path]

    @cached_property
    def _by_name(self) -> dict[str, list[_Found]]:
        names: dict[str, list[_Found]] = {}
        for path in self._charts():
            try:
                metadata = read_metadata(_files(path))
            except SourceError as error:
                self._note(error)
                continue
            names.setdefault(metadata.name, []).append(_Found(metadata.version, path))
        return names

    def _charts(self) -> Iterator[str]:
        """Yield the folders and archives of charts, vendored ones apart."""
        folders = [path for path in self._paths if os.path.isdir(path)]
        for found in discover(self._paths):
            if isinstance(found, Failed):
                self._note(found.error)
            elif isinstance(found, File) and top_of(found.path, folders) is None:
                if os.path.basename(found.path) == "Chart.yaml":
                    yield os.path.dirname(found.path) or "."
                elif is_archive(found.path):
                    yield found.path

    def _note(self, error: SourceError) -> None:
        self.problems.append(error.turned_into(ClusterError))


def _files(path: str) -> ChartFiles:
    if os.path.isdir(path):
        return FolderFiles(path, left_out(path, path))
    return archive_files(read_file(path)[0], path, Budget())
