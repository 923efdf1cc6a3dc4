"""One image reference: as it is written, normalized for matching, and familiar for people."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import InvalidReference
from regfix.image import grammar
from regfix.image.host import DOCKER_HUB, is_host, normalize_host, normalize_path

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 1024
"""No reference is longer, in characters: a name, a tag of 128, a digest of 128 hexadecimal digits."""


@cache
def _reference_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?!{grammar.IDENTIFIER}$)(?:(?P<registry>{grammar.DOMAIN})/)?(?P<repository>{grammar.PATH})"
        rf"(?::(?P<tag>{grammar.TAG}))?(?:@(?P<digest>{grammar.DIGEST}))?"
    )


class Reference(NamedTuple):
    """`[registry/]repository[:tag][@digest]`, each part as written; an absent part is the empty string."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference; raises InvalidReference where distribution/reference would refuse it.

        >>> Reference.parse("localhost:5000/app:1.0").registry
        'localhost:5000'
        """
        parsed = cls.match(text)
        if parsed is None:
            raise InvalidReference(f"{text!r} is not an image reference", hint="registry/repository:tag@digest")
        return parsed

    @classmethod
    def match(cls, text: str) -> Reference | None:
        """Read a reference, or return None where the text is not one."""
        found = _reference_pattern().fullmatch(text) if len(text) <= _LONGEST else None
        if found is None:
            return None
        registry, repository, tag, digest = found.group("registry", "repository", "tag", "digest")
        if registry and not is_host(registry):
            registry, repository = None, f"{registry}/{repository}"
        parsed = cls(registry or "", repository, tag or "", digest or "")
        return parsed if len("/".join(parsed.path)) <= grammar.MAX_REPOSITORY else None

    @property
    def host(self) -> str:
        """The registry for matching: `docker.io` where none is written."""
        return normalize_host(self.registry) if self.registry else DOCKER_HUB

    @property
    def path(self) -> tuple[str, ...]:
        """The repository's components for matching, with Docker Hub's `library`."""
        return normalize_path(self.host, tuple(self.repository.split("/")))

    @property
    def suffix(self) -> str:
        """Tag and digest with their separators."""
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    @property
    def name(self) -> str:
        """The full name without tag and digest, `docker.io/library/nginx` for `nginx:1.27`."""
        return "/".join((self.host, *self.path))

    @property
    def normalized(self) -> str:
        """The full name, `docker.io/library/nginx:1.27` for `nginx:1.27`."""
        return self.name + self.suffix

    @property
    def familiar(self) -> str:
        """The short name, `nginx:1.27` for `docker.io/library/nginx:1.27`."""
        path = self.path
        if self.host != DOCKER_HUB:
            return self.normalized
        return "/".join(path[1:] if path[0] == "library" and len(path) == 2 else path) + self.suffix

    def __str__(self) -> str:
        name = f"{self.registry}/{self.repository}" if self.registry else self.repository
        return name + self.suffix


def is_start(written: str, rendered: str) -> bool:
    """Tell whether a reference as written is the rendered one, or the start of it."""
    if not written or not rendered.startswith(written):
        return False
    return len(written) == len(rendered) or rendered[len(written)] in ":@/" or written[-1] in ":/"


def starts(rendered: str) -> Iterator[str]:
    """Yield all texts that `is_start` takes for the start of a reference, the longest first."""
    for end in range(len(rendered), 0, -1):
        if end == len(rendered) or rendered[end] in ":@/" or rendered[end - 1] in ":/":
            yield rendered[:end]
