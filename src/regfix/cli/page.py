"""The pages of `--help`: usage, description, options in groups, exit codes, examples, as wide as the terminal.

typer's own pages break names at their hyphens, and lines in the middle of words where a terminal is narrow.
"""

from __future__ import annotations

import inspect
import shutil
import textwrap
from itertools import chain
from typing import TYPE_CHECKING, Any

from typer.core import TyperArgument, TyperOption

from regfix.cli.manual import EXAMPLES, EXITS, GROUPS, OTHERS, PAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Rows = Sequence[tuple[str, str]]

WIDEST, NARROWEST = 78, 38
"""How many columns a line takes at most, and at least, whatever the terminal."""

_LATEST = 26
"""Where explanations begin at the latest; a longer word has a line of its own."""

_BESIDE = 58
"""Terminals of fewer columns get explanations below the words, not beside."""


def page(command: Any, context: Any) -> str:
    """Return the help of a command, with a final line end."""
    width = max(min(shutil.get_terminal_size().columns - 1, WIDEST), NARROWEST)
    name = context.command_path.removeprefix("regfix").strip()
    return "\n\n".join("\n".join(part) for part in _parts(command, context, name, width)) + "\n"


def usage(command: Any, context: Any) -> str:
    """Return what is typed, in one line: the words in brackets can be left out."""
    pieces = " ".join(piece.strip("{}") for piece in command.collect_usage_pieces(context))
    return f"{context.command_path} {pieces}"


def _parts(command: Any, context: Any, name: str, width: int) -> Iterator[list[str]]:
    yield _wrapped(f"Usage: {usage(command, context)}", width, "", "  ")
    for text in (*inspect.cleandoc(command.help).split("\n\n"), command.epilog or ""):
        if text:
            yield _wrapped(text, width, "  ", "  ")
    params = command.get_params(context)
    yield from _table("Arguments", _arguments(params), width)
    yield from _table("Commands", _commands(command, context), width)
    groups = _options(params, context, name)
    column = _column(chain(*groups.values()), width)
    for title, rows in groups.items():
        yield from _table(title if len(groups) > 1 else "Options", rows, width, column)
    yield from _table("Exit codes", EXITS.get(name, ()), width)
    if name in EXAMPLES:
        yield ["Examples:", *chain(*((f"  # {about}", f"  {typed}") for typed, about in EXAMPLES[name]))]
    if name in PAGES:
        yield ["Read more:", *(f"  {place}" for place in PAGES[name])]


def _arguments(params: Iterable[Any]) -> Rows:
    return [(one.metavar or "", one.help or "") for one in params if isinstance(one, TyperArgument)]


def _commands(command: Any, context: Any) -> Rows:
    names = getattr(command, "list_commands", lambda _: ())(context)
    return [(name, command.get_command(context, name).short_help) for name in names]


def _options(params: Iterable[Any], context: Any, name: str) -> dict[str, Rows]:
    """Return the options of a command by the titles of their groups, in the order of these."""
    groups: dict[str, list[tuple[str, str]]] = {title: [] for title in (*GROUPS, OTHERS)}
    for option in params:
        if isinstance(option, TyperOption) and (record := option.get_help_record(context)) is not None:
            groups[_group(name, option.name)].append((record[0], record[1].replace("  [", " [")))
    return {title: rows for title, rows in groups.items() if rows}


def _group(command: str, option: str | None) -> str:
    """Return the title for an option: that for the option of this command alone, else for all of its name."""
    for wanted in (f"{command}.{option}", option):
        for title, names in GROUPS.items():
            if wanted in names:
                return title
    return OTHERS


def _column(rows: Iterable[tuple[str, str]], width: int) -> int:
    """Return where the explanations of a table begin."""
    widest = max((len(word) for word, _ in rows), default=0)
    return min(widest + 4, _LATEST) if width >= _BESIDE else 6


def _table(title: str, rows: Rows, width: int, column: int = 0) -> Iterator[list[str]]:
    """Yield a table, if there is anything in it."""
    column = column or _column(rows, width)
    lines = [f"{title}:"]
    for word, about in rows:
        first, *rest = _wrapped(about, width, " " * column, " " * column)
        beside = len(word) + 4 <= column
        lines += (
            [f"  {word}".ljust(column) + first[column:]] if beside else [*_wrapped(word, width, "  ", "    "), first]
        )
        lines += rest
    if rows:
        yield lines


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    """Return a text in lines that break at blanks alone; a word that is wider than a line stays whole."""
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False,
                         break_long_words=False)  # fmt: skip
