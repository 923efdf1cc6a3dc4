"""What is asked of registries, and what is known then. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regfix.image.reference import Reference


class State(StrEnum):
    """Whether something is in a registry; unreachable: nobody answered, or not as a registry does."""

    FOUND = "found"
    MISSING = "missing"
    DENIED = "denied"
    UNREACHABLE = "unreachable"


class Wanted(NamedTuple):
    """An image that is asked for: `version` is a tag or a digest; without one the repository itself is meant."""

    host: str
    repository: str
    version: str

    @classmethod
    def of(cls, reference: Reference, tag: str = "") -> Wanted:
        """Return the question about a reference: by its digest, else its tag, else `tag`."""
        return cls(reference.host, "/".join(reference.path), reference.digest or reference.tag or tag)

    @property
    def name(self) -> str:
        """The registry and the repository."""
        return f"{self.host}/{self.repository}"

    def __str__(self) -> str:
        between = "@" if ":" in self.version else ":" if self.version else ""
        return self.name + between + self.version


class Answer(NamedTuple):
    """What a registry said: the digest of the manifest (empty for a repository), and why if it is not there.

    `platforms` maps `os/architecture[/variant]` to the digests of an index, where it was asked for as a `whole`.
    """

    state: State
    digest: str = ""
    why: str = ""
    whole: bool = False
    platforms: Mapping[str, str] | None = None


class Tags(NamedTuple):
    """The tags of a repository, in the order of the registry, and the answer where there are none."""

    answer: Answer
    names: tuple[str, ...] = ()


def joined(places: Sequence[Tags]) -> Tags:
    """Return the tags that are at any of some places; where none has the repository, what the last one says."""
    there = [tags for tags in places if tags.answer.state is State.FOUND]
    names = dict.fromkeys(name for tags in there for name in tags.names)
    return Tags(there[-1].answer, tuple(names)) if there else places[-1]


@cache
def _digest_pattern() -> re.Pattern[str]:
    from regfix.image import grammar

    return re.compile(grammar.DIGEST)


def is_digest(text: object) -> bool:
    """Tell whether something is the text of a digest."""
    return isinstance(text, str) and len(text) < 512 and _digest_pattern().fullmatch(text) is not None
