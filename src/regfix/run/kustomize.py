"""Whether the manifests that a kustomization selects from are in the run, so that its selectors move with them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from regfix.image.reference import Reference
from regfix.locate.kind import Kind
from regfix.locate.kustomize import is_remote, parts_of
from regfix.run.file import Known
from regfix.run.kustomizations import Kustomizations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regfix.locate.hosts import HostFinder
    from regfix.locate.kustomize import Parts
    from regfix.run.file import Options


class Selected(NamedTuple):
    """What the selectors of a kustomization are for: manifests in the run alone, or an overlay of others, too.

    `here` are the names of the images of an overlay that are in the run; None where a run is about some files of a
    project, so that others of it may follow.
    """

    kind: Kind = Kind.KUSTOMIZATION
    here: frozenset[str] | None = frozenset()


def selected_in_run(path: str, text: str, options: Options, hosts: HostFinder) -> Selected:
    """Return what a kustomization selects from.

    Kustomizations among its sources are followed. A source that does not exist below the paths of the run counts as
    there; one that excludes or ignore files leave out does not. A component selects from what the kustomizations of the
    run that include it are made of; where there is none, from what is elsewhere.
    """
    own = os.path.realpath(path)
    known = options.known or Known()
    tree = known.kustomizations = known.kustomizations or Kustomizations(options)
    walk = _Walk(options, tree)
    parts = parts_of(text)
    walk.follow(own, parts)
    if parts.is_component:
        users = tree.users(os.path.dirname(own), {own})
        for user, its in users:
            walk.follow(user, its)
        walk.elsewhere = walk.elsewhere or all(its.is_component for _, its in users)
    if not walk.elsewhere:
        return Selected()
    if walk.awaited or options.piped is not None:
        return Selected(Kind.OVERLAY, None)
    names = [tree.names_in(file, hosts) | _names_of(known.written.get(file, ())) for file in walk.files - {own}]
    return Selected(Kind.OVERLAY, frozenset[str]().union(*names))


class _Walk:
    """Goes through the sources of kustomizations: the files that the run reads, and whether there are others."""

    def __init__(self, options: Options, tree: Kustomizations) -> None:
        self._tree = tree
        self._inside = [os.path.realpath(root) for root in options.roots]
        self._about = None if options.only is None else [os.path.realpath(path) for path in options.only]
        self._seen: set[str] = set()
        self.files: set[str] = set()
        self.elsewhere = False
        self.awaited = False  # whether others that the paths hold, which this run is not about, may follow

    def follow(self, file: str, parts: Parts) -> None:
        """Take the sources of a kustomization, and theirs; `file` is its real path."""
        waiting = [(file, parts)]
        while waiting:
            file, parts = waiting.pop()
            folder = os.path.dirname(file)
            self.files.add(file)
            for part in parts.files:
                found = self._tree.files_at(os.path.realpath(os.path.join(folder, part)))
                self.files.update(one for one in found if self._is_about(one))
            for source in parts.sources:
                waiting += self._source(source, folder)

    def _source(self, source: str, folder: str) -> list[tuple[str, Parts]]:
        """Take one source; return it if it is a kustomization."""
        place = os.path.realpath(os.path.join(folder, source))
        if is_remote(source) or not any(_holds(root, place) for root in self._inside):
            self.elsewhere = True
        elif place not in self._seen and os.path.exists(place):
            self._seen.add(place)
            if place not in self._inside and not self._tree.reads(place):
                self.elsewhere = True
            elif not self._is_about(place):
                self.elsewhere = self.awaited = True
            elif os.path.isdir(place):
                return self._tree.in_folder(place)
            else:
                self.files.add(place)
        return []

    def _is_about(self, place: str) -> bool:
        return self._about is None or any(_holds(path, place) for path in self._about)


def _holds(root: str, place: str) -> bool:
    return place == root or place.startswith(root.rstrip("/") + "/")


def _names_of(references: Iterable[str]) -> frozenset[str]:
    """Return references without their versions."""
    parsed = ((text, Reference.match(text)) for text in references)
    return frozenset(text if found is None else text.removesuffix(found.suffix) for text, found in parsed)
