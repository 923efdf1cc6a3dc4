"""Places in a text: half-open ranges of code points, and the lines and columns people read."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range `[start, end)` of code points in a decoded text without its BOM."""

    start: int
    end: int


class Position(NamedTuple):
    """A line and a column, both from 1; the column counts code points."""

    line: int
    column: int


_BLOCK = 4096


class LineIndex:
    """Turns offsets (code points) of one text into positions. A line ends with `\\n`, as in git and grep.

    Not every line is kept, but for each block of the text how many lines end before it, and where its first one begins.
    """

    __slots__ = ("_before", "_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._before = [0]
        self._starts = [0]
        for end in range(_BLOCK, len(text), _BLOCK):
            begin = end - _BLOCK
            self._before.append(self._before[-1] + text.count("\n", begin, end))
            self._starts.append(text.rfind("\n", begin, end) + 1 or self._starts[-1])

    def position(self, offset: int) -> Position:
        """Return the position of the code point at `offset`."""
        block = min(offset // _BLOCK, len(self._before) - 1)
        begin = block * _BLOCK
        line = self._before[block] + self._text.count("\n", begin, offset)
        start = self._text.rfind("\n", begin, offset) + 1 or self._starts[block]
        return Position(line + 1, offset - start + 1)

    def offset(self, position: Position) -> int:
        """Return the offset of a position."""
        block = max(bisect_left(self._before, position.line - 1) - 1, 0)
        start = block * _BLOCK if position.line > 1 else 0
        for _ in range(position.line - 1 - self._before[block]):
            start = self._text.find("\n", start) + 1
        return start + position.column - 1


LINE_LOOK_BACK = 4096
"""How far back the start of a line is looked for, in code points, so that one line of many megabytes costs no more."""


def line_start(text: str, offset: int) -> int:
    """Return where the line of `offset` starts, or `offset` less LINE_LOOK_BACK where the line is longer than that."""
    bound = max(0, offset - LINE_LOOK_BACK)
    return max(text.rfind("\n", bound, offset) + 1, bound)
