"""What a walk comes upon. Every path is as the user would type it: the path given, joined with what is below it.

Bytes of a name that the locale cannot decode are surrogate escapes in `path` (os.fsdecode).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from regfix.errors import SourceError


class SkipReason(StrEnum):
    """Why something is not read. A version control folder is passed over without a word, so it has no reason."""

    GITIGNORE = "gitignore"
    """A `.gitignore` or `.git/info/exclude` of its work tree says so."""
    HELMIGNORE = "helmignore"
    """The `.helmignore` of its chart says so."""
    EXCLUDED = "excluded"
    """An exclude pattern of the user says so."""
    SYMLINK = "symlink"
    """It is a symbolic link; what it points to is done under its own name, if at all."""
    SPECIAL = "special"
    """It is a named pipe, a socket or a device."""


class File(NamedTuple):
    """A regular file to read; `named` tells whether the user gave it by name, rather than a folder above it."""

    path: str
    named: bool


class Skipped(NamedTuple):
    """Something that is not read; for a folder, neither is what is below it (unless it is named, too)."""

    path: str
    reason: SkipReason


class Failed(NamedTuple):
    """Something that should have been read and cannot be: a missing path, an unreadable folder or ignore file."""

    path: str
    error: SourceError


class Leftover(NamedTuple):
    """A temporary file of a run of regfix: killed, or still writing. It is never input."""

    path: str


Found = File | Skipped | Failed | Leftover
