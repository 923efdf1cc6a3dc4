"""Values in which a name stands behind something else, or whose place alone says that they are one. Pure.

Sources: https://argo-cd.readthedocs.io (kustomize.images), https://kubectl.docs.kubernetes.io/references/kustomize
(configMapGenerator), https://docs.github.com/en/actions (`uses: docker://`), https://docs.openshift.com (DockerImage).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.image.reference import Reference
from regfix.locate.words import Role, key_role, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from regfix.syntax.keypath import KeyPath


class Within(NamedTuple):
    """What a value says from an offset on (code points): the value of a key in a mapping at `path`."""

    path: KeyPath
    key: str
    start: int = 0


_SCHEME = "docker://"
_VALUES = frozenset({"value", "default", "array"})


def name_within(path: KeyPath, value: str, said: Callable[[KeyPath], str]) -> Within | None:
    """Return what a value is part of, if that is an image; `said` returns the value at a path, empty for none."""
    if is_replacement(path):
        return Within(path, "image", value.find("=") + 1)
    if value.startswith(_SCHEME):
        return Within(path, "image", len(_SCHEME))
    if isinstance(path[-1], int):
        return _in_list(path, path[-1], value, said)
    is_image = path[-1] == "name" and said((*path[:-1], "kind")) == "DockerImage"
    return Within(path, "image") if is_image or (_is_below_images(path) and _is_tagged(value)) else None


def _is_below_images(path: KeyPath) -> bool:
    """Tell whether a key of its own is in a mapping `images`, and says nothing about its value."""
    above = path[-2] if len(path) > 1 else 0
    return isinstance(above, str) and words(above)[-1:] == ("images",) and key_role(str(path[-1])) is None


def _is_tagged(value: str) -> bool:
    reference = Reference.match(value) if ":" in value else None
    return reference is not None and reference.suffix != "" and not reference.repository.isdigit()  # no ports


def _in_list(path: KeyPath, index: int, value: str, said: Callable[[KeyPath], str]) -> Within | None:
    """Return what an item of a list is part of: of literals, of arguments, of the values of a parameter."""
    assigned = _assigned().match(value)
    if path[-2:-1] == ("literals",):
        return None if assigned is None else Within(path[:-1], assigned[1], assigned.end())
    if assigned is not None:
        is_flag = value[0] == "-" and _is_image(assigned[1]) and _is_plain_name(value[assigned.end() :])
        return Within(path, "image", assigned.end()) if is_flag else None
    if not _is_plain_name(value):
        return None
    before = said((*path[:-1], index - 1)) if index else ""
    of_flag = before[:1] == "-" and "=" not in before and _is_image(before)
    of_images = path[-2:-1] and path[-2] in _VALUES and words(said((*path[:-2], "name")))[-1:] == ("images",)
    return Within(path, "image") if of_flag or of_images else None


@cache
def _assigned() -> re.Pattern[str]:
    return re.compile(r"-{0,2}([A-Za-z_][\w.-]*)=")


def _is_image(flag: str) -> bool:
    found = key_role(flag)
    return found is not None and found.role is Role.REFERENCE


def _is_plain_name(value: str) -> bool:
    """Tell whether a value has what a plain word has not: a slash, or a tag."""
    return ("/" in value or ":" in value) and value[:1] not in ("/", ".", "-")


def is_replacement(path: KeyPath) -> bool:
    """Tell whether a value is one of the texts in which Argo CD names images for kustomize."""
    return path[-3:-1] == ("kustomize", "images") and isinstance(path[-1], int)
