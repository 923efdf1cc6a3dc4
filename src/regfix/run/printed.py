"""Which values of a chart in a folder its own templates print as they are; a cheap question before the dear one."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from regfix.errors import SourceError
from regfix.reads.printed import printed_paths
from regfix.text.read import read_worth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
        self._texts: dict[str, str] = {}
        self._printed: dict[str, frozenset[Path]] = {}

    def __call__(self, path: Path) -> bool:
        """Tell it of one path."""
        return self.prints_all((path,))

    def prints_all(self, paths: Iterable[Path]) -> bool:
        """Tell whether all of these are printed; templates are read one by one until they are."""
        left = list(paths)
        for name in self._templates() if left else ():
            text = self._text(name)
            asked = [path for path in left if f".Values.{path[0]}" in text]
            if asked:
                printed = self._of(name)
                left = [path for path in left if path not in asked or not _is_at_or_below(path, printed)]
                if not left:
                    break
        return not left

    def _templates(self) -> Sequence[str]:
        if self._names is None:
            self._names = []
            with suppress(OSError), os.scandir(self.folder + "templates") as found:
                names = [entry.path for entry in found if entry.is_file(follow_symlinks=False)]
                likely = set(filter(_workload().search, names))
                self._names = [*likely, *(name for name in names if name not in likely)]
            if self._names and self._is_left_out():
                self._names = []
        return self._names

    def _is_left_out(self) -> bool:
        from regfix.discover.chartscope import left_out

        return left_out(self.folder or ".", self.folder or ".", self._exclude)("templates", True)

    def _text(self, name: str) -> str:
        """Return the text of a template, empty if it speaks of no values."""
        text = self._texts.get(name)
        if text is None:
            read = None
            with suppress(SourceError):
                read = read_worth(name, lambda data: b".Values." in data)
            text = self._texts[name] = "" if read is None else read[0].decode("utf-8", "replace")
        return text

    def _of(self, name: str) -> frozenset[Path]:
        if name not in self._printed:
            self._printed[name] = frozenset(printed_paths(self._text(name)))
        return self._printed[name]


def _is_at_or_below(path: Path, printed: frozenset[Path]) -> bool:
    return any(path[:size] in printed for size in range(len(path), 0, -1))


@cache
def _workload() -> re.Pattern[str]:
    # The templates that are read first, since most images are printed there: by their names.
    return re.compile(r"(?:deploy|daemon|stateful|job|pod|container)[^/\\]*$")
