"""The command line of `regfix overrides`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.cli.options import CATALOGUE, CONFIG, FETCH, HELM, PRESETS, RULES, argument, command, value

if TYPE_CHECKING:
    from regfix.cli.options import Words


@command(
    argument("chart", "CHART", "Folder or archive (.tgz) of a chart; with --fetch what helm pull takes, too."),
    value(
        "values", "--values", "-f", metavar="FILE", many=True, help="Values file that the chart is installed with. "
        "Repeatable.",
    ),
    FETCH, value("version", "--version", metavar="RANGE", help="Version of a chart that is fetched."), HELM,
    RULES, PRESETS, CATALOGUE, CONFIG,
)  # fmt: skip
def overrides(
    *, chart: str, values: Words, fetch: bool, version: str | None, helm: str | None,
    rule: Words, preset: Words, catalogue: Words, config: str | None,
) -> int:  # fmt: skip
    """Print the values that an installer must set, as YAML.

    For charts that are not yours: their defaults and those of their subcharts, as far as a reference in them moves.
    """
    from regfix.cli.console import Console
    from regfix.commands.overrides import OverridesOptions
    from regfix.commands.overrides import overrides as run
    from regfix.commands.rules_in_force import Choice

    choice = Choice((chart if os.path.exists(chart) else ".", *values), rule, preset, config, catalogue)
    return run(OverridesOptions(chart, values, choice, fetch=fetch, version=version or "", helm=helm), Console())
