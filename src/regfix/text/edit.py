"""Edits by spans, applied in one forward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import StaleEdit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.text.span import Span


class Edit(NamedTuple):
    """Replace the code points at `span`, which must read `old`, by `new`."""

    span: Span
    old: str
    new: str


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Return `text` with the edits made; they are sorted by span and do not overlap.

    Raises StaleEdit when a span does not hold the text that the edit was planned on, or when edits overlap.
    """
    pieces: list[str] = []
    at = 0
    for edit in edits:
        start, end = edit.span
        if start < at:
            raise StaleEdit(f"two edits overlap at offset {start}")
        if text[start:end] != edit.old:
            raise StaleEdit(f"expected {edit.old!r} at offset {start}, found {text[start:end]!r}")
        pieces += (text[at:start], edit.new)
        at = end
    pieces.append(text[at:])
    return "".join(pieces)
