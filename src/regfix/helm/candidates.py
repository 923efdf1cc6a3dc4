"""The versions of a chart in its repository, and which of them hold references that the rules move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.chart.fetching import FetchedArchive
from regfix.chart.newer import EnoughAsked
from regfix.chart.version import newest
from regfix.errors import SourceError
from regfix.helm.fetch import chart_in
from regfix.helm.run import HelmError

if TYPE_CHECKING:
    from collections.abc import Callable

    from regfix.chart.model import Chart, Dependency
    from regfix.helm.downloads import Downloads

    Holds = Callable[[Chart], bool]
    """Tells whether the defaults of a chart hold a reference that moves; raises SourceError."""


_NONE_FITS = "locate a version matching"
"""What Helm 3 and 4 say where no tag of a registry lies in a range."""


class Looks:
    """What was seen in charts, for all dependencies of a run: by repository, name and version."""

    def __init__(self, downloads: Downloads, holds: Holds) -> None:
        self.downloads = downloads
        self.holds = holds
        self.seen: dict[tuple[str, str, str], bool | SourceError] = {}
        self.newest: dict[tuple[str, str, str], str | None] = {}


class ChartCandidates:
    """The candidates of one dependency; at most `most` charts are downloaded for it.

    A registry does not tell its tags through Helm: there the newest version in a range is known by its download.
    """

    def __init__(self, dependency: Dependency, looks: Looks, most: int) -> None:
        self.looked: dict[str, bool | SourceError] = {}
        self._place = dependency.repository, dependency.name
        self._looks = looks
        self._left = most

    def newest(self, wanted: str) -> str | None:
        """Return the newest version in a range; raises EnoughAsked, HelmError, and SourceError."""
        versions = self._looks.downloads.versions(*self._place)
        if versions is not None:
            return newest(versions, wanted)
        known, key = self._looks.newest, (*self._place, wanted)
        if key not in known:
            try:
                known[key] = self._download(wanted)
            except HelmError as error:
                if _NONE_FITS not in error.why.lower():
                    raise
                known[key] = None
        return known[key]

    def is_clean(self, version: str) -> bool:
        """Tell whether a version holds nothing that moves; one that cannot be had or read is not clean."""
        seen, key = self._looks.seen, (*self._place, version)
        if key not in seen:
            try:
                seen[key] = seen[*self._place, self._download(version)]
            except (HelmError, SourceError) as error:
                seen[key] = SourceError(error.what, where=version, why=error.why)
        self.looked[version] = seen[key]
        return seen[key] is True

    def _download(self, wanted: str) -> str:
        """Download the newest version in a range, note what it holds, and return it."""
        if self._left <= 0:
            raise EnoughAsked
        self._left -= 1
        download = self._looks.downloads.pull(*self._place, wanted)
        chart = chart_in(FetchedArchive(download.name, download.data))
        clean: bool | SourceError
        try:
            clean = not self._looks.holds(chart)
        except SourceError as error:
            clean = error
        self._looks.seen[*self._place, chart.metadata.version] = clean
        return chart.metadata.version
