"""Edits in a scalar after which a parser is sure to see the same tokens, but for the scalar's value. Pure.

Source: YAML 1.2.2, chapters 7 and 9, and libyaml's scanner, which looks at each character with its neighbours only.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.syntax.scalar import verbatim_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from regfix.text.edit import Edit
    from regfix.text.span import Span

MAX_LINE = 1000
"""The longest line in which a key cannot become, or cease to be, too long: it may have 1,024 code points (7.4)."""

_FLOWING = (None, "", "'", '"')
_BLOCKS = ("|", ">")
_NOTHING_OR_BLANK = ("", " ", "\t")


@cache
def _plain_everywhere() -> re.Pattern[str]:
    # Begins with a letter or digit, and a colon is followed by one: nothing in it means anything to YAML, in any place.
    return re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/@-]|:(?=[A-Za-z0-9]))*")


@cache
def _line_break() -> re.Pattern[str]:
    return re.compile("[\r\n\x85\u2028\u2029]")


def keeps_tokens(text: str, span: Span, value: str, style: str | None, edits: Sequence[Edit]) -> bool:
    """Tell whether sorted edits in the scalar at `span` of a text surely change its value and nothing else.

    The value is then what the edits make of it: the scalar stands on one line, letter by letter. No line with an edit
    may be long, before or after (`are_short_lines`).
    """
    inner = verbatim_start(text, span.start, span.end, value, style) if style in _FLOWING else None
    if inner is None or _line_break().search(value) is not None:
        return False
    if edits[0].span.start < inner or edits[-1].span.end > inner + len(value):
        return False
    return are_plain_swaps(edits)


def keeps_lines(span: Span, style: str | None, edits: Sequence[Edit]) -> bool:
    """Tell the same of edits in the block scalar whose content is at `span`, in so far as it holds text."""
    inside = edits[0].span.start >= span.start and edits[-1].span.end <= span.end
    return style in _BLOCKS and inside and are_plain_swaps(edits)


def keeps_comment(text: str, span: Span, edits: Sequence[Edit]) -> bool:
    """Tell whether edits in the comment of which `span` is a part surely change nothing that a parser sees."""
    begin = text.rfind("\n", max(0, span.start - MAX_LINE), span.start) + 1
    if begin == 0 and span.start > MAX_LINE:
        return False  # a longer line is not sure anyway (`are_short_lines`)
    one_line = _line_break().search(text, begin, span.end) is None
    return one_line and edits[-1].span.end <= span.end and "#" in text[begin : span.start] and are_plain_swaps(edits)


def are_plain_swaps(edits: Iterable[Edit]) -> bool:
    """Tell whether edits put plain words in the place of texts that begin with no blank and stay on their lines.

    In a comment and in the content of a block scalar that is enough: there no character but a line break ends
    anything, and indentation and leading blanks of lines stay.
    """
    return all(
        edit.old[:1] not in _NOTHING_OR_BLANK
        and _line_break().search(edit.old) is None
        and _plain_everywhere().fullmatch(edit.new) is not None
        for edit in edits
    )


def are_short_lines(text: str, offsets: Iterable[int]) -> bool:
    """Tell whether the lines around some offsets of a text are too short for a key in them to be too long for one."""
    return all(_is_short_line(text, at) for at in offsets)


def _is_short_line(text: str, at: int) -> bool:
    start = text.rfind("\n", max(0, at - MAX_LINE), at) + 1
    end = text.find("\n", at, at + MAX_LINE)
    if (start == 0 and at >= MAX_LINE) or (end < 0 and len(text) > at + MAX_LINE):
        return False
    return (len(text) if end < 0 else end) - start <= MAX_LINE
