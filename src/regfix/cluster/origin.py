"""Where an image of a Helm release comes from: the values key to set, the line of the chart. One release at a time."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from regfix.cluster.model import Provenance
from regfix.cluster.objects import json_text
from regfix.cluster.recorded import chart_in
from regfix.cluster.tracing import Tracer, traced
from regfix.errors import SourceError
from regfix.overrides.needed import always
from regfix.reads.chart import ReadValues
from regfix.syntax.keypath import format_key_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.chart.model import Chart
    from regfix.cluster.charts import Charts
    from regfix.cluster.locating import Locator
    from regfix.cluster.model import Declared
    from regfix.cluster.release import Release


class Origins:
    """Tells of one release where its images come from: by the chart in it, and by the one at hand."""

    def __init__(self, release: Release, locator: Locator, charts: Charts | None) -> None:
        self._release = release
        self._locator = locator
        self._charts = charts

    def of(self, reference: str, declared: Declared, *, concerned: bool) -> tuple[Provenance, ...]:
        """Return what is known of an image of the release."""
        if not concerned:
            return (Provenance("helm", str(declared)),)
        return (*self._at_hand(reference, declared), *self._recorded(reference, declared))

    def _recorded(self, reference: str, declared: Declared) -> Iterator[Provenance]:
        keys, (file, line) = traced(self._recorded_tracer, reference, declared.template)
        if not keys:
            where = f", hard-coded at {file}:{line}" if file else ""
            yield Provenance("helm", f"{declared}{where}")
        for key in keys:
            yield Provenance("helm", str(declared), key=format_key_path(key.path), value=key.value)

    def _at_hand(self, reference: str, declared: Declared) -> Iterator[Provenance]:
        chart = self._chart
        if chart is None:
            return
        said = f"{chart.metadata.name} {chart.metadata.version}"
        keys, (file, line) = traced(self._tracer, reference, declared.template)
        if file:
            yield Provenance("chart", f"{said}, hard-coded", file, line)
        for key in keys:
            if key.file:  # else the installer sets it, and no line of the chart counts
                yield Provenance("chart", said, key.file, key.line, format_key_path(key.path), key.value)

    @cached_property
    def _chart(self) -> Chart | None:
        return self._charts.of(self._release.declared) if self._charts is not None else None

    @cached_property
    def _recorded_tracer(self) -> Tracer | None:
        try:
            chart = chart_in(self._release)
        except SourceError:
            return None
        # Templates of the charts below are not kept: what reads a value cannot be known.
        return Tracer(chart, json_text(self._release.config), self._locator, always)

    @cached_property
    def _tracer(self) -> Tracer | None:
        chart = self._chart
        if chart is None:
            return None
        return Tracer(chart, json_text(self._release.config), self._locator, ReadValues(chart))
