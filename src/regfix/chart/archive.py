"""Chart archives, read in memory and within limits; nothing is ever extracted to the disk (R42).

Sources: pkg/chart/v2/loader/archive.go of https://github.com/helm/helm (the first component of a member's name is
the chart's folder), tar(5), RFC 1952.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.gzipped import Gzipped, TooLarge, expand
from regfix.chart.tarmembers import Member, tar_members
from regfix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_EXPANDED_BYTES = 64 * 1024 * 1024
"""What an archive may expand to, with the archives inside it."""

MAX_MEMBERS = 10_000
"""Members of an archive, with those of the archives inside it."""


class Budget:
    """What is left of the limits on one archive, shared with the archives inside it."""

    def __init__(self) -> None:
        self.expanded = MAX_EXPANDED_BYTES
        self.members = MAX_MEMBERS


class Archive(NamedTuple):
    """An archive that was read; `path` is how the user knows it, `file` the gzip file with the tar archive."""

    path: str
    file: Gzipped
    members: tuple[Member, ...]

    def content(self, member: Member) -> bytes:
        """Return what is stored of a member's content."""
        return self.file.content[member.data : member.data + member.size]


def open_archive(data: bytes, path: str, budget: Budget) -> Archive:
    """Return the archive in the bytes of a file.

    Raises SourceError for what is truncated, corrupt, ambiguous or beyond the limits.
    """
    try:
        file = expand(data, budget.expanded)
        budget.expanded -= len(file.content)
        return Archive(path, file, tuple(_counted(file.content, budget)))
    except TooLarge:
        raise unreadable(path, f"it expands to more than {MAX_EXPANDED_BYTES // (1024 * 1024)} MiB") from None
    except (zlib.error, EOFError, ValueError) as error:
        raise unreadable(path, str(error)) from None


def read_archive(data: bytes, path: str, budget: Budget) -> dict[str, bytes]:
    """Return the files of a chart archive by their names with the chart's folder in front (`redis/values.yaml`).

    Members that escape, links, devices and folders are passed over. Raises as `open_archive`.
    """
    archive = open_archive(data, path, budget)
    named = ((safe_name(member.name), member) for member in archive.members if not member.odd)
    return {name: archive.content(member) for name, member in named if name is not None}


def safe_name(name: str) -> str | None:
    """Return the name of a member that lies in the chart's folder, written with slashes; None for others."""
    parts = name.replace("\\", "/").split("/")
    if name[:1] in ("/", "\\") or ".." in parts:
        return None
    parts = [part for part in parts if part not in ("", ".")]
    return "/".join(parts) if len(parts) > 1 and ":" not in parts[0] else None


def unreadable(path: str, why: str) -> SourceError:
    """Return the error of an archive that is not read."""
    return SourceError("the chart archive cannot be read", where=path, why=why[:1].lower() + why[1:],
                       hint="it is left as it is; fetch it again")  # fmt: skip


def _counted(raw: bytes, budget: Budget) -> Iterator[Member]:
    for member in tar_members(raw):
        budget.members -= 1
        if budget.members < 0:
            raise ValueError(f"it holds more than {MAX_MEMBERS} members")
        yield member
