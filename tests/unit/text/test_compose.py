"""Edits of an edited text, as edits of the first text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from regfix.text.compose import composed
from regfix.text.edit import Edit, apply_edits
from regfix.text.span import Span


def edit(text: str, start: int, end: int, new: str) -> Edit:
    return Edit(Span(start, end), text[start:end], new)


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> list[Edit]:
    """Sorted edits that do not overlap; insertions among them."""
    points = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    pairs = zip(points[::2], points[1::2], strict=False)
    return [
        edit(text, start, draw(st.sampled_from([start, end])), draw(st.text("XYZ", max_size=3))) for start, end in pairs
    ]


@given(st.text("abcdef", max_size=12), st.data())
def test_one_step_does_what_two_do(text: str, data: st.DataObject) -> None:
    first = data.draw(edits_of(text))
    middle = apply_edits(text, first)
    second = data.draw(edits_of(middle))
    assert apply_edits(text, composed(text, first, second)) == apply_edits(middle, second)


def test_edits_that_do_not_touch_stay_apart() -> None:
    text = "one two three"
    first, second = [edit(text, 0, 3, "1")], [edit("1 two three", 6, 11, "3")]
    assert composed(text, first, second) == (first[0], edit(text, 8, 13, "3"))


def test_an_edit_of_what_was_put_in_is_merged_with_it() -> None:
    text = "image: a\n"
    first = [edit(text, 9, 9, "other: b\n")]
    second = [edit("image: a\nother: b\n", 18, 18, "more: c\n")]
    assert composed(text, first, second) == (edit(text, 9, 9, "other: b\nmore: c\n"),)
