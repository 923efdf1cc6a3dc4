"""Occurrences in double-quoted scalars with escapes: the value decides what they are, the text whether to edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.occurrence import find_occurrences
from regfix.locate.site import Reason
from regfix.syntax.scalar import value_offsets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.locate.hosts import HostFinder
    from regfix.locate.shape import NotedScalar
    from regfix.locate.site import Occurrence


def unescaped(
    text: str, scalar: NotedScalar, written: Sequence[Occurrence], hosts: HostFinder
) -> tuple[list[Occurrence], list[Occurrence]]:
    """Return the occurrences `written` in the scalar's text as its value has them, and those that only the value has.

    One that reads differently there cannot be edited. Offsets of the first are those of the text, of the second those
    of the value.
    """
    value = scalar.value
    hidden = {found.start: found for found in find_occurrences(value, hosts)}
    offsets = value_offsets(text, scalar.span.start, [found.start for found in written], value, scalar.style)
    seen = [_as_read(found, hidden.pop(at, None)) for found, at in zip(written, offsets, strict=True)]
    return seen, list(hidden.values())


def _as_read(written: Occurrence, read: Occurrence | None) -> Occurrence:
    """Return an occurrence in the text with what it is in the value."""
    if read is None:
        return written._replace(blocker=Reason.ESCAPED)
    same = read._replace(start=written.start, end=written.end)
    if same._replace(blocker=written.blocker) == written and written.blocker in (None, read.blocker):
        return same
    return same._replace(blocker=read.blocker or Reason.ESCAPED)
