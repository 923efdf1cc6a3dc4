"""Reading one regular file, whole, without opening anything that is not one.

A named pipe, socket or device is not opened (opening one can block, wake its writer or start a watchdog): lstat, or
the walk, says what it is first; should it be exchanged in between, O_NONBLOCK and O_NOFOLLOW keep the open from
waiting. Most files of a tree are small and hold nothing: `read_worth` takes four system calls and no lstat for them.
Sources: open(2), read(2), inode(7).
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SOURCE_BYTES = 256 * 1024 * 1024
"""The largest file that is read, in bytes (R19); a larger one is reported."""

READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY

_CHUNK_BYTES = 1024 * 1024
_SMALL_BYTES = 64 * 1024

_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_HINTS = {
    errno.ENOENT: "check the path",
    errno.EACCES: "check the permissions of the file and of the folders above it",
    errno.EIO: "the disk or the network share failed to deliver it",
    errno.EAGAIN: "another program has leased it; run again",
}


class FileState(NamedTuple):
    """The identity of a file that was read: what lstat(2) said of it then."""

    stat: os.stat_result


def read_file(path: str) -> tuple[bytes, FileState]:
    """Return the bytes of the regular file at `path`, and the state to hand to `replace_file`.

    `path` may hold surrogate escapes. Symbolic links are not followed. Raises SourceError for what is not a
    regular file, is larger than MAX_SOURCE_BYTES, or cannot be read.
    """
    try:
        status = os.lstat(path)
        size = status.st_size
        if (status.st_mode & 0o170000) != stat.S_IFREG or size > MAX_SOURCE_BYTES:
            raise _refused(path, status)
        descriptor = os.open(path, READ_FLAGS)
        try:
            data = os.read(descriptor, size + 1)
            if len(data) != size:
                data, status = _read_moving(path, descriptor, data)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    return data, FileState(status)


def read_worth(path: str, is_worth: Callable[[bytes], bool]) -> tuple[bytes, FileState] | None:
    """Return what `read_file` does, or None for a small file whose bytes are not worth it.

    `path` is known to be a regular file, if only a moment ago. Raises SourceError as `read_file` does.
    """
    try:
        descriptor = os.open(path, READ_FLAGS)
        try:
            data = os.read(descriptor, _SMALL_BYTES)
            if 0 < len(data) < _SMALL_BYTES and not is_worth(data) and not os.read(descriptor, 1):
                return None
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        pass  # read_file finds out why, and says it
    return read_file(path)


def kind_of(status: os.stat_result) -> str:
    """Return what a status describes if it is not a regular file ("a folder"), else the empty string."""
    mode = stat.S_IFMT(status.st_mode)
    return "" if mode == stat.S_IFREG else _KINDS.get(mode, "something unknown")


def reason(error: OSError | ValueError) -> str:
    """Return why a system call failed, as the middle of a sentence: "no space left on device"."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]


def _read_moving(path: str, descriptor: int, data: bytes) -> tuple[bytes, os.stat_result]:
    """Read on to the end of a file that was not as long as lstat said: it grows, shrinks or was exchanged.

    The first read comes in as `data`. Also serves files whose size is not known beforehand (procfs says 0).
    """
    status = os.fstat(descriptor)
    if kind_of(status):
        raise _refused(path, status)
    pieces = [data]
    total = len(data)
    while data:
        data = os.read(descriptor, _CHUNK_BYTES)
        pieces.append(data)
        total += len(data)
        if total > MAX_SOURCE_BYTES:
            raise _too_large(path)
    return b"".join(pieces), os.fstat(descriptor)


def _refused(path: str, status: os.stat_result) -> SourceError:
    kind = kind_of(status)
    if not kind:
        return _too_large(path)
    hint = "name the file that it points to" if kind == "a symbolic link" else "only regular files are read"
    return SourceError("not read", where=path, why=f"it is {kind}", hint=hint)


def _too_large(path: str) -> SourceError:
    limit = MAX_SOURCE_BYTES // (1024 * 1024)
    return SourceError("not read", where=path, why=f"it is larger than the limit of {limit} MiB",
                       hint="exclude it, or split it")  # fmt: skip


def _unreadable(path: str, error: OSError | ValueError) -> SourceError:
    hint = _HINTS.get(error.errno or 0, "") if isinstance(error, OSError) else ""
    return SourceError("cannot be read", where=path, why=reason(error), hint=hint)
