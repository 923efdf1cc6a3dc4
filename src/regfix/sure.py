"""Edits after which a parser surely sees the same, but for the values of the edited scalars (decision 21). Pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from regfix.errors import StaleEdit
from regfix.locate.analysis import Piece
from regfix.syntax.scalar import value_offsets, verbatim_start
from regfix.syntax.swap import are_short_lines, keeps_comment, keeps_lines, keeps_tokens
from regfix.syntax.yamlevents import require_yaml
from regfix.text.edit import Edit, apply_edits
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.locate.shape import NotedScalar


def is_sure(text: str, piece: Piece, edits: Sequence[Edit], after: str) -> bool:
    """Tell whether the edits in a piece, which make `after` of it, surely change the values of scalars alone.

    So they do in comments, too, which are nothing to a parser.
    """
    starts, kept, shift = [edit.span.start for edit in edits], set[int](), -piece.start
    parts: list[tuple[Span, NotedScalar | None]] = [(scalar.span, scalar) for scalar in piece.shape.scalars]
    parts += [(comment, None) for comment in piece.shape.comments]
    for (start, end), scalar in parts:
        span = Span(start + piece.start, end + piece.start)
        inside = edits[bisect_left(starts, span.start) : bisect_left(starts, span.end)]
        if inside and (keeps_comment(text, span, inside) if scalar is None else _keeps(text, span, scalar, inside)):
            kept.update(edit.span.start for edit in inside)
    if len(kept) < len(edits) or not are_short_lines(text, starts):
        return False
    for edit in edits:
        if not are_short_lines(after, (edit.span.start + shift,)):
            return False
        shift += len(edit.new) - len(edit.old)
    return True


def _keeps(text: str, span: Span, scalar: NotedScalar, edits: Sequence[Edit]) -> bool:
    """Tell whether edits in a scalar surely change its value alone, and that of a document in it likewise."""
    block = keeps_lines(span, scalar.style, edits)
    if not block and not keeps_tokens(text, span, scalar.value, scalar.style, edits):
        return False
    if scalar.inner is None:
        return True
    moved = moved_edits(text, span, scalar, edits)
    try:
        value = apply_edits(scalar.value, moved)
    except StaleEdit:
        return False
    if not is_sure(scalar.value, Piece(0, len(scalar.value), scalar.inner), moved, value):
        return False
    require_yaml(value)
    return True


def moved_edits(text: str, span: Span, scalar: NotedScalar, edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits in the scalar whose text is at `span` by the offsets of its value."""
    value, style = scalar.value, scalar.style
    inner = verbatim_start(text, span.start, span.end, value, style)
    offsets = [edit.span.start for edit in edits]
    places = (
        (offset - inner for offset in offsets)
        if inner is not None
        else value_offsets(text, span.start, offsets, value, style)
    )
    return [Edit(Span(at, at + len(edit.old)), edit.old, edit.new) for at, edit in zip(places, edits, strict=True)]
