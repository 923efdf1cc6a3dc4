"""The paths of values that are read, and whether a path is among them. Pure."""

from __future__ import annotations

from typing import NamedTuple

Path = tuple[str, ...]
ANY = "\0any"
"""A step that stands for every key and index."""


class Reads(NamedTuple):
    """What templates read: `whole` with all that is below it, `tested` only whether it is there, or what it is."""

    tested: set[Path]
    whole: set[Path]

    def holds(self, path: Path) -> bool:
        """Tell whether anything depends on the text at `path`.

        So does what looks for something below it: that fails, or finds nothing, where there is a text.
        """
        if any(overlap(read[: len(path)], path) for read in self.tested if len(read) >= len(path)):
            return True
        return any(overlap(read[: len(path)], path[: len(read)]) for read in self.whole)

    def tests(self, path: Path) -> bool:
        """Tell whether something depends on whether the mapping at `path` is empty."""
        return any(overlap(read, path) for read in self.tested)


def overlap(one: Path, other: Path) -> bool:
    """Tell whether two paths may be the same."""
    return len(one) == len(other) and all(a == b or ANY in (a, b) for a, b in zip(one, other, strict=True))
