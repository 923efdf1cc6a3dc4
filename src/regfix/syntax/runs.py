"""Which pieces of a scalar's text stand in its value letter by letter, for documents inside of scalars."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.syntax.scalar import decoded, escapes, lines_of
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


class Run(NamedTuple):
    """A piece without escapes and line breaks: where it stands in the value and in the text, and its size.

    All count code points; white space at the ends of the lines of a text is in no run.
    """

    value: int
    text: int
    size: int


@cache
def _blank() -> re.Pattern[str]:
    return re.compile(r"\s*")


@cache
def _doubled() -> re.Pattern[str]:
    return re.compile("''")


def runs_of(text: str, span: Span, value: str, style: str | None) -> list[Run] | None:
    """Return the runs of a scalar, in order; None where its text is not the value but for escapes and white space.

    Folding, indentation and line ends only touch white space, so all else is held against the value, piece by piece.
    """
    runs: list[Run] = []
    at = 0
    for start, end, letters in _pieces(text, span, style):
        body = letters.strip()
        if not body:
            continue
        at = _skip(value, at)
        if not value.startswith(body, at):
            return runs if at == len(value) else None
        if end - start == len(letters):  # no escape is as long as what it means
            runs.append(Run(at, start + letters.index(body), len(body)))
        at += len(body)
    return runs if _skip(value, at) == len(value) else None


def _skip(value: str, at: int) -> int:
    found = _blank().match(value, at)
    return found.end() if found else at


def _pieces(text: str, span: Span, style: str | None) -> Iterator[tuple[int, int, str]]:
    """Yield `(start, end, letters)` of the pieces of a scalar between escapes and line breaks, and of the escapes."""
    escape = escapes() if style == '"' else _doubled() if style == "'" else None
    if escape is None:
        yield from _plain(text, *span)
        return
    start, end = span.start + 1, span.end - 1
    for found in escape.finditer(text, start, end):
        yield from _plain(text, start, found.start())
        yield found.start(), found.end(), decoded(found.group(), style)
        start = found.end()
    yield from _plain(text, start, end)


def _plain(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    yield from ((line.start, line.end, text[line.start : line.end]) for line in lines_of(text, Span(start, end)))
