"""Documents inside literal block scalars: manifests that a ConfigMap holds, values files, pod templates."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING

from regfix.locate.site import Reason
from regfix.syntax.scalar import lines_of
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.locate.shape import NotedScalar
    from regfix.locate.site import Part, Site
    from regfix.syntax.keypath import KeyPath

MAX_NESTED = 3
"""Documents within documents that are read; each level reads its text once more."""

_FILES = (".yaml", ".yml", ".json")
_LISTS = frozenset({"artifacthub.io/images", "images"})
"""Annotations of charts that list images (https://artifacthub.io/docs/topics/annotations/helm/)."""


@cache
def _type_of_manifest() -> re.Pattern[str]:
    return re.compile(r"^(apiVersion|kind):[ \t]+\S", re.MULTILINE)


def holds_document(key: str | None, value: str) -> bool:
    """Tell whether a literal scalar is a document: by its key, or since it begins as a manifest does.

    Such a key is the name of a file, or that of a list of images. Other text may look like YAML and is not read: it is
    a description, a script, a program's configuration.
    """
    if "mage" not in value and "epo" not in value:
        return False
    named = key is not None and (key in _LISTS or key.lower().endswith(_FILES))
    return named or len(set(_type_of_manifest().findall(value))) == 2


def lifted(text: str, scalar: NotedScalar, sites: Iterable[Site], path: KeyPath) -> Iterator[Site]:
    """Yield the sites of an embedded document that its text alone does not show, where they stand in `text`.

    `sites` have their offsets in the scalar's value; `path` leads to the scalar.
    """
    outer, inner = lines_of(text, scalar.span), lines_of(scalar.value, Span(0, len(scalar.value)))
    for site in sites:
        if site.occurrence is None:
            parts = tuple(part._replace(span=_lifted(text, scalar.span, part, outer, inner)) for part in site.parts)
            escaped = any(part.span == scalar.span for part in parts)
            blocker = site.blocker or (Reason.ESCAPED if escaped else None)
            yield site._replace(parts=parts, key_path=(*path, *site.key_path), blocker=blocker)


def _lifted(text: str, scalar: Span, part: Part, outer: Sequence[Span], inner: Sequence[Span]) -> Span:
    """Return where a part stands in the text: a line there is one of the value behind the indentation.

    The whole scalar where it does not stand there verbatim.
    """
    start, end = part.span
    line = bisect_right(inner, (start, len(text))) - 1
    if line >= len(outer) or not text.startswith(part.text, place := outer[line].end - inner[line].end + start):
        return scalar
    return Span(place, place + end - start)
