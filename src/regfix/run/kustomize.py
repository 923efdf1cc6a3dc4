"""Whether the manifests that a kustomization selects from are in the run, so that its selectors move with them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.errors import SourceError
from regfix.locate.kind import KUSTOMIZATIONS, Kind
from regfix.locate.kustomize import is_remote, sources_of
from regfix.text.read import read_file
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Sequence


def kind_in_run(path: str, text: str, roots: Sequence[str]) -> Kind:
    """Return whether a kustomization is an overlay of manifests that the paths of the run do not hold.

    Kustomizations among its sources are followed. A source that does not exist below these paths counts as there.
    """
    inside = [os.path.realpath(root) for root in roots]
    folder = os.path.realpath(os.path.dirname(path) or ".")
    waiting, seen = [(folder, source) for source in sources_of(text)], set[str]()
    while waiting:
        folder, source = waiting.pop()
        place = os.path.realpath(os.path.join(folder, source))
        if is_remote(source) or not any(_holds(root, place) for root in inside):
            return Kind.OVERLAY
        if place not in seen and os.path.isdir(place):
            seen.add(place)
            waiting += [(place, source) for source in _sources_in(place)]
    return Kind.KUSTOMIZATION


def _holds(root: str, place: str) -> bool:
    return place == root or place.startswith(root.rstrip("/") + "/")


def _sources_in(folder: str) -> list[str]:
    """Return the sources of the kustomization in a folder; none where there is none that can be read."""
    for name in sorted(KUSTOMIZATIONS):
        path = os.path.join(folder, name)
        try:
            return sources_of(decode(read_file(path)[0], path).text)
        except SourceError:
            continue
    return []
