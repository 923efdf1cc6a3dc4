"""Which values a chart must set so that its subcharts pull from where the rules say. Pure.

The values that Helm would give to each subchart go through the line as a file would; the leaves that differ afterwards
are the overrides, under the keys that lead to the subchart. So a registry of the subchart and a repository that its
parent sets are one reference. A leaf that the top chart sets is edited there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.coalescing import ValuesTree, coalesce, read_tree, switched, with_imports
from regfix.chart.merging import lookup, put
from regfix.errors import SourceError
from regfix.finding import Action
from regfix.locate.words import key_role
from regfix.overrides.fate import Fate, Level, fate_of, speaks_of
from regfix.overrides.living import NAMING, living
from regfix.overrides.model import Claim, Overrides, Switch, Wanted
from regfix.overrides.reaching import Moves, moves_in_file, moves_in_values
from regfix.syntax.yamltree import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.chart.model import Chart, ValuesFile
    from regfix.finding import Finding
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.overrides.fate import Path
    from regfix.overrides.model import IsRead, Refuses
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamltree import Data


class _Stop(NamedTuple):
    """A chart whose values are looked into: where it is, its own and its effective values, the charts above."""

    chain: Path
    tree: ValuesTree
    effective: dict[str, Data]
    levels: tuple[Level, ...]


def always(path: Path) -> bool:
    """Tell of any leaf that something depends on it, where that is not known."""
    return True


def never(path: Path, new: Data) -> bool:
    """Tell of any value that no schema refuses it, where that is not known."""
    return False


def overrides_of(
    chart: Chart,
    values: dict[str, Data],
    rules: RuleSet,
    hosts: HostFinder,
    *,
    installed: bool = False,
    frozen: frozenset[Path] = frozenset(),
    is_read: IsRead = always,
    refuses: Refuses = never,
) -> Overrides:
    """Return the overrides that `chart` must set for its subcharts at any depth; `values` are its own.

    With `installed` those that an installer must set, for the chart itself, too; `values` are then the installer's.
    `frozen` are leaves that are to stay as they are; `is_read` tells whether anything depends on a leaf, `refuses`
    whether a schema would not take a value for it.
    """
    failures: list[SourceError] = []
    tree = read_tree(chart if installed else chart._replace(values=None), failures)
    if not installed:
        tree = tree._replace(own=values)
    tree = switched(tree, values if installed else {})
    planner = _Planner(rules, hosts, frozen, is_read, refuses)
    for stop in _stops(tree, values, installed=installed):
        try:
            planner.take(stop)
        except SourceError as error:
            failures.append(error)
    return planner.result((*chart.failures, *failures), tuple(_off(tree, ())))


def _stops(tree: ValuesTree, values: dict[str, Data], *, installed: bool) -> Iterator[_Stop]:
    """Yield the charts whose values the top chart, or an installer, can override."""
    effective = coalesce(with_imports(tree), values if installed else {})
    top = (Level((), values), Level((), tree.own)) if installed else (Level((), values),)
    todo = [_Stop((), tree, effective, top[:1])]
    while todo:
        stop = todo.pop()
        if stop.chain or installed:
            yield stop
        levels = (*stop.levels, Level(stop.chain, stop.tree.own)) if stop.chain else top
        for sub, under in reversed(stop.tree.below):
            inner = stop.effective.get(sub.key)
            if isinstance(inner, dict):
                todo.append(_Stop((*stop.chain, sub.key), under, inner, levels))


def _off(tree: ValuesTree, chain: Path) -> Iterator[Switch]:
    for sub, under in tree.below:
        path = (*chain, sub.key)
        if under.off:
            yield Switch(path, under.off)
        else:
            yield from _off(under, path)


class _Planner:
    """Gathers the overrides, chart by chart."""

    def __init__(
        self, rules: RuleSet, hosts: HostFinder, frozen: frozenset[Path], is_read: IsRead, refuses: Refuses
    ) -> None:
        self._rules = rules
        self._is_read = is_read
        self._refuses = refuses
        self._hosts = hosts
        self._frozen = set(frozen)
        self._values: dict[str, Data] = {}
        self._fates: dict[Path, Fate] = {}
        self._claims: list[Claim] = []
        self._told: list[tuple[str, Path, Moves]] = []
        self._wanted: dict[Path, Wanted] = {}
        self._whys: dict[Path, str] = {}

    def take(self, stop: _Stop) -> None:
        """Look into the values of one chart; raises SourceError for a values file that does not go through."""
        file, chain = stop.tree.chart.values, stop.chain
        plain = self._rules.with_veto(None)  # what is in the file is told by what becomes of the values that reach it
        in_file = moves_in_file(file, stop.tree.own, plain, self._hosts) if file is not None else None
        if in_file is not None and file is not None:
            self._told.append((file.path, chain, in_file))
            self._frozen.update((*chain, *leaf) for leaf in in_file.frozen)
        alone = in_file if not any(speaks_of(level, chain) for level in stop.levels) else None
        if alone is None:
            stop = stop._replace(effective=living(stop.effective, chain, self._is_read))
        moves = moves_in_values(stop.tree, stop.effective, alone, plain, self._hosts)
        if self._rules.veto is not None and moves.changed:
            moves = self._confirmed(stop, moves, file if alone is not None else None)
        for finding, key_path, leaves, _, split in moves.found:
            if any({(*chain, *leaf), (*chain, *leaf[:-1])} & self._frozen for leaf in leaves):
                continue
            fates = tuple(((*chain, *leaf), self._fate(stop, leaf, moves.changed[leaf])) for leaf in leaves)
            if moves.joined and split:
                self._want(stop, finding, key_path, moves)
            if finding.action is Action.REWRITE:
                self._claims.append(Claim(file.path if file else "", finding, (*chain, *key_path), fates))

    def _confirmed(self, stop: _Stop, wished: Moves, file: ValuesFile | None) -> Moves:
        """Return the moves that are not forbidden; `file` if it alone decides about the values. Note the others."""
        alone = moves_in_file(file, stop.tree.own, self._rules, self._hosts) if file is not None else None
        moves = moves_in_values(stop.tree, stop.effective, alone, self._rules, self._hosts)
        for leaf in wished.changed.keys() - moves.changed.keys():
            path = (*stop.chain, *leaf)
            if not {path, path[:-1]} & self._frozen:
                self._whys[path] = moves.why_not(leaf)
                self._fate(stop, leaf, None)
        return moves

    def _fate(self, stop: _Stop, leaf: Path, new: Data | None) -> Fate:
        """Return what becomes of a leaf that is to get a new value; of one without, what would have."""
        path = (*stop.chain, *leaf)
        if path not in self._fates:
            fate = fate_of(stop.chain, leaf, stop.levels)
            if fate is Fate.OVERRIDDEN and not self._is_read(path):
                fate = Fate.DEAD
            elif fate is Fate.OVERRIDDEN and new is None:
                fate = Fate.UNCONFIRMED
            elif fate is Fate.OVERRIDDEN and new is not None and self._refuses(path, new):
                fate = Fate.REFUSED
            self._fates[path] = fate
            if fate is Fate.OVERRIDDEN and new is not None:
                put(self._values, path, new)
        return self._fates[path]

    def _want(self, stop: _Stop, finding: Finding, key_path: KeyPath, moves: Moves) -> None:
        """Note what the parts of a joined reference shall be that the top chart sets itself."""
        at = tuple(str(step) for step in key_path[:-1])
        parts = lookup(stop.effective, at)
        for key, value in parts.items() if isinstance(parts, dict) else ():
            said = key_role(key)
            path = (*stop.chain, *at, key)
            mine = lookup(stop.levels[0].values, path)
            if said is not None and said.role in NAMING and isinstance(value, Scalar) and isinstance(mine, Scalar):
                changed = moves.changed.get((*at, key)) if finding.action is Action.REWRITE else None
                self._wanted[path] = Wanted(path, value if changed is None else changed, finding)

    def result(self, failures: tuple[SourceError, ...], off: tuple[Switch, ...]) -> Overrides:
        """Return what was gathered."""
        told = [claim for path, chain, moves in self._told for claim in self._claims_of(path, chain, moves)]
        files = tuple(path for path, _, _ in self._told)
        wanted = tuple(self._wanted.values())
        return Overrides(self._values, tuple(self._claims), tuple(told), wanted, failures, files, off, self._whys)

    def _claims_of(self, path: str, chain: Path, moves: Moves) -> Iterator[Claim]:
        """Yield the findings of a values file with what becomes of them, once all charts have been seen."""
        for finding, key_path, leaves, reached, _ in moves.found:
            fates = {(*chain, *leaf): self._fates.get((*chain, *leaf), Fate.SET) for leaf in leaves}
            if not reached:
                fates[chain] = Fate.LEFT  # a key, or a comment: no value reaches it
            yield Claim(path, finding, (*chain, *key_path), tuple(fates.items()))
