"""A YAML document as a tree of nodes with their places, and as plain data that keeps how scalars are written.

Built from the parser's events with a stack of its own: hostile depth, aliases within themselves, odd types and
duplicate keys end in an error or in data, never in a crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from regfix.errors import SourceError
from regfix.syntax.scalar import is_string
from regfix.syntax.yamlevents import ALIAS, END, MAPPING, SCALAR, SEQUENCE, YamlError, fast_events, yaml_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from regfix.syntax.yamlevents import Event, Events

MAX_NESTING = 200
"""Levels of collections in a document that is read as data; values files have a handful."""

MAX_NODES = 1_000_000
"""Nodes of a document with its aliases written out; more is refused (billion laughs)."""

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE = "<<"

T = TypeVar("T")


class Scalar(NamedTuple):
    """A scalar as data: its value, whether it is written plain (so that it may be a number), its explicit tag."""

    value: str
    plain: bool = False
    tag: str | None = None

    @property
    def is_null(self) -> bool:
        """Whether it is written as null or not at all."""
        return self.plain and self.tag is None and self.value in NULLS


class OddKey(str):
    """A key that is written plain and is no text to every version of YAML (`on`, `1.0`); it is kept as written."""

    __slots__ = ()


Data = dict[str, "Data"] | list["Data"] | Scalar
"""A document as data; the keys of mappings are their text, of duplicate keys the last counts (as in Helm)."""


class Node(NamedTuple):
    """A node of a document with its span in code points; `column` is that of its start, from 0.

    `kind` is one of SCALAR, ALIAS, MAPPING, SEQUENCE. `children` are the items of a sequence, or the keys and values
    of a mapping in turn. `end` of a block collection is that of its last child.
    """

    kind: int
    start: int
    end: int
    column: int
    value: str = ""
    style: str | None = None
    tag: str | None = None
    anchor: str | None = None
    flow: bool = False
    children: tuple[Node, ...] = ()

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Yield the keys of a mapping with their values."""
        return zip(self.children[::2], self.children[1::2], strict=True)

    @property
    def is_null(self) -> bool:
        """Whether it is a plain scalar that says null, or nothing."""
        return self.kind == SCALAR and self.style is None and self.tag is None and self.value in NULLS


class Tree(NamedTuple):
    """The documents of a stream that are not empty streams, and the anchored nodes of the last one by name."""

    documents: tuple[Node, ...]
    anchors: dict[str, Node]


def parse_tree(text: str, name: str) -> Tree:
    """Return the documents of a YAML text; raises SourceError with the place of what is wrong."""
    return reading(text, name, lambda events: _Builder(events).build())


def reading(text: str, name: str, read: Callable[[Events], T]) -> T:
    """Return what `read` makes of the events of a text; raises SourceError with the place of what is wrong."""
    events = None
    try:
        events = fast_events(text)
        return read(events)
    except Exception as error:
        if isinstance(error, YamlError) or (events is not None and isinstance(error, events.errors)):
            found = yaml_error(error, text)
            where = f"{name}:{found.line}:{found.column}"
            raise SourceError(found.what, where=where, why=found.why) from None
        raise


class _Open(NamedTuple):
    """A collection under way."""

    kind: int
    event: Event
    children: list[Node]


class _Builder:
    """Builds nodes from events."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._stack: list[_Open] = []
        self._documents: list[Node] = []
        self._anchors: dict[str, Node] = {}

    def build(self) -> Tree:
        kinds = self._events.kinds
        for event in self._events.stream:
            kind = kinds[event.__class__]
            if kind in (SCALAR, ALIAS):
                self._take(_leaf(kind, event))
            elif kind in (MAPPING, SEQUENCE):
                if len(self._stack) >= MAX_NESTING:
                    mark = event.start_mark
                    raise YamlError(f"nested deeper than {MAX_NESTING} levels", mark.line + 1, mark.column + 1)
                self._stack.append(_Open(kind, event, []))
            elif kind == END:
                self._take(_collection(self._stack.pop(), event))
        return Tree(tuple(self._documents), self._anchors)

    def _take(self, node: Node) -> None:
        if node.anchor and node.kind != ALIAS:
            self._anchors[node.anchor] = node
        (self._stack[-1].children if self._stack else self._documents).append(node)


def _leaf(kind: int, event: Event) -> Node:
    start, end = event.start_mark, event.end_mark.index
    if kind == ALIAS:
        return Node(ALIAS, start.index, end, start.column, anchor=event.anchor)
    plain = event.style is None or event.style == ""
    style = None if plain else event.style
    tag = event.tag
    return Node(SCALAR, start.index, end, start.column, event.value, style, tag, event.anchor)


def _collection(opened: _Open, closing: Event) -> Node:
    event, children = opened.event, tuple(opened.children)
    flow = bool(getattr(event, "flow_style", False))
    start = event.start_mark
    end = closing.end_mark.index if flow or not children else children[-1].end
    column = start.column if flow or not children else children[0].column
    if opened.kind == SEQUENCE:
        column = start.column
    tag = event.tag
    return Node(opened.kind, start.index, end, column, "", None, tag, event.anchor, flow, children)


def data_of(node: Node, anchors: dict[str, Node], name: str) -> Data:
    """Return a document as data, its aliases and merge keys written out; raises SourceError for too much of it."""
    return _Reader(anchors, name).read(node, ())


class _Reader:
    """Turns nodes into data within a budget."""

    def __init__(self, anchors: dict[str, Node], name: str) -> None:
        self._anchors = anchors
        self._name = name
        self._left = MAX_NODES

    def read(self, node: Node, above: tuple[str, ...]) -> Data:
        self._left -= 1
        if self._left < 0:
            raise self._refused("its aliases stand for too much")
        if node.kind == ALIAS:
            return self._aliased(node, above)
        if node.anchor:
            above = (*above, node.anchor)
        if node.kind == SEQUENCE:
            return [self.read(child, above) for child in node.children]
        if node.kind == MAPPING:
            return self._mapping(node, above)
        return Scalar(node.value, node.style is None, node.tag)

    def _aliased(self, node: Node, above: tuple[str, ...]) -> Data:
        target = self._anchors.get(node.anchor or "")
        if target is None or node.anchor in above or len(above) > MAX_NESTING // 4:
            raise self._refused("an alias leads nowhere, or to itself")
        return self.read(target, above)

    def _mapping(self, node: Node, above: tuple[str, ...]) -> dict[str, Data]:
        own: dict[str, Data] = {}
        merged: dict[str, Data] = {}
        for key, value in node.pairs():
            data = self.read(value, above)
            if key.kind == SCALAR and key.value == _MERGE and key.style is None:
                merged = _with_merged(merged, data)
            else:
                own[self._key(key)] = data
        return {**merged, **own}

    def _key(self, key: Node) -> str:
        if key.kind == ALIAS:
            key = self._anchors.get(key.anchor or "", key)
        if key.kind != SCALAR:
            raise self._refused("a key is no text")
        odd = key.style is None and not is_string(key.value, plain=True)
        return OddKey(key.value) if odd else key.value

    def _refused(self, why: str) -> SourceError:
        return SourceError("cannot be read as values", where=self._name, why=why)


def _with_merged(merged: dict[str, Data], data: Data) -> dict[str, Data]:
    """Take what a merge key brings; of several mappings the earlier counts."""
    for source in data if isinstance(data, list) else [data]:
        if isinstance(source, dict):
            merged = {**source, **merged}
    return merged


def load_mapping(text: str, name: str) -> dict[str, Data]:
    """Return the one mapping that a values file or a chart's metadata is; empty for an empty file.

    Raises SourceError for what is no YAML, no mapping, or more than one document.
    """
    tree = parse_tree(text, name)
    documents = [node for node in tree.documents if not node.is_null]
    if not documents:
        return {}
    if len(documents) > 1:
        raise SourceError("cannot be read as values", where=name, why="it holds several documents")
    data = data_of(documents[0], tree.anchors, name)
    if not isinstance(data, dict):
        raise SourceError("cannot be read as values", where=name, why="it is no mapping")
    return data
