"""Whether the manifests that a kustomization selects from are in the run, so that its selectors move with them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.discover import File, discover
from regfix.errors import SourceError
from regfix.locate.kind import KUSTOMIZATIONS, Kind
from regfix.locate.kustomize import is_remote, sources_of
from regfix.text.read import read_file
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Sequence


def kind_in_run(
    path: str, text: str, roots: Sequence[str], *, exclude: Sequence[str] = (), ignore_files: bool = True
) -> Kind:  # fmt: skip
    """Return whether a kustomization is an overlay of manifests that the run over these paths does not read.

    Kustomizations among its sources are followed. A source that does not exist below these paths counts as there; one
    that excludes or ignore files leave out does not.
    """
    inside = [os.path.realpath(root) for root in roots]
    folder = os.path.realpath(os.path.dirname(path) or ".")
    waiting, seen = [(folder, source) for source in sources_of(text)], set[str]()
    while waiting:
        folder, source = waiting.pop()
        place = os.path.realpath(os.path.join(folder, source))
        if is_remote(source) or not any(_holds(root, place) for root in inside):
            return Kind.OVERLAY
        if place in seen or not os.path.exists(place):
            continue
        seen.add(place)
        if place not in inside and not _reads(roots, place, exclude, ignore_files=ignore_files):
            return Kind.OVERLAY
        if os.path.isdir(place):
            waiting += [(place, source) for source in _sources_in(place)]
    return Kind.KUSTOMIZATION


def _holds(root: str, place: str) -> bool:
    return place == root or place.startswith(root.rstrip("/") + "/")


def _reads(roots: Sequence[str], place: str, exclude: Sequence[str], *, ignore_files: bool) -> bool:
    """Tell whether a run comes upon a file, or upon any in a folder."""
    found = discover(roots, exclude=exclude, ignore_files=ignore_files, only=[place])
    return any(isinstance(one, File) for one in found)


def _sources_in(folder: str) -> list[str]:
    """Return the sources of the kustomization in a folder; none where there is none that can be read."""
    for name in sorted(KUSTOMIZATIONS):
        path = os.path.join(folder, name)
        try:
            return sources_of(decode(read_file(path)[0], path).text)
        except SourceError:
            continue
    return []
