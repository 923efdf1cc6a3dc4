"""Lines and columns of offsets, in texts of more than one block."""

from __future__ import annotations

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regfix.text.span import _BLOCK, LineIndex, Position

LINES = st.lists(
    st.sampled_from(("", "a", "é: 🚢", "x" * (_BLOCK - 1), "x" * _BLOCK, "y" * (3 * _BLOCK + 5))), max_size=8
)


@given(LINES, st.data())
def test_positions_are_those_of_the_lines(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
    offset = data.draw(st.integers(0, len(text)))
    line = bisect_right(starts, offset)
    index = LineIndex(text)
    assert index.position(offset) == Position(line, offset - starts[line - 1] + 1)
    assert index.offset(index.position(offset)) == offset


@pytest.mark.parametrize("size", [_BLOCK - 1, _BLOCK, _BLOCK + 1, 2 * _BLOCK])
def test_line_ends_at_the_border_of_a_block(size: int) -> None:
    text = "a" * (size - 1) + "\nb\nc"
    index = LineIndex(text)
    assert [index.position(at) for at in (size - 1, size, size + 2)] == [(1, size), (2, 1), (3, 1)]
    assert [index.offset(Position(line, 1)) for line in (1, 2, 3)] == [0, size, size + 2]
