"""Reading standard input, whole and within the limit for a file."""

from __future__ import annotations

import sys

from regfix.errors import SourceError
from regfix.text.read import MAX_SOURCE_BYTES, reason


def read_stdin() -> bytes:
    """Return what standard input holds; raises SourceError where it is closed, cannot be read, or holds too much."""
    try:
        if sys.stdin is None:
            raise SourceError("standard input is closed", hint="pipe something into it")
        data = sys.stdin.buffer.read(MAX_SOURCE_BYTES + 1)
    except OSError as error:
        raise SourceError("standard input cannot be read", why=reason(error)) from None
    if len(data) > MAX_SOURCE_BYTES:
        limit = MAX_SOURCE_BYTES // (1024 * 1024)
        raise SourceError(f"standard input is larger than the limit of {limit} MiB", hint="split it")
    return data
