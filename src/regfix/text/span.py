"""Places in a text: half-open ranges of code points, and the lines and columns people read."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range `[start, end)` of code points in a decoded text without its BOM."""

    start: int
    end: int


class Position(NamedTuple):
    """A line and a column, both from 1; the column counts code points."""

    line: int
    column: int


class LineIndex:
    """Turns offsets (code points) of one text into positions. A line ends with `\\n`, as in git and grep."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        starts = [0]
        at = text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        self._starts = starts

    def position(self, offset: int) -> Position:
        """Return the position of the code point at `offset`."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def offset(self, position: Position) -> int:
        """Return the offset of a position."""
        return self._starts[position.line - 1] + position.column - 1


LINE_LOOK_BACK = 4096
"""How far back the start of a line is looked for, in code points, so that one line of many megabytes costs no more."""


def line_start(text: str, offset: int) -> int:
    """Return where the line of `offset` starts, or `offset` less LINE_LOOK_BACK where the line is longer than that."""
    bound = max(0, offset - LINE_LOOK_BACK)
    return max(text.rfind("\n", bound, offset) + 1, bound)
