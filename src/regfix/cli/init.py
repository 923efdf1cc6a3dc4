"""The command line of `regfix init`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cli.options import EXCLUDE, QUIET, argument, command, flag, value

if TYPE_CHECKING:
    from regfix.cli.options import Words


@command(
    argument("folder", "[FOLDER]", "The folder to look at; the working folder if none is given.", many=True),
    value("file", "--output", "-o", metavar="FILE", help="File to write instead of .regfix.yaml in the folder; - for "
          "standard output."),
    flag("dry_run", "--dry-run", "-n", help="Print the settings, and write nothing."),
    flag("force", "--force", help="Replace settings that are there."),
    EXCLUDE, QUIET,
)  # fmt: skip
def init(*, folder: Words, file: str | None, dry_run: bool, force: bool, exclude: Words, quiet: bool) -> int:
    """Write settings for a project.

    They hold the presets that concern it, and in comments the registries that were found, with what else can be said.
    """
    from regfix.cli.console import Console
    from regfix.commands.init import InitOptions
    from regfix.commands.init import init as run
    from regfix.errors import UsageError

    if len(folder) > 1:
        raise UsageError("init is for one folder", hint="run it in the root of the project")
    where = folder[0] if folder else "."
    return run(InitOptions(where, file, force, dry_run, exclude, quiet), Console())
