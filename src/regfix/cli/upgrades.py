"""The command line of `regfix upgrades`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cli.options import CATALOGUE, CONFIG, HELM, PRESETS, RULES, argument, command, flag, output, value

if TYPE_CHECKING:
    from regfix.cli.options import Words


@command(
    argument("chart", "CHART", "Folder or archive (.tgz) of a chart."),
    value("most", "--max", metavar="NUMBER", help="How many newer versions to download for a dependency (20)."),
    HELM, RULES, PRESETS, CATALOGUE, CONFIG, output("text", "json"),
    flag("verbose", "--verbose", "-v", help="List the references, too."),
    flag("quiet", "--quiet", "-q", help="Print no accounting."),
)  # fmt: skip
def upgrades(
    *, chart: str, most: str | None, helm: str | None, rule: Words, preset: Words, catalogue: Words,
    config: str | None, output: str, verbose: bool, quiet: bool,
) -> int:  # fmt: skip
    """Tell which newer versions of dependencies no longer use an old registry.

    For each dependency whose defaults hold a reference that the rules move: the first newer version whose defaults
    hold none, and whether it is in the range of Chart.yaml. Your Helm asks the repositories.
    """
    from regfix.cli.console import Console
    from regfix.commands.rules_in_force import Choice
    from regfix.commands.upgrades import MOST, UpgradesOptions
    from regfix.commands.upgrades import upgrades as run
    from regfix.errors import UsageError

    if most is not None and not (most.isascii() and most.isdecimal() and len(most) < 6 and 0 < int(most) <= 10_000):
        raise UsageError("--max is a number from 1 to 10000", where=f"--max {most}")
    choice = Choice((chart,), rule, preset, config, catalogue)
    limit = int(most) if most is not None else MOST
    return run(UpgradesOptions(chart, choice, limit, helm, output, verbose=verbose, quiet=quiet), Console())
