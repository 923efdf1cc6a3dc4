"""Key paths of values by their lines, told where a parser would surely say the same, and many times faster. Pure.

In most files of values every key stands on a line of its own, and no text and no flow collection goes on over the end
of its line. Then a line alone, its indentation, and the lines above it say where it belongs. Where anything else is
met, nothing is told, and a parser has to be asked. Sources: YAML 1.2.2, chapters 6 to 8.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regfix.syntax.keypath import KeyPath

_OTHER_BREAKS = ("\x85", "\u2028", "\u2029", "\ufeff")
"""Line breaks to YAML 1.1, and the mark that may stand before a document."""


@cache
def _unclosed() -> re.Pattern[str]:
    # A quoted scalar or a flow collection begins at the start of a line or behind a blank, if it does in block context.
    # One must end on its line, with no escape, no comment, and no other one in it.
    begins = r"(?<![^ \t\n].)"
    return re.compile(
        rf"\"{begins}(?![^\"\\\n]*\"(?!\"))|'{begins}(?![^'\n]*'(?!'))"
        rf"|\[{begins}(?![^\[\]{{}}\"'\n#]*\])|\{{{begins}(?![^\[\]{{}}\"'\n#]*\}})"
    )


@cache
def _entry() -> re.Pattern[str]:
    return re.compile(r"( *)([A-Za-z_][\w./-]*):(?= )")


@cache
def _parent() -> re.Pattern[str]:
    return re.compile(r" *([A-Za-z_][\w./-]*):(?: +#[^\n]*| *)$", re.MULTILINE)


@cache
def _blanks() -> re.Pattern[str]:
    return re.compile(" *")


def goes_by_lines(text: str) -> bool:
    """Tell whether in a text that is YAML surely no quoted scalar and no flow collection goes on over a line's end."""
    if "\r" in text or (not text.isascii() and any(other in text for other in _OTHER_BREAKS)):
        return False
    return _unclosed().search(text) is None


def line_paths(text: str, offsets: Iterable[int]) -> list[KeyPath] | None:
    """Return the key paths of the entries on whose lines, behind the key, the sorted `offsets` lie.

    What an entry holds in flow style has a longer path, which begins with that of the entry. Comments have none. None
    where a line is no simple entry of mappings in mappings, so that a parser must be asked. What is told of a text that
    is no YAML, or that holds several documents, means nothing.
    """
    if not goes_by_lines(text):
        return None
    found: dict[int, KeyPath] = {}
    paths: list[KeyPath] = []
    for offset in offsets:
        start = text.rfind("\n", 0, offset) + 1
        at = _end_of_blanks(text, start)
        if text[at] == "#":
            continue
        entry = _entry().match(text, start)
        if entry is None or entry.end() > offset:
            return None
        above = _path_above(text, start, at - start, found)
        if above is None:
            return None
        found[start] = (*above, entry[2])
        paths.append(found[start])
    return paths


def _end_of_blanks(text: str, start: int) -> int:
    blanks = _blanks().match(text, start)
    return start if blanks is None else blanks.end()


def _path_above(text: str, start: int, column: int, found: dict[int, KeyPath]) -> KeyPath | None:
    """Return the path to the mapping of a line that begins in `column`; `found` holds the paths of lines by starts.

    What is found on the way is added, so that no line is looked at for each of many others.
    """
    above: list[tuple[int, str]] = []
    path: KeyPath | None = () if column == 0 else None
    while path is None and start > 0:
        start = text.rfind("\n", 0, start - 1) + 1
        at = _end_of_blanks(text, start)
        if at - start > column or text[at] in "\n#":
            continue
        if at - start == column:
            path = found[start][:-1] if start in found else None
            continue
        parent = _parent().match(text, start)
        if parent is None:
            return None
        column = at - start
        if start in found:
            path = found[start]
        else:
            above.append((start, parent[1]))
            path = () if column == 0 else None
    if path is None:
        return None
    for start, key in reversed(above):
        path = found[start] = (*path, key)
    return path
