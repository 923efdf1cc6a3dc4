"""The command line of `regfix overrides`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cli.options import CONFIG, PRESETS, RULES, argument, command, value

if TYPE_CHECKING:
    from regfix.cli.options import Words


@command(
    argument("chart", "CHART", "Folder or archive (.tgz) of a chart."),
    value(
        "values", "--values", "-f", metavar="FILE", many=True, help="Values file that the chart is installed with. "
        "Repeatable.",
    ),
    RULES, PRESETS, CONFIG,
)  # fmt: skip
def overrides(*, chart: str, values: Words, rule: Words, preset: Words, config: str | None) -> int:
    """Print the values that an installer must set, as YAML.

    For charts that are not yours: their defaults and those of their subcharts, as far as a reference in them moves.
    """
    from regfix.cli.console import Console
    from regfix.commands.overrides import OverridesOptions
    from regfix.commands.overrides import overrides as run
    from regfix.commands.rules_in_force import Choice

    return run(OverridesOptions(chart, values, Choice((chart, *values), rule, preset, config)), Console())
