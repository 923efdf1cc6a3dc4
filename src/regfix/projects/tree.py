"""The files of a clone: what git knows of them, what cannot be read, and what was changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from regfix.projects.model import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.projects.git import Git

_SUBMODULE, _LINK, _FILES = b"160000", b"120000", (b"100644", b"100755")
_LFS = b"version https://git-lfs.github.com/spec/"


class Changed(NamedTuple):
    """A file with other content than in the base: its mode and its path, as git gives them."""

    mode: bytes
    path: bytes


def prepare(git: Git, folder: str) -> tuple[str, ...]:
    """Look at the files of a clone before anything reads them; return what there is to say.

    Links that lead out of the clone are taken away from its work tree, so that nothing can follow them; they stay in
    the commit. Raises ProjectError.
    """
    submodules = outward = pointers = 0
    small: list[bytes] = []
    attributes = False
    root = os.fsencode(os.path.realpath(folder))
    for entry in git.said("ls-files", "-s", "-z", cwd=folder).split(b"\0")[:-1]:
        head, _, path = entry.partition(b"\t")
        mode = head[:6]
        full = os.path.join(root, path)
        if mode == _SUBMODULE:
            submodules += 1
        elif mode == _LINK:
            if os.path.islink(full) and not os.path.realpath(full).startswith(root + b"/"):
                os.unlink(full)
                outward += 1
        elif path.rpartition(b"/")[2] == b".gitattributes":
            attributes = attributes or b"filter=lfs" in _start(full, 1 << 20)
        else:
            small.append(full)
    if attributes:
        pointers = sum(_start(full, len(_LFS)) == _LFS for full in small)
    told = ((submodules, "submodule", "not entered"), (pointers, "LFS pointer", "not read"),
            (outward, "symbolic link out of the project", "not followed"))  # fmt: skip
    return tuple(f"{count} {what}{'s' if count != 1 else ''}, {how}" for count, what, how in told if count)


def _start(path: bytes, size: int) -> bytes:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            return file.read(size)
    except OSError:
        return b""


def changes(git: Git, folder: str) -> list[Changed]:
    """Return the files whose content was changed, in order; raises ProjectError for a change of another kind."""
    pieces = git.said("diff-files", "-z", cwd=folder).split(b"\0")[:-1]
    found = []
    for head, path in zip(pieces[::2], pieces[1::2], strict=True):
        before, after, *_, kind = head.lstrip(b":").split(b" ")
        if kind == b"D" and before == _LINK:
            continue  # taken away by prepare
        if kind != b"M" or before != after or before not in _FILES:
            raise ProjectError("more than the content of files was changed", where=os.fsdecode(path),
                               hint="please report it")  # fmt: skip
        found.append(Changed(before, path))
    return found


def import_stream(
    branch: str, author: str, committer: str, message: str, base: str, folder: str, changed: list[Changed]
) -> Iterator[bytes]:
    """Yield what makes git-fast-import write a commit of the changed files, on a branch of its own.

    `author` and `committer` end in a date in git's raw format. Raises OSError.
    """
    text = message.encode("utf-8", "replace")
    yield f"commit refs/heads/{branch}\nauthor {author}\ncommitter {committer}\ndata {len(text)}\n".encode()
    yield text + f"\nfrom {base}\n".encode()
    for mode, path in changed:
        with open(os.open(os.path.join(os.fsencode(folder), path), os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            data = file.read()
        quoted = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        yield b'M %s inline "%s"\ndata %d\n%s\n' % (mode, quoted, len(data), data)
    yield b"done\n"
