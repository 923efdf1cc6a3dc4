"""The command line of `regfix tags`."""

from __future__ import annotations

from typing import Any

from regfix.cli.options import REGISTRIES, argument, command, flag, output, value
from regfix.cli.registries import manner


@command(
    argument("repository", "REPOSITORY", "A repository, as in registry.k8s.io/pause."),
    value("filter", "--filter", metavar="PATTERN", help="Only tags that match, as file names match in a shell."),
    flag("all", "--all", help="Also tags of signatures and attestations."),
    output("text", "json"), *REGISTRIES,
)  # fmt: skip
def tags(*, repository: str, filter: str | None, all: bool, output: str, **asking: Any) -> int:
    """List the tags of a repository.

    In natural order; as JSON in the registry's order, as skopeo list-tags prints them. The logins are those of
    Docker and Podman.
    """
    from regfix.cli.console import Console
    from regfix.commands.tags import TagsOptions
    from regfix.commands.tags import tags as run

    return run(TagsOptions(repository, filter, output, everything=all, manner=manner(**asking)), Console())
