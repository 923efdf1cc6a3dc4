"""The tag of a site: in the reference itself or in a key beside it, as far as it is known. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.image import grammar
from regfix.image.reference import Reference
from regfix.locate.site import Part
from regfix.locate.words import Role
from regfix.text.span import Span

if TYPE_CHECKING:
    from regfix.locate.site import Site


def tag_of(text: str, site: Site, reference: str) -> Part | None:
    """Return the tag that is pulled by a site, which stands there as `reference`; None where that is not known.

    It is not known where none is written, or a placeholder is a part of it.
    """
    parsed = Reference.match(reference)
    if parsed is not None and parsed.tag:
        return _inside(text, site, parsed, reference)
    beside = site.tag
    return beside if beside is not None and _tag().fullmatch(beside.text) else None


def behind(text: str, site: Site, reference: str) -> str:
    """Return the character behind a reference that goes on: by a placeholder, or in another key; else nothing."""
    found, last = site.occurrence, site.parts[-1]
    if found.prefix if found is not None else last.role in (Role.REGISTRY, Role.ORGANIZATION):
        return "/"
    start = found.start if found is not None else last.span.start
    end = start + len(reference) if found is not None or len(site.parts) == 1 else last.span.end
    if end - start == len(reference) and text[start:end] != reference:
        return ""  # an escaped scalar, of which the end is not known
    return "" if text[end : end + 1] in _BEHIND else text[end]


def _inside(text: str, site: Site, parsed: Reference, reference: str) -> Part | None:
    before = len(reference) - len(parsed.suffix) + 1
    if site.occurrence is not None:
        start = site.occurrence.start + before
    else:  # the tag is the end of the last part
        last = site.parts[-1]
        start = last.span.start + len(last.text) - len(reference) + before
    end = start + len(parsed.tag)
    known = text[start:end] == parsed.tag and (parsed.digest or text[end : end + 1] in _BEHIND)
    return Part(Role.TAG, Span(start, end), parsed.tag) if known else None


_BEHIND = frozenset(("", *" \t\r\n\"'`,;)]}>|&\\"))
"""What stands behind a complete tag; anything else may be a placeholder that completes it."""


@cache
def _tag() -> re.Pattern[str]:
    return re.compile(grammar.TAG)
