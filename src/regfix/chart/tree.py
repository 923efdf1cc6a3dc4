"""The tree of a chart: which subcharts Helm loads, and under which key of the parent's values.

Sources: LoadFiles in pkg/chart/v2/loader/load.go, processDependencyEnabled and getAliasDependency in
pkg/chart/v2/util/dependencies.go of https://github.com/helm/helm. Conditions and tags only say whether a subchart
is rendered; its values count here all the same.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from regfix.chart.files import FolderFiles, is_ignored
from regfix.chart.metadata import read_locked, read_metadata
from regfix.chart.model import Chart, Dependency, Subchart, ValuesFile
from regfix.chart.version import in_range
from regfix.errors import SourceError
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from regfix.chart.files import ChartFiles, Ignored

MAX_DEPTH = 16
"""Charts within charts that are followed; archives within archives count, too."""


def load_chart(path: str, ignored: Ignored | None = None) -> Chart:
    """Return the chart in the folder `path` with its subcharts; raises SourceError where it is none itself.

    `ignored` tells what its `.helmignore` leaves out.
    """
    return chart_of(FolderFiles(path, ignored))


def chart_of(files: ChartFiles, depth: int = 0, *, resolves: bool = True) -> Chart:
    """Return a chart by its files; subcharts that cannot be read are among its failures. Raises SourceError.

    `resolves`: every chart above has `dependencies`. Helm stops at the first that has none: below it no alias counts.
    """
    if depth > MAX_DEPTH:
        raise SourceError("not read", where=files.path, why=f"charts are nested deeper than {MAX_DEPTH} levels")
    metadata = read_metadata(files)
    values = _values(files)
    failures: list[SourceError] = []
    dependencies = (metadata.dependencies if resolves else None) or ()
    below = resolves and metadata.dependencies is not None
    candidates = list(_vendored(files, depth, failures, resolves=below))
    candidates += _local(files, dependencies, candidates, depth)
    subcharts = tuple(_loaded(dependencies, candidates))
    if not resolves:
        subcharts = tuple(_importing(subcharts, metadata.dependencies or ()))
    failures += [failure for chart in candidates for failure in chart.failures]
    missing = tuple(d for d in dependencies if not failures and not any(fits(chart, d) for chart in candidates))
    return Chart(files.path, metadata, values, subcharts, tuple(failures), _with_locked(files, missing), files)


def with_fetched(chart: Chart, brought: Mapping[Dependency, Chart]) -> Chart:
    """Return a chart with the charts that were brought for its missing dependencies, in the order of Helm."""
    order = {dependency: index for index, dependency in enumerate(chart.metadata.dependencies or ())}
    copied: list[Chart] = []
    subcharts = list(chart.subcharts)
    for dependency, fetched in brought.items():
        again = any(fetched is other for other in copied)
        copied.append(fetched)
        below, plain = _without_aliases(fetched) if again else fetched, dependency._replace(locked="")
        subcharts.append(Subchart(dependency.key, below, plain, dependency.imports))
    subcharts.sort(key=lambda sub: -1 if sub.dependency is None else order.get(sub.dependency, len(order)))
    missing = tuple(dependency for dependency in chart.missing if dependency not in brought)
    return chart._replace(subcharts=tuple(subcharts), missing=missing)


def _with_locked(files: ChartFiles, missing: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
    """Return dependencies with the versions of the lock file, where there is a valid one."""
    if not any(dependency.is_fetched for dependency in missing):
        return missing
    try:
        locked = read_locked(files)
    except SourceError:
        return missing  # a lock file that cannot be read is no valid one
    return tuple(d._replace(locked=locked.get((d.name, d.repository, d.version), "")) for d in missing)


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


def _local(
    files: ChartFiles, dependencies: Sequence[Dependency], candidates: Sequence[Chart], depth: int
) -> Iterator[Chart]:
    """Yield the charts that `file://` leads to, where no copy of them is in `charts/`."""
    for dependency in dependencies:
        if dependency.repository.startswith("file://") and not any(fits(chart, dependency) for chart in candidates):
            folder = files.local(dependency.repository.removeprefix("file://"))
            with suppress(SourceError):  # what cannot be read counts as missing
                if folder is not None:
                    yield chart_of(folder, depth + 1)


def _loaded(dependencies: Sequence[Dependency], candidates: Sequence[Chart]) -> Iterator[Subchart]:
    """Yield what Helm makes of the charts in `charts/`: first those that no dependency names, then one for each."""
    for chart in candidates:
        if not any(fits(chart, dependency) for dependency in dependencies):
            yield Subchart(chart.metadata.name, chart)
    copied: list[Chart] = []
    for dependency in dependencies:
        chosen = next((chart for chart in candidates if fits(chart, dependency)), None)
        if chosen is not None:
            again = any(chosen is other for other in copied)
            copied.append(chosen)
            chart = _without_aliases(chosen) if again else chosen
            yield Subchart(dependency.key, chart, dependency, dependency.imports)


def _importing(subcharts: Sequence[Subchart], dependencies: Sequence[Dependency]) -> Iterator[Subchart]:
    """Yield subcharts with what is imported from them: Helm does that where it resolves nothing else, too.

    They come in the order of the entries, because what is imported first wins.
    """
    order = {dependency.name: index for index, dependency in reversed(list(enumerate(dependencies)))}
    for subchart in sorted(subcharts, key=lambda sub: order.get(sub.key, -1)):
        listed = (dependency.imports for dependency in dependencies if dependency.name == subchart.key)
        yield subchart._replace(imports=tuple(entry for imports in listed for entry in imports))


def _without_aliases(chart: Chart) -> Chart:
    """Return the second copy of a chart: to Helm 3 the charts below it have lost their aliases (Helm 4 keeps them).

    Helm 3 renames the entries of `dependencies`, which all copies share, when it resolves the first one.
    """
    known = {subchart.key for subchart in chart.subcharts}
    below = [subchart._replace(chart=_without_aliases(subchart.chart)) for subchart in chart.subcharts]
    for subchart in tuple(below):
        name = subchart.chart.metadata.name
        if name not in known:
            known.add(name)
            below.append(Subchart(name, subchart.chart, only_helm_3=True))
    return chart._replace(subcharts=tuple(below))


def fits(chart: Chart, dependency: Dependency) -> bool:
    """Tell whether Helm takes a chart for a dependency, by its name and version."""
    return chart.metadata.name == dependency.name and in_range(chart.metadata.version, dependency.version)


def _values(files: ChartFiles) -> ValuesFile | None:
    data = files.read("values.yaml")
    if data is None:
        return None
    where = files.where("values.yaml")
    return ValuesFile(where, decode(data, where).text)
