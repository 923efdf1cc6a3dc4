"""The shape of a document: what it is to a parser, so that two texts can be held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from regfix.text.span import Span


class NotedScalar(NamedTuple):
    """A scalar that an edit may touch: its number among the events, its text's span, its value, how it is written.

    `weight` is what it would add to the fingerprint, `inner` the shape of the document that the scalar holds.
    """

    ordinal: int
    span: Span
    value: str
    weight: int
    style: str | None
    inner: Shape | None = None


class Shape(NamedTuple):
    """What a document is to a parser: a fingerprint of all events but the noted scalars, and these in order.

    The fingerprint is the sum of the squared hash of each event with its number, so that a scalar can be taken out of
    it once it is clear that a site lies in it. It is worth something only within one process.
    """

    fingerprint: int
    scalars: tuple[NotedScalar, ...]
