"""Which values a chart must set so that its subcharts pull from where the rules say. Pure.

Each subchart's `values.yaml` goes through the line as a file would; the leaves that differ afterwards are the
overrides, under the keys that lead to the subchart. A leaf that a chart on the way sets is left to that chart's
own value. Source: pkg/chart/common/util/coalesce.go of https://github.com/helm/helm (the parent's values win, lists
are replaced, `global` of a parent wins over that of its subcharts, null takes a default away).
"""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError
from regfix.finding import Action
from regfix.locate.kind import Kind
from regfix.locate.site import Context
from regfix.merging import changes, put
from regfix.rewriting import rewrite_source
from regfix.syntax.yamlevents import MAPPING, SCALAR, SEQUENCE
from regfix.syntax.yamltree import Scalar, load_mapping, parse_tree
from regfix.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.chart.model import Chart
    from regfix.finding import Finding
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamltree import Data, Node

Path = tuple[str, ...]
GLOBAL = "global"


class Fate(Enum):
    """What becomes of a leaf: overridden by the top chart, set by a chart on the way, or out of reach."""

    OVERRIDDEN = "overridden"
    SET = "set"
    LEFT = "left"


class Claim(NamedTuple):
    """A finding in the values of a subchart, and the leaves that it changes with what becomes of them.

    `source` is the values file, `key_path` leads to the reference from the top chart's values, and `leaves` are paths
    from there, too.
    """

    source: str
    finding: Finding
    key_path: KeyPath
    leaves: tuple[tuple[Path, Fate], ...]


class Overrides(NamedTuple):
    """The overrides of a chart as a tree of values, what they do for each finding, and what could not be read.

    `files` are the values files that were read.
    """

    values: dict[str, Data]
    claims: tuple[Claim, ...] = ()
    failures: tuple[SourceError, ...] = ()
    files: tuple[str, ...] = ()


class _Level(NamedTuple):
    """A chart on the way from the top: the keys that lead to it, and its values."""

    chain: Path
    values: dict[str, Data]


def overrides_of(
    chart: Chart, values: dict[str, Data], rules: RuleSet, hosts: HostFinder, *, installed: bool = False
) -> Overrides:
    """Return the overrides that `chart` must set for its subcharts at any depth; `values` are its own.

    With `installed` those that an installer must set, for the chart itself, too; `values` are then the installer's.
    """
    found, top = Overrides({}), _Level((), values)
    todo: list[tuple[Chart, tuple[_Level, ...]]] = [(chart, (top,))]
    if installed:
        own, found = _subchart(chart, (), (top,), found, rules, hosts)
        todo = [(chart, (top, _Level((), own)))]
    while todo:
        parent, levels = todo.pop()
        below: list[tuple[Chart, tuple[_Level, ...]]] = []
        for key, subchart in parent.subcharts:
            chain = (*levels[-1].chain, key)
            own, found = _subchart(subchart, chain, levels, found, rules, hosts)
            below.append((subchart, (*levels, _Level(chain, own))))
        todo += reversed(below)
    return found._replace(failures=(*chart.failures, *found.failures))


def _subchart(
    chart: Chart, chain: Path, levels: tuple[_Level, ...], found: Overrides, rules: RuleSet, hosts: HostFinder
) -> tuple[dict[str, Data], Overrides]:
    """Add what one subchart needs; return its own values, too."""
    file = chart.values
    if file is None:
        return {}, found
    try:
        own = load_mapping(file.text, file.path)
        outcome = rewrite_source(Source(file.path, file.text), Kind.YAML, rules, hosts)
        if outcome.error is not None:
            raise outcome.error
        after = own if outcome.after is None else load_mapping(outcome.after, file.path)
        fates = dict(_fates(own, after, chain, levels, found.values))
        claims = tuple(_claims(file.path, file.text, outcome.findings, chain, fates))
    except SourceError as error:
        return {}, found._replace(failures=(*found.failures, error))
    return own, found._replace(claims=found.claims + claims, files=(*found.files, file.path))


def _fates(
    own: dict[str, Data], after: dict[str, Data], chain: Path, levels: Sequence[_Level], values: dict[str, Data]
) -> Iterator[tuple[Path, Fate]]:
    """Yield what becomes of each leaf that the rules change; put those to override into `values`."""
    for path, new in changes(own, after):
        fate = _fate(chain, path, levels)
        if fate is Fate.OVERRIDDEN:
            put(values, (*chain, *path), new)
        yield path, fate


def _fate(chain: Path, path: Path, levels: Sequence[_Level]) -> Fate:
    """Tell whether a chart on the way sets the leaf at `path` of the subchart that `chain` leads to."""
    fates = {_said(level.values, *spelled) for level in levels for spelled in _spellings(level, chain, path)}
    if Fate.LEFT in fates:
        return Fate.LEFT
    return Fate.SET if Fate.SET in fates else Fate.OVERRIDDEN


def _spellings(level: _Level, chain: Path, path: Path) -> Iterator[tuple[Path, int]]:
    """Yield the paths in the values of a chart on the way that speak of the leaf, and how many keys lead to charts."""
    steps = chain[len(level.chain) :]
    yield (*steps, *path), len(steps)
    if path[0] == GLOBAL:
        yield from (((*steps[:depth], *path), depth + 1) for depth in range(len(steps)))


def _said(values: dict[str, Data], path: Path, leading: int) -> Fate:
    """Tell what values say of a path: nothing (so that an override counts), a value, or null.

    A key of a chart, or `global`, without a value is as good as none (the first `leading` keys). Any other null takes
    the default away in Helm 3 and leaves it in Helm 4: what that means is not ours to decide.
    """
    here: Data = values
    for depth, key in enumerate(path):
        if not isinstance(here, dict):
            break
        inner = here.get(key)
        if inner is None:
            return Fate.OVERRIDDEN
        here = inner
        if isinstance(here, Scalar) and here.is_null:
            return Fate.OVERRIDDEN if depth < leading and here.value == "" else Fate.LEFT
    return Fate.SET


def _claims(
    source: str, text: str, findings: Sequence[Finding], chain: Path, fates: dict[Path, Fate]
) -> Iterator[Claim]:
    """Yield the findings that edits belong to, with the leaves that these edits change."""
    places: list[tuple[int, KeyPath]] | None = None
    for finding in findings:
        in_comment = finding.context is Context.COMMENT
        if finding.action is not Action.REWRITE or not (finding.edits or in_comment):
            continue  # an edit that several findings need is carried by the first of them
        if places is None:
            places = sorted(_places(text, source))
        paths = [] if in_comment else [_path_at(places, e.span.start) for e in finding.edits]
        leaves = {(*chain, *leaf): fates[leaf] for path in paths if (leaf := _leaf(path, fates)) is not None}
        if not paths or any(_leaf(path, fates) is None for path in paths):
            leaves[chain] = Fate.LEFT  # a key, or a comment: no value reaches it
        yield Claim(source, finding, (*chain, *(paths[0] if paths else ())), tuple(leaves.items()))


def _leaf(path: KeyPath, fates: dict[Path, Fate]) -> Path | None:
    """Return the leaf that holds the scalar at `path`: itself, or the list that it is in."""
    for size in range(1, len(path) + 1):
        leaf = tuple(str(step) for step in path[:size])
        if leaf in fates and (size == len(path) or isinstance(path[size], int)):
            return leaf
    return None


def _places(text: str, name: str) -> Iterator[tuple[int, KeyPath]]:
    """Yield where each scalar that is a value begins, with the path to it."""
    stack: list[tuple[Node, KeyPath]] = [(node, ()) for node in parse_tree(text, name).documents]
    while stack:
        node, path = stack.pop()
        if node.kind == SCALAR:
            yield node.start, path
        elif node.kind == MAPPING:
            for key, value in node.pairs():
                stack.append((value, (*path, key.value)))
                yield key.start, ()  # what is edited in a key has no path
        elif node.kind == SEQUENCE:
            stack += [(item, (*path, index)) for index, item in enumerate(node.children)]


def _path_at(places: list[tuple[int, KeyPath]], start: int) -> KeyPath:
    index = bisect_right(places, start, key=lambda place: place[0]) - 1
    return places[index][1] if index >= 0 else ()
