"""Go templates as trees of actions and blocks. Text between actions is left out.

Source: https://pkg.go.dev/text/template and its package parse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.syntax.goaction import MAX_NESTING, Pipeline, TemplateError, Token, actions_of, parse_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Output(NamedTuple):
    """An action that prints a pipeline, or sets variables."""

    pipeline: Pipeline


class Block(NamedTuple):
    """`if`, `with` or `range`, with what stands in it and in its `else`."""

    kind: str
    pipeline: Pipeline
    body: tuple[Action, ...]
    otherwise: tuple[Action, ...]


class Define(NamedTuple):
    """A named template."""

    name: str
    body: tuple[Action, ...]


class Call(NamedTuple):
    """`template` and `block`: a named template with what it is given (None: nothing)."""

    name: str
    given: Pipeline | None


Action = Output | Block | Define | Call


def parse_template(text: str) -> tuple[Action, ...]:
    """Return the actions of a template; raises TemplateError."""
    return _Builder().build(actions_of(text))


class _Open(NamedTuple):
    """A block under way: its parts, where it goes itself; `chained` ones end with the block that they are `else` of."""

    kind: str
    head: Pipeline | str
    chained: bool
    within: list[Action]
    body: list[Action]
    otherwise: list[Action]


class _Builder:
    """Builds the tree from the actions, with a stack of its own."""

    def __init__(self) -> None:
        self._top: list[Action] = []
        self._stack: list[_Open] = []
        self._into = self._top

    def build(self, actions: Iterator[list[Token]]) -> tuple[Action, ...]:
        for tokens in actions:
            self._take(tokens)
        if self._stack:
            raise TemplateError(f"{self._stack[-1].kind} has no end")
        return tuple(self._top)

    def _take(self, tokens: Sequence[Token]) -> None:
        keyword = tokens[0].text if tokens[0].kind == "name" else ""
        rest = tokens[1:]
        match keyword:
            case "if" | "with" | "range":
                self._open(keyword, parse_pipeline(rest))
            case "define" | "block":
                name = _text_of(rest)
                if keyword == "block":
                    self._into.append(Call(name, parse_pipeline(rest[1:])))
                self._open("define", name)
            case "else":
                self._else(rest)
            case "end":
                self._end()
            case "template":
                self._into.append(Call(_text_of(rest), parse_pipeline(rest[1:]) if rest[1:] else None))
            case "break" | "continue":
                pass
            case _:
                self._into.append(Output(parse_pipeline(tokens)))

    def _open(self, kind: str, head: Pipeline | str, *, chained: bool = False) -> None:
        if len(self._stack) >= MAX_NESTING:
            raise TemplateError("nested too deep")
        self._stack.append(_Open(kind, head, chained, self._into, [], []))
        self._into = self._stack[-1].body

    def _else(self, rest: Sequence[Token]) -> None:
        if not self._stack or self._stack[-1].kind == "define":
            raise TemplateError("else without its block")
        self._into = self._stack[-1].otherwise
        if rest:
            if rest[0].text not in ("if", "with"):
                raise TemplateError("else with something odd behind it")
            self._open(rest[0].text, parse_pipeline(rest[1:]), chained=True)

    def _end(self) -> None:
        chained = True
        while chained:
            if not self._stack:
                raise TemplateError("end without its block")
            kind, head, chained, within, body, otherwise = self._stack.pop()
            if isinstance(head, str):
                within.append(Define(head, tuple(body)))
            else:
                within.append(Block(kind, head, tuple(body), tuple(otherwise)))
            self._into = within


def _text_of(tokens: Sequence[Token]) -> str:
    if not tokens or tokens[0].kind != "text":
        raise TemplateError("a template without a name")
    return tokens[0].text
