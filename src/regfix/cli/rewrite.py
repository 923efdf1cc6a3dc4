"""The command line of `regfix rewrite`."""

from typing import Annotated

import typer

from regfix.chart.vendored import Vendored
from regfix.cli import options as shared
from regfix.errors import UsageError

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Without rules, presets or settings the preset `kubernetes` counts: k8s.gcr.io to registry.k8s.io.")
def rewrite(
    paths: shared.Paths = None,
    rule: shared.Rules = None,
    preset: shared.Presets = None,
    config: shared.Config = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Print a diff for git apply, and no more.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if something would change.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write, and print the diff.")] = False,
    vendored: Annotated[
        Vendored, typer.Option("--vendored", help="Charts in charts/: override their values in the parent's, rewrite "
                               "the folders themselves, or ignore them.")
    ] = Vendored.OVERRIDE,
    exclude: shared.Exclude = None,
    text: shared.Text = None,
    comments: shared.Comments = None,
    no_ignore: shared.NoIgnore = False,
    output: Annotated[
        shared.ReportFormat, typer.Option("--format", help="Format of the result.")
    ] = shared.ReportFormat.TEXT,
    verbose: shared.Verbose = False,
    quiet: shared.Quiet = False,
) -> int:  # fmt: skip
    """Rewrite references in place.

    Every file keeps each byte outside of the references that move. What stays of a source registry is listed with
    the reason.
    """
    from regfix.cli.console import Console
    from regfix.commands.rewrite import Mode, RewriteOptions
    from regfix.commands.rewrite import rewrite as command
    from regfix.commands.rules_in_force import Choice

    asked = [mode for mode, on in ((Mode.DRY_RUN, dry_run), (Mode.CHECK, check), (Mode.DIFF, diff)) if on]
    if len(asked) > 1:
        raise UsageError("--dry-run, --check and --diff exclude each other", hint="choose one of them")
    choice = Choice(tuple(paths or ["."]), tuple(rule or ()), tuple(preset or ()), config)
    options = RewriteOptions(
        choice, asked[0] if asked else Mode.WRITE, tuple(exclude or ()), text, comments,
        ignore_files=not no_ignore, format=output.value, verbose=verbose, quiet=quiet,
        vendored=vendored,
    )  # fmt: skip
    return command(options, Console())
