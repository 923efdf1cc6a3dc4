"""A chart as Helm sees it: its metadata, its values file, and the subcharts that it loads.

Sources: pkg/chart/v2 and pkg/chart/v2/util/dependencies.go of https://github.com/helm/helm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from regfix.chart.files import ChartFiles
    from regfix.errors import SourceError


class Import(NamedTuple):
    """An entry of `import-values`: the path of a table in the subchart, and where it goes in the parent (() is all)."""

    child: tuple[str, ...]
    parent: tuple[str, ...]


class Dependency(NamedTuple):
    """An entry of a chart's `dependencies`; an empty text stands for what is not given.

    `condition` holds paths separated by commas, as written. `locked` is the version in a valid lock file, known only of
    dependencies that are missing.
    """

    name: str
    version: str = ""
    alias: str = ""
    repository: str = ""
    condition: str = ""
    tags: tuple[str, ...] = ()
    imports: tuple[Import, ...] = ()
    locked: str = ""

    @property
    def key(self) -> str:
        """The key that the parent's values reach the chart by: its alias, else its name."""
        return self.alias or self.name

    @property
    def is_fetched(self) -> bool:
        """Whether Helm brings a copy from elsewhere; without a repository the folder in `charts/` is the source."""
        return self.repository not in ("", f"file://charts/{self.name}", f"file://./charts/{self.name}")


class Metadata(NamedTuple):
    """What a chart says of itself in `Chart.yaml` (and, in charts of API version 1, `requirements.yaml`).

    `dependencies` is None where the key is missing, which is not the same as an empty list to Helm.
    """

    name: str
    version: str = ""
    dependencies: tuple[Dependency, ...] | None = None
    library: bool = False


class ValuesFile(NamedTuple):
    """The text of a chart's `values.yaml` and where it is, as the user knows it (`chart.tgz!name/values.yaml`)."""

    path: str
    text: str


class Chart(NamedTuple):
    """A chart with the subcharts that Helm loads for it, disabled ones included.

    `path` is its folder or archive as the user knows it; `values` None where it has no values file. `missing` are
    the dependencies of which there is no copy. `failures` are the charts in its `charts/` that cannot be read, at any
    depth. `files` are all its files, the charts in `charts/` apart.
    """

    path: str
    metadata: Metadata
    values: ValuesFile | None = None
    subcharts: tuple[Subchart, ...] = ()
    failures: tuple[SourceError, ...] = ()
    missing: tuple[Dependency, ...] = ()
    files: ChartFiles | None = None


class Subchart(NamedTuple):
    """A chart under the key that its parent's values reach it by: the alias of the dependency, else its name.

    `dependency` is the entry that it is loaded for, None for a chart that is just there. `imports` are what the parent
    takes from its values. `only_helm_3` tells that
    Helm 4 knows it by another key: Helm 3 forgets the aliases below the second copy of a chart.
    """

    key: str
    chart: Chart
    dependency: Dependency | None = None
    imports: tuple[Import, ...] = ()
    only_helm_3: bool = False
