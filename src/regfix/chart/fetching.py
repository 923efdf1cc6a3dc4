"""Dependencies that are not vendored: who brings them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from regfix.chart.model import Chart


class FetchedArchive(NamedTuple):
    """A chart as it was fetched; `path` is where it would lie if it were vendored."""

    path: str
    data: bytes


class Fetched(NamedTuple):
    """A chart with what could be fetched among its subcharts, and the archives that these come from.

    What could not be fetched is among its failures, and no longer missing.
    """

    chart: Chart
    archives: tuple[FetchedArchive, ...] = ()


class Fetcher(Protocol):
    """Brings the dependencies that a chart lacks, without a trace in the chart's folder."""

    def fetched(self, chart: Chart) -> Fetched:
        """Return the chart with what could be fetched; raises nothing for what could not."""
