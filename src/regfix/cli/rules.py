"""The command line of `regfix rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.cli.options import AS_OF, CATALOGUE, CONFIG, MIRROR_TO, PRESETS, RULES, Group, argument, command, output

if TYPE_CHECKING:
    from regfix.cli.options import Words

ABOUT = "List the rules, show a preset, explain what happens to one reference."
OUTPUT = output("text", "json")


@command(RULES, PRESETS, CATALOGUE, CONFIG, AS_OF, OUTPUT, name="list")
def list_rules(
    *, rule: Words, preset: Words, catalogue: Words, config: str | None, as_of: str | None, output: str
) -> int:
    """List the rules in force here, and the presets with their dates."""
    from regfix.cli.console import Console
    from regfix.commands import rules
    from regfix.commands.rules_in_force import Choice
    from regfix.commands.today import day

    return rules.list_rules(
        Choice((".",), rule, preset, config, catalogue), Console(), day(as_of), json=output == "json"
    )


@command(argument("preset", "PRESET", "Name of a preset."), CATALOGUE, CONFIG, AS_OF, OUTPUT)
def show(*, preset: str, catalogue: Words, config: str | None, as_of: str | None, output: str) -> int:
    """Show the entries of a preset, with classes, dates and sources."""
    from regfix.cli.console import Console
    from regfix.commands import rules
    from regfix.commands.rules_in_force import Choice
    from regfix.commands.today import day

    return rules.show_preset(
        preset, Choice(config=config, catalogue=catalogue), Console(), day(as_of), json=output == "json"
    )


@command(
    argument("reference", "REFERENCE", "An image reference."), RULES, PRESETS, MIRROR_TO, CATALOGUE, CONFIG, AS_OF,
    OUTPUT,
)  # fmt: skip
def explain(
    *, reference: str, rule: Words, preset: Words, mirror_to: str | None, catalogue: Words, config: str | None,
    as_of: str | None, output: str,
) -> int:  # fmt: skip
    """Tell what the rules do to one reference, which of them decides, and what the catalogue says of it."""
    from regfix.cli.console import Console
    from regfix.commands import rules
    from regfix.commands.rules_in_force import Choice
    from regfix.commands.today import day

    choice = Choice((".",), rule, preset, config, catalogue, mirror_to)
    return rules.explain(reference, choice, Console(), day(as_of), json=output == "json")


class _Rules(Group):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the command; without any word explain the commands."""
        return super().parse_args(ctx, args or ["--help"])


rules = _Rules(
    name="rules", commands=[list_rules, show, explain], rich_markup_mode=None,
    help=ABOUT, short_help=ABOUT,
)  # fmt: skip
