"""Whether the manifests that a kustomization selects from are in the run, so that its selectors move with them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from regfix.discover import File, discover
from regfix.errors import SourceError
from regfix.image.reference import Reference
from regfix.locate.analysis import analyse
from regfix.locate.kind import KUSTOMIZATIONS, Kind, kind_of
from regfix.locate.kustomize import is_remote, names_of_images, parts_of
from regfix.run.file import Known
from regfix.text.read import read_file
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    walk = _Walk(options)
    parts = parts_of(text)
    walk.follow(own, parts)
    if parts.is_component:
        users = _users(os.path.dirname(own), options, {own})
        for user, its in users:
            walk.follow(user, its)
        walk.elsewhere = walk.elsewhere or all(its.is_component for _, its in users)
    if not walk.elsewhere:
        return Selected()
    if walk.awaited or options.piped is not None:
        return Selected(Kind.OVERLAY, None)
    written = options.known.written if options.known is not None else {}
    names = [_names_in(file, hosts) | _names_of(written.get(file, ())) for file in walk.files - {own}]
    return Selected(Kind.OVERLAY, frozenset[str]().union(*names))


class _Walk:
    """Goes through the sources of kustomizations: the files that the run reads, and whether there are others."""

    def __init__(self, options: Options) -> None:
        self._options = options
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
                found = _files_at(self._options, os.path.realpath(os.path.join(folder, part)))
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
            if place not in self._inside and not _reads(self._options, place):
                self.elsewhere = True
            elif not self._is_about(place):
                self.elsewhere = self.awaited = True
            elif os.path.isdir(place):
                return _kustomization_in(place)
            else:
                self.files.add(place)
        return []

    def _is_about(self, place: str) -> bool:
        return self._about is None or any(_holds(path, place) for path in self._about)


def _holds(root: str, place: str) -> bool:
    return place == root or place.startswith(root.rstrip("/") + "/")


def _reads(options: Options, place: str) -> bool:
    """Tell whether a run comes upon a file, or upon any in a folder."""
    return any(True for _ in _files_at(options, place))


def _files_at(options: Options, place: str) -> Iterator[str]:
    """Yield the real paths of the files of a run at or below a place."""
    if os.path.exists(place):
        found = discover(options.roots, exclude=options.exclude, ignore_files=options.ignore_files, only=[place])
        yield from (os.path.realpath(one.path) for one in found if isinstance(one, File))


def _kustomization_in(folder: str) -> list[tuple[str, Parts]]:
    """Return the kustomization in a folder; none where there is none that can be read."""
    for name in sorted(KUSTOMIZATIONS):
        path = os.path.join(folder, name)
        text = _text_of(path)
        if text is not None:
            return [(path, parts_of(text))]
    return []


def _text_of(path: str) -> str | None:
    try:
        return decode(read_file(path)[0], path).text
    except SourceError:
        return None


def _users(component: str, options: Options, seen: set[str]) -> list[tuple[str, Parts]]:
    """Return the kustomizations of the run that include the component in a folder, by way of other components, too."""
    known = options.known or Known()
    if known.included is None:
        known.included = {}
        for file, parts in all_kustomizations(options):
            for source in parts.components:
                place = os.path.realpath(os.path.join(os.path.dirname(file), source))
                known.included.setdefault(place, []).append((file, parts))
    users: list[tuple[str, Parts]] = []
    waiting = [component]
    while waiting:
        for file, parts in known.included.get(waiting.pop(), ()):
            if file not in seen:
                seen.add(file)
                users.append((file, parts))
                waiting += [os.path.dirname(file)] if parts.is_component else []
    return users


def all_kustomizations(options: Options) -> Iterator[tuple[str, Parts]]:
    """Yield the real paths of the kustomizations that a run comes upon, with what they are made of."""
    for found in discover(options.roots, exclude=options.exclude, ignore_files=options.ignore_files):
        if isinstance(found, File) and os.path.basename(found.path) in KUSTOMIZATIONS:
            text = _text_of(found.path)
            if text is not None:
                yield os.path.realpath(found.path), parts_of(text)


def _names_of(references: Iterable[str]) -> frozenset[str]:
    """Return references without their versions."""
    parsed = ((text, Reference.match(text)) for text in references)
    return frozenset(text if found is None else text.removesuffix(found.suffix) for text, found in parsed)


def _names_in(path: str, hosts: HostFinder) -> frozenset[str]:
    """Return the names of the images in a file; none where it cannot be read."""
    text = _text_of(path)
    try:
        if text is None or not hosts.may_hold(text.encode()):
            return frozenset()
        return names_of_images(analyse(text, kind_of(path), hosts, path).sites)
    except SourceError:
        return frozenset()
