"""The command line of `regfix scan`."""

from typing import Annotated

import typer

from regfix.cli import options as shared

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def scan(
    paths: shared.Paths = None,
    rule: shared.Rules = None,
    preset: shared.Presets = None,
    config: shared.Config = None,
    exclude: shared.Exclude = None,
    text: shared.Text = None,
    comments: shared.Comments = None,
    no_ignore: shared.NoIgnore = False,
    output: Annotated[
        shared.TableFormat, typer.Option("--format", help="Format of the result.")
    ] = shared.TableFormat.TEXT,
    verbose: shared.Verbose = False,
    quiet: shared.Quiet = False,
) -> int:
    """List every reference: where it is, what it is, what the rules would do.

    Nothing is written.
    """
    from regfix.cli.console import Console
    from regfix.commands.rules_in_force import Choice
    from regfix.commands.scan import ScanOptions
    from regfix.commands.scan import scan as command

    choice = Choice(tuple(paths or ["."]), tuple(rule or ()), tuple(preset or ()), config)
    options = ScanOptions(
        choice,
        tuple(exclude or ()),
        text,
        comments,
        ignore_files=not no_ignore,
        format=output.value,
        verbose=verbose,
        quiet=quiet,
    )
    return command(options, Console())
