"""A chart copied into a private folder as Helm would load it, and planned outcomes carried over into the copy."""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING

from regfix.errors import SourceError
from regfix.prove.packed import by_archive, with_members
from regfix.text.read import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.chart.fetching import FetchedArchive
    from regfix.chart.model import Chart
    from regfix.outcome import Outcome

MAX_BYTES = 512 * 1024 * 1024
"""What the files of a chart may come to, in bytes."""

MAX_FILES = 50_000
"""How many files a chart may have."""

MAX_DEPTH = 100
"""Folders within folders that are copied."""

_HISTORY = frozenset({".git", ".hg", ".svn"})


class Copy:
    """A copy of a chart; `path` is its folder. It knows where each file came from."""

    def __init__(self, top: str, path: str) -> None:
        """Copy the chart in the folder `top`, links followed as Helm does; raises SourceError."""
        self.path = path
        self.top = top.rstrip("/") or ("/" if top else ".")
        self._copies: dict[str, list[str]] = {}
        self._first: dict[str, bytes] = {}
        self._project = _project(os.path.realpath(self.top))
        self._bytes = 0
        self._files = 0
        try:
            self._folder(self.top, path, ())
        except OSError as error:
            raise SourceError("cannot be copied for the proof", where=error.filename or top,
                              why=error.strerror or str(error)) from None  # fmt: skip

    def add(self, chart: Chart, archives: Sequence[FetchedArchive] = ()) -> None:
        """Put into `charts/` what `helm dependency build` would: what `file://` leads to, and what was fetched.

        Raises SourceError.
        """
        below = os.path.join(self.path, "charts")
        os.makedirs(below, exist_ok=True)
        for sub in chart.subcharts:
            name = os.path.join(below, sub.chart.metadata.name)
            if os.path.isdir(sub.chart.path) and not _is_below(sub.chart.path, chart.path) and not os.path.exists(name):
                self._folder(sub.chart.path, name, ())
        for archive in archives:
            _write(os.path.join(below, os.path.basename(archive.path)), archive.data)

    def lay_beside(self, files: Iterable[str]) -> None:
        """Copy values files that lie elsewhere to a folder beside the copy; raises SourceError."""
        for number, path in enumerate(files):
            if not self.in_copy(path):
                os.makedirs(self.path + "-values", exist_ok=True)
                target = os.path.join(self.path + "-values", f"{number}.yaml")
                _write(target, read_file(os.path.realpath(path))[0])
                self._copies.setdefault(os.path.realpath(path), []).append(target)

    def in_copy(self, source: str) -> list[str]:
        """Return the files that were copied from a file of the chart."""
        return self._copies.get(os.path.realpath(source), [])

    def apply(self, outcomes: Iterable[Outcome]) -> None:
        """Write what outcomes plan into the copy, in place of what was planned before. Raises SourceError."""
        for path, first in self._first.items():
            _write(path, first)
        self._first.clear()
        planned = list(outcomes)
        for outcome in planned:
            if outcome.decoded is not None and outcome.after is not None:
                self._change(outcome.source, outcome.decoded.encode(outcome.after))
        for path, contents in by_archive(planned).items():
            self._change(path, with_members(read_file(path)[0], path, contents))

    def _change(self, source: str, data: bytes) -> None:
        for path in self.in_copy(source):
            with open(path, "rb") as file:
                self._first[path] = file.read()
            _write(path, data)

    def _folder(self, source: str, target: str, above: tuple[str, ...]) -> None:
        real = os.path.realpath(source)
        if len(above) > MAX_DEPTH:
            raise SourceError("the chart is too deep to be proven", where=self.top,
                              why=f"folders within folders, more than {MAX_DEPTH} levels")  # fmt: skip
        os.mkdir(target)
        for entry in _entries(source) if real not in above else ():
            mode = _mode(entry.path)
            if mode and entry.is_symlink():
                self._require_inside(entry.path)
            path = os.path.join(target, entry.name)
            if stat.S_ISDIR(mode) and entry.name not in _HISTORY:
                self._folder(entry.path, path, (*above, real))
            elif stat.S_ISREG(mode):
                self._file(entry.path, path)

    def _require_inside(self, path: str) -> None:
        """Refuse a link that leads out of the project: what is there is nobody's to show in a report."""
        real = os.path.realpath(path)
        if real != self._project and not real.startswith(self._project.rstrip("/") + "/"):
            raise SourceError("not copied for the proof", where=path, why="the link leads out of the project")

    def _file(self, source: str, target: str) -> None:
        self._files += 1
        self._bytes += os.path.getsize(source)
        if self._files > MAX_FILES or self._bytes > MAX_BYTES:
            raise SourceError("the chart is too large to be proven", where=self.top,
                              why=f"more than {MAX_FILES} files or {MAX_BYTES // 1024**2} MiB")  # fmt: skip
        shutil.copyfile(source, target)
        self._copies.setdefault(os.path.realpath(source), []).append(target)


def _project(folder: str) -> str:
    """Return the folder with `.git` at or above the real path of a chart; else the chart itself."""
    here = folder
    while not os.path.lexists(os.path.join(here, ".git")):
        above = os.path.dirname(here)
        if above == here:
            return folder
        here = above
    return here


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from sorted(entries, key=lambda entry: entry.name)


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode
    except OSError:
        return 0  # a link that leads nowhere


def _is_below(path: str, top: str) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(top or ".") + os.sep)
