"""Replacing a file by its new content: wholly or not at all, and only if it still is what was read.

The new content goes into a temporary file beside the old one, gets its owner, mode, ACL and extended
attributes, goes to the disk, and takes its name by rename(2), which is atomic. A power failure may bring back
the old file, whole: the folder itself is not synced. All steps go through a descriptor of the folder, so that
long paths work and a folder that is moved or exchanged meanwhile cannot send the write elsewhere.
Sources: rename(2), fsync(2), flock(2), xattr(7), acl(5).
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError
from regfix.text.leftover import (
    create_temporary,
    is_leftover,
    keep_attributes,
    lock,
    remove_leftover,
    temporary_name,
)
from regfix.text.read import READ_FLAGS, FileState, kind_of, reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regfix.text.source import Content

__all__ = ["is_leftover", "remove_leftover", "replace_file", "require_replaceable"]

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
_CHUNK_BYTES = 64 * 1024
_ATTEMPTS = 100
_LOCK_SECONDS = 5.0
_UNCHANGED = "the file is unchanged"
_ADVICE = {
    errno.EACCES: "check the permissions of its folder",
    errno.EBUSY: "it is mounted, as in a container: change the file that is mounted",
    errno.EDQUOT: "free some space, then run again",
    errno.EFBIG: "raise the limit on file size (ulimit -f)",
    errno.ENOSPC: "free some space, then run again",
    errno.EPERM: "check the owner and the flags of the file and of its folder",
    errno.EXDEV: "it is mounted, as in a container: change the file that is mounted",
}


class _Job(NamedTuple):
    """One replacement: `name` lies in the folder that `folder` (a descriptor) is open on."""

    path: str
    folder: int
    name: str
    old: bytes | Content
    new: bytes | Content
    state: FileState


def replace_file(path: str, old: bytes | Content, new: bytes | Content, state: FileState) -> None:
    """Replace the content `old` of the file at `path`, read with `state`, by `new`.

    A file that already holds `new` is left as it is: another run did the same. Raises SourceError when the
    file is not what was read any more, or cannot be replaced with all that belongs to it; it is then as it
    was. On every exception, KeyboardInterrupt and SystemExit too, the temporary file is removed.
    """
    head, name = os.path.split(path)
    try:
        folder = os.open(head or ".", _FOLDER)
    except FileNotFoundError:
        raise _vanished(path) from None
    except OSError as error:
        raise _failed(path, error) from None
    try:
        _replace(_Job(path, folder, name, old, new, state))
    except OSError as error:
        raise _failed(path, error) from None
    finally:
        _close(folder)


def require_replaceable(path: str, state: FileState) -> None:
    """Raise SourceError if `replace_file` would refuse the file for what it is; cheap, for a dry run.

    Refused: a file with several names (rewriting would part them), one that this user may not write, and one
    in a folder that is not writable.
    """
    if state.stat.st_nlink > 1:
        raise SourceError("not written", where=path, why=f"it has {state.stat.st_nlink} names (hard links)",
                          hint=f"{_UNCHANGED}; rewriting would part them")  # fmt: skip
    if not _permitted(path, os.W_OK):
        raise SourceError("not written", where=path, why="it is read-only for this user", hint=_UNCHANGED)
    if not _permitted(os.path.dirname(path) or ".", os.W_OK | os.X_OK):
        raise SourceError("not written", where=path, why="its folder is read-only for this user",
                          hint=f"{_UNCHANGED}; writing needs room for a second file beside it")  # fmt: skip


def _replace(job: _Job) -> None:
    original, _ = _open_now(job)
    try:
        _wait_for_lock(job, original)
        before = _still_due(job)
        if before is None:
            return
        if not os.path.samestat(before, os.fstat(original)):
            raise _changed(job)
        require_replaceable(job.path, FileState(before))
        for _ in range(_ATTEMPTS):
            if _swap(job, original, before):
                return
        raise OSError(errno.EAGAIN, "another run takes the temporary file away again and again")
    finally:
        _close(original)


def _swap(job: _Job, original: int, before: os.stat_result) -> bool:
    """Write the temporary file and rename it; return False if it was lost to a cleaning run at its birth."""
    name = temporary_name()
    temporary = -1
    try:
        temporary = create_temporary(job.folder, name)
        if temporary < 0:
            return False
        _write_all(temporary, job.new)
        keep_attributes(job.path, original, temporary)
        os.fsync(temporary)
        if _still_due(job, before):
            os.rename(name, job.name, src_dir_fd=job.folder, dst_dir_fd=job.folder)
    finally:
        # The first call of a finally block runs even if a second signal is pending; a wrapper would not.
        try:  # noqa: SIM105
            os.unlink(name, dir_fd=job.folder)
        except OSError:
            pass
        _close(temporary)
    return True


def _still_due(job: _Job, before: os.stat_result | None = None) -> os.stat_result | None:
    """Return how the file stands now if it is still what was read; None if it already holds the result.

    With `before`, its mode, owner, links and change time must also be as they were. Raises SourceError.
    """
    descriptor, status = _open_now(job)
    try:
        if not os.path.samestat(status, job.state.stat) or not _holds(descriptor, job.old):
            if _holds(descriptor, job.new):
                return None
            raise _changed(job)
        if job.old == job.new:
            return None
        if before is not None and _attributes(status) != _attributes(before):
            raise _changed(job, "its mode, owner, links or attributes are not what they were")
        return status
    finally:
        _close(descriptor)


def _open_now(job: _Job) -> tuple[int, os.stat_result]:
    try:
        status = os.stat(job.name, dir_fd=job.folder, follow_symlinks=False)
        if kind := kind_of(status):
            raise _changed(job, f"it is now {kind}")
        descriptor = os.open(job.name, READ_FLAGS, dir_fd=job.folder)
    except FileNotFoundError:
        raise _vanished(job.path) from None
    try:
        status = os.fstat(descriptor)
    except BaseException:
        _close(descriptor)
        raise
    return descriptor, status


def _wait_for_lock(job: _Job, original: int) -> None:
    """Lock the original, so that of two runs the second sees what the first one wrote."""
    if lock(original):
        return
    import time

    end = time.monotonic() + _LOCK_SECONDS
    while not lock(original):
        if time.monotonic() > end:
            raise SourceError("not written", where=job.path, why="another program holds a lock on it",
                              hint=f"{_UNCHANGED}; run again when that program is done")  # fmt: skip
        time.sleep(0.005)


def _holds(descriptor: int, content: bytes | Content) -> bool:
    at = 0
    for piece in _pieces(content):
        rest = memoryview(piece)
        while rest:
            chunk = os.pread(descriptor, min(len(rest), _CHUNK_BYTES), at)
            if not chunk or rest[: len(chunk)] != chunk:
                return False
            at, rest = at + len(chunk), rest[len(chunk) :]
    return not os.pread(descriptor, 1, at)


def _write_all(descriptor: int, content: bytes | Content) -> None:
    for piece in _pieces(content):
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def _pieces(content: bytes | Content) -> Iterable[bytes]:
    return (content,) if isinstance(content, bytes) else content.pieces()


def _attributes(status: os.stat_result) -> tuple[int, ...]:
    """Return what changes with the mode, the owner, the links and (by the change time) the attributes."""
    return status.st_mode, status.st_uid, status.st_gid, status.st_nlink, status.st_ctime_ns


def _permitted(path: str, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _close(descriptor: int) -> None:
    """Close; an error comes too late to matter, the data is on the disk or the file is thrown away."""
    try:
        if descriptor >= 0:
            os.close(descriptor)
    except OSError:
        return


def _changed(job: _Job, why: str = "") -> SourceError:
    return SourceError("changed while regfix was running; nothing written", where=job.path, why=why,
                       hint="run again to work on what it holds now")  # fmt: skip


def _vanished(path: str) -> SourceError:
    return SourceError("vanished while regfix was running; it is not brought back", where=path)


def _failed(path: str, error: OSError) -> SourceError:
    advice = _ADVICE.get(error.errno or 0, "")
    return SourceError("cannot be written", where=path, why=reason(error),
                       hint=f"{_UNCHANGED}; {advice}" if advice else _UNCHANGED)  # fmt: skip
