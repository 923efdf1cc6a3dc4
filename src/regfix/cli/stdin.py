"""Standard input as a source: `-` among the paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.errors import SourceError, UsageError
from regfix.run.piped import Piped
from regfix.text.stdin import read_stdin as read_bytes

if TYPE_CHECKING:
    from regfix.cli.options import Words


def read_stdin(paths: Words, name: str | None) -> Piped | None:
    """Return what standard input holds, where the paths ask for it; raises UsageError where it cannot be had."""
    if "-" not in paths:
        if name is not None:
            raise UsageError("--stdin-filename means nothing here", hint="it goes with the path -")
        return None
    if set(paths) != {"-"}:
        raise UsageError("- stands for standard input, and not beside files", hint="run regfix twice")
    try:
        return Piped(read_bytes(), name or "")
    except SourceError as error:
        raise error.turned_into(UsageError) from None
