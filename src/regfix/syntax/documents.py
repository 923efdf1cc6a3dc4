"""Where the documents of a YAML stream begin, found without parsing it.

A byte-order mark may stand before each document (YAML 1.2.2, section 5.2), as where files were put one behind the
other. The parsers know it at the start of a stream only, so it belongs to no piece.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SMALL = 8192
"""Below this many code points a stream is parsed whole: splitting would cost more than it saves."""


@cache
def _marker() -> re.Pattern[str]:
    # YAML 1.2.2, section 9.1.2: `---` at the start of a line ends every construct, block scalars too.
    return re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)


@cache
def _directive() -> re.Pattern[str]:
    return re.compile(r"^%", re.MULTILINE)


@cache
def _mark() -> re.Pattern[str]:
    return re.compile(r"(?:(?:^|(?<=\r))\.\.\.[^\r\n]*(?:\r\n?|\n)|(?<=[\r\n]))(\ufeff)", re.MULTILINE)


@cache
def _before_marker() -> re.Pattern[str]:
    return re.compile(r"(?:(?:[ \t]*(?:#[^\r\n]*)?|%[^\r\n]*)(?:\r\n?|\n))*---(?:[ \t\r\n]|\Z)")


def _has_directive(text: str, start: int, end: int) -> bool:
    return text.startswith("%", start) or _directive().search(text, start, end) is not None


def split_documents(text: str) -> Iterator[tuple[int, int]]:
    """Yield `(start, end)` of pieces that hold whole documents, in code points; byte-order marks lie between them.

    A stream with a directive is one piece, since directives stand before the marker of their document.
    """
    start = 0
    for mark in _marks(text) if "\ufeff" in text else ():
        yield from _split(text, start, mark)
        start = mark + 1
    yield from _split(text, start, len(text))


def _marks(text: str) -> Iterator[int]:
    """Yield where byte-order marks stand between documents: in the line behind `...`, or before one with `---`."""
    for found in _mark().finditer(text):
        if found.start() < found.start(1) or _before_marker().match(text, found.end()):
            yield found.start(1)


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the pieces of one stream."""
    if end - start >= _SMALL and not _has_directive(text, start, end):
        for marker in _marker().finditer(text, start, end):
            if marker.start() > start:
                yield start, marker.start()
                start = marker.start()
    yield start, end
