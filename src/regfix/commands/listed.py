"""Runs about a part of the working folder: files that a program names, as hooks do, or what changed in git."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.errors import UsageError
from regfix.run.companions import with_companions

if TYPE_CHECKING:
    from collections.abc import Sequence


def part_of_working_folder(
    paths: Sequence[str], diff_from: str | None = None, *, prove: bool = False
) -> tuple[str, ...]:  # fmt: skip
    """Return the files that a run is about, and those that go with them.

    With `diff_from` these are the files at or below the paths that changed since this revision. Raises UsageError for
    files elsewhere, and where git cannot tell.
    """
    name = "--force-exclude" if diff_from is None else "--diff-from"
    if prove:
        raise UsageError(f"--prove and {name} exclude each other", hint="--prove takes the folders of charts")
    for path in paths:
        if f"{os.path.relpath(path)}/".startswith("../"):
            raise UsageError("not below the working folder", where=path, hint=f"leave {name} out")
    if diff_from is not None:
        paths = _changed(paths, diff_from)
    return tuple(with_companions(paths, (".",)))


def _changed(paths: Sequence[str], revision: str) -> Sequence[str]:
    from regfix.projects.since import changed_since

    wanted = [os.path.relpath(path) for path in paths or (".",)]
    return [name for name in changed_since(revision)
            if any(path in (".", name) or name.startswith(f"{path}/") for path in wanted)]  # fmt: skip
