"""The values that Helm gives to a chart and to each of its subcharts. Pure.

Sources: pkg/chart/common/util/coalesce.go and pkg/chart/v2/util/dependencies.go of https://github.com/helm/helm: the
parent's values win, mappings are merged, all else is replaced, null takes a default away; `global` of a parent wins
over that of its subcharts; `import-values` brings tables of a subchart to its parent, below what that sets itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.merging import deep_merge, put
from regfix.errors import SourceError
from regfix.syntax.yamltree import Scalar, load_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from regfix.chart.model import Chart, Subchart
    from regfix.syntax.yamltree import Data

Path = tuple[str, ...]
GLOBAL = "global"
_TRUE = frozenset({"y", "Y", "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"n", "N", "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})


class ValuesTree(NamedTuple):
    """A chart with the values of its own, and the same of its subcharts; `off` says why Helm leaves one out."""

    chart: Chart
    own: dict[str, Data]
    below: tuple[tuple[Subchart, ValuesTree], ...] = ()
    off: str = ""


def read_tree(chart: Chart, failures: list[SourceError]) -> ValuesTree:
    """Return a chart with all values files as data; one that cannot be read counts as empty, with its failure."""
    own: dict[str, Data] = {}
    if chart.values is not None:
        try:
            own = load_mapping(chart.values.text, chart.values.path)
        except SourceError as error:
            failures.append(error)
    return ValuesTree(chart, own, tuple((sub, read_tree(sub.chart, failures)) for sub in chart.subcharts))


def coalesce(tree: ValuesTree, given: Mapping[str, Data]) -> dict[str, Data]:
    """Return the values of a chart and of all charts below it, where `given` are set for it."""
    values = _over(given, tree.own, frozenset(sub.key for sub, _ in tree.below))
    for sub, below in tree.below:
        inner = values.get(sub.key)
        if isinstance(inner, dict) or inner is None or (isinstance(inner, Scalar) and inner.is_null):
            values[sub.key] = coalesce(below, _with_globals(inner if isinstance(inner, dict) else {}, values))
    return values


def _over(given: Mapping[str, Data], own: Mapping[str, Data], charts: frozenset[str] = frozenset()) -> dict[str, Data]:
    """Lay `given` over defaults; null takes a default away, but not yet that of a subchart."""
    merged = dict(given)
    for key, value in own.items():
        if key not in merged:
            merged[key] = value
            continue
        mine = merged[key]
        if isinstance(mine, dict) and isinstance(value, dict):
            merged[key] = deep_merge(value, mine) if key in charts else _over(mine, value)
        elif isinstance(mine, Scalar) and mine.is_null and key not in charts:
            del merged[key]
    return merged


def _with_globals(values: dict[str, Data], parent: Mapping[str, Data]) -> dict[str, Data]:
    own, above = values.get(GLOBAL, {}), parent.get(GLOBAL, {})
    if not isinstance(own, dict) or not isinstance(above, dict):
        return values
    merged = dict(own)
    for key, value in above.items():
        mine = merged.get(key)
        if isinstance(value, dict) and isinstance(mine, dict):
            merged[key] = deep_merge(mine, value)
        elif mine is None or not (isinstance(value, dict) or isinstance(mine, dict)):
            merged[key] = value
    return {**values, GLOBAL: merged}


def switched(tree: ValuesTree, given: Mapping[str, Data]) -> ValuesTree:
    """Return the tree with the subcharts told apart that `condition` and `tags` switch off."""
    return _switched(tree, given, ())


def _switched(tree: ValuesTree, given: Mapping[str, Data], chain: Path) -> ValuesTree:
    if tree.chart.metadata.dependencies is None:
        return tree
    values = coalesce(_before_aliases(tree), given)
    why = {sub.key: _off(sub, values, chain) for sub, _ in tree.below if sub.dependency is not None}
    below = [(sub, under._replace(off=why.get(sub.key, ""))) for sub, under in tree.below]
    deeper = [(s, u if u.off else _switched(u, values, (*chain, s.key))) for s, u in below]
    return tree._replace(below=tuple(deeper))


def _before_aliases(tree: ValuesTree) -> ValuesTree:
    """Return the tree as Helm has it when it asks for the subcharts of a chart: below them no alias counts yet.

    So a condition below an alias that is itself below another chart is not answered by the values of its own chart.
    """
    return tree._replace(below=tuple((sub, _by_names(under)) for sub, under in tree.below))


def _by_names(tree: ValuesTree) -> ValuesTree:
    below: dict[str, tuple[Subchart, ValuesTree]] = {}
    for sub, under in tree.below:
        name = sub.chart.metadata.name
        below.setdefault(name, (sub._replace(key=name), _by_names(under)))
    return tree._replace(below=tuple(below.values()))


def _off(sub: Subchart, values: dict[str, Data], chain: Path) -> str:
    """Return what switches a subchart off; the first path of a condition that is true or false decides over tags."""
    dependency = sub.dependency
    if dependency is None:
        return ""
    for path in dependency.condition.strip().split(","):
        said = _truth(_at(values, (*chain, *path.split(".")))) if path else None
        if said is not None:
            return "" if said else f"condition {'.'.join((*chain, path))}"
    tags = values.get("tags")
    said_by = [_truth(tags.get(tag)) for tag in dependency.tags] if isinstance(tags, dict) else []
    return f"tags {', '.join(dependency.tags)}" if False in said_by and True not in said_by else ""


def _at(values: Data | None, path: Path) -> Data | None:
    here = values
    for key in path:
        here = here.get(key) if isinstance(here, dict) else None
    return here


def _truth(value: Data | None) -> bool | None:
    if not isinstance(value, Scalar) or not value.plain or value.tag is not None:
        return None
    return True if value.value in _TRUE else False if value.value in _FALSE else None


def with_imports(tree: ValuesTree) -> ValuesTree:
    """Return the tree with imported values among the own ones of each chart, as Helm has them before it renders.

    A chart that imports has the values of its subcharts among its own then, as in Helm.
    """
    tree = tree._replace(below=tuple((sub, with_imports(under)) for sub, under in tree.below))
    if not any(sub.imports and not under.off for sub, under in tree.below):
        return tree
    values = coalesce(tree, {})
    own = values
    for table in _imported(tree, values):
        own = deep_merge(table, own)
    return tree._replace(own=own)


def _imported(tree: ValuesTree, values: dict[str, Data]) -> Iterator[dict[str, Data]]:
    """Yield what each entry of `import-values` brings; earlier ones win, and charts that are off bring nothing."""
    for sub, under in tree.below:
        for entry in () if under.off else sub.imports:
            table = _at(values, (sub.key, *entry.child))
            if isinstance(table, dict):
                placed: dict[str, Data] = {}
                if entry.parent:
                    put(placed, entry.parent, table)
                yield placed if entry.parent else table
