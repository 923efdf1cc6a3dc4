"""One scalar as it is written: where its text stands, whether it is verbatim, what needs quotes."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.syntax.yamlevents import Event


@cache
def _properties() -> re.Pattern[str]:
    return re.compile(r"(?:[&!]\S*(?:\s+(?:#[^\r\n]*)?)+)+")


def content_span(text: str, event: Event) -> Span:
    """Return where the text of a scalar stands: behind tag, anchor and the header of a block scalar."""
    start, end = _content_start(text, event), event.end_mark.index
    if event.style in ("|", ">"):
        header = _line_break().search(text, start, end)
        start = header.end() if header else end
    return Span(start, end)


@cache
def _line_break() -> re.Pattern[str]:
    # YAML 1.2.2, 5.4; in YAML 1.1, which libyaml reads, the last three are line breaks, too.
    return re.compile("\r\n?|[\n\x85\u2028\u2029]")


def lines_of(text: str, span: Span) -> list[Span]:
    """Return the lines in a part of a text, each without its line break."""
    lines, start = [], span.start
    for found in _line_break().finditer(text, span.start, span.end):
        lines.append(Span(start, found.start()))
        start = found.end()
    return [*lines, Span(start, span.end)]


def _content_start(text: str, event: Event) -> int:
    """Return where a scalar begins behind its `!tag` and `&anchor`, which event marks include (code points)."""
    start = event.start_mark.index
    if event.anchor is None and event.tag is None:
        return start
    found = _properties().match(text, start, event.end_mark.index)
    return found.end() if found else start


def verbatim_start(text: str, start: int, end: int, value: str, style: str | None) -> int | None:
    """Return where `value` stands letter by letter in the scalar's text, or None where it is escaped or folded."""
    quoted = style in _QUOTES
    inner = start + 1 if quoted else start
    if (end - 1 if quoted else end) - inner == len(value) and text.startswith(value, inner):
        return inner
    return None


_QUOTES = ("'", '"')


def value_offsets(text: str, start: int, offsets: Sequence[int], value: str, style: str | None) -> Iterator[int]:
    """Yield where the code points at the sorted `offsets` of a scalar's text stand in its value, in linear time.

    Folding, indentation and line ends only touch white space, so the visible code points before an offset are
    counted; escapes of quoted scalars are decoded first. `start` is where the scalar begins, behind the header of a
    block scalar.
    """
    at, seen, here = start + (style in _QUOTES), 0, 0
    visible = re.compile(r"\S")
    for offset in offsets:
        wanted = seen + sum(map(len, decoded(text[at:offset], style).split()))
        at = offset
        while True:
            found = visible.search(value, here)
            here = found.start() if found else len(value)
            if found is None or seen == wanted:
                break
            seen, here = seen + 1, here + 1
        yield here


def decoded(raw: str, style: str | None) -> str:
    """Return a piece of a scalar's text with the escapes of its style undone."""
    if style == "'":
        return raw.replace("''", "'")
    if style != '"' or "\\" not in raw:
        return raw
    return join_surrogates(escapes().sub(_unescaped, raw))


@cache
def escapes() -> re.Pattern[str]:
    """Return the pattern of the escapes in double quotes."""
    # YAML 1.2.2, 5.7; an escaped line break takes the indentation of the next line with it.
    return re.compile(
        "\\\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(?:\r\n?|[\n\x85\u2028\u2029])[ \t]*|(.))"
    )


_LETTERS = dict(zip("0abtnvfreN_LP", "\0\a\b\t\n\v\f\r\x1b\x85\xa0\u2028\u2029", strict=True))
"""What the escaped letters mean; every other escaped character is itself."""


def _unescaped(found: re.Match[str]) -> str:
    code = found.group(1) or found.group(2) or found.group(3)
    if code is not None:
        return chr(min(int(code, 16), 0x10FFFF))
    letter = found.group(4) or ""
    return _LETTERS.get(letter, letter)


def join_surrogates(text: str) -> str:
    """Return a text in which each pair of surrogates, as JSON escapes them, is the one code point that it means."""
    return _surrogates().sub(
        lambda pair: chr(0x10000 + ((ord(pair[0][0]) - 0xD800) << 10) + ord(pair[0][1]) - 0xDC00), text
    )


@cache
def _surrogates() -> re.Pattern[str]:
    return re.compile("[\ud800-\udbff][\udc00-\udfff]")


@cache
def _not_a_string() -> re.Pattern[str]:
    # YAML 1.1 (https://yaml.org/type/) and the 1.2 core schema: null, bool, int, float, timestamps, merge.
    return re.compile(
        r"~|null|Null|NULL|<<|=|"
        r"y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|"
        r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?)|"
        r"[-+]?\.(?:[0-9_]+(?:[eE][-+]?[0-9]+)?|inf|Inf|INF)|\.(?:nan|NaN|NAN)|"
        r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?"
    )


_STRING_TAGS = frozenset(("!", "tag:yaml.org,2002:str"))


def is_text(event: Event) -> bool:
    """Tell whether a scalar is a string in every version of YAML: by its tag, else by how it is written."""
    tag = event.tag
    if tag in _STRING_TAGS:
        return event.value != ""
    return (tag is None or not tag.startswith("tag:yaml.org,")) and is_string(event.value, plain=not event.style)


def is_string(value: str, *, plain: bool) -> bool:
    """Tell whether a scalar is a string in YAML 1.1 and in YAML 1.2 alike; only a plain one may be something else."""
    if not plain or "/" in value or value[:1] in _ONLY_TEXT:
        return value != "" or not plain
    return value != "" and _not_a_string().fullmatch(value) is None


_ONLY_TEXT = frozenset("abcdghijklmpqrsuvwxzABCDGHIJKLMPQRSUVWXZ_[@")
"""With these begins no null, boolean, number or timestamp."""


def needs_quotes(value: str) -> bool:
    """Tell whether a name (registry, repository, tag, digest) cannot stand as a plain scalar."""
    return value[:1] == "[" or value.endswith(":") or not is_string(value, plain=True)
