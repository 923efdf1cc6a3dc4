"""Overrides put into the text of a values file as a pure insertion. Pure; proven before it is returned.

Taking the inserted text out again gives the old file byte for byte, and a parser sees the old values with the
overrides merged in. What cannot be had like that is refused, with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.merging import deep_merge, lookup, same, without
from regfix.errors import SourceError
from regfix.syntax.yamlevents import ALIAS, MAPPING, SCALAR, SEQUENCE
from regfix.syntax.yamltree import Node, data_of, parse_tree
from regfix.syntax.yamlwrite import Style, block_lines, flow_pairs
from regfix.text.edit import Edit, apply_edits
from regfix.text.place import after_entries, before_key, below_key, end_places, line_end
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from regfix.syntax.yamltree import Data, Tree

Path = tuple[str, ...]
_VARIANTS = 4
"""Places that are tried one after the other, until the proof holds."""


class Inserted(NamedTuple):
    """An edit with an empty old text, and the paths of the values that it brings."""

    edit: Edit
    paths: tuple[Path, ...]


class Insertion(NamedTuple):
    """What to insert, sorted by place, and the paths that cannot be inserted with the reason."""

    inserted: tuple[Inserted, ...]
    refused: tuple[tuple[Path, str], ...]


class _Refused(Exception):
    """A value cannot be inserted at this path."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(why)
        self.path = path
        self.why = why


class _Wish(NamedTuple):
    """A text to insert: `lines` of a block, or a `flow` text."""

    place: int
    lines: tuple[str, ...]
    flow: str
    paths: tuple[Path, ...]


def insert(text: str, overrides: Mapping[str, Data], name: str) -> Insertion:
    """Return the insertion that adds `overrides` to the values in `text`; raises SourceError for a text that fails.

    Only what the text does not set yet may be among the overrides.
    """
    tree = parse_tree(text, name)
    documents = tree.documents
    if len(documents) > 1:
        raise SourceError("overrides cannot be inserted", where=name, why="it holds several documents")
    wanted = dict(overrides)
    refused: list[tuple[Path, str]] = []
    while wanted:
        try:
            return Insertion(_proven(text, tree, wanted, name), tuple(refused))
        except _Refused as error:
            refused.append((error.path, error.why))
            wanted = without(wanted, error.path)
    return Insertion((), tuple(refused))


def _proven(text: str, tree: Tree, wanted: Mapping[str, Data], name: str) -> tuple[Inserted, ...]:
    root = next((node for node in tree.documents if not node.is_null), None)
    before = data_of(root, tree.anchors, name) if root is not None else {}
    if not isinstance(before, dict):
        raise _Refused((), "the file is no mapping")
    merged = deep_merge(before, wanted)
    for variant in range(_VARIANTS):
        wishes = list(_Planner(text, before, variant, _style(root)).wishes(root, wanted))
        inserted = tuple(_joined(text, wishes))
        if _holds(text, inserted, merged, name):
            return inserted
    raise _Refused((), "no place keeps every other value as it is")


def _holds(text: str, inserted: tuple[Inserted, ...], merged: Data, name: str) -> bool:
    after = apply_edits(text, [one.edit for one in inserted])
    try:
        tree = parse_tree(after, name)
        documents = [node for node in tree.documents if not node.is_null]
        return len(documents) == 1 and same(data_of(documents[0], tree.anchors, name), merged)
    except SourceError:
        return False


class _Planner:
    """Chooses the places; `variant` says which of the possible ones at the end of a mapping."""

    def __init__(self, text: str, before: Data, variant: int, style: Style) -> None:
        self._text = text
        self._before = before
        self._variant = variant
        self._style = style

    def wishes(self, root: Node | None, wanted: Mapping[str, Data]) -> Iterator[_Wish]:
        if root is None:
            places = end_places(self._text)
            yield self._block(places[min(self._variant, len(places) - 1)], wanted, 0, ())
        elif root.kind == MAPPING:
            yield from self._into(root, wanted, (), top=True)
        else:
            raise _Refused((), "the file is no mapping")

    def _into(self, node: Node, wanted: Mapping[str, Data], path: Path, *, top: bool = False) -> Iterator[_Wish]:
        """Yield what goes into a mapping: first what goes further down, then the keys that it lacks."""
        if node.anchor and "*" + node.anchor in self._text:
            raise _Refused(path, f"the mapping is shared by the anchor {node.anchor!r}")
        missing: dict[str, Data] = {}
        for key, value in wanted.items():
            here = (*path, key)
            found = [pair for pair in node.pairs() if pair[0].kind == SCALAR and pair[0].value == key]
            if len(found) > 1:
                raise _Refused(here, "the key is given twice")
            if found:
                yield from self._below(node, *found[0], value, here)
            elif lookup(self._before, here) is not None:
                raise _Refused(here, "the value comes from a merge key")
            else:
                missing[key] = value
        if missing:
            yield self._missing(node, missing, path, top=top)

    def _below(self, parent: Node, key: Node, value: Node, wanted: Data, path: Path) -> Iterator[_Wish]:
        if not isinstance(wanted, dict):
            raise _Refused(path, "the value is set already")
        if value.kind == MAPPING:
            yield from self._into(value, wanted, path)
        elif value.kind == ALIAS:
            raise _Refused(path, "the value is an alias of another one")
        elif value.is_null and value.value == "" and not parent.flow and not value.anchor:
            yield self._block(below_key(self._text, value.end), wanted, parent.column + self._style.width, path)
        else:
            raise _Refused(path, "the value is no mapping" if not value.is_null else "the value is null")

    def _missing(self, node: Node, missing: Mapping[str, Data], path: Path, *, top: bool) -> _Wish:
        if node.flow:
            return self._flow(node, missing, path)
        places = [after_entries(self._text, *_last_leaf(node), node.column)]
        if top:
            places = [*end_places(self._text), *places]
        places.append(before_key(self._text, node.children[-2].start))
        return self._block(places[min(self._variant, len(places) - 1)], missing, node.column, path)

    def _flow(self, node: Node, missing: Mapping[str, Data], path: Path) -> _Wish:
        try:
            text = flow_pairs(missing, self._style)
        except SourceError as error:
            raise _Refused(path, error.why) from None
        paths = tuple(_leaves(missing, path))
        if node.children:
            return _Wish(node.children[-1].end, (), ", " + text, paths)
        return _Wish(node.end - 1, (), text, paths)

    def _block(self, place: int, values: Mapping[str, Data], column: int, path: Path) -> _Wish:
        try:
            lines = tuple(block_lines(values, column, self._style))
        except SourceError as error:
            raise _Refused(path, error.why) from None
        return _Wish(place, lines, "", tuple(_leaves(values, path)))


def _last_leaf(node: Node) -> tuple[int, int, bool]:
    """Return start and end of what a block mapping ends with, and whether that is a block scalar."""
    while node.children and not node.flow:
        node = node.children[-1]
    return node.start, node.end, node.style in ("|", ">")


def _leaves(values: Mapping[str, Data], path: Path) -> Iterator[Path]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)


def _joined(text: str, wishes: list[_Wish]) -> Iterator[Inserted]:
    """Yield one edit for each place; what goes deeper comes first, as it belongs to what stands before."""
    end = line_end(text)
    places: dict[int, list[_Wish]] = {}
    for wish in wishes:
        places.setdefault(wish.place, []).append(wish)
    for place in sorted(places):
        new = ""
        for wish in places[place]:
            at_start = place == 0 or text[place - 1] == "\n"
            new += wish.flow + "".join(line + end if at_start else end + line for line in wish.lines)
        paths = tuple(path for wish in places[place] for path in wish.paths)
        yield Inserted(Edit(Span(place, place), "", new), paths)


def _style(root: Node | None) -> Style:
    """Return the layout of a file, judged by the first nested mapping and the first list in it."""
    if root is None:
        return Style()
    widths, dashes = list(_offsets(root, MAPPING)), list(_offsets(root, SEQUENCE))
    width = next(iter(widths), 2)
    json = root.flow and bool(root.children) and root.children[0].style == '"'
    return Style(width, next(iter(dashes), width), json)


def _offsets(node: Node, kind: int) -> Iterator[int]:
    """Yield how far block collections of a kind stand behind the mapping that they are a value of."""
    stack = [node]
    while stack:
        here = stack.pop()
        if here.kind == MAPPING and not here.flow:
            for _, value in here.pairs():
                if value.kind == kind and not value.flow and value.children:
                    yield value.column - here.column
        stack += reversed(here.children)
