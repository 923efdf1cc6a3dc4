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
    from collections.abc import Iterable, Iterator

    from regfix.reads.paths import Path


_OPENED = r"\{\{(?:-(?=[ \t\r\n]))?[ \t\r\n]*"
_CLOSED = r"[ ]*(?:(?<=[ ])-)?\}\}"


@cache
def _told() -> re.Pattern[str]:
    # What opens and closes blocks, or prints a value: the functions behind it hand it on, or read it
    # (reads/functions.py).
    field, text = r"(?:\.[A-Za-z]\w*)+", r"\"[^\"\\]*\""
    function = rf"(?:quote|squote|trim|toString|toYaml|(?:default|trunc|indent|nindent)[ ]+(?:{text}|\$?{field}|\d+))"
    return re.compile(
        rf"{_OPENED}(?:(if|with|range|define|block|else|end)\b(?:[ \t\r\n]*(with)\b)?"
        rf"|(?:toYaml[ ]+)?(\$?)\.Values({field})(?:[ ]*\|[ ]*{function})*{_CLOSED})"
    )


@cache
def _simple() -> re.Pattern[str]:
    # In its actions stand no braces, no raw texts, no escapes, and no comments but whole ones.
    literal, text, comment = r"[^{]++|\{(?!\{)", r"\"[^\"\\\n{}]*+\"", r"-?[ \t\r\n]*+/\*(?:[^*{}]|\*(?!/))*+\*/"
    return re.compile(rf"(?:{literal}|\{{\{{(?:{comment})?+(?!-?[ \t\r\n]*+/\*)(?:[^\"'`{{}}]++|{text})*+\}}\}})*+")


def printed_paths(text: str) -> Iterator[Path]:
    """Yield the paths of the values that a template's text prints as they are, with all below them.

    For a text that is no template, what is yielded means nothing.
    """
    blocks: list[str] = []
    for keyword, chained, dollar, field in _told_actions(text):
        if keyword:
            _enter(blocks, keyword, chained)
        elif _is_root(blocks, dollar=bool(dollar)):
            yield tuple(field[1:].split("."))


def _told_actions(text: str) -> Iterable[tuple[str, ...]]:
    """Return what opens and closes blocks, or prints a value: the groups of `_told`.

    In a simple template all that looks like an action is one; the others are lexed.
    """
    if _simple().fullmatch(text) is not None:
        return _told().findall(text)
    found = ((_told().match(action), action) for action in _actions(text))
    return (told.groups("") for told, action in found if told is not None and (told[1] or told.end() == len(action)))


def _enter(blocks: list[str], keyword: str, chained: str) -> None:
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
