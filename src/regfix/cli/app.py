"""The commands of `regfix`, each imported when it is called for.

The modules of this package that declare commands do without `from __future__ import annotations`: typer would
have to evaluate each annotation from its text, at every start.
"""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS = ("rewrite", "scan", "overrides", "rules")


class LazyCommands(TyperGroup):
    """A group that imports a command's module only when the command runs, because start-up time counts in a hook."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command = get_command(import_module(f"regfix.cli.{cmd_name}").app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=LazyCommands, rich_markup_mode=None, pretty_exceptions_enable=False, invoke_without_command=True)

EXAMPLES = """\
Start with:

  regfix rewrite ./charts --dry-run     show what would change
  regfix rewrite ./charts               change it
  regfix scan ./charts                  list every image reference
"""


@app.callback()
def main(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> int:
    """Move container image references to another registry, and touch nothing else."""
    if version:
        from regfix import __version__

        typer.echo(f"regfix {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help() + "\n\n" + EXAMPLES, nl=False)
    return 0


def run_command_line() -> int:
    """Parse the arguments of the process, run the command, and return the exit code; errors are told in one line."""
    from regfix.cli.console import Console, OutputFailed
    from regfix.errors import RegfixError

    arguments = sys.argv[1:]
    if sys.stdout is None and (not arguments or {"--help", "--version"}.intersection(arguments)):
        raise OutputFailed(None)  # typer would print its help to nobody without a word
    try:
        return int(get_command(app).main(prog_name="regfix", standalone_mode=False) or 0)
    except OSError as error:  # of typer's own help; commands write through the console
        raise OutputFailed(error) from None
    except typer.TyperException as error:
        from regfix.report.escape import escape

        Console().message(f"error: {escape(error.format_message())}{_help_hint(error)}")
    except RegfixError as error:
        from regfix.report.text import error_line

        Console().message(error_line(error))
    return 2


def _help_hint(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"\nSee '{context.command_path} --help'." if context is not None else ""
