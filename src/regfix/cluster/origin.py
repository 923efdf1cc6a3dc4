"""Where an image of a Helm release comes from: the values key to set, the line of the chart. One release at a time."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from regfix.cluster.model import Provenance
from regfix.cluster.objects import json_text
from regfix.cluster.recorded import chart_in
from regfix.cluster.tracing import NOTHING, Tracer
from regfix.errors import SourceError
from regfix.overrides.needed import always
from regfix.reads.chart import ReadValues
from regfix.syntax.keypath import format_key_path

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        tracer = self._recorded_tracer
        found = tracer.trace(reference, declared.template) if tracer is not None else NOTHING
        if not found.keys:
            where = f", hard-coded at {found.file}:{found.line}" if found.file else ""
            yield Provenance("helm", f"{declared}{where}")
        for key in found.keys:
            yield Provenance("helm", str(declared), key=format_key_path(key.path), value=key.value)

    def _at_hand(self, reference: str, declared: Declared) -> Iterator[Provenance]:
        tracer = self._tracer
        if tracer is None:
            return
        found = tracer.trace(reference, declared.template)
        if found.file:
            yield Provenance("chart", f"{tracer.chart}, hard-coded", found.file, found.line)
        for key in found.keys:
            if key.file:  # else the installer sets it, and no line of the chart counts
                yield Provenance("chart", tracer.chart, key.file, key.line, format_key_path(key.path), key.value)

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
        chart = self._charts.of(self._release.declared) if self._charts is not None else None
        if chart is None:
            return None
        return Tracer(chart, json_text(self._release.config), self._locator, ReadValues(chart))
