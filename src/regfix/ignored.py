"""Ignore comments: which lines of a text `regfix: ignore` protects. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.text.span import line_start

if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def _ignore_comment() -> re.Pattern[str]:
    return re.compile(r"(?:#|//|/\*|<!--|\{#)[ \t]*regfix:[ \t]*ignore(?![\w-])")


def ignored_lines(text: str) -> frozenset[int]:
    """Return the starts (code points) of the lines that ignore comments protect.

    A comment protects its line, and by itself the line below; where that line opens a block scalar or has its value
    on the next line, the value, too.
    """
    if "regfix:" not in text:
        return frozenset()
    starts: set[int] = set()
    for found in _ignore_comment().finditer(text):
        line = line_start(text, found.start())
        starts.add(line)
        if not text[line : found.start()].strip(" \t{-"):
            starts.update(_below(text, text.find("\n", found.end()) + 1))
    return frozenset(starts)


@cache
def _block_header() -> re.Pattern[str]:
    return re.compile(
        r"(?P<indent>[ \t]*)(?:-[ \t]+)*[^\n]*?(?P<header>[|>][-+0-9]*|:)[ \t]*(?:[ \t]#[^\n]*)?\r?$", re.MULTILINE
    )


@cache
def _pair_or_item() -> re.Pattern[str]:
    return re.compile(r"[ \t]*(?:-[ \t]|[^\s#][^\n]*:(?:[ \t\r]|$))", re.MULTILINE)


def _below(text: str, start: int) -> Iterator[int]:
    """Yield the start of the line at `start`, and of those that hold its value."""
    yield start
    header = _block_header().match(text, start)
    if header is None:
        return
    indent, at = len(header.group("indent")), text.find("\n", start) + 1
    while 0 < at < len(text):
        end = text.find("\n", at)
        line = text[at : end if end >= 0 else len(text)]
        inside = not line.strip() or len(line) - len(line.lstrip(" ")) > indent
        if not inside or (header.group("header") == ":" and _pair_or_item().match(line)):
            return
        yield at
        at = end + 1
