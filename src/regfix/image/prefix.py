"""Prefixes: a registry and the start of a repository, as rules name them."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from regfix.errors import RuleError
from regfix.image.host import DOCKER_HUB, is_host, normalize_host, normalize_path


class Prefix(NamedTuple):
    """A registry and the first components of a repository; `host` is normalized and keeps its port."""

    host: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return "/".join((self.host, *self.path))

    @property
    def normalized(self) -> Prefix:
        """The same as a complete name, with the `library` that Docker Hub's official images leave out."""
        return Prefix(self.host, normalize_path(self.host, self.path))

    def matched(self, name: Prefix) -> int | None:
        """Return how many components of a normalized name this prefix stands for; None if `name` is not below it.

        `docker.io/nginx` stands for what is below it, and for the official image `docker.io/library/nginx`.
        """
        size = len(self.path)
        if self.host != name.host:
            return None
        if name.path[:size] == self.path:
            return size
        official = self.host == DOCKER_HUB and size == 1 and name.path == ("library", *self.path)
        return len(name.path) if official else None

    def starts(self, other: Prefix) -> bool:
        """Tell whether everything below `other` lies below this prefix."""
        return self.matched(other) is not None


@cache
def _prefix_pattern() -> re.Pattern[str]:
    from regfix.image import grammar

    return re.compile(rf"({grammar.DOMAIN})((?:/{grammar.COMPONENT})*)/?")


def parse_prefix(text: str, *, where: str = "") -> Prefix:
    """Read one side of a rule: a registry, with a port if need be, and the start of a repository.

    Raises RuleError for what is not such a prefix: a scheme, a tag, blanks, quotes, braces, capitals in the path.
    The strictness keeps a rule from writing anything but a name into a file.
    """
    found = _prefix_pattern().fullmatch(text) if len(text) <= 2 * _LONGEST else None
    if found is None or max(map(len, text.split("/", 1))) > _LONGEST:
        raise RuleError(f"{text!r} is not a registry prefix", where=where, why=_why_no_prefix(text),
                        hint="write HOST[:PORT][/PATH], as in harbor.example.com/hub")  # fmt: skip
    host, path = found.group(1), found.group(2)
    if not is_host(host):
        raise RuleError(f"{text!r} names no registry", where=where, why=f"{host!r} has neither a dot nor a port",
                        hint=f"write docker.io/{text} if Docker Hub is meant")  # fmt: skip
    return Prefix(normalize_host(host), tuple(path.split("/")[1:]))


_LONGEST = 255
"""The longest registry, and the longest repository (`RepositoryNameTotalLengthMax` of distribution/reference)."""


def _why_no_prefix(text: str) -> str:
    if not text:
        return "it is empty"
    if max(map(len, text.split("/", 1))) > _LONGEST:
        return f"its registry or its repository is longer than {_LONGEST} characters"
    if "://" in text:
        return "it has a scheme"
    if text.split("/", 1)[-1] != text.split("/", 1)[-1].lower():
        return "a repository has no capital letters"
    if (":" in text.rsplit("/", 1)[-1] and "/" in text) or "@" in text:
        return "a rule names no tag or digest"
    return "it is not a name by the grammar of references"
