"""Edits of a text that was edited already, as edits of the first text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.text.edit import Edit
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence


def composed(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the edits that do to `text` what `first` does, and then `second` to its result; both are sorted.

    An edit of `second` that touches the result of one of `first` is merged with it; the others stay apart.
    """
    todo = [_Group(edit.span.start, edit.span.end, edit.new) for edit in first]
    for edit in reversed(second):
        todo = _with(text, todo, edit)
    return tuple(Edit(Span(g.start, g.end), text[g.start : g.end], g.new) for g in todo)


class _Group:
    """A part of the first text and what stands for it."""

    __slots__ = ("end", "new", "start")

    def __init__(self, start: int, end: int, new: str) -> None:
        self.start = start
        self.end = end
        self.new = new


def _with(text: str, groups: list[_Group], edit: Edit) -> list[_Group]:
    """Make one edit of the second kind; `edit` comes before all that were made already, or touches none of them."""
    before: list[_Group] = []
    touched: list[_Group] = []
    after: list[_Group] = []
    shift = 0  # how much further back an offset lies in the edited text
    starts: list[int] = []
    for group in groups:
        start = group.start + shift
        size = len(group.new)
        if start + size < edit.span.start:
            before.append(group)
        elif start > edit.span.end:
            after.append(group)
        else:
            touched.append(group)
            starts.append(start)
        if start + size <= edit.span.end or group in touched:
            shift += size - (group.end - group.start)
    if not touched:
        by = sum(len(group.new) - (group.end - group.start) for group in before)
        return [*before, _Group(edit.span.start - by, edit.span.end - by, edit.new), *after]
    return [*before, _merged(text, touched, starts, edit), *after]


def _merged(text: str, touched: Sequence[_Group], starts: Sequence[int], edit: Edit) -> _Group:
    """Return the group of an edit and of all groups that it touches; `starts` are theirs in the edited text."""
    first, last = touched[0], touched[-1]
    left = min(starts[0], edit.span.start)
    right = max(starts[-1] + len(last.new), edit.span.end)
    begin = first.start - (starts[0] - left)
    end = last.end + (right - (starts[-1] + len(last.new)))
    now = ""
    at = begin
    for group in touched:
        now += text[at : group.start] + group.new
        at = group.end
    now += text[at:end]
    new = now[: edit.span.start - left] + edit.new + now[edit.span.end - left :]
    return _Group(begin, end, new)
