"""Places between the lines of a YAML text where entries can be inserted. All offsets are code points."""

from __future__ import annotations

import re
from functools import cache

from regfix.text.span import line_start


@cache
def _comment_line() -> re.Pattern[str]:
    return re.compile(r"( *)#[^\n]*(?:\n|\Z)")


def line_end(text: str) -> str:
    """Return the line end that most lines of a text have; of a text without one, the usual one."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def after_entries(text: str, start: int, end: int, is_block_scalar: bool, column: int) -> int:
    """Return the place behind the line that the last entry of a block mapping at `column` ends on.

    `start` and `end` are those of the entry's last scalar. Comment lines of the mapping's own depth belong to it.
    """
    if is_block_scalar:
        place = _after_block_scalar(text, start, end)
    else:
        found = text.find("\n", end)
        place = len(text) if found < 0 else found + 1
    while column and (found_line := _comment_line().match(text, place)) and len(found_line[1]) >= column:
        if found_line.end() == place:
            break
        place = found_line.end()
    return place


def _after_block_scalar(text: str, start: int, end: int) -> int:
    """Return the place behind a block scalar: before the blank lines after it, unless it keeps them (`|+`)."""
    header = text[start : text.find("\n", start, end) + 1]
    if "+" in header.partition("#")[0] or text[end - 1 : end] != "\n":
        return end
    while end > start and not text[line_start(text, end - 1) : end].strip():
        end = line_start(text, end - 1)
    return end


def below_key(text: str, end: int) -> int:
    """Return the place behind the line of a key without a value, which ends at `end`."""
    found = text.find("\n", end)
    return len(text) if found < 0 else found + 1


def before_key(text: str, start: int) -> int:
    """Return the place before the line that a key begins on."""
    return line_start(text, start)


def end_places(text: str) -> list[int]:
    """Return the places at the end of a text: behind its last line that is not blank, and its very end."""
    last = len(text.rstrip(" \t\r\n"))
    found = text.find("\n", last)
    return [len(text) if found < 0 else found + 1, len(text)] if last else [len(text)]
