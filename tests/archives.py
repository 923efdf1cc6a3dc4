"""Help for tests with archives: members of every kind, raw headers, and what an independent reader sees."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
GNU_TAR_FORMATS = ("v7", "oldgnu", "gnu", "ustar", "posix")
CHART = b"apiVersion: v2\nname: bell\nversion: 1.0.0\n"
VALUES = b"image: k8s.gcr.io/pause:3.2\n"
VALUES_MOVED = b"image: registry.k8s.io/pause:3.2\n"


def info(name: str, **fields: Any) -> tarfile.TarInfo:
    """Return a member; times, owners and modes are no defaults."""
    member = tarfile.TarInfo(name)
    said = {"mtime": 1234567890, "uid": 1001, "gid": 2002, "uname": "alice", "gname": "wheel", "mode": 0o640} | fields
    for field, value in said.items():
        setattr(member, field, value)
    return member


def tar_of(members: Iterable[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.PAX_FORMAT, **more: Any) -> bytes:
    """Return a tar archive as Python's tarfile writes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, **more) as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def chart_tar(values: bytes = VALUES, form: int = tarfile.PAX_FORMAT, **more: bytes) -> bytes:
    """Return a small chart as a tar archive; `more` are other files, by their names in it (`__` for a slash)."""
    files = {"Chart.yaml": CHART, "values.yaml": values, **{n.replace("__", "/"): d for n, d in more.items()}}
    return tar_of([(info(f"bell/{name}"), data) for name, data in files.items()], form)


def gz(raw: bytes, header: bytes = b"") -> bytes:
    """Return a gzip file; `header` takes the place of the usual one."""
    data = gzip.compress(raw, mtime=1_600_000_000)
    return header + data[10:] if header else data


class Seen(NamedTuple):
    """What Python's tarfile sees of a member; the content is None where there is none."""

    told: tuple[tuple[str, Any], ...]
    content: bytes | None


def seen(data: bytes) -> list[Seen]:
    """Return all that an independent reader sees in a packed archive."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        return [_seen(archive, member) for member in archive]


def _seen(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Seen:
    told = {k: v for k, v in member.get_info().items() if k not in ("size", "chksum")}
    told["pax"] = tuple(sorted((k, v) for k, v in member.pax_headers.items() if k != "size"))
    file = archive.extractfile(member) if member.isreg() else None
    return Seen(tuple(sorted(told.items(), key=lambda pair: pair[0])), None if file is None else file.read())


def headers(raw: bytes) -> list[bytes]:
    """Return the raw header blocks of a tar archive, less what a new size changes (offsets of ustar)."""
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as archive:
        at = [member.offset_data - 512 for member in archive]
    return [raw[start : start + 124] + raw[start + 136 : start + 148] + raw[start + 156 : start + 512] for start in at]


def patched(raw: bytes, at: int, changes: Mapping[int, bytes], total: Callable[[bytes], int] | None = None) -> bytes:
    """Return a tar archive with other bytes in the header at `at`, and the checksum to them."""
    block = bytearray(raw[at : at + 512])
    for offset, data in changes.items():
        block[offset : offset + len(data)] = data
    if 148 not in changes:
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % (total or sum)(bytes(block))
    return raw[:at] + bytes(block) + raw[at + 512 :]


def signed_sum(block: bytes) -> int:
    """Return the checksum that old programs make, which take bytes for signed."""
    return sum(byte - 256 if byte > 127 else byte for byte in block)


@cache
def _require_gnu_tar() -> None:
    said = subprocess.run(["tar", "--version"], capture_output=True, check=False).stdout
    if b"GNU tar" not in said:
        pytest.skip("tar is not GNU's here")


def gnu_tar(folder: Path, *arguments: str) -> bytes:
    """Return what GNU tar writes of `bell` in a folder."""
    _require_gnu_tar()
    return subprocess.run(["tar", "--sort=name", "--owner=alice:1001", "--group=wheel:2002", *arguments, "-cf", "-", "bell"], cwd=folder,
                          capture_output=True, check=True).stdout  # fmt: skip


def gnu_listing(data: bytes) -> list[str]:
    """Return what GNU tar tells of a packed archive, without sizes and without the blanks before them."""
    _require_gnu_tar()
    argv = ["tar", "-tvzP", "--full-time", "--numeric-owner", "--quoting-style=escape"]
    done = subprocess.run(argv, input=data, capture_output=True, check=True)
    assert done.stderr == b""
    lines = (line.split() for line in done.stdout.decode().splitlines())
    return [" ".join(words[:2] + words[3:]) for words in lines]
