"""The pairs of a mapping that speak of images, as the structural locator reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.locate.words import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.locate.shape import NotedScalar
    from regfix.syntax.keypath import KeyPath
    from regfix.text.span import Span


class Entry(NamedTuple):
    """A key of a mapping with its value; the value is empty where it is no text.

    `span` is where the value stands verbatim, None where it is escaped; `outer` the whole scalar. `written` tells
    that a source registry is written in it.
    """

    key: str
    value: str
    span: Span | None
    outer: Span
    written: bool = False
    scalar: NotedScalar | None = None


class Mapping(NamedTuple):
    """The entries of one mapping that speak of images, and the key path of the mapping.

    `job`: it describes a job of a pipeline. `block` tells apart comments that do not follow each other.
    """

    path: KeyPath
    entries: Sequence[Entry]
    job: bool = False
    block: int = 0


OPAQUE = "\ue000"
"""Stands for each code point of a template action in a text whose literals are read (a private-use character)."""

Group = dict[Role, list[Entry]]
