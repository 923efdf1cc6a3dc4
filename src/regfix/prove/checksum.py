"""Checksums in renders: values that have to change when something else does. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.locate.words import words

if TYPE_CHECKING:
    from regfix.syntax.keypath import KeyPath


def is_checksum(old: str, new: str, path: KeyPath) -> bool:
    """Tell whether two texts at a path are checksums, by their form and by where they stand.

    That is: digits of one length in an annotation or a label; a part of an object's name; a value whose key says so.
    """
    noted = any(step in ("annotations", "labels") for step in path[:-1])
    if noted and _hex().fullmatch(old) and _hex().fullmatch(new) and len(old) == len(new):
        return True
    if _masked(old) is not None and _masked(old) == _masked(new):
        return True
    said = bool(path) and not _HASH_WORDS.isdisjoint(words(str(path[-1])))
    return said and all(_sum().fullmatch(text) for text in (old, new))


_HASH_WORDS = frozenset({"checksum", "checksums", "hash", "rollme"})


@cache
def _hex() -> re.Pattern[str]:
    return re.compile(r"[0-9a-f]{8,128}")


def _masked(text: str) -> str | None:
    """Return the name of an object with the checksums in it blanked; None for what is no such name, or has none."""
    if not _name().fullmatch(text):
        return None
    masked, count = _part().subn(lambda found: "#" * len(found[0]), text)
    return masked if count else None


@cache
def _name() -> re.Pattern[str]:
    return re.compile(r"[a-z0-9][a-z0-9.-]{0,252}")


@cache
def _part() -> re.Pattern[str]:
    return re.compile(r"(?<![^.-])(?=[a-f]*[0-9])[0-9a-f]{6,64}(?![^.-])")


@cache
def _sum() -> re.Pattern[str]:
    return re.compile(r"[0-9A-Za-z+/=]{6,128}")
