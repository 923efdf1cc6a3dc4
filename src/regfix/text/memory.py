"""Whether a source fits into memory, asked before the work begins.

An interpreter that runs out of memory in the middle of something cannot always tell: libraries in C crash, and so does
the handling of the error itself. So what is going to be needed is asked of the system at once, and given back.
Sources: mmap(2), setrlimit(2) (RLIMIT_AS), the kernel's overcommit-accounting.
"""

from __future__ import annotations

from regfix.errors import SourceError

SMALL_BYTES = 64 * 1024
"""A source below this size needs little: it is not worth asking."""

_PER_BYTE = 8
"""Bytes of memory for each byte of a source: its text before and after, each as bytes too, and what parsers hold."""

_PER_REFERENCE = 4096
"""Bytes of memory for each reference, with what is found, planned and told about it."""


def require_memory(path: str, size: int, references: int) -> None:
    """Raise SourceError where a source of `size` bytes, with about that many references, would not fit into memory.

    The system is asked for address space (so that limits of the process and a kernel that does not overcommit are
    heard); what other programs take later cannot be known.
    """
    import mmap

    needed = size * _PER_BYTE + references * _PER_REFERENCE
    try:
        mmap.mmap(-1, needed, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except OSError:
        raise too_little_memory(path, f"about {needed // (1024 * 1024) + 1} MiB are needed") from None


def too_little_memory(path: str, why: str) -> SourceError:
    """Return the error of a source that does not fit into memory."""
    return SourceError("not read, memory does not suffice", where=path, why=why,
                       hint="raise the limit (ulimit -v), or split the file")  # fmt: skip
