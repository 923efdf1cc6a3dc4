"""Dead values: what a values file says of images and registries that nobody reads, and the keys that work. Pure."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.coalescing import GLOBAL, coalesce, read_tree
from regfix.chart.merging import lookup
from regfix.image.reference import Reference
from regfix.locate.words import NO_CONTAINER, Role, holds_registry, is_image_word, key_role, words
from regfix.reads.paths import ANY
from regfix.syntax.scalar import is_string
from regfix.syntax.yamltree import Scalar, load_mapping
from regfix.syntax.yamlwalk import scalars_where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from regfix.chart.model import Chart
    from regfix.reads.chart import ChartReads
    from regfix.reads.paths import Path
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamlevents import Event
    from regfix.syntax.yamltree import Data

MAX_KEYS = 3
"""Keys that are proposed in the place of one."""


class DeadValue(NamedTuple):
    """A value that nobody reads: its path and where it begins (code points), and the keys that work in its place."""

    path: KeyPath
    start: int
    value: str
    instead: tuple[KeyPath, ...]


class Judged(NamedTuple):
    """The values of a file that name registries and images, each with its path, and all that the file says."""

    given: Given
    found: tuple[tuple[KeyPath, Event], ...]

    def without(self, is_read: Callable[[Path], bool]) -> Judged:
        """Return what is left when those go that are read."""
        return self._replace(found=tuple((path, event) for path, event in self.found if not is_read(_steps(path))))


class Given:
    """What a values file says, as data, once that is asked for; then it may raise SourceError."""

    def __init__(self, text: str, name: str) -> None:
        self._written = text, name

    @cached_property
    def data(self) -> dict[str, Data]:
        return load_mapping(*self._written)


def judged_values(text: str, name: str, is_asked: Callable[[str], bool]) -> Judged:
    """Return the values of a file that name registries and images, of those whose text `is_asked` for.

    What an anchor shares is used elsewhere, too, and is not judged. Raises SourceError for a file that holds no values.
    """
    given = Given(text, name)
    asked = scalars_where(text, name, is_asked)
    return Judged(given, tuple((path, event) for path, event in asked if _is_judged(path, event, given)))


def dead_values(judged: Judged, chart: Chart, reads: ChartReads) -> Iterator[DeadValue]:
    """Yield the dead ones of values that `chart` is given."""
    known = [(path, event) for path, event in judged.found if reads.is_known(_steps(path))]
    dead = [(path, event) for path, event in known if not reads.is_read(_steps(path))]
    if not dead:
        return
    values = coalesce(read_tree(chart, []), judged.given.data)
    for path, event in dead:
        if not _keeps_open(_steps(path), reads, values):
            start = event.start_mark.index + (1 if event.style in ("'", '"') else 0)
            yield DeadValue(path, start, event.value.strip(), tuple(_instead(_steps(path), reads, values)))


def _steps(path: KeyPath) -> Path:
    return tuple(str(step) for step in path)


def _is_judged(path: KeyPath, event: Event, given: Given) -> bool:
    """Tell whether a text is that of a registry or an image, by its key, those around, and itself."""
    role = _role(path)
    value = event.value.strip()
    if role is None or not is_string(event.value, plain=not event.style) or Reference.match(value) is None:
        return False
    if any(NO_CONTAINER.intersection(words(step)) for step in path if isinstance(step, str)):
        return False
    if role in (Role.REFERENCE, Role.REGISTRY):
        return True
    *above, key = (step for step in path if isinstance(step, str))
    if is_image_word(key) or any(words(step)[-1:] in (("image",), ("images",)) for step in above[-2:]):
        return True
    return role is Role.REPOSITORY and _is_beside_image(path, given.data)


def _is_beside_image(path: KeyPath, given: Data) -> bool:
    """Tell whether the keys around one speak of an image."""
    beside = lookup(given, _steps(path[:-1]))
    keys = [found.role for key in beside if (found := key_role(key))] if isinstance(beside, dict) else []
    return not _OF_IMAGES.isdisjoint(keys)


_OF_IMAGES = frozenset({Role.REGISTRY, Role.TAG, Role.DIGEST, Role.PULL_POLICY})
_NAMES = (Role.REFERENCE, Role.REPOSITORY, Role.NAME)


def _role(path: KeyPath) -> Role | None:
    """Return what the last key says of its value, if that is of a registry or the name of an image."""
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    found = key_role(key)
    if found is None or (found.role is Role.REGISTRY and not holds_registry(key)):
        return None
    return found.role if found.role in (Role.REGISTRY, *_NAMES) else None


def _keeps_open(path: Path, reads: ChartReads, values: Data) -> bool:
    """Tell whether a mapping that something depends on would be empty without the value."""
    for size in range(1, len(path)):
        held = lookup(values, path[:size])
        alone = isinstance(held, dict) and len(list(_leaves(held, ()))) < 2
        if alone and reads.is_tested(path[:size]):
            return True
    return False


def _leaves(values: Data, path: Path) -> Iterator[tuple[Path, Scalar]]:
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(values, list):
        for number, value in enumerate(values):
            yield from _leaves(value, (*path, str(number)))
    else:
        yield path, values


def _instead(path: Path, reads: ChartReads, values: Data) -> list[Path]:
    """Return the keys of the same chart that are read and say the same: registries, else names that may hold one."""
    chain = reads.chart_of(path)
    found = dict.fromkeys((*_set_keys(chain, reads, values), *_asked_keys(chain, reads)))
    wanted = (Role.REGISTRY,) if _role(path) is Role.REGISTRY else _NAMES
    fitting = [key for key in found if _role(key) in wanted] or [key for key in found if _role(key) in _NAMES]
    ranks = {key: _rank(key, path, len(chain)) for key in fitting}
    best = min(ranks.values(), default=(False, 0, 0))
    return sorted(key for key in fitting if ranks[key] == best)[:MAX_KEYS]


def _set_keys(chain: Path, reads: ChartReads, values: Data) -> Iterator[Path]:
    """Yield the keys of a chart's values that are read."""
    for leaf, _ in _leaves(lookup(values, chain) or {}, chain):
        if reads.chart_of(leaf) == chain and _role(leaf) is not None and reads.is_read(leaf):
            yield leaf


def _asked_keys(chain: Path, reads: ChartReads) -> Iterator[Path]:
    """Yield the keys of a chart that its templates look for, set or not."""
    asked: Iterable[Path] = reads.reads.tested | reads.reads.whole
    for path in asked:
        if len(path) > len(chain) and path[: len(chain)] == chain and ANY not in path and _role(path) is not None:
            yield from [path] if reads.chart_of(path) == chain else []


def _rank(key: Path, path: Path, start: int) -> tuple[bool, int, int]:
    """Return how far a key is from another one: globals last, then those with fewer words in common."""
    mine = {word for step in path[start:] for word in words(step)}
    common = mine.intersection(word for step in key[start:] for word in words(step))
    return key[start] == GLOBAL and path[start] != GLOBAL, -len(common), len(key)
