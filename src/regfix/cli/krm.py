"""The command line of `regfix krm`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cli.options import CONFIG, PRESETS, RULES, argument, command

if TYPE_CHECKING:
    from regfix.cli.options import Words


@command(
    argument("function", "[CONFIG]", "Configuration of a plugin of kubectl, which gets plain manifests.", many=True),
    RULES, PRESETS, CONFIG,
)  # fmt: skip
def krm(*, function: Words, rule: Words, preset: Words, config: str | None) -> int:
    """Rewrite as a KRM function: a ResourceList in, a ResourceList with results out.

    kustomize and kpt start it. Rules stand in the configuration of the function, as rules and presets below
    spec, or data of a ConfigMap; without any the settings of the working folder count.
    """
    from regfix.cli.console import Console
    from regfix.cli.stdin import read_stdin
    from regfix.commands.krm import KrmOptions
    from regfix.commands.krm import krm as run
    from regfix.commands.rules_in_force import Choice
    from regfix.errors import UsageError
    from regfix.run.piped import Piped

    if len(function) > 1:
        raise UsageError("more than one configuration", where=function[1], hint="name one file")
    piped = read_stdin(("-",), None) or Piped(b"")
    return run(KrmOptions(Choice((".",), rule, preset, config), piped, function[0] if function else None), Console())
