"""The paths that the user names: what each of them is, and which of them a walk has already done."""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.discover.found import Failed, File, Found, Leftover, Skipped, SkipReason
from regfix.errors import SourceError
from regfix.text.leftover import is_leftover
from regfix.text.read import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

VCS_FOLDERS = frozenset({".git", ".hg", ".svn"})
"""What belongs to a version control system and is never read nor entered (R7)."""

_CACHED = 256


class Target(NamedTuple):
    """A named path: the entry `name` in the folder `parent` (its real path with a slash behind it).

    `found` is what it gives; None for a folder, which is to be walked.
    """

    path: str
    parent: str
    name: str
    found: Found | None

    @property
    def real(self) -> str:
        """The real path of a folder to walk, with a slash behind it."""
        return self.parent + self.name + "/" if self.name else self.parent


class Targets:
    """The named paths of a run, in the order given, and which of them are done.

    Each is done once: under the first path that reaches it, be it itself or a folder above it. Real paths are
    compared, so that `a`, `./a/`, and a link to `a` are one.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        real = lru_cache(_CACHED)(os.path.realpath)
        self._targets = [_target(path, real) for path in paths]
        self._done: dict[str, dict[str, bool]] = {}
        for target in self._targets:
            self._done.setdefault(target.parent, {})[target.name] = False

    def __iter__(self) -> Iterator[Target]:
        """Yield those that are not done when their turn comes; each is done then."""
        for target in self._targets:
            names = self._done[target.parent]
            if not names[target.name]:
                names[target.name] = True
                yield target

    @property
    def folders(self) -> bool:
        """Whether there is a folder to walk among them."""
        return any(target.found is None for target in self._targets)

    def inside(self, real: str) -> dict[str, bool] | None:
        """Return the names in a folder that are named paths, each with whether it is done (to be set); or None."""
        return self._done.get(real)


def _target(path: str, real: Callable[[str], str]) -> Target:
    try:
        status = _status(path)
        folder = stat.S_ISDIR(status.st_mode)
        place = real(path) if folder else os.path.join(real(os.path.dirname(path) or "."), os.path.basename(path))
    except (OSError, ValueError) as error:
        return Target(path, "", path, Failed(path, _missing(path, error)))
    parent, name = os.path.split(place)
    parent = parent.rstrip("/") + "/"
    if inner := VCS_FOLDERS.intersection(place.split("/")):
        return Target(path, parent, name, Failed(path, _refused(path, min(inner))))
    return Target(path, parent, name, None if folder else _found(path, name, status.st_mode))


def _status(path: str) -> os.stat_result:
    """Return the status of a link's folder, else of the path itself: a link to a folder is as good as the folder."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode) and os.path.isdir(path):
        return os.stat(path)
    return status


def _found(path: str, name: str, mode: int) -> Found:
    if stat.S_ISLNK(mode):
        return Skipped(path, SkipReason.SYMLINK)
    if not stat.S_ISREG(mode):
        return Skipped(path, SkipReason.SPECIAL)
    return Leftover(path) if is_leftover(name) else File(path, named=True)


def _missing(path: str, error: OSError | ValueError) -> SourceError:
    hint = "a rule stands behind --rule" if "=" in path else "check the path"
    return SourceError("cannot be read", where=path, why=reason(error), hint=hint)


def _refused(path: str, folder: str) -> SourceError:
    return SourceError("not read", where=path, why=f"it belongs to a version control system ({folder})",
                       hint="name files of the work tree")  # fmt: skip
