"""Which values of a chart in a folder its own templates print as they are; a cheap question before the dear one."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from regfix.errors import SourceError
from regfix.reads.printed import printed_paths
from regfix.text.read import read_worth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.reads.paths import Path


class PrintedValues:
    """Tells of a path in the values of the chart in `folder` whether a template prints it; False says nothing.

    A template that a `.helmignore` or a user leaves out counts for the evaluator as one that reads everything, so that
    nobody need ask for it here; of a folder that is left out the templates do not count at all.
    """

    def __init__(self, folder: str, exclude: Sequence[str]) -> None:
        self.folder = folder
        self._exclude = exclude
        self._names: list[str] | None = None
        self._printed: dict[str, frozenset[Path]] = {}

    def __call__(self, path: Path) -> bool:
        """Tell it of one path; the templates are read one by one until one prints it."""
        above = [path[:size] for size in range(1, len(path) + 1)]
        return any(not self._of(name).isdisjoint(above) for name in self._templates())

    def _templates(self) -> list[str]:
        if self._names is None:
            self._names = []
            with suppress(OSError), os.scandir(self.folder + "templates") as found:
                self._names = sorted(entry.path for entry in found if entry.is_file(follow_symlinks=False))
            if self._names and self._is_left_out():
                self._names = []
        return self._names

    def _is_left_out(self) -> bool:
        from regfix.discover.chartscope import left_out

        return left_out(self.folder or ".", self.folder or ".", self._exclude)("templates", True)

    def _of(self, name: str) -> frozenset[Path]:
        if name not in self._printed:
            read = None
            with suppress(SourceError):
                read = read_worth(name, lambda data: b".Values." in data)
            text = "" if read is None else read[0].decode("utf-8", "replace")
            self._printed[name] = frozenset(printed_paths(text))
        return self._printed[name]
