"""The structural locator for lines that look like YAML but are not parsed as such: comments and templates."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.locate.entry import OPAQUE, Entry, Mapping
from regfix.syntax.scalar import is_string
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.locate.site import Site
    from regfix.syntax.keypath import KeyPath


class Line(NamedTuple):
    """A line, or what of it is to be read as YAML, and its offset in code points."""

    start: int
    text: str


@cache
def _pair() -> re.Pattern[str]:
    plain = r"[^\s#\"'\[\]{}&*!|>%@`,](?:[^\s]*[^\s,])?"
    quoted = r"\"[^\"\\\n]*\"|'[^'\n]*'"
    return re.compile(
        rf"(?P<front>[ \t]*(?:-[ \t]+)*)(?P<key>[A-Za-z_][\w./-]*|{quoted})[ \t]*:"
        rf"(?:[ \t]+(?P<value>{quoted}|{plain}))?[ \t]*,?[ \t]*\r?(?:[ \t]#.*)?$"
    )


class _Open(NamedTuple):
    column: int
    path: KeyPath
    entries: list[Entry]

    def mapping(self, block: int) -> Mapping:
        return Mapping(self.path, self.entries, block=block)


_END_OF_BLOCK = "-"
"""Stands between comments that do not follow each other; like each new item, it ends the mappings before it."""


def loose_mappings(lines: Iterable[Line], written: Sequence[int]) -> Iterator[Mapping]:
    """Yield the mappings that the lines seem to form; `written` holds the sorted offsets of source registries."""
    stack: list[_Open] = []
    block = 0
    for line in lines:
        found = _pair().match(line.text)
        front = found.group("front") if found else line.text[: len(line.text) - len(line.text.lstrip())]
        if found is None and not line.text.strip(" \t\r" + OPAQUE):
            continue
        new_item = found is None or "-" in front
        while stack and (stack[-1].column > len(front) or (new_item and stack[-1].column == len(front))):
            yield stack.pop().mapping(block)
        if found is None:
            block += line.text == _END_OF_BLOCK
            continue
        if not stack or stack[-1].column < len(front):
            stack.append(_Open(len(front), _path(stack), []))
        entry = _entry(line, found, written)
        stack[-1].entries.append(entry)
    for opened in reversed(stack):
        yield opened.mapping(block)


def _path(stack: list[_Open]) -> KeyPath:
    return tuple(opened.entries[-1].key for opened in stack if opened.entries)


def _entry(line: Line, found: re.Match[str], written: Sequence[int]) -> Entry:
    key = found.group("key").strip("\"'")
    raw = found.group("value") or ""
    quoted = raw[:1] in ("'", '"')
    value = raw[1:-1] if quoted else raw
    if not is_string(value, plain=not quoted):
        value = ""
    start = line.start + max(found.start("value"), 0) + quoted
    span = Span(start, start + len(value))
    following = bisect_left(written, span.start)
    return Entry(key, value, span, span, written=following < len(written) and written[following] < span.end)


_MAX_LINE = 2000
"""Longer lines hold no key that people wrote; they are passed over, in code points."""


@cache
def _line_pattern() -> re.Pattern[str]:
    return re.compile(r"^[^\r\n]+", re.MULTILINE)


@cache
def _comment_pattern() -> re.Pattern[str]:
    return re.compile(r"^[ \t]*#+([^\r\n]*)", re.MULTILINE)


@cache
def _quotes_or_comment() -> re.Pattern[str]:
    # A quote opens a scalar where one can begin; the one that nothing closes goes on to the end.
    return re.compile(r"(?:(?<=[\s,\[\]{}(=:])|^)(?:\"(?:[^\"\\]|\\.)*(?:\"|$)|'[^']*(?:'|$))|(?:(?<=[ \t])|^)(#)")


def has_comment(line: str) -> bool:
    """Tell whether a comment begins in the start of a line: a `#` at its front or behind white space, not in quotes."""
    return "#" in line and any(found.group(1) for found in _quotes_or_comment().finditer(line))


@cache
def _open_comment() -> re.Pattern[str]:
    return re.compile("(?:^|[\\s,\\[\\]{}])#[^\r\n\x85\u2028\u2029]*$")


def ends_in_comment(between: str) -> bool:
    """Tell whether a comment is open at the end of what stands between two scalars: there are no quotes there."""
    return _open_comment().search(between) is not None


def live_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a text that are no comments."""
    for found in _line_pattern().finditer(text):
        if found.end() - found.start() < _MAX_LINE and not found.group().lstrip(" \t").startswith("#"):
            yield Line(found.start(), found.group())


def comment_lines(text: str) -> Iterator[Line]:
    """Yield what comment lines say behind their `#`; lines that do not follow each other are kept apart."""
    end = 0
    for found in _comment_pattern().finditer(text):
        if text[end : found.start()].strip("\r\n") or text.count("\n", end, found.start()) > 1:
            yield Line(found.start(), _END_OF_BLOCK)  # what a comment says ends with it
        if found.end() - found.start() < _MAX_LINE:
            yield Line(found.start(1), found.group(1))
        end = found.end()


def merge_sites(written: list[Site], structural: list[Site]) -> list[Site]:
    """Return all sites in reading order; what the structure joins is not told a second time by its text."""
    joined = {part.span.start for site in structural for part in site.parts}
    sites = [site for site in written if site.parts[0].span.start not in joined] + structural
    return sorted(sites, key=lambda site: site.parts[0].span)
