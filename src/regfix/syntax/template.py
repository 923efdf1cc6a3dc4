"""A lexer for Go templates and Jinja: literals, and actions with their strings and comments.

Sources: https://pkg.go.dev/text/template (lexical structure of actions, strings as in Go),
https://jinja.palletsprojects.com/en/stable/templates/ (delimiters, strings, comments).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


class TokenKind(StrEnum):
    """What a token of a template is."""

    LITERAL = "literal"
    CODE = "code"
    STRING = "string"
    COMMENT = "comment"


class Token(NamedTuple):
    """A piece of a template; the texts of all tokens together are the template. Offsets are code points."""

    kind: TokenKind
    start: int
    end: int


_CLOSE = {"{{": "}}", "{%": "%}"}


@cache
def _open() -> re.Pattern[str]:
    return re.compile(r"\{\{-?[ \t\r\n]*/\*|\{#|\{\{|\{%")


@cache
def _open_of_go() -> re.Pattern[str]:
    return re.compile(r"\{\{(?:-?[ \t\r\n]*/\*)?")


@cache
def _inside() -> re.Pattern[str]:
    # Go: "..." with escapes, `...` raw, 'c' a character; Jinja: '...' and "..." with escapes.
    return re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\}\}|%\}")


def lex_template(text: str, *, jinja: bool = True) -> list[Token]:
    """Split a template into tokens; an action of Go that is not closed ends with the text.

    What only Jinja knows, `{%` and `{#`, opens nothing where nothing closes it, nor without `jinja`: to Go it is text.
    """
    return [token for token in _tokens(text, jinja=jinja) if token.start < token.end]


@cache
def _statement() -> re.Pattern[str]:
    # A whole statement of Jinja. No other one begins in it, so that the time is linear however many are not closed.
    return re.compile(r"\{%(?:[^\"'`{%]|\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|%(?!\})|\{(?![{%#]))*+%\}")


def _next_opening(text: str, at: int, last_comment_end: int) -> re.Match[str] | None:
    """Return what opens the next action or comment."""
    while (found := _open().search(text, at)) is not None:
        opened, at = found.group(), found.end()
        if opened == "{%":
            opens = _statement().match(text, found.start()) is not None
        else:
            opens = opened != "{#" or at <= last_comment_end
        if opens:
            return found
    return None


def _tokens(text: str, *, jinja: bool) -> Iterator[Token]:
    at, last_comment_end = 0, text.rfind("#}")
    while (found := _next_opening(text, at, last_comment_end) if jinja else _open_of_go().search(text, at)) is not None:
        yield Token(TokenKind.LITERAL, at, found.start())
        opened = found.group()
        if opened in _CLOSE:
            at = yield from _action(text, found.start(), _CLOSE[opened])
        else:
            closing = "#}" if opened == "{#" else "*/"
            end = text.find(closing, found.end())
            at = len(text) if end < 0 else end + 2
            yield Token(TokenKind.COMMENT, found.start(), at)
            if opened != "{#":
                at = yield from _action(text, at, "}}")
    yield Token(TokenKind.LITERAL, at, len(text))


def _action(text: str, start: int, closing: str) -> Generator[Token, None, int]:
    """Yield the tokens of one action and return where it ends."""
    at = start
    for found in _inside().finditer(text, start):
        if found.group() == closing:
            yield Token(TokenKind.CODE, at, found.end())
            return found.end()
        if found.group()[0] in "\"'`":
            yield Token(TokenKind.CODE, at, found.start())
            yield Token(TokenKind.STRING, found.start(), found.end())
            at = found.end()
    yield Token(TokenKind.CODE, at, len(text))
    return len(text)
