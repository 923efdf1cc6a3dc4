"""Dependencies that are not vendored: who brings them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from regfix.chart.model import Chart


class Fetcher(Protocol):
    """Brings the dependencies that a chart lacks, without a trace in the chart's folder."""

    def fetched(self, chart: Chart) -> Chart:
        """Return the chart with what could be fetched among its subcharts, and what could not among its failures."""
