"""The dependencies that a chart lacks, fetched by the user's Helm as `helm dependency build` would."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from regfix.chart.archive import Budget
from regfix.chart.fetching import Fetched, FetchedArchive
from regfix.chart.files import archive_files
from regfix.chart.origin import FILE, redacted
from regfix.chart.tree import chart_of, fits, with_fetched
from regfix.errors import SourceError
from regfix.helm.downloads import downloads
from regfix.helm.run import HelmError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.chart.model import Chart, Dependency
    from regfix.helm.downloads import Download, Downloads


@contextmanager
def helm_fetcher(named: str | None = None) -> Iterator[HelmFetcher]:
    """Give a fetcher by the Helm binary that is named, else on the PATH; raises UsageError as `downloads` does."""
    with downloads(named) as brought:
        yield HelmFetcher(brought)


class HelmFetcher:
    """Fetches what is missing: the version in a valid lock file, else the newest in the range. Each only once."""

    def __init__(self, downloads: Downloads) -> None:
        self._downloads = downloads
        self._known: dict[tuple[str, str, str], Download | SourceError] = {}

    def fetched(self, chart: Chart) -> Fetched:
        """Return the chart with what could be fetched; see `Fetcher`."""
        brought: dict[Dependency, Chart] = {}
        archives: dict[str, FetchedArchive] = {}
        charts: dict[str, Chart] = {}  # one for all aliases, since Helm copies it for the second
        failures: list[SourceError] = []
        for dependency in chart.missing:
            if not dependency.is_fetched or dependency.repository.startswith(FILE):
                continue
            try:
                archive = self._archive(chart, dependency)
                if archive.path not in charts:
                    charts[archive.path] = chart_in(archive)
                brought[dependency] = _fitting(chart, charts[archive.path], dependency)
                archives[archive.path] = archive
            except SourceError as error:
                failures.append(error)
        whole = with_fetched(chart, brought)
        left = tuple(d for d in whole.missing if not d.is_fetched or d.repository.startswith(FILE))
        whole = whole._replace(failures=(*whole.failures, *failures), missing=left)
        return Fetched(whole, tuple(archives.values()))

    def _archive(self, chart: Chart, dependency: Dependency) -> FetchedArchive:
        """Return the archive of a dependency; raises SourceError."""
        wanted = dependency.locked or dependency.version
        if not wanted:
            raise not_fetched(chart, dependency, "the chart gives no version for it")
        key = dependency.repository, dependency.name, wanted
        if key not in self._known:
            try:
                self._known[key] = self._downloads.pull(*key)
            except HelmError as error:
                self._known[key] = SourceError(error.what, why=error.why)
        known = self._known[key]
        if isinstance(known, SourceError):
            raise not_fetched(chart, dependency, known.why)
        return FetchedArchive(os.path.join(chart.path, "charts", known.name), known.data)


def chart_in(archive: FetchedArchive) -> Chart:
    """Return the chart in an archive; raises SourceError."""
    return chart_of(archive_files(archive.data, archive.path, Budget()))


def _fitting(parent: Chart, chart: Chart, dependency: Dependency) -> Chart:
    """Return a chart that Helm would take for a dependency; raises SourceError for another."""
    if fits(chart, dependency):
        return chart
    name, version = chart.metadata.name, chart.metadata.version
    raise not_fetched(parent, dependency, f"the chart that came is {name} {version}, which does not fit")


def not_fetched(chart: Chart, dependency: Dependency, why: str) -> SourceError:
    """Return the error of a dependency that could not be fetched."""
    what = f"{dependency.key} was not fetched from {redacted(dependency.repository)}"
    return SourceError(what, where=os.path.join(chart.path, "Chart.yaml"), why=why)
