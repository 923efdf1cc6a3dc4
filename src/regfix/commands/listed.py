"""Files that a program names, as hooks do: not meant one by one, but a part of what the working folder holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.errors import UsageError
from regfix.run.companions import with_companions

if TYPE_CHECKING:
    from collections.abc import Sequence


def below_working_folder(paths: Sequence[str], *, prove: bool) -> tuple[str, ...]:
    """Return the files that a run is about, and those that go with them; raises UsageError for files elsewhere."""
    if prove:
        raise UsageError("--prove and --force-exclude exclude each other", hint="--prove takes the folders of charts")
    for path in paths:
        if f"{os.path.relpath(path)}/".startswith("../"):
            raise UsageError("not below the working folder", where=path, hint="leave --force-exclude out")
    return tuple(with_companions(paths, (".",)))
