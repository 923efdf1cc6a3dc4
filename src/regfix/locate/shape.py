"""The shape of a document: what it is to a parser, so that two texts can be held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from regfix.text.span import Span


class NotedScalar(NamedTuple):
    """A scalar that an edit may touch: its number among the events, its text's span, its value, how it is written.

    `inner` is the shape of the document that the scalar holds.
    """

    ordinal: int
    span: Span
    value: str
    style: str | None
    inner: Shape | None = None


class Shape(NamedTuple):
    """What of a document edits may touch: the noted scalars in order, and spans that surely lie in comments, sorted."""

    scalars: tuple[NotedScalar, ...]
    comments: tuple[Span, ...] = ()
