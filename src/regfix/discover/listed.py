"""A walk that is about some files only, and treats them as if it had come upon them by itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.discover.found import Failed
from regfix.discover.targets import Targets
from regfix.discover.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.discover.targets import Target


class ListedWalk(Walk):
    """Walks the folders among the targets, and enters those only that lead to the listed paths.

    `missing` are the listed paths that cannot be read.
    """

    def __init__(self, targets: Targets, only: Sequence[str], *, exclude: Sequence[str], ignore_files: bool) -> None:
        """Take the targets and the listed paths. Raises UsageError for an idle exclude pattern."""
        super().__init__(targets, exclude=exclude, ignore_files=ignore_files)
        self.missing: list[Failed] = []
        self._names: dict[str, set[str]] = {}
        self._whole: set[str] = set()
        for target in Targets(only):
            if isinstance(target.found, Failed):
                self.missing.append(target.found)
            else:
                self._list(target)

    def _list(self, target: Target) -> None:
        """Note the way from the root of the file system to a path."""
        if target.found is None:
            self._whole.add(target.real)
        place, name = target.parent, target.name
        while name and name not in self._names.setdefault(place, set()):
            self._names[place].add(name)
            above, name = os.path.split(place.rstrip("/"))
            place = above.rstrip("/") + "/"

    def _wanted(self, place: str, entries: dict[str, os.DirEntry[str]]) -> dict[str, os.DirEntry[str]]:
        """Return the entries of the folder at `place` that lead to a listed path, or lie below one."""
        if self._whole and any(place.startswith(folder) for folder in self._whole):
            return entries
        names = self._names.get(place, ())
        return {name: entry for name, entry in entries.items() if name in names}
