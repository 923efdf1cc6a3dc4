"""The chart that a Helm release was made of, as the release keeps it, and the values that it was given.

Helm keeps metadata, values, templates and other files of the chart at the top. Of the charts below it nothing is kept,
but their values are among those of the top chart (pkg/chart/v2/chart.go, ProcessDependencies in
pkg/chart/v2/util/dependencies.go of https://github.com/helm/helm).
"""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from regfix.chart.coalescing import coalesce, read_tree
from regfix.chart.files import MAX_VALUES_BYTES
from regfix.chart.tree import chart_of
from regfix.cluster.declared import plain
from regfix.cluster.objects import json_text, mapping, mappings
from regfix.errors import SourceError
from regfix.syntax.yamltree import load_mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from regfix.chart.files import ChartFiles
    from regfix.chart.model import Chart
    from regfix.cluster.release import Release
    from regfix.syntax.yamltree import Data


class RecordedFiles:
    """The files of a chart in a release; metadata and values are written anew as JSON, which is YAML."""

    def __init__(self, path: str, chart: dict[str, Any]) -> None:
        self.path = path
        self._written = {
            "Chart.yaml": json_text(mapping(chart.get("metadata"))),
            "values.yaml": json_text(mapping(chart.get("values"))),
        }  # fmt: skip
        files = (*mappings(chart.get("templates")), *mappings(chart.get("files")))
        self._packed = {str(one.get("name")): one.get("data") for one in files}

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where there is none; raises SourceError."""
        text = self._written.get(name)
        data = text.encode() if text is not None else self._unpacked(name)
        if data is not None and len(data) > MAX_VALUES_BYTES:
            raise SourceError("not read", where=self.where(name), why="it is too large for a file of a chart")
        return data

    def _unpacked(self, name: str) -> bytes | None:
        packed = self._packed.get(name)
        with suppress(ValueError):
            return base64.b64decode(packed, validate=True) if isinstance(packed, str) else None
        return None

    def names(self) -> list[str]:
        """Return the names of all files."""
        return sorted({*self._written, *self._packed})

    def charts(self) -> list[str]:
        """Return nothing: the charts below are not kept."""
        return []

    def below(self, name: str) -> ChartFiles | None:
        """Return None: the charts below are not kept."""
        return None

    def local(self, path: str) -> ChartFiles | None:
        """Return None: nothing in a cluster leads to a file here."""
        return None

    def where(self, name: str) -> str:
        """Return the name of a file as Helm gives it: the chart's name in front."""
        return f"{self.path}/{name}"


def chart_in(release: Release) -> Chart:
    """Return the chart of a release; raises SourceError."""
    return chart_of(RecordedFiles(release.declared.chart or release.declared.release, release.chart))


def given_to(release: Release) -> dict[str, Data]:
    """Return the values that the installer gave; raises SourceError."""
    return load_mapping(json_text(release.config), f"{release.declared.release} values")


def values_of(release: Release, failed: Callable[[SourceError], None]) -> dict[str, Any]:
    """Return the values of a release as Helm has them: those of the installer over those of the chart.

    Values of the chart that cannot be read count as none, and are told to `failed`; raises SourceError for the others.
    """
    failures: list[SourceError] = []
    values = coalesce(read_tree(chart_in(release), failures), given_to(release))
    for failure in failures:
        failed(failure)
    return {str(key): plain(value) for key, value in values.items()}
