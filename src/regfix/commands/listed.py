"""Files that a program names, as hooks do: not meant one by one, but a part of what the working folder holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.chart.paths import is_at_or_below
from regfix.errors import UsageError
from regfix.run.companions import with_companions

if TYPE_CHECKING:
    from collections.abc import Sequence


def below_working_folder(paths: Sequence[str], *, prove: bool) -> tuple[str, ...]:
    """Return the files that a run is about, and those that go with them; raises UsageError for files elsewhere."""
    if prove:
        raise UsageError("--prove and --force-exclude exclude each other", hint="--prove takes the folders of charts")
    for path in paths:
        if not is_at_or_below(path, "."):
            raise UsageError("not below the working folder", where=path, hint="leave --force-exclude out")
    return tuple(with_companions(paths, (".",)))
