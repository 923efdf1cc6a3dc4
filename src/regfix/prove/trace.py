"""Which value feeds an image that is left: values are marked, the chart is rendered, the marks tell. Pure but for that.

A mark stands in front of a value, so that the value keeps its form: templates split references, and look for dots.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from regfix.locate.words import Role, holds_registry, key_role
from regfix.prove.naming import split_words
from regfix.syntax.scalar import is_string
from regfix.syntax.yamltree import Scalar, data_of, parse_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from regfix.prove.model import Left
    from regfix.prove.render import Document
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamltree import Data

    Render = Callable[[Mapping[str, Data]], Sequence[Document] | None]
    """Renders with values laid over those of the case; None where that fails."""

MAX_CANDIDATES = 1000
"""Values that are marked for one chart and values file."""

MAX_RENDERS = 24
"""Renders for one search; values that break the chart are found by halves."""


class Candidate(NamedTuple):
    """A value that may feed an image; an empty one where a template asks for a registry that is not set."""

    path: KeyPath
    value: str


class Feed(NamedTuple):
    """A value that feeds an image, and what it would have to be; None where it cannot be that."""

    candidate: Candidate
    left: Left
    value: str | None


def candidates(values: Mapping[str, Data], asked: Sequence[tuple[str, ...]], left: Sequence[Left]) -> list[Candidate]:
    """Return the values that may feed the images that are left; `asked` are the keys that templates read."""
    references = {one.reference for one in left}
    found = [Candidate(path, value) for path, value in _texts(values) if _may_feed(path, value, references)]
    known = {one.path for one in found}
    more = (
        Candidate(path, "") for path in asked if path not in known and _is_registry(path) and _is_unset(values, path)
    )
    return [*found, *more][:MAX_CANDIDATES]


def _texts(values: Mapping[str, Data]) -> Iterator[tuple[KeyPath, str]]:
    todo: list[tuple[KeyPath, Data]] = [((), dict(values))]
    while todo:
        path, here = todo.pop()
        if isinstance(here, dict):
            todo += [((*path, key), value) for key, value in reversed(here.items())]
        elif isinstance(here, list):
            todo += reversed([((*path, index), value) for index, value in enumerate(here)])
        elif here.is_null or not here.plain or is_string(here.value, plain=True):
            yield path, "" if here.is_null else here.value


def _may_feed(path: KeyPath, value: str, references: set[str]) -> bool:
    if not value.strip():
        return _is_registry(path)
    start = value.strip().rstrip("/")
    return any(reference.startswith(start) or reference in value for reference in references)


def _is_registry(path: KeyPath) -> bool:
    role = key_role(str(path[-1])) if path else None
    return bool(path) and (holds_registry(str(path[-1])) or (role is not None and role.role is Role.REGISTRY))


def _is_unset(values: Mapping[str, Data], path: Sequence[str]) -> bool:
    here: Data | None = dict(values)
    for key in path:
        if not isinstance(here, dict):
            return False
        here = here.get(key)
        if here is None:
            return True
    return False


def trace(
    found: Sequence[Candidate],
    values: Mapping[str, Data],
    now: Sequence[Document],
    left: Sequence[Left],
    render: Render,
) -> list[Feed]:
    """Return what feeds the images that are left; `now` is the render in which they show."""
    feeds: list[Feed] = []
    todo = [list(found)] if found else []
    budget = MAX_RENDERS
    while todo and budget:
        group = todo.pop(0)
        budget -= 1
        marked = render(_marked(values, group))
        if marked is not None and _is_like(now, marked):
            feeds += _feeds(group, now, marked, left)
        elif len(group) > 1:
            half = len(group) // 2
            todo += [group[:half], group[half:]]
    return feeds


def _is_like(now: Sequence[Document], marked: Sequence[Document]) -> bool:
    """Tell whether two renders hold the documents of the same templates in the same order."""
    return [document.template for document in now] == [document.template for document in marked]


def _mark(number: int) -> str:
    return f"rgx{number}m"


def _marked(values: Mapping[str, Data], group: Sequence[Candidate]) -> dict[str, Data]:
    """Return the values to lay over: the group's with marks, lists whole."""
    over: dict[str, Data] = {}
    for number, candidate in enumerate(group):
        value = Scalar(_mark(number) + (candidate.value or ".example"))
        over = overlaid(over, values, candidate.path, value)
    return over


def overlaid(over: dict[str, Data], values: Mapping[str, Data], path: KeyPath, value: Data) -> dict[str, Data]:
    """Return `over` with the value at a path, copied from `values` where lists are on the way."""
    key, rest = str(path[0]), path[1:]
    if not rest:
        return {**over, key: value}
    old = over.get(key)
    below = values.get(key)
    if isinstance(rest[0], int):
        items = old if isinstance(old, list) else below if isinstance(below, list) else []
        return {**over, key: _replaced(items, rest, value)}
    inner = old if isinstance(old, dict) else {}
    return {**over, key: overlaid(inner, below if isinstance(below, dict) else {}, rest, value)}


def _replaced(items: Sequence[Data], path: KeyPath, value: Data) -> list[Data]:
    index, rest = path[0], path[1:]
    return [_inside(item, rest, value) if number == index else item for number, item in enumerate(items)]


def _inside(item: Data, path: KeyPath, value: Data) -> Data:
    if not path:
        return value
    if isinstance(item, list):
        return _replaced(item, path, value)
    if isinstance(item, dict):
        key = str(path[0])
        return {**item, key: _inside(item[key], path[1:], value)} if key in item else item
    return item


def _feeds(
    group: Sequence[Candidate], now: Sequence[Document], marked: Sequence[Document], left: Sequence[Left]
) -> Iterator[Feed]:
    for one in left:
        if now[one.number].text == marked[one.number].text:
            continue
        old, new = (_scalars(side[one.number].text, one.key_path) for side in (now, marked))
        for path, text in old.items():
            if one.reference in text or one.reference.startswith(text):
                yield from _solved(group, one, text, new.get(path, ""))


def _scalars(text: str, path: KeyPath) -> dict[KeyPath, str]:
    """Return the scalar at a path of a document, or those beside it where it is one of several parts."""
    tree = parse_tree(text, "render")
    here: Data | None = data_of(tree.documents[0], tree.anchors, "render") if tree.documents else None
    for step in path:
        if isinstance(here, Scalar):
            return {path: here.value}  # a document within a text
        if isinstance(here, dict):
            here = here.get(str(step))
        elif isinstance(here, list):
            here = here[step] if isinstance(step, int) and step < len(here) else None
    return {path: here.value} if isinstance(here, Scalar) else {}


def _solved(group: Sequence[Candidate], left: Left, text: str, marked: str) -> Iterator[Feed]:
    """Yield the marks in one scalar, word by word where the text holds several."""
    gaps, words = split_words(text)
    gaps_marked, words_marked = split_words(marked)
    apart = gaps == gaps_marked and sum(1 for _ in _marks(marked, len(group))) > 1
    rows = zip(words, words_marked, strict=True) if apart else iter([(text, marked)])
    for word, with_mark in rows:
        wanted = _wanted(word, left)
        if left.reference in word or word == text:
            for number, start in _marks(with_mark, len(group)):
                yield Feed(group[number], left, _value(group[number], word, wanted, with_mark, start, _mark(number)))


def _wanted(word: str, left: Left) -> str | None:
    """Return what a word, which holds a reference or is the start of one, has to become."""
    if left.reference in word:
        return word.replace(left.reference, left.wanted)
    rest = left.reference[len(word) :]
    return left.wanted[: len(left.wanted) - len(rest)] if left.wanted.endswith(rest) else None


def _marks(text: str, count: int) -> Iterator[tuple[int, int]]:
    for found in re.finditer(r"rgx(\d+)m", text):
        if int(found[1]) < count:
            yield int(found[1]), found.start()


def _value(candidate: Candidate, old: str, wanted: str | None, marked: str, start: int, mark: str) -> str | None:
    """Return what a value has to be so that the text that it is a part of becomes the wanted one."""
    if wanted is None or marked.count("rgx") > 1:
        return None
    value = candidate.value
    if not value:
        head, tail = marked[:start], marked[start + len(mark) + len(".example") :]
        fits = wanted.startswith(head) and wanted.endswith(tail) and len(head) + len(tail) < len(wanted)
        return wanted[len(head) : len(wanted) - len(tail)] if fits else None
    same = _common(old, wanted)
    behind = _common(old[same:][::-1], wanted[same:][::-1])
    begin, end = same - start, len(old) - behind - start
    if begin < 0 or end > len(value) or not old[start:].startswith(value[: max(end, 1)]):
        return None
    return value[:begin] + wanted[same : len(wanted) - behind] + value[end:]


def _common(one: str, other: str) -> int:
    """Return how many letters two texts begin with alike."""
    size = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        size += 1
    return size
