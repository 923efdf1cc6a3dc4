"""The tree of a chart: which subcharts Helm loads, and under which key of the parent's values.

Sources: LoadFiles in pkg/chart/v2/loader/load.go, processDependencyEnabled and getAliasDependency in
pkg/chart/v2/util/dependencies.go of https://github.com/helm/helm. Conditions and tags only say whether a subchart
is rendered; its values count here all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.chart.files import FolderFiles, is_ignored
from regfix.chart.model import Chart, Dependency, Metadata, Subchart, ValuesFile
from regfix.chart.version import in_range
from regfix.errors import SourceError
from regfix.syntax.yamltree import Data, Scalar, load_mapping
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.chart.files import ChartFiles

MAX_DEPTH = 16
"""Charts within charts that are followed; archives within archives count, too."""


def load_chart(path: str) -> Chart:
    """Return the chart in the folder `path` with its subcharts; raises SourceError where it is none itself."""
    return chart_of(FolderFiles(path))


def chart_of(files: ChartFiles, depth: int = 0, *, resolves: bool = True) -> Chart:
    """Return a chart by its files; subcharts that cannot be read are among its failures. Raises SourceError.

    `resolves`: every chart above has `dependencies`. Helm stops at the first that has none: below it no alias counts.
    """
    if depth > MAX_DEPTH:
        raise SourceError("not read", where=files.path, why=f"charts are nested deeper than {MAX_DEPTH} levels")
    metadata = _metadata(files)
    values = _values(files)
    failures: list[SourceError] = []
    dependencies = metadata.dependencies if resolves else None
    candidates = list(_vendored(files, depth, failures, resolves=dependencies is not None))
    subcharts = tuple(_loaded(dependencies or (), candidates))
    failures += [failure for chart in candidates for failure in chart.failures]
    return Chart(files.path, metadata, values, subcharts, tuple(failures))


def _vendored(files: ChartFiles, depth: int, failures: list[SourceError], *, resolves: bool) -> Iterator[Chart]:
    """Yield the charts in `charts/`, and note those that cannot be read."""
    for name in files.charts():
        if is_ignored(name):
            continue
        try:
            below = files.below(name)
            if below is not None and below.read("Chart.yaml") is not None:
                yield chart_of(below, depth + 1, resolves=resolves)
        except SourceError as error:
            failures.append(error)


def _loaded(dependencies: Sequence[Dependency], candidates: Sequence[Chart]) -> Iterator[Subchart]:
    """Yield what Helm makes of the charts in `charts/`: first those that no dependency names, then one for each."""
    for chart in candidates:
        if not any(_fits(chart, dependency) for dependency in dependencies):
            yield Subchart(chart.metadata.name, chart)
    for dependency in dependencies:
        chosen = next((chart for chart in candidates if _fits(chart, dependency)), None)
        if chosen is not None:
            yield Subchart(dependency.alias or dependency.name, chosen)


def _fits(chart: Chart, dependency: Dependency) -> bool:
    return chart.metadata.name == dependency.name and in_range(chart.metadata.version, dependency.version)


def _metadata(files: ChartFiles) -> Metadata:
    """Read `Chart.yaml`; the dependencies of `requirements.yaml` replace its own. Raises SourceError."""
    data = _load(files, "Chart.yaml")
    if data is None:
        raise SourceError("not a chart", where=files.path, why="no Chart.yaml in it")
    required = _load(files, "requirements.yaml") or {}
    listed = required.get("dependencies", data.get("dependencies"))
    dependencies = tuple(_dependencies(listed)) if isinstance(listed, list) else None
    return Metadata(_text(data, "name"), _text(data, "version"), dependencies)


def _dependencies(data: list[Data]) -> Iterator[Dependency]:
    for entry in data:
        if isinstance(entry, dict) and _text(entry, "name"):
            texts = (_text(entry, key) for key in ("name", "version", "alias", "repository"))
            yield Dependency(*texts)


def _text(data: dict[str, Data], key: str) -> str:
    """Return a text, or the empty one for anything else."""
    value = data.get(key)
    return value.value if isinstance(value, Scalar) and not value.is_null else ""


def _load(files: ChartFiles, name: str) -> dict[str, Data] | None:
    data = files.read(name)
    if data is None:
        return None
    where = files.where(name)
    return load_mapping(decode(data, where).text, where)


def _values(files: ChartFiles) -> ValuesFile | None:
    data = files.read("values.yaml")
    if data is None:
        return None
    where = files.where("values.yaml")
    return ValuesFile(where, decode(data, where).text)
