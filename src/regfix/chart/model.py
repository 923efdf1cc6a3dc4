"""A chart as Helm sees it: its metadata, its values file, and the subcharts that it loads.

Sources: pkg/chart/v2 and pkg/chart/v2/util/dependencies.go of https://github.com/helm/helm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from regfix.errors import SourceError


class Dependency(NamedTuple):
    """An entry of a chart's `dependencies`; an empty text stands for what is not given."""

    name: str
    version: str = ""
    alias: str = ""
    repository: str = ""


class Metadata(NamedTuple):
    """What a chart says of itself in `Chart.yaml` (and, in charts of API version 1, `requirements.yaml`).

    `dependencies` is None where the key is missing, which is not the same as an empty list to Helm.
    """

    name: str
    version: str = ""
    dependencies: tuple[Dependency, ...] | None = None


class ValuesFile(NamedTuple):
    """The text of a chart's `values.yaml` and where it is, as the user knows it (`chart.tgz!name/values.yaml`)."""

    path: str
    text: str


class Chart(NamedTuple):
    """A chart with the subcharts that Helm loads for it, disabled ones included.

    `path` is its folder or archive as the user knows it; `values` None where it has no values file. `failures` are
    the charts in its `charts/` that cannot be read, at any depth.
    """

    path: str
    metadata: Metadata
    values: ValuesFile | None = None
    subcharts: tuple[Subchart, ...] = ()
    failures: tuple[SourceError, ...] = ()


class Subchart(NamedTuple):
    """A chart under the key that its parent's values reach it by: the alias of the dependency, else its name."""

    key: str
    chart: Chart
