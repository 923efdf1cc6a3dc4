"""The command line of `regfix overrides`."""

from typing import Annotated

import typer

from regfix.cli import options as shared

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def overrides(
    chart: Annotated[str, typer.Argument(metavar="CHART", help="Folder or archive (.tgz) of a chart.")],
    values: Annotated[
        list[str] | None,
        typer.Option("--values", "-f", metavar="FILE", help="Values file that the chart is installed with. "
                     "Repeatable."),
    ] = None,
    rule: shared.Rules = None,
    preset: shared.Presets = None,
    config: shared.Config = None,
) -> int:  # fmt: skip
    """Print the values that an installer must set, as YAML.

    For charts that are not yours: their defaults and those of their subcharts, as far as a reference in them moves.
    """
    from regfix.cli.console import Console
    from regfix.commands.overrides import OverridesOptions
    from regfix.commands.overrides import overrides as command
    from regfix.commands.rules_in_force import Choice

    choice = Choice((chart, *(values or ())), tuple(rule or ()), tuple(preset or ()), config)
    return command(OverridesOptions(chart, tuple(values or ()), choice), Console())
