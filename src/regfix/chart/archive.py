"""Chart archives, read in memory and within limits; nothing is ever extracted to the disk (R42).

Sources: pkg/chart/v2/loader/archive.go of https://github.com/helm/helm (the first component of a member's name is
the chart's folder), tar(5), RFC 1952.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.errors import SourceError

if TYPE_CHECKING:
    import tarfile
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


def read_archive(data: bytes, path: str, budget: Budget) -> dict[str, bytes]:
    """Return the files of a chart archive by their names with the chart's folder in front (`redis/values.yaml`).

    Members that escape, links, devices and folders are passed over. Raises SourceError for what is truncated,
    corrupt or beyond the limits.
    """
    import io
    import tarfile
    import zlib

    try:
        raw = _expanded(data, path, budget)
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as archive:
            return dict(_files(archive, path, budget))
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError) as error:
        raise _unreadable(path, str(error) or type(error).__name__) from None


def _expanded(data: bytes, path: str, budget: Budget) -> bytes:
    """Expand gzip within the budget; raises what the gzip module raises for corrupt data."""
    import gzip
    import io

    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        raw = stream.read(budget.expanded + 1)
        if len(raw) > budget.expanded:
            raise _unreadable(path, f"it expands to more than {MAX_EXPANDED_BYTES // (1024 * 1024)} MiB")
    budget.expanded -= len(raw)
    return raw


def _files(archive: tarfile.TarFile, path: str, budget: Budget) -> Iterator[tuple[str, bytes]]:
    for member in archive:
        budget.members -= 1
        if budget.members < 0:
            raise _unreadable(path, f"it holds more than {MAX_MEMBERS} members")
        name = _safe_name(member.name)
        if name is None or not member.isreg() or member.issparse():
            continue
        content = archive.extractfile(member)
        if content is not None:
            yield name, content.read()


def _safe_name(name: str) -> str | None:
    """Return the name of a member that lies in the chart's folder, written with slashes; None for others."""
    parts = name.replace("\\", "/").split("/")
    if name[:1] in ("/", "\\") or ".." in parts:
        return None
    parts = [part for part in parts if part not in ("", ".")]
    return "/".join(parts) if len(parts) > 1 and ":" not in parts[0] else None


def _unreadable(path: str, why: str) -> SourceError:
    return SourceError("the chart archive cannot be read", where=path, why=why[:1].lower() + why[1:],
                       hint="it is left as it is; fetch it again")  # fmt: skip
