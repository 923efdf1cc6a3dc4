"""Values that a template prints as they are, found without parsing it: a cheap proof that they are read. Pure.

What is found here the evaluator finds, too: it reads each file of `templates/` from its top, with the chart's context
for the dot, goes into both branches of each `if`, and reads what an action prints. Most values are found by the
evaluator alone: this knows neither named templates nor what `with` and `range` do to the dot, and passes over them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.syntax.template import TokenKind, lex_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.reads.paths import Path


_OPENED = r"\{\{(?:-(?=[ \t\r\n]))?[ \t\r\n]*"
_CLOSED = r"[ ]*(?:(?<=[ ])-)?\}\}"


@cache
def _keyword() -> re.Pattern[str]:
    return re.compile(rf"{_OPENED}(if|with|range|define|block|else|end)\b(?:[ \t\r\n]*(with)\b)?")


@cache
def _printed() -> re.Pattern[str]:
    # The functions behind it hand the value on, or read it (reads/functions.py).
    field, text = r"(?:\.[A-Za-z]\w*)+", r"\"[^\"\\]*\""
    function = rf"(?:quote|squote|trim|toString|toYaml|(?:default|trunc|indent|nindent)[ ]+(?:{text}|\$?{field}|\d+))"
    return re.compile(rf"{_OPENED}(?:toYaml[ ]+)?(\$?)\.Values({field})(?:[ ]*\|[ ]*{function})*{_CLOSED}")


def printed_paths(text: str) -> Iterator[Path]:
    """Yield the paths of the values that a template's text prints as they are, with all below them.

    For a text that is no template, what is yielded means nothing.
    """
    blocks: list[str] = []
    for action in _actions(text):
        found = _keyword().match(action)
        if found is not None:
            _enter(blocks, found[1], found[2])
            continue
        printed = _printed().fullmatch(action)
        if printed is not None and _is_root(blocks, dollar=bool(printed[1])):
            yield tuple(printed[2][1:].split("."))


def _enter(blocks: list[str], keyword: str, chained: str | None) -> None:
    if keyword == "end":
        del blocks[-1:]
    elif keyword != "else":
        blocks.append(keyword)
    elif chained and blocks:
        blocks[-1] = chained


def _is_root(blocks: list[str], *, dollar: bool) -> bool:
    """Tell whether the dot, or `$`, is what the file was given."""
    if dollar:
        return "define" not in blocks and "block" not in blocks
    return all(block == "if" for block in blocks)


def _actions(text: str) -> Iterator[str]:
    """Yield the actions that are no comments."""
    start = None
    for token in lex_template(text, jinja=False):
        if token.kind is TokenKind.LITERAL or token.kind is TokenKind.COMMENT:
            start = None
            continue
        start = token.start if start is None else start
        if token.kind is TokenKind.CODE and text.endswith("}}", token.start, token.end):
            yield text[start : token.end]
            start = None
