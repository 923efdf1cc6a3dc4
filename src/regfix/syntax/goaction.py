"""The actions of Go templates: their tokens, and pipelines as trees of operands.

Source: https://pkg.go.dev/text/template and its package parse. Variables, names and fields are kept as written; what a
function does is not known here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.syntax.template import TokenKind, lex_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_NESTING = 100
"""Blocks within blocks, parentheses within parentheses, fields of fields; charts have a dozen."""


class TemplateError(Exception):
    """The text is no Go template, or goes beyond the limit."""


class Dot(NamedTuple):
    """The value at hand, `.`."""

    at: int


class Variable(NamedTuple):
    """A variable, with its `$`; `$` alone is what the template was given."""

    name: str


class Name(NamedTuple):
    """A function by its name; `at` is its offset in code points."""

    name: str
    at: int


class Literal(NamedTuple):
    """A text, a number, a character; the value is that of a text, else the empty one."""

    value: str
    is_text: bool


class Field(NamedTuple):
    """A field of something: `.Values` is the field `Values` of the dot."""

    of: Operand
    name: str


class Pipeline(NamedTuple):
    """Commands, each with its operands, whose results are handed on; `variables` get the last one's."""

    variables: tuple[str, ...]
    commands: tuple[tuple[Operand, ...], ...]


Operand = Dot | Variable | Name | Literal | Field | Pipeline


class Token(NamedTuple):
    """A token of an action; `at` is its offset in code points, `glued` tells that nothing stands before it."""

    kind: str
    text: str
    at: int
    glued: bool


@cache
def _token() -> re.Pattern[str]:
    return re.compile(
        r"(?P<space>[ \t\r\n]+)|(?P<variable>\$\w*)|(?P<field>\.[^\W\d]\w*)|(?P<number>[-+]?\.?\d[\w.+]*)"
        r"|(?P<dot>\.)|(?P<name>[^\W\d]\w*)|(?P<sign>:=|[=|(),])"
    )


def actions_of(text: str) -> Iterator[list[Token]]:
    """Yield the tokens of each action of a template that is no comment; raises TemplateError."""
    tokens: list[Token] = []
    for token in lex_template(text, jinja=False):
        if token.kind is TokenKind.STRING:
            raw = text[token.start : token.end]
            tokens.append(Token("text", unquoted(raw), token.start, glued=False))
        elif token.kind is TokenKind.CODE:
            code = text[token.start : token.end]
            opened, closed = _opening().match(code), _closing().search(code)
            start, end = opened.end() if opened else 0, closed.start() if closed else len(code)
            tokens += _code(code[start : max(start, end)], token.start + start)
            if closed:
                yield from [tokens] if tokens else []
                tokens = []
    if tokens:
        raise TemplateError("an action is not closed")


@cache
def _opening() -> re.Pattern[str]:
    return re.compile(r"\{\{(?:-(?=[ \t\r\n]))?")


@cache
def _closing() -> re.Pattern[str]:
    return re.compile(r"(?:(?<=[ \t\r\n])-|^-)?\}\}$")


def _code(code: str, start: int) -> Iterator[Token]:
    at, glued = 0, False
    while at < len(code):
        found = _token().match(code, at)
        if found is None:
            raise TemplateError(f"{code[at : at + 20]!r} is no part of an action")
        kind, at = found.lastgroup or "", found.end()
        if kind != "space":
            yield Token(kind, found.group(), start + found.start(), glued)
        glued = kind != "space"


@cache
def _escape() -> re.Pattern[str]:
    return re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([0-7]{3})|(.))", re.DOTALL)


def unquoted(literal: str) -> str:
    """Return the value of a string of Go with its quotes; a character counts as a text, too."""
    if literal[:1] == "`":
        return literal[1:-1]
    letters = {"n": "\n", "t": "\t", "r": "\r"}

    def letter(found: re.Match[str]) -> str:
        code = found[1] or found[2]
        if code:
            return chr(int(code, 16))
        return chr(int(found[3], 8)) if found[3] else letters.get(found[4], found[4])

    return _escape().sub(letter, literal[1:-1])


def parse_pipeline(tokens: Sequence[Token]) -> Pipeline:
    """Return a pipeline of the tokens, all of them; raises TemplateError."""
    parser = _Parser(tokens)
    found = parser.pipeline(0)
    if parser.at < len(tokens):
        raise TemplateError(f"{tokens[parser.at].text!r} is not expected")
    return found


class _Parser:
    """Parses the tokens of one action."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self.at = 0

    def _peek(self, ahead: int = 0) -> Token:
        end = Token("end", "", -1, glued=False)
        return self._tokens[self.at + ahead] if self.at + ahead < len(self._tokens) else end

    def _sign(self, ahead: int = 0) -> str:
        return self._peek(ahead).text if self._peek(ahead).kind == "sign" else ""

    def pipeline(self, depth: int) -> Pipeline:
        if depth > MAX_NESTING:
            raise TemplateError("nested too deep")
        variables = self._variables()
        commands = [self._command(depth)]
        while self._sign() == "|":
            self.at += 1
            commands.append(self._command(depth))
        return Pipeline(variables, tuple(commands))

    def _variables(self) -> tuple[str, ...]:
        """Read `$x :=`, `$x =` or `$i, $x :=` in front of a pipeline."""
        names: list[str] = []
        ahead = 0
        while self._peek(ahead).kind == "variable":
            names.append(self._peek(ahead).text)
            sign = self._sign(ahead + 1)
            ahead += 2
            if sign in (":=", "="):
                self.at += ahead
                return tuple(names)
            if sign != ",":
                break
        return ()

    def _command(self, depth: int) -> tuple[Operand, ...]:
        operands: list[Operand] = []
        while self._peek().kind != "end" and self._sign() not in ("|", ")"):
            operands.append(self._operand(depth))
        if not operands:
            raise TemplateError("a command is missing")
        return tuple(operands)

    def _operand(self, depth: int) -> Operand:
        token = self._peek()
        self.at += 1
        found: Operand
        match token.kind:
            case "dot":
                found = Dot(token.at)
            case "field":
                found = Field(Dot(token.at), token.text[1:])
            case "variable":
                found = Variable(token.text)
            case "name":
                found = Name(token.text, token.at)
            case "number":
                found = Literal("", is_text=False)
            case "text":
                found = Literal(token.text, is_text=True)
            case "sign" if token.text == "(":
                found = self.pipeline(depth + 1)
                if self._sign() != ")":
                    raise TemplateError("a parenthesis is not closed")
                self.at += 1
            case _:
                raise TemplateError(f"{token.text!r} is not expected")
        for _ in range(MAX_NESTING):
            if self._peek().kind != "field" or not self._peek().glued:
                return found
            found = Field(found, self._peek().text[1:])
            self.at += 1
        raise TemplateError("nested too deep")
