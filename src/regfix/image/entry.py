"""Entries of the catalogue: what is known of a move besides its two prefixes, and what a tag has to do with it."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import NamedTuple


class Kind(StrEnum):
    """The class of an entry: how the old home and the new one compare."""

    MIRROR = "mirror"
    RENAMED = "renamed"
    SUCCESSOR = "successor"
    GONE = "gone"
    UNAFFECTED = "unaffected"
    OPTIONAL = "optional"


MOVING = frozenset({Kind.MIRROR, Kind.RENAMED, Kind.OPTIONAL})
"""The classes whose references move; those of the others stay."""

KEPT, OTHER_TAG, UNKNOWN_TAG = "kept", "other-tag", "unknown-tag"
"""Why a reference stays, besides the classes `successor` and `gone` themselves."""


class Tags(NamedTuple):
    """Which tags an entry concerns: by the numbers of their version, by patterns in which `*` stands for anything."""

    at_least: str = ""
    below: str = ""
    only: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()

    def __contains__(self, tag: object) -> bool:
        """Tell whether the condition holds for a tag; one without a version is neither at least nor below any."""
        if not isinstance(tag, str):
            return False
        version = numbers(tag)
        if (self.at_least or self.below) and version is None:
            return False
        least, below = numbers(self.at_least), numbers(self.below)
        return (
            (version is None or least is None or version >= least)
            and (version is None or below is None or version < below)
            and (not self.only or any(matches(pattern, tag) for pattern in self.only))
            and not any(matches(pattern, tag) for pattern in self.excepted)
        )

    def __str__(self) -> str:
        only, excepted = ", ".join(self.only), ", ".join(self.excepted)
        said = (("at least", self.at_least), ("below", self.below), ("only", only), ("not", excepted))
        return "; ".join(f"{how} {what}" for how, what in said if what)


class TagChange(NamedTuple):
    """What becomes of a tag: `remove_prefix` is taken off where it is there, then `add_prefix` is put in front."""

    remove_prefix: str = ""
    add_prefix: str = ""

    def of(self, tag: str) -> str:
        """Return the tag at the new home; empty where nothing would be left that is a tag."""
        new = self.add_prefix + tag.removeprefix(self.remove_prefix)
        return "" if new[:1] in (".", "-") else new

    def __str__(self) -> str:
        said = (("without", self.remove_prefix), ("with", self.add_prefix))
        return ", ".join(f"{how} {what} in front" for how, what in said if what)


class Entry(NamedTuple):
    """What the catalogue says of a move.

    `since` and `until` are ISO 8601 dates, a year and month or a year where no more is known: from when the new home
    counts, and the day from which the old one no longer serves. `charts` tells that no images lie there.
    """

    kind: Kind
    note: str = ""
    since: str = ""
    until: str = ""
    tags: Tags | None = None
    tag: TagChange | None = None
    sources: tuple[str, ...] = ()
    charts: bool = False

    @property
    def moves(self) -> bool:
        """Whether its references move at all."""
        return self.kind in MOVING

    @property
    def verified(self) -> bool:
        """Whether the same tags and digests are known to be at the new home."""
        return self.kind is Kind.MIRROR

    def refusal(self, tag: str | None) -> str | None:
        """Return why a reference with this tag stays, empty where the entry does not concern it; None where it moves.

        `tag` is None where it is not known.
        """
        if (self.tags is not None or self.tag is not None) and tag is None:
            return UNKNOWN_TAG
        if tag is not None and self.tags is not None and tag not in self.tags:
            return OTHER_TAG if self.moves else ""
        if not self.moves:
            return KEPT if self.kind is Kind.UNAFFECTED else str(self.kind)
        return OTHER_TAG if tag is not None and not self.changed(tag) else None

    def changed(self, tag: str) -> str:
        """Return what the tag is at the new home."""
        return tag if self.tag is None else self.tag.of(tag)


def numbers(tag: str) -> tuple[int, ...] | None:
    """Return the numbers of the version that a tag begins with, zeros at the end left out; None where there is none."""
    found = _version().match(tag)
    if found is None:
        return None
    parts = [int(part) for part in found[1].split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


@cache
def _version() -> re.Pattern[str]:
    return re.compile(r"[vV]?([0-9]+(?:\.[0-9]+)*)")


def matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern, in which `*` stands for any letters, matches a whole text; in linear time."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    at = len(first)
    for piece in rest[:-1]:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return len(text) - at >= len(rest[-1]) and text.endswith(rest[-1])
