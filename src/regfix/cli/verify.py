"""The command line of `regfix verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cli.options import (
    COMMENTS,
    CONFIG,
    EXCLUDE,
    NO_IGNORE,
    PATHS,
    PRESETS,
    QUIET,
    RULES,
    TEXT,
    command,
    flag,
    output,
)
from regfix.cli.registries import REGISTRIES, manner

if TYPE_CHECKING:
    from regfix.cli.options import Words


@command(
    PATHS, RULES, PRESETS, CONFIG,
    flag("all", "--all", help="Ask for references that no rule moves, too."),
    flag("hosts", "--hosts", help="Only list the hosts that pulling needs: registries, token services, redirects."),
    flag("no_cache", "--no-cache", help="Neither use nor keep answers on disk."),
    flag("offline", "--offline", help="Ask nobody: only answers on disk count, however old."),
    *REGISTRIES, EXCLUDE, TEXT, COMMENTS, NO_IGNORE, output("text", "json", "markdown"),
    flag("verbose", "--verbose", "-v", help="Name the places of all images, not only where something is wrong."),
    QUIET,
)  # fmt: skip
def verify(
    *, paths: Words, rule: Words, preset: Words, config: str | None, all: bool, hosts: bool, no_cache: bool,
    offline: bool, plain: Words, ca: str | None, realm: Words, timeout: str | None, exclude: Words, text: bool | None,
    comments: bool | None, no_ignore: bool, output: str, verbose: bool, quiet: bool,
) -> int:  # fmt: skip
    """Ask the registries whether the images are where the rules put them.

    And whether they are the same as at their old home. Nothing is written. The logins are those of Docker and
    Podman.
    """
    from regfix.cli.console import Console
    from regfix.commands.rules_in_force import Choice
    from regfix.commands.verify import VerifyOptions, verify_images
    from regfix.errors import UsageError

    if no_cache and offline:
        raise UsageError("--no-cache and --offline exclude each other", hint="--offline answers from the cache")
    options = VerifyOptions(
        Choice(paths or (".",), rule, preset, config), exclude, text, comments, not no_ignore, all, hosts, output,
        verbose, quiet, manner(plain, ca, realm, timeout, cached=not no_cache, offline=offline),
    )  # fmt: skip
    return verify_images(options, Console())
