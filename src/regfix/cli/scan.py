"""The command line of `regfix scan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cli.options import (
    COMMENTS,
    CONFIG,
    EXCLUDE,
    NO_IGNORE,
    PATHS,
    PRESETS,
    QUIET,
    REPORTS,
    RULES,
    TEXT,
    VERBOSE,
    command,
    output,
)

if TYPE_CHECKING:
    from regfix.cli.options import Words


@command(
    PATHS, RULES, PRESETS, CONFIG, EXCLUDE, TEXT, COMMENTS, NO_IGNORE, output("text", "json", "csv", *REPORTS),
    VERBOSE, QUIET,
)  # fmt: skip
def scan(
    *, paths: Words, rule: Words, preset: Words, config: str | None, exclude: Words, text: bool | None,
    comments: bool | None, no_ignore: bool, output: str, verbose: bool, quiet: bool,
) -> int:  # fmt: skip
    """List every reference: where it is, what it is, what the rules would do.

    Nothing is written.
    """
    from regfix.cli.console import Console
    from regfix.commands.rules_in_force import Choice
    from regfix.commands.scan import ScanOptions
    from regfix.commands.scan import scan as run

    options = ScanOptions(
        Choice(paths or (".",), rule, preset, config), exclude, text, comments,
        ignore_files=not no_ignore, format=output, verbose=verbose, quiet=quiet,
    )  # fmt: skip
    return run(options, Console())
