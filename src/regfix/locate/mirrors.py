"""Definitions of mirrors: they say where images of a registry are pulled from, so its name in them must stay.

Sources: https://docs.openshift.com (ImageContentSourcePolicy, ImageDigestMirrorSet, ImageTagMirrorSet; install-config),
https://docs.k3s.io/installation/private-registry (registries.yaml),
https://github.com/containerd/containerd/blob/main/docs/cri/registry.md,
https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.text.span import line_start

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYS = frozenset({"imageContentSources", "imageDigestSources"})
_HINTS = ("irrors", "ContentSources", "DigestSources", "[[registry")
_LINES = 200
"""So many lines above a name its keys are looked for."""

_TABLE = 4000
"""So far above a name the head of its TOML table is looked for, in code points."""


def may_define_mirrors(text: str) -> bool:
    """Tell, fast and never wrongly in the negative, whether a text defines mirrors."""
    return any(hint in text for hint in _HINTS)


@cache
def is_key_of_mirrors(key: str) -> bool:
    """Tell whether mirrors are defined below a key: `mirrors`, `imageDigestMirrors`, `registry-mirrors`."""
    return key in _KEYS or key.endswith(("Mirrors", "_mirrors", "-mirrors")) or key == "mirrors"


@cache
def _table_of_mirror() -> re.Pattern[str]:
    return re.compile(r"\bmirrors[ \t]*\.[ \t]*\\?[\"']$")


@cache
def _location() -> re.Pattern[str]:
    return re.compile(r"^[ \t]*(?:location|prefix)[ \t]*=[ \t]*\\?[\"']$")


def defines_mirror(text: str, start: int) -> bool:
    """Tell whether the name at `start` stands in the definition of a mirror, as far as lines and indentation show."""
    before = text[line_start(text, start) : start]
    if _table_of_mirror().search(before) is not None:
        return True
    if _location().match(before) is not None and text.rfind("[[registry", max(0, start - _TABLE), start) >= 0:
        return True
    return any(is_key_of_mirrors(key) for key in _keys_above(text, start))


@cache
def _key() -> re.Pattern[str]:
    return re.compile(r"[ \t]*(?:-[ \t]+)*[\"']?([\w./-]+)[\"']?[ \t]*:(?=[ \t\r{\[]|$)")


def _keys_above(text: str, start: int) -> Iterator[str]:
    """Yield the keys under which a place stands: its line's own, then those of lines above that are indented less."""
    begin = line_start(text, start)
    line = text[begin:start]
    indent = len(line) - len(line.lstrip(" \t"))
    item = line.lstrip(" \t")[:1] in ("-", "]", "}")
    if (found := _key().match(line)) is not None:
        yield found.group(1)
    for _ in range(_LINES):
        if begin == 0 or (indent == 0 and not item):
            return
        end = begin - 1
        begin = line_start(text, end)
        line = text[begin:end]
        bare = line.strip(" \t\r")
        here = len(line) - len(line.lstrip(" \t"))
        if not bare or bare[0] == "#" or here > indent or (here == indent and not (item and bare[0] != "-")):
            continue
        indent, item = here, bare[0] == "-"
        if (found := _key().match(line)) is not None:
            yield found.group(1)
