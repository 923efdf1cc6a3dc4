"""The temporary files of a write: names, locks, attributes, and removing those of a run that was killed.

A writer holds flock(2) on its temporary file as long as it lives; the kernel gives the lock back however it
ends. Whoever gets the lock of a temporary file thus knows that nobody is writing it any more. Where there are
no locks (some network shares) nobody gets one: writing works there, and leftovers stay.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat

from regfix.errors import SourceError
from regfix.text.read import reason

LEFTOVER = ".regfix-"
"""With this begins the name of each temporary file."""

_SUFFIX = ".tmp"
_HEX = "0123456789abcdef"
_LENGTH = len(LEFTOVER) + 32 + len(_SUFFIX)

_COMPUTED = frozenset({"security.ima", "security.evm"})
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL, errno.EBADF})
_OPEN = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def is_leftover(name: str) -> bool:
    """Return whether `name` (without folder) is that of a temporary file of regfix, alive or left over."""
    return (
        name.startswith(LEFTOVER)
        and len(name) == _LENGTH
        and name.endswith(_SUFFIX)
        and not name[len(LEFTOVER) : -len(_SUFFIX)].strip(_HEX)
    )


def remove_leftover(path: str) -> bool:
    """Remove the temporary file at `path` if the run that made it has ended; return whether that was done.

    Never raises: what cannot be removed (alive, another user's, not a regular file, gone) is left for later.
    """
    try:
        if not is_leftover(os.path.basename(path)) or not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        descriptor = os.open(path, _OPEN)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(descriptor), os.lstat(path)):
                return False
            os.unlink(path)
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return False
    return True


def temporary_name() -> str:
    """Return a new name; its 128 random bits are nobody else's."""
    return LEFTOVER + os.urandom(16).hex() + _SUFFIX


def create_temporary(folder: int, name: str) -> int:
    """Create the file `name` in the folder (a descriptor), private and locked; return its descriptor.

    Returns -1 when a cleaning run took the file for a leftover between creating and locking it: try another
    name (never the same one again, the cleaning run may be about to remove it). Raises OSError.
    """
    descriptor = os.open(name, _CREATE, 0o600, dir_fd=folder)
    try:
        if lock(descriptor) and _is_there(folder, name, descriptor):
            mine, descriptor = descriptor, -1
            return mine
    finally:
        if descriptor >= 0:
            os.close(descriptor)
    return -1


def lock(descriptor: int) -> bool:
    """Try to lock an open file against other runs, without waiting; return whether it is held.

    Where the file system knows no locks there is nothing to wait for: True. Raises OSError.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True


def keep_attributes(path: str, original: int, temporary: int) -> None:
    """Give the temporary file the owner, ACL, extended attributes and mode of the original, in this order.

    (chown clears set-user-ID, an ACL changes the group's bits.) Raises SourceError where one cannot be kept.
    """
    doing = "extended attributes"
    try:
        wanted = _extended(original)
        if computed := _COMPUTED.intersection(wanted):
            raise OSError(errno.EPERM, f"{min(computed)} belongs to the content")
        doing = "owner"
        _keep_owner(original, temporary)
        doing = "ACL or extended attributes"
        _keep_extended(wanted, temporary)
        doing = "mode"
        _keep_mode(original, temporary)
    except OSError as error:
        raise SourceError("not written", where=path, why=f"its {doing} cannot be kept: {reason(error)}",
                          hint="the file is unchanged") from None  # fmt: skip


def _is_there(folder: int, name: str, descriptor: int) -> bool:
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(status, os.fstat(descriptor))


def _keep_owner(original: int, temporary: int) -> None:
    wanted, now = os.fstat(original), os.fstat(temporary)
    if (wanted.st_uid, wanted.st_gid) != (now.st_uid, now.st_gid):
        os.fchown(temporary, wanted.st_uid, wanted.st_gid)


def _keep_extended(wanted: dict[str, bytes], temporary: int) -> None:
    """Set what differs and remove what the folder's default ACL has added."""
    now = _extended(temporary)
    for name in now.keys() - wanted.keys():
        os.removexattr(temporary, name)
    for name, value in wanted.items():
        if now.get(name) != value:
            os.setxattr(temporary, name, value)
    if _extended(temporary) != wanted:
        raise OSError(errno.EPERM, "the file system stores them differently")


def _keep_mode(original: int, temporary: int) -> None:
    wanted = os.fstat(original)
    if wanted.st_mode != os.fstat(temporary).st_mode:
        os.fchmod(temporary, stat.S_IMODE(wanted.st_mode))
    now = os.fstat(temporary)
    if (wanted.st_mode, wanted.st_uid, wanted.st_gid) != (now.st_mode, now.st_uid, now.st_gid):
        raise OSError(errno.EPERM, "the file system stores it differently")


def _extended(descriptor: int) -> dict[str, bytes]:
    """Return the extended attributes of an open file, POSIX ACLs among them; none where there are none.

    Python shows them on Linux only; elsewhere they cannot be seen, nor kept.
    """
    if not hasattr(os, "listxattr"):
        return {}
    try:
        names = os.listxattr(descriptor)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return {}
        raise
    return {name: os.getxattr(descriptor, name) for name in names}
