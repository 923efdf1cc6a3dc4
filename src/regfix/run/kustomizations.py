"""The kustomizations of a run, and what they are made of: each file is read for it once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.discover import File, discover
from regfix.errors import SourceError
from regfix.locate.analysis import analyse
from regfix.locate.kind import KUSTOMIZATIONS, kind_of
from regfix.locate.kustomize import names_of_images, parts_of
from regfix.text.read import read_file
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.locate.hosts import HostFinder
    from regfix.locate.kustomize import Parts
    from regfix.run.file import Options

    Found = tuple[str, Parts]
    """The real path of a kustomization, and what it is made of."""


class Kustomizations:
    """Answers about the files of a run; all paths are real ones."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._files: dict[str, Sequence[str]] = {}
        self._read: dict[str, bool] = {}
        self._in_folder: dict[str, list[Found]] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._including: dict[str, list[Found]] | None = None

    def files_at(self, place: str) -> Sequence[str]:
        """Return the files of the run at or below a place."""
        if place not in self._files:
            self._files[place] = tuple(_files_at(self._options, place))
        return self._files[place]

    def reads(self, place: str) -> bool:
        """Tell whether the run comes upon a file, or upon any in a folder."""
        if place not in self._read:
            self._read[place] = any(True for _ in _files_at(self._options, place))
        return self._read[place]

    def in_folder(self, folder: str) -> list[Found]:
        """Return the kustomization in a folder; none where there is none that can be read."""
        if folder not in self._in_folder:
            paths = (os.path.join(folder, name) for name in sorted(KUSTOMIZATIONS))
            read = ((path, text) for path in paths if (text := _text_of(path)) is not None)
            first = next(read, None)
            self._in_folder[folder] = [] if first is None else [(first[0], parts_of(first[1]))]
        return self._in_folder[folder]

    def users(self, component: str, seen: set[str]) -> list[Found]:
        """Return the kustomizations that include the component in a folder, by way of other components, too.

        Those that were `seen` are left out, and added to these.
        """
        if self._including is None:
            self._including = {}
            for file, parts in all_kustomizations(self._options):
                for source in parts.components:
                    place = os.path.realpath(os.path.join(os.path.dirname(file), source))
                    self._including.setdefault(place, []).append((file, parts))
        users: list[Found] = []
        waiting = [component]
        while waiting:
            for file, parts in self._including.get(waiting.pop(), ()):
                if file not in seen:
                    seen.add(file)
                    users.append((file, parts))
                    waiting += [os.path.dirname(file)] if parts.is_component else []
        return users

    def names_in(self, path: str, hosts: HostFinder) -> frozenset[str]:
        """Return the names of the images in a file; none where it cannot be read."""
        if path not in self._names:
            self._names[path] = _names_in(path, hosts)
        return self._names[path]


def all_kustomizations(options: Options) -> Iterator[Found]:
    """Yield the kustomizations that a run comes upon."""
    for found in discover(options.roots, exclude=options.exclude, ignore_files=options.ignore_files):
        if isinstance(found, File) and os.path.basename(found.path) in KUSTOMIZATIONS:
            text = _text_of(found.path)
            if text is not None:
                yield os.path.realpath(found.path), parts_of(text)


def _files_at(options: Options, place: str) -> Iterator[str]:
    if os.path.exists(place):
        found = discover(options.roots, exclude=options.exclude, ignore_files=options.ignore_files, only=[place])
        yield from (os.path.realpath(one.path) for one in found if isinstance(one, File))


def _text_of(path: str) -> str | None:
    try:
        return decode(read_file(path)[0], path).text
    except SourceError:
        return None


def _names_in(path: str, hosts: HostFinder) -> frozenset[str]:
    text = _text_of(path)
    try:
        if text is None or not hosts.may_hold(text.encode()):
            return frozenset()
        return names_of_images(analyse(text, kind_of(path), hosts, path).sites)
    except SourceError:
        return frozenset()
