"""Names and values from files, made safe for a terminal and for one line."""

from __future__ import annotations

import re
from functools import cache

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@cache
def _unsafe() -> re.Pattern[str]:
    # C0, DEL, C1; line and paragraph separators; bidirectional controls (https://trojansource.codes);
    # surrogates, which stand for undecodable bytes of file names.
    return re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def escape(text: str) -> str:
    """Return `text` on one line with its control characters visible (`\\x1b`); an undecodable byte as `\\xff`."""
    return text if text.isprintable() else _unsafe().sub(_visible, text)


def escape_line(text: str) -> str:
    """Return a line of a diff for a terminal: as `escape`, but tabs stay."""
    return _unsafe().sub(lambda found: "\t" if found.group() == "\t" else _visible(found), text)


def _visible(found: re.Match[str]) -> str:
    char = found.group()
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
