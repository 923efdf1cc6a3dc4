"""The command line of `regfix verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.cli.options import (
    CACHE,
    COMMENTS,
    CONFIG,
    EXCLUDE,
    NO_IGNORE,
    PATHS,
    PRESETS,
    QUIET,
    REGISTRIES,
    RULES,
    TEXT,
    command,
    flag,
    output,
)
from regfix.cli.registries import manner

if TYPE_CHECKING:
    from regfix.cli.options import Words


@command(
    PATHS, RULES, PRESETS, CONFIG,
    flag("all", "--all", help="Ask for references that no rule moves, too."),
    flag("hosts", "--hosts", help="Only list the hosts that pulling needs: registries, token services, redirects."),
    *CACHE, *REGISTRIES, EXCLUDE, TEXT, COMMENTS, NO_IGNORE, output("text", "json", "markdown"),
    flag("verbose", "--verbose", "-v", help="Name the places of all images, not only where something is wrong."),
    QUIET,
)  # fmt: skip
def verify(
    *, paths: Words, rule: Words, preset: Words, config: str | None, all: bool, hosts: bool, exclude: Words,
    text: bool | None, comments: bool | None, no_ignore: bool, output: str, verbose: bool, quiet: bool, **asking: Any,
) -> int:  # fmt: skip
    """Ask the registries whether the images are where the rules put them.

    And whether they are the same as at their old home. Nothing is written. The logins are those of Docker and
    Podman.
    """
    from regfix.cli.console import Console
    from regfix.commands.rules_in_force import Choice
    from regfix.commands.verify import VerifyOptions, verify_images

    options = VerifyOptions(
        Choice(paths or (".",), rule, preset, config), exclude, text, comments, not no_ignore, all, hosts, output,
        verbose, quiet, manner(**asking),
    )  # fmt: skip
    return verify_images(options, Console())
