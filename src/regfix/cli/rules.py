"""The command line of `regfix rules`."""

from typing import Annotated

import typer

from regfix.cli import options as shared

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True,
    help="List the rules, show a preset, explain what happens to one reference.",
)  # fmt: skip

Output = Annotated[shared.Format, typer.Option("--format", help="Format of the result.")]


@app.command("list")
def list_rules(
    rule: shared.Rules = None, preset: shared.Presets = None, config: shared.Config = None,
    output: Output = shared.Format.TEXT,
) -> int:  # fmt: skip
    """List the rules in force here, and the presets."""
    from regfix.cli.console import Console
    from regfix.commands import rules
    from regfix.commands.rules_in_force import Choice

    choice = Choice((".",), tuple(rule or ()), tuple(preset or ()), config)
    return rules.list_rules(choice, Console(), json=output is shared.Format.JSON)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="PRESET", help="Name of a preset.")],
    output: Output = shared.Format.TEXT,
) -> int:
    """Show the rules of a preset, with dates and sources."""
    from regfix.cli.console import Console
    from regfix.commands import rules

    return rules.show_preset(name, Console(), json=output is shared.Format.JSON)


@app.command()
def explain(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="An image reference.")],
    rule: shared.Rules = None, preset: shared.Presets = None, config: shared.Config = None,
    output: Output = shared.Format.TEXT,
) -> int:  # fmt: skip
    """Tell what the rules do to one reference, and which of them decides."""
    from regfix.cli.console import Console
    from regfix.commands import rules
    from regfix.commands.rules_in_force import Choice

    choice = Choice((".",), tuple(rule or ()), tuple(preset or ()), config)
    return rules.explain(reference, choice, Console(), json=output is shared.Format.JSON)
