"""The commands of `regfix`, each imported when it is called for."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from typer.core import TyperOption
from typer.exceptions import Exit, TyperException

from regfix.cli.options import Group

if TYPE_CHECKING:
    from collections.abc import Sequence

HELP = ("-h", "--help")
"""How users of other tools ask for help; commands below take it from the program."""

COMMANDS = (
    "init", "rewrite", "scan", "overrides", "upgrades", "verify", "tags", "rules", "bulk", "cluster", "krm",
    "completion",
)  # fmt: skip

START = """\
Move container image references to another registry, and touch nothing else.

Start with:

  regfix rewrite ./charts --dry-run     show what would change
  regfix rewrite ./charts               change it
  regfix scan ./charts                  list every image reference

'regfix --help' lists all commands, 'regfix COMMAND --help' explains one.
"""
"""What a newcomer needs, who typed the name of the program and no more."""


def _print_version(ctx: Any, option: Any, asked: bool | None) -> None:
    if asked:
        from regfix import __version__

        _print(f"regfix {__version__}\n")


_VERSION = TyperOption(
    param_decls=["version", "--version", "-V"], is_flag=True, is_eager=True, expose_value=False,
    help="Print the version.", callback=_print_version,
)  # fmt: skip


class Program(Group):
    """Move container image references to another registry, and touch nothing else."""

    def __init__(self) -> None:
        super().__init__(
            name="regfix", help=self.__doc__, params=[_VERSION], rich_markup_mode=None,
            context_settings={"help_option_names": HELP},
        )  # fmt: skip

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name, or None; its module is imported now, because start-up time counts in a hook."""
        return getattr(import_module(f"regfix.cli.{cmd_name}"), cmd_name) if cmd_name in COMMANDS else None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the command; without any word show how to start."""
        if not args and not ctx.resilient_parsing:
            _print(START)
        return super().parse_args(ctx, args)


def _print(text: str) -> NoReturn:
    from regfix.cli.console import Console

    Console().result(text)
    raise Exit


def run_command_line() -> int:
    """Parse the arguments of the process, run the command, and return the exit code; errors are told in one line."""
    from regfix.cli.console import Console, OutputFailed
    from regfix.errors import RegfixError

    arguments = sys.argv[1:]
    if arguments[:1] in (["help"], ["version"]):  # commands of kubectl and Helm
        arguments = [*arguments[1:], f"--{arguments[0]}"]
    if sys.stdout is None and (not arguments or {*HELP, "--version", "-V"}.intersection(arguments)):
        raise OutputFailed(None)  # typer would print its help to nobody without a word
    try:
        if arguments[:1] == ["__complete"]:
            return _complete(arguments[1:])
        return int(Program().main(arguments, prog_name="regfix", standalone_mode=False) or 0)
    except OSError as error:  # of typer's own help; commands write through the console
        raise OutputFailed(error) from None
    except (TyperException, RegfixError) as error:
        from regfix.cli.usage import usage_error
        from regfix.report.text import error_line

        Console().message(error_line(error if isinstance(error, RegfixError) else usage_error(error)))
    return 2


def _complete(words: Sequence[str]) -> int:
    """Tell a shell what can stand in place of the last word; whatever goes wrong, nobody reads messages there."""
    from regfix.cli.complete import ERROR, Answer, answer
    from regfix.cli.console import Console
    from regfix.errors import RegfixError

    try:
        said = answer(Program(), words)
    except (TyperException, RegfixError):
        said = Answer((), ERROR)
    Console().result(str(said))
    return 0
