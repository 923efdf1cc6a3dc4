"""Where the documents of a YAML stream begin, found without parsing it."""

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


def split_documents(text: str) -> Iterator[tuple[int, int]]:
    """Yield `(start, end)` of pieces that hold whole documents, in code points; together they are the text.

    A stream with a directive is one piece, since directives stand before the marker of their document.
    """
    if len(text) < _SMALL or _directive().search(text):
        yield 0, len(text)
        return
    start = 0
    for marker in _marker().finditer(text):
        if marker.start() > start:
            yield start, marker.start()
            start = marker.start()
    yield start, len(text)
