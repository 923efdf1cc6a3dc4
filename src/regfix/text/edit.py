"""Edits by spans, applied in one forward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import StaleEdit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.text.span import Span

_BATCH = 512


class Edit(NamedTuple):
    """Replace the code points at `span`, which must read `old`, by `new`."""

    span: Span
    old: str
    new: str


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Return `text` with the edits made; they are sorted by span and do not overlap.

    Raises StaleEdit when a span does not hold the text that the edit was planned on, or when edits overlap.
    """
    after, at = "", 0
    pieces: list[str] = []
    for edit in edits:
        start, end = edit.span
        if start < at:
            raise StaleEdit(f"two edits overlap at offset {start}")
        if text[start:end] != edit.old:
            raise StaleEdit(f"expected {edit.old!r} at offset {start}, found {text[start:end]!r}")
        pieces += (text[at:start], edit.new)
        at = end
        if len(pieces) >= _BATCH:  # the new text grows in place; all pieces at once would be a second copy of it
            after += "".join(pieces)
            pieces.clear()
    pieces.append(text[at:])
    after += "".join(pieces)
    return after
