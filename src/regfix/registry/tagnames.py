"""Tags as text: their natural order, those of signatures, and those that are nearest to one. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@cache
def _number() -> re.Pattern[str]:
    return re.compile(r"([0-9]+)")


def natural(tag: str) -> tuple[tuple[tuple[bool, int, str], ...], str]:
    """Return the key by which tags are sorted: numbers in them count as numbers, `3.9` before `3.10`."""
    pieces = (piece for piece in _number().split(tag) if piece)
    return tuple((not p.isdigit(), int(p) if p.isdigit() else 0, "" if p.isdigit() else p) for p in pieces), tag


def is_signature(tag: str) -> bool:
    """Tell whether a tag is that of a signature, an attestation or a list of them, named after a digest.

    Sources: https://github.com/sigstore/cosign (specs/SIGNATURE_SPEC.md), the OCI distribution specification
    (referrers tag schema).
    """
    return re.fullmatch(r"sha(256-[0-9a-f]{64}|512-[0-9a-f]{128})(\.[a-z]+)?", tag) is not None


def nearest(tag: str, tags: Iterable[str], most: int = 4) -> tuple[str, ...]:
    """Return the tags that stand beside one in natural order: those of the same form if there are some."""
    usable = [one for one in tags if not is_signature(one)]
    alike = [one for one in usable if _form(one) == _form(tag)]
    ordered = sorted(alike or usable, key=natural)
    at = bisect_left(ordered, natural(tag), key=natural)
    return tuple(_around(ordered, at, most))


def _around(ordered: Sequence[str], at: int, most: int) -> Sequence[str]:
    start = max(0, min(at - most // 2, len(ordered) - most))
    return ordered[start : start + most]


def _form(tag: str) -> tuple[str, int]:
    """Return a tag's form: what is left without numbers, so that `1.2-alpine` is not offered for `1.3`."""
    return re.sub(r"[0-9]+", "0", tag), len(tag) >= 12 and "." not in tag
