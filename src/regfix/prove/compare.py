"""Two renders of a chart compared document by document, value by value; each difference with its cause. Pure."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from enum import StrEnum
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.merging import same
from regfix.errors import SourceError
from regfix.prove.checksum import is_checksum
from regfix.prove.naming import changes_of
from regfix.syntax.yamltree import Scalar, data_of, parse_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.prove.naming import Change, Namer
    from regfix.prove.render import Document
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamltree import Data


class Cause(StrEnum):
    """Why two renders differ at a place."""

    REFERENCE = "reference"
    """References, each moved by a rule."""
    DERIVED = "derived"
    """A checksum of something that differs because of a reference."""
    VERSION = "version"
    """The version of a chart that is raised, as in the label `helm.sh/chart`."""
    RANDOM = "random"
    """The place differs between two renders of the same chart, too."""
    OTHER = "other"
    """Anything else: the chart is not proven."""


class Difference(NamedTuple):
    """A place where two renders differ: the number and the name of the document, the path in it, both texts.

    The path is empty where a whole document differs, and a text where there is nothing.
    """

    number: int
    document: str
    key_path: KeyPath
    before: str
    after: str
    cause: Cause
    changes: tuple[Change, ...] = ()


class _Pair(NamedTuple):
    """A place in both renders, with what the rules would make of the first, as far as that is known."""

    path: KeyPath
    old: Data | None
    new: Data | None
    forecast: Data | None


Versions = tuple[tuple[str, str], ...]
"""The versions of charts that are raised, before and after."""


def compare(
    before: Sequence[Document], after: Sequence[Document], namer: Namer, versions: Versions = ()
) -> list[Difference]:
    """Return where two renders differ; derived texts are told apart only where some reference differs."""
    if len(before) != len(after):
        return list(_other_documents(before, after))
    pairs = enumerate(zip(before, after, strict=True))
    found = [
        one
        for number, (old, new) in pairs
        if old.text != new.text
        for one in _document(number, old, new, namer, versions)
    ]
    if any(one.cause is Cause.REFERENCE for one in found):
        return found
    return [one._replace(cause=Cause.OTHER) if one.cause is Cause.DERIVED else one for one in found]


def without_random(
    differences: Sequence[Difference], before: Sequence[Document], again: Sequence[Document]
) -> list[Difference]:
    """Return the differences, those that two renders of the same chart have anyway with that cause."""
    random: dict[int, set[KeyPath]] = {}
    for number, (old, new) in enumerate(zip(before, again, strict=False)):
        with suppress(SourceError):  # then nothing of it counts as random
            if old.text != new.text:
                random[number] = {pair.path for pair in _pairs(old.text, new.text, None)}
    return [
        one._replace(cause=Cause.RANDOM)
        if any(one.key_path[: len(path)] == path for path in random.get(one.number, ()))
        else one
        for one in differences
    ]


def _other_documents(before: Sequence[Document], after: Sequence[Document]) -> Iterator[Difference]:
    """Yield the documents that only one side has."""
    names = [[document_name(d.text) + f" of {d.template}" for d in side] for side in (before, after)]
    gone, come = (list(names[side]) for side in (0, 1))
    for name in names[0]:
        if name in come:
            come.remove(name)
            gone.remove(name)
    for name in gone:
        yield Difference(-1, name, (), "a document", "", Cause.OTHER)
    for name in come:
        yield Difference(-1, name, (), "", "a document", Cause.OTHER)
    if not gone and not come:
        yield Difference(-1, "", (), f"{len(before)} documents", f"{len(after)} documents", Cause.OTHER)


def _document(number: int, old: Document, new: Document, namer: Namer, versions: Versions) -> Iterator[Difference]:
    forecast = namer.forecast(old.text)
    name = document_name(old.text)
    moved = {finding.key_path: tuple(changes_of((finding,))) for finding in forecast.findings}
    in_secret = name.split(" ")[0] == "Secret"
    try:
        pairs = list(_pairs(old.text, new.text, forecast.text))
    except SourceError as error:
        yield Difference(number, name, (), "a document", error.why or error.what, Cause.OTHER)
        return
    for pair in pairs:
        cause, changes = _judged(pair, moved, namer, in_secret=in_secret)
        if cause is Cause.OTHER and _is_raised(pair, versions):
            cause = Cause.VERSION
        yield Difference(number, name, pair.path, _told(pair.old), _told(pair.new), cause, changes)


def _judged(
    pair: _Pair, moved: dict[KeyPath, tuple[Change, ...]], namer: Namer, *, in_secret: bool
) -> tuple[Cause, tuple[Change, ...]]:
    """Return why two values differ, and the references where these are the cause."""
    old, new, path = pair.old, pair.new, pair.path
    if not isinstance(old, Scalar) or not isinstance(new, Scalar) or names_something(path):
        return _derived_or_other(pair), ()
    if isinstance(pair.forecast, Scalar) and same(pair.forecast, new):
        near = (changes for at, changes in moved.items() if at[: len(path)] == path or at[:-1] == path[:-1])
        here = moved.get(path) or tuple(dict.fromkeys(chain.from_iterable(near)))
        return Cause.REFERENCE, here
    changes = namer.changes(old.value, new.value, str(path[-1]) if path else "")
    if not changes and in_secret and path[:1] == ("data",):
        texts = _decoded(old.value), _decoded(new.value)
        changes = namer.changes(*texts) if all(texts) else ()
    return (Cause.REFERENCE, changes) if changes else (_derived_or_other(pair), ())


def names_something(path: KeyPath) -> bool:
    """Tell whether a value names or selects an object: no reference belongs there, and others depend on it."""
    keys = [step for step in path if isinstance(step, str)]
    return keys[-2:] in (["metadata", "name"], ["metadata", "namespace"]) or not _SELECTING.isdisjoint(keys[:-1])


_SELECTING = frozenset({"labels", "matchLabels", "selector"})


def _derived_or_other(pair: _Pair) -> Cause:
    old, new = pair.old, pair.new
    if isinstance(old, Scalar) and isinstance(new, Scalar) and is_checksum(old.value, new.value, pair.path):
        return Cause.DERIVED
    return Cause.OTHER


def _is_raised(pair: _Pair, versions: Versions) -> bool:
    old, new = pair.old, pair.new
    if not isinstance(old, Scalar) or not isinstance(new, Scalar):
        return False
    return any(old.value.replace(before, after) == new.value for before, after in versions)


def _pairs(old: str, new: str, forecast: str | None) -> Iterator[_Pair]:
    """Yield the places where two documents differ; raises SourceError for one that cannot be read."""
    expected = _data(forecast) if forecast is not None else None
    todo = [_Pair((), _data(old), _data(new), expected)]
    while todo:
        pair = todo.pop()
        inner = _inner(pair)
        if inner is not None:
            todo += reversed(inner)
        elif pair.old is None or pair.new is None or not same(pair.old, pair.new):
            yield pair


def _inner(pair: _Pair) -> list[_Pair] | None:
    """Return the places in two collections; None where the two are to be compared as they are."""
    path, old, new, forecast = pair
    if isinstance(old, dict) and isinstance(new, dict):
        expected = forecast if isinstance(forecast, dict) else {}
        keys = dict.fromkeys(chain(old, new))
        return [_Pair((*path, key), old.get(key), new.get(key), expected.get(key)) for key in keys]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        expected_items: Sequence[Data | None] = forecast if isinstance(forecast, list) else ()
        rows = enumerate(zip_longest(old, new, expected_items[: len(old)]))
        return [_Pair((*path, index), *row) for index, row in rows]
    return None


def _data(text: str) -> Data:
    tree = parse_tree(text, "render")
    if len(tree.documents) > 1:
        raise SourceError("cannot be read", why="it holds several documents")
    return data_of(tree.documents[0], tree.anchors, "render") if tree.documents else Scalar("", plain=True)


def document_name(text: str) -> str:
    """Return what a document is for people: its kind and its name."""
    try:
        data = _data(text)
    except SourceError:
        return "a document"
    if not isinstance(data, dict):
        return "a document"
    metadata = data.get("metadata")
    inner = metadata if isinstance(metadata, dict) else {}
    said = (data.get("kind"), inner.get("namespace"), inner.get("name"))
    kind, namespace, name = (one.value if isinstance(one, Scalar) else "" for one in said)
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}".strip() or "a document"


def _told(data: Data | None) -> str:
    if data is None:
        return ""
    return data.value if isinstance(data, Scalar) else "a mapping" if isinstance(data, dict) else "a list"


def _decoded(text: str) -> str:
    """Return the text that a Secret holds in base64; an empty one for anything else."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
