"""Who decides about a value of a subchart: the chart at the top, a chart on the way, or nobody yet. Pure.

Source: pkg/chart/common/util/coalesce.go of https://github.com/helm/helm.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.coalescing import GLOBAL
from regfix.chart.merging import lookup
from regfix.locate.site import Reason
from regfix.syntax.yamltree import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.syntax.yamltree import Data

Path = tuple[str, ...]


class Fate(Enum):
    """What becomes of a leaf: overridden by the top chart, set by it (or by another chart's leaf), or out of reach.

    No override is made of a dead one, which no template reads, of one that a schema would refuse, nor of an image that
    no registry confirms.
    """

    OVERRIDDEN = "overridden"
    SET = "set"
    LEFT = "left"
    DEAD = "dead"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"


def reason_of(fates: set[Fate]) -> Reason | None:
    """Return why no override takes care of a reference, by what becomes of its leaves; None where one does."""
    if Fate.REFUSED in fates:
        return Reason.SCHEMA
    if Fate.UNCONFIRMED in fates:
        return Reason.UNCONFIRMED
    if Fate.LEFT in fates:
        return Reason.VENDORED
    return Reason.DEAD_VALUE if fates == {Fate.DEAD} else None


class Level(NamedTuple):
    """A chart on the way from the top: the keys that lead to it, and its own values."""

    chain: Path
    values: dict[str, Data]


def speaks_of(level: Level, chain: Path) -> bool:
    """Tell whether the values of a chart on the way hold any for the chart that `chain` leads to."""
    here = lookup(level.values, chain[len(level.chain) :])
    return isinstance(here, dict) and bool(here)


def fate_of(chain: Path, path: Path, levels: Sequence[Level]) -> Fate:
    """Tell whether the top chart sets the leaf at `path` of the subchart that `chain` leads to.

    What a chart on the way sets, the top chart overrides; but a `global` of one is a leaf of that chart.
    """
    fates = set()
    for number, level in enumerate(levels):
        for spelled, leading in _spellings(level, chain, path):
            said = _said(level.values, spelled, leading)
            above = number == 0 or (path[0] == GLOBAL and len(spelled) < len(chain) - len(level.chain) + len(path))
            fates.add(said if said is not Fate.SET or above else Fate.OVERRIDDEN)
    if Fate.LEFT in fates:
        return Fate.LEFT
    return Fate.SET if Fate.SET in fates else Fate.OVERRIDDEN


def _spellings(level: Level, chain: Path, path: Path) -> Iterator[tuple[Path, int]]:
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
