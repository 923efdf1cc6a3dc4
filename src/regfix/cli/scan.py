"""The command line of `regfix scan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cli.options import (
    AS_OF,
    CATALOGUE_FILES,
    COMMENTS,
    CONFIG,
    DIFF_FROM,
    EXCLUDE,
    MIRROR_TO,
    NO_IGNORE,
    PATHS,
    PRESETS,
    QUIET,
    REPORTS,
    RULES,
    STDIN_FILENAME,
    TEXT,
    VERBOSE,
    WHOLE_CATALOGUE,
    command,
    output,
)

if TYPE_CHECKING:
    from regfix.cli.options import Words


@command(
    PATHS, RULES, PRESETS, MIRROR_TO, WHOLE_CATALOGUE, CATALOGUE_FILES, AS_OF, CONFIG, DIFF_FROM, EXCLUDE,
    STDIN_FILENAME, TEXT, COMMENTS, NO_IGNORE, output("text", "json", "csv", *REPORTS), VERBOSE, QUIET,
)  # fmt: skip
def scan(
    *, paths: Words, rule: Words, preset: Words, mirror_to: str | None, catalogue: bool, catalogue_file: Words,
    as_of: str | None, config: str | None, diff_from: str | None, exclude: Words, stdin_filename: str | None,
    text: bool | None,
    comments: bool | None, no_ignore: bool, output: str, verbose: bool, quiet: bool,
) -> int:  # fmt: skip
    """List every reference: where it is, what it is, what the rules would do.

    Nothing is written. With --catalogue only what is known to have moved, or to be about to move.
    """
    from regfix.cli.console import Console
    from regfix.commands.rules_in_force import Choice
    from regfix.commands.scan import ScanOptions
    from regfix.commands.scan import scan as run
    from regfix.commands.today import day

    piped = None
    if "-" in paths or stdin_filename is not None:
        from regfix.cli.stdin import read_stdin

        piped, paths = read_stdin(paths, stdin_filename), (stdin_filename or ".",)
    only: Words | None = None
    if diff_from is not None:
        from regfix.commands.listed import part_of_working_folder

        paths, only = (".",), part_of_working_folder(paths, diff_from)
    options = ScanOptions(
        Choice(paths or (".",), rule, preset, config, catalogue_file, mirror_to), exclude, text, comments,
        ignore_files=not no_ignore, format=output, verbose=verbose, quiet=quiet,
        today=day(as_of) if catalogue else None, piped=piped, only=only,
    )  # fmt: skip
    return run(options, Console())
