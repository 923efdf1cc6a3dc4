"""Standard input as a source: `-` among the paths."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from regfix.errors import UsageError
from regfix.run.piped import Piped
from regfix.text.read import MAX_SOURCE_BYTES

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
        if sys.stdin is None:
            raise UsageError("standard input is closed", hint="pipe something into it")
        data = sys.stdin.buffer.read(MAX_SOURCE_BYTES + 1)
    except OSError as error:
        raise UsageError("standard input cannot be read", where="-", hint=error.strerror or str(error)) from None
    if len(data) > MAX_SOURCE_BYTES:
        limit = MAX_SOURCE_BYTES // (1024 * 1024)
        raise UsageError(f"standard input is larger than the limit of {limit} MiB", hint="split it")
    return Piped(data, name or "")
