"""What an expression of a template may stand for: places in values, contexts, mappings that templates make. Pure.

Every value is a set: all that it may be. Nothing is ever taken out of a set, so that what is not in it surely is not
meant; what goes beyond this model counts as read with all that is below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from regfix.reads.paths import ANY, Path, Reads, overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_STEPS = 16
"""Keys of a path that are followed; what is deeper counts as read."""


@dataclass(frozen=True, slots=True)
class Context:
    """What Helm gives to the templates of the chart that `chain` leads to: `.Values`, `.Chart`, `.Files` and so on."""

    chain: Path


@dataclass(frozen=True, slots=True)
class Charts:
    """The contexts of the subcharts of a chart, `.Subcharts`."""

    chain: Path


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at a path of the top chart's values, with those of its subcharts below their keys."""

    path: Path


@dataclass(frozen=True, slots=True)
class Made:
    """A mapping or list that a function makes: where it stands, and for which charts."""

    source: str
    at: int
    name: str
    chains: frozenset[Path]


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is written in a template."""

    text: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A text that is put together: of values alone, or of anything."""

    anything: bool


Item = Context | Charts | Place | Made | Text | Derived
Value = frozenset[Item]
NOTHING: Value = frozenset()
ANYTHING: Value = frozenset({Derived(anything=True)})
BASE = "\0base"
_TEMPLATE = "\0template"


class Heap:
    """What is put into mappings, and what is read. It only grows; `size` tells whether it did."""

    def __init__(self) -> None:
        self.reads = Reads(set(), set())
        self._fields: dict[Item, dict[str, set[Item]]] = {}
        self._merged: dict[Item, set[Item]] = {}
        self._puts = 0

    @property
    def size(self) -> int:
        return self._puts + len(self.reads.tested) + len(self.reads.whole)

    def put(self, into: Iterable[Item], name: str, value: Value) -> None:
        """Note that a mapping may hold `value` under a key; what is put into the unknown counts as read."""
        tracked = [item for item in into if isinstance(item, Context | Place | Made)]
        for item in tracked:
            self._grow(self._fields.setdefault(item, {}).setdefault(name, set()), value)
        if not tracked or any(isinstance(item, Derived | Charts) for item in into):
            self.read(value)

    def merge(self, into: Iterable[Item], values: Iterable[Value]) -> None:
        """Note that all of `values` may be merged into a mapping."""
        tracked = [item for item in into if isinstance(item, Context | Place | Made)]
        for value in values:
            for item in tracked:
                self._grow(self._merged.setdefault(item, set()), value - {item})
            if not tracked or any(isinstance(item, Derived | Charts) for item in into):
                self.read(value)

    def _grow(self, there: set[Item], value: Value) -> None:
        before = len(there)
        there |= value
        self._puts += len(there) - before

    def field(self, value: Iterable[Item], name: str) -> Value:
        """Return what stands under a key (ANY: under some key)."""
        found: set[Item] = set()
        todo, seen = list(value), set[Item]()
        while todo:
            item = todo.pop()
            if item in seen:
                continue
            seen.add(item)
            found.update(self._own_field(item, name))
            for holder in self._alike(item):
                for key, held in self._fields.get(holder, {}).items():
                    if ANY in (key, name) or key == name:
                        found |= held
                todo += self._merged.get(holder, ())
        return frozenset(found)

    def _own_field(self, item: Item, name: str) -> Iterator[Item]:
        match item:
            case Place(path) if len(path) < MAX_STEPS:
                yield Place((*path, name))
            case Place(path):
                self.reads.whole.add(path)
                yield Derived(anything=True)
            case Context(chain):
                yield from _of_context(chain, name)
            case Charts(chain):
                yield Context((*chain, name))
            case Text(text):
                yield from (Text(BASE),) if (text, name) == (_TEMPLATE, "BasePath") else ()
            case Derived():
                yield item
            case _:
                pass

    def _alike(self, item: Item) -> Iterator[Item]:
        """Yield the items with something put into them that may be this one."""
        if not isinstance(item, Place):
            yield item
            return
        for other in (*self._fields, *(key for key in self._merged if key not in self._fields)):
            if isinstance(other, Place) and overlap(other.path, item.path):
                yield other

    def test(self, value: Iterable[Item]) -> None:
        """Note that something depends on whether a value is there, or empty, but not on what is below it."""
        todo, seen = list(value), set[Item]()
        while todo:
            item = todo.pop()
            if item in seen:
                continue
            seen.add(item)
            if isinstance(item, Place):
                self.reads.tested.add(item.path)
            for holder in self._alike(item):
                todo += self._merged.get(holder, ())

    def read(self, value: Iterable[Item]) -> None:
        """Note that a value is read with all that is below it."""
        todo, seen = list(value), set[Item]()
        while todo:
            item = todo.pop()
            if item in seen:
                continue
            seen.add(item)
            if isinstance(item, Place):
                self.reads.whole.add(item.path)
            elif isinstance(item, Context | Charts):
                self.reads.whole.add(item.chain)
            for holder in self._holders(item):
                todo += (one for held in self._fields.get(holder, {}).values() for one in held)
                todo += self._merged.get(holder, ())

    def _holders(self, item: Item) -> Iterator[Item]:
        """Yield what may lie at or below an item and has something put into it."""
        if not isinstance(item, Place | Context):
            yield item
            return
        path = item.path if isinstance(item, Place) else item.chain
        for other in {**self._fields, **self._merged}:
            if other == item or (isinstance(other, Place) and overlap(other.path[: len(path)], path)):
                yield other


def _of_context(chain: Path, name: str) -> Iterator[Item]:
    if name in ("Values", ANY):
        yield Place(chain)
    if name in ("Subcharts", ANY):
        yield Charts(chain)
    if name in ("Files", ANY):
        yield Derived(anything=True)
    if name == "Template":
        yield Text(_TEMPLATE)


def keys_of(value: Value) -> list[str]:
    """Return the keys that a value may name; ANY where it is not written in the template."""
    if not value or not all(isinstance(item, Text) for item in value):
        return [ANY]
    return [item.text for item in value if isinstance(item, Text)]
