"""Finding the files to read: walking folders, and the rules that leave something out."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from regfix.discover.found import Failed, File, Found, Leftover, Skipped, SkipReason
from regfix.discover.targets import Targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Failed", "File", "Found", "Leftover", "SkipReason", "Skipped", "discover"]


def discover(
    paths: Sequence[str], *, exclude: Sequence[str] = (), ignore_files: bool = True, only: Sequence[str] | None = None
) -> Iterator[Found]:
    """Return what lies at and below `paths`, each thing once, in a stable order.

    `exclude` are patterns as in a .gitignore, relative to each folder among the paths. A path that is named wins
    over them and over every ignore file; `ignore_files` false leaves those out of account. What cannot be read
    is yielded as Failed, and the rest goes on. Raises UsageError for an exclude pattern that means nothing.

    Of all that only what is at or below the paths `only` is returned, if these are given. They are not named: what
    leaves out a file that a walk comes upon leaves out these, too.
    """
    targets = Targets(paths)
    if only is not None:
        from regfix.discover.listed import ListedWalk

        listed = ListedWalk(targets, only, exclude=exclude, ignore_files=ignore_files)
        return chain(
            listed.missing, chain.from_iterable(listed.below(t) if t.found is None else (t.found,) for t in targets)
        )
    if not exclude and not targets.folders:
        return (target.found for target in targets if target.found is not None)
    from regfix.discover.walk import Walk  # a hook names files: it needs neither a walk nor ignore rules

    walk = Walk(targets, exclude=exclude, ignore_files=ignore_files)
    return chain.from_iterable(walk.below(t) if t.found is None else (t.found,) for t in targets)
