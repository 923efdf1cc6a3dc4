"""The command line of `regfix verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.cli.options import (
    ANSWERS,
    CATALOGUE,
    COMMENTS,
    CONFIG,
    EXCLUDE,
    FETCH,
    HELM,
    MIRROR_TO,
    NO_IGNORE,
    PATHS,
    PRESETS,
    QUIET,
    REGISTRIES,
    RULES,
    TEXT,
    VALUES,
    VENDORED,
    command,
    flag,
    output,
    require_fitting,
)
from regfix.cli.registries import manner

if TYPE_CHECKING:
    from regfix.chart.vendored import Vendored
    from regfix.cli.options import Words


@command(
    PATHS, RULES, PRESETS, MIRROR_TO, CATALOGUE, CONFIG, VENDORED, VALUES,
    flag("all", "--all", help="Ask for references that no rule moves, too."),
    flag("hosts", "--hosts", help="Only list the hosts that pulling needs: registries, token services, redirects."),
    *ANSWERS, *REGISTRIES, FETCH, HELM, EXCLUDE, TEXT, COMMENTS, NO_IGNORE,
    output("text", "json", "sarif", "markdown"),
    flag("verbose", "--verbose", "-v", help="Name the places of all images, not only where something is wrong."),
    QUIET,
)  # fmt: skip
def verify(
    *, paths: Words, rule: Words, preset: Words, mirror_to: str | None, catalogue: Words, config: str | None,
    vendored: Vendored,
    values: Words, all: bool, hosts: bool, fetch: bool, helm: str | None, exclude: Words, text: bool | None,
    comments: bool | None, no_ignore: bool, output: str, verbose: bool, quiet: bool, **asking: Any,
) -> int:  # fmt: skip
    """Ask the registries whether the images are where the rules put them.

    And whether they are the same as at their old home. Nothing is written. The logins are those of Docker and
    Podman.
    """
    from regfix.cli.console import Console
    from regfix.commands.rules_in_force import Choice
    from regfix.commands.verify import VerifyOptions, verify_images

    require_fitting(fetch, vendored)
    options = VerifyOptions(
        Choice(paths or (".",), rule, preset, config, catalogue, mirror_to), exclude, text, comments, not no_ignore,
        all, hosts,
        output, verbose, quiet, manner(**asking), vendored, values, fetch, helm,
    )  # fmt: skip
    return verify_images(options, Console())
