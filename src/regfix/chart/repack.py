"""Chart archives with other content in some members: all else is copied byte for byte (R40). Pure.

Only the sizes and checksums of the members concerned are written anew, in the style that they have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.chart.archive import Budget, open_archive
from regfix.chart.gzipped import pack
from regfix.chart.tarfields import BLOCK, SIZE, number, padded, pax_record, pax_records, resized
from regfix.chart.witness import require_same
from regfix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from regfix.chart.archive import Archive
    from regfix.chart.tarmembers import Member


def repacked(archive: Archive, contents: Mapping[int, bytes]) -> bytes:
    """Return the archive, packed, with new contents for some members, given by their numbers in it.

    The result was read again and compared: it holds the same members with the same headers, and no other content but
    the given one. Raises SourceError where that cannot be had.
    """
    try:
        if not archive.file.alone:
            raise ValueError("the gzip file has several parts, or padding")
        raw = b"".join(_pieces(archive, contents))
        data = pack(archive.file.header, raw)
        _check(archive, contents, data)
    except ValueError as error:
        raise SourceError("the archive cannot be written", where=archive.path, why=str(error),
                          hint="it is left as it is") from None  # fmt: skip
    return data


def _pieces(archive: Archive, contents: Mapping[int, bytes]) -> Iterator[bytes]:
    """Yield the tar archive in pieces: what lies between changed members is one of them."""
    raw, at = archive.file.content, 0
    for index in sorted(contents):
        member, content = archive.members[index], contents[index]
        if member.odd:
            raise ValueError(f"{member.name!r} would change, and {member.odd}")
        yield raw[at : member.start]
        yield from _headers(raw, member, len(content))
        yield content
        yield bytes(padded(len(content)) - len(content))
        at = member.end
    yield raw[at:]


def _headers(raw: bytes, member: Member, size: int) -> Iterator[bytes]:
    """Yield the headers of a member with another size."""
    if member.sized < 0:
        yield raw[member.start : member.header]
    else:
        body_at = member.sized + BLOCK
        old = number(raw[member.sized : body_at][SIZE])
        body = _resized_record(raw[body_at : body_at + old], size)
        yield raw[member.start : member.sized]
        yield resized(raw[member.sized : body_at], len(body))
        yield body + bytes(padded(len(body)) - len(body))
        yield raw[body_at + padded(old) : member.header]
    yield resized(raw[member.header : member.data], size)


def _resized_record(body: bytes, size: int) -> bytes:
    """Return the records of a pax header with another size."""
    start, end = next((start, end) for key, _, start, end in pax_records(body) if key == b"size")
    return body[:start] + pax_record(b"size", b"%d" % size) + body[end:]


def _check(archive: Archive, contents: Mapping[int, bytes], data: bytes) -> None:
    """Read the new archive and compare it with the old one; raises ValueError."""
    try:
        new = open_archive(data, archive.path, Budget())
    except SourceError as error:
        raise ValueError(f"the new one could not be read: {error.why}") from None
    if len(new.members) != len(archive.members) or new.file.header != archive.file.header:
        raise ValueError("the new one would hold other members")
    for index, (before, after) in enumerate(zip(archive.members, new.members, strict=True)):
        wanted = contents[index] if index in contents else archive.content(before)
        if new.content(after) != wanted or _kept(archive, before) != _kept(new, after):
            raise ValueError(f"{before.name!r} would not be what was planned")
    if archive.file.content[_end(archive) :] != new.file.content[_end(new) :]:
        raise ValueError("its end would not be what it was")
    changed = {archive.members[index].data: content for index, content in contents.items()}
    require_same(archive.file.content, new.file.content, changed)


def _kept(archive: Archive, member: Member) -> tuple[object, ...]:
    """Return what a member keeps whatever its size: name, kind, headers without size and checksum."""
    raw = archive.file.content
    block = raw[member.header : member.header + BLOCK]
    before = raw[member.start : member.header] if member.sized < 0 else _records_kept(raw, member)
    map_of_sparse = raw[member.header + BLOCK : member.data]
    return member.name, member.odd, before, block[: SIZE.start], block[SIZE.stop : 148], block[156:], map_of_sparse


def _records_kept(raw: bytes, member: Member) -> tuple[object, ...]:
    block = raw[member.sized : member.sized + BLOCK]
    size = number(block[SIZE])
    body = raw[member.sized + BLOCK : member.sized + BLOCK + size]
    records = tuple((key, value) for key, value, _, _ in pax_records(body) if key != b"size")
    others = raw[member.start : member.sized], raw[member.sized + BLOCK + padded(size) : member.header]
    return (*others, block[: SIZE.start], block[SIZE.stop : 148], block[156:], records)


def _end(archive: Archive) -> int:
    return archive.members[-1].end if archive.members else 0
