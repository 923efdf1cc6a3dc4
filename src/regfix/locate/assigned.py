"""What a bare host is assigned to, read from the text before it: `--registry=HOST`, `REGISTRY: HOST`."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.locate.words import Role, holds_registry, is_image_word, key_role
from regfix.text.span import line_start

if TYPE_CHECKING:
    from regfix.locate.site import Occurrence

_LOOK_BACK = 120
"""How far before a host its key is looked for, in code points."""


@cache
def _assignment() -> re.Pattern[str]:
    return re.compile(r"(?P<key>[A-Za-z_][\w.-]*)\\?[\"']?[ \t]*(?:[:?]?=|:-|:)[ \t]*\\?[\"']?$")


@cache
def _branch_end() -> re.Pattern[str]:
    return re.compile(r"/?\{[{%]-?\s*(?:else|elif|end|endif)\b")


def stands_in_branch(text: str, occurrence: Occurrence) -> bool:
    """Tell whether a host is the whole text of a template's branch: an action opens it before, one ends it behind."""
    opened = text[occurrence.start - 2 : occurrence.start] in ("}}", "%}")
    return opened and _branch_end().match(text, occurrence.end) is not None


@cache
def _end_of_value() -> re.Pattern[str]:
    return re.compile(r"/?(?:\\?[\"'`]|[\s,;}\])]|$|\\n)")


def is_assigned_registry(text: str, occurrence: Occurrence) -> bool:
    """Tell whether a bare host is the whole value of something that holds a registry, as far as the line shows."""
    if _end_of_value().match(text, occurrence.end) is None:
        return False
    line = max(line_start(text, occurrence.start), occurrence.start - _LOOK_BACK)
    found = _assignment().search(text[line : occurrence.start])
    return found is not None and holds_registry(found.group("key"))


@cache
def _flag() -> re.Pattern[str]:
    return re.compile(r"(?:^|[\s\"'`])--?(?P<key>[A-Za-z][\w-]*)[= ]$")


def is_start_for_flag(text: str, occurrence: Occurrence) -> bool:
    """Tell whether images lie below a name: it is all that a flag such as kubeadm's `--image-repository` gets.

    Of a name on Docker Hub this does not tell; nor does it where a version follows.
    """
    before = text[occurrence.start - 1 : occurrence.start]
    if before not in ("=", " ") or _end_of_value().match(text, occurrence.end) is None:
        return False
    line = max(line_start(text, occurrence.start), occurrence.start - _LOOK_BACK)
    found = _flag().search(text[line : occurrence.start])
    role = key_role(found["key"]) if found is not None else None
    if role is None or found is None:
        return False
    return role.role is Role.REGISTRY or (role.role is Role.REPOSITORY and is_image_word(found["key"]))


@cache
def _quoted_in_action() -> re.Pattern[str]:
    return re.compile(r"\{\{[^{}]*\\?([\"'`])$")


def is_quoted_in_action(text: str, occurrence: Occurrence) -> bool:
    """Tell whether a bare host is a whole string literal inside a template action of the same line."""
    line = max(line_start(text, occurrence.start), occurrence.start - _LOOK_BACK)
    found = _quoted_in_action().search(text[line : occurrence.start])
    if found is None:
        return False
    return re.compile(r"/?\\?" + found.group(1)).match(text, occurrence.end) is not None
