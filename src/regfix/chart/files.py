"""Where the files of a chart come from: a folder on the disk, or the members of an archive."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from regfix.chart.archive import Budget, read_archive
from regfix.errors import SourceError
from regfix.text.read import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Ignored = Callable[[str, bool], bool]
    """Tells of a name relative to the top chart, and whether it is a folder, if Helm leaves it out."""

MAX_VALUES_BYTES = 8 * 1024 * 1024
"""The largest metadata or values file that is read, in bytes; Helm itself takes 5 MiB."""

MAX_FILES = 10_000
"""Files of a chart that are listed; a chart has some dozens."""


class ChartFiles(Protocol):
    """The files of one chart; names are relative to it, with slashes."""

    @property
    def path(self) -> str:
        """Where the chart is, as the user knows it."""

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None where there is none; raises SourceError."""

    def names(self) -> list[str]:
        """Return the names of all files, those in `charts/` apart, sorted."""

    def charts(self) -> list[str]:
        """Return the names in `charts/`, sorted."""

    def below(self, name: str) -> ChartFiles | None:
        """Return the files of a chart in `charts/`: a folder or an archive; None for anything else."""

    def local(self, path: str) -> ChartFiles | None:
        """Return the files of the folder that `file://` leads to from here; None where there is none."""

    def where(self, name: str) -> str:
        """Return how the user knows a file of the chart."""


def is_ignored(name: str) -> bool:
    """Tell whether Helm passes over an entry of `charts/` by its name."""
    return name[:1] in ("_", ".")


def is_archive(name: str) -> bool:
    """Tell whether an entry of `charts/` is a packaged chart by its name."""
    return name.endswith(".tgz")


class FolderFiles:
    """A chart in a folder; what the `.helmignore` of the top chart leaves out is not there."""

    def __init__(self, path: str, ignored: Ignored | None = None, below_top: str = "") -> None:
        self.path = path
        self._ignored = ignored
        self._below_top = below_top

    def _is_out(self, name: str, *, folder: bool) -> bool:
        return self._ignored is not None and self._ignored(self._below_top + name, folder)

    def read(self, name: str) -> bytes | None:
        path = self.where(name)
        if not os.path.isfile(path) or self._is_out(name, folder=False):
            return None
        if os.path.getsize(path) > MAX_VALUES_BYTES:
            raise SourceError("not read", where=path, why="it is too large for a chart's metadata or values")
        return read_file(os.path.realpath(path))[0]  # Helm follows links, too

    def names(self) -> list[str]:
        found: list[str] = []
        seen: set[str] = set()
        for place, folders, files in os.walk(self.path, followlinks=True):  # Helm follows links, too
            below = os.path.relpath(place, self.path).replace(os.sep, "/") + "/"
            below = "" if below == "./" else below
            kept = [name for name in folders if self._is_entered(f"{below}{name}", os.path.join(place, name), seen)]
            folders[:] = kept if len(found) < MAX_FILES else []
            found += (below + name for name in files)
        return sorted(found, key=os.fsencode)

    def _is_entered(self, name: str, path: str, seen: set[str]) -> bool:
        real = os.path.realpath(path)
        if name in ("charts", ".git") or real in seen or self._is_out(name, folder=True):
            return False
        seen.add(real)
        return True

    def charts(self) -> list[str]:
        try:
            return sorted(os.listdir(os.path.join(self.path, "charts")), key=os.fsencode)
        except OSError:
            return []

    def below(self, name: str) -> ChartFiles | None:
        path = os.path.join(self.path, "charts", name)
        folder = os.path.isdir(path)
        if self._is_out("charts/" + name, folder=folder) or self._is_out("charts", folder=True):
            return None
        if folder:
            return FolderFiles(path, self._ignored, f"{self._below_top}charts/{name}/")
        if not is_archive(name) or not os.path.isfile(path):
            return None
        return archive_files(read_file(os.path.realpath(path))[0], path, Budget())

    def local(self, path: str) -> ChartFiles | None:
        folder = os.path.join(self.path, path)
        return FolderFiles(folder) if os.path.isfile(os.path.join(folder, "Chart.yaml")) else None

    def where(self, name: str) -> str:
        return os.path.join(self.path, *name.split("/"))


class MemberFiles:
    """A chart among the members of an archive, whose names all begin with `prefix`."""

    def __init__(self, path: str, prefix: str, members: Mapping[str, bytes], budget: Budget) -> None:
        self.path = path
        self.prefix = prefix
        self.members = members
        self._budget = budget

    def read(self, name: str) -> bytes | None:
        data = self.members.get(self.prefix + name)
        if data is not None and len(data) > MAX_VALUES_BYTES:
            raise SourceError("not read", where=self.where(name), why="it is too large for metadata or values")
        return data

    def names(self) -> list[str]:
        names = (name[len(self.prefix) :] for name in self.members if name.startswith(self.prefix))
        return sorted(name for name in names if not name.startswith("charts/"))

    def charts(self) -> list[str]:
        start = self.prefix + "charts/"
        return sorted({name[len(start) :].split("/")[0] for name in self.members if name.startswith(start)})

    def below(self, name: str) -> ChartFiles | None:
        place = f"{self.prefix}charts/{name}"
        if place in self.members:
            if not is_archive(name):
                return None
            return archive_files(self.members[place], f"{self.path}!{place}", self._budget)
        return MemberFiles(self.path, place + "/", self.members, self._budget)

    def local(self, path: str) -> ChartFiles | None:
        return None  # what is packed does not reach outside

    def where(self, name: str) -> str:
        return f"{self.path}!{self.prefix}{name}"


def archive_files(data: bytes, path: str, budget: Budget) -> MemberFiles:
    """Return the files of a packaged chart; raises SourceError."""
    members = read_archive(data, path, budget)
    return MemberFiles(path, chart_folder(members, path) + "/", members, budget)


def chart_folder(members: Iterable[str], path: str) -> str:
    """Return the folder of the one chart among the members of an archive; raises SourceError."""
    folders = {name.split("/")[0] for name in members if name.split("/")[1:] == ["Chart.yaml"]}
    if len(folders) != 1:
        why = "it holds several charts" if folders else "no Chart.yaml in it"
        raise SourceError("the chart archive cannot be read", where=path, why=why)
    return folders.pop()
