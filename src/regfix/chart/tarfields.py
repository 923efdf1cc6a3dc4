"""The fields of a tar header: numbers, checksums, pax records; read strictly, and written in the style they have. Pure.

What readers of tar understand differently is an error here, so that nothing is changed that somebody else would see
elsewhere. Sources: tar(5) of FreeBSD, "Basic Tar Format" in the manual of GNU tar, pax of POSIX.1-2017, archive/tar
of Go, which Helm reads archives with.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 512
"""Bytes of a header; the data of a member is padded to a multiple of it."""

SIZE = slice(124, 136)
_CHECKSUM = slice(148, 156)
_BLANK_CHECKSUM = 8 * ord(" ")
_BASE_256, _NEGATIVE = 0x80, 0x40


def padded(size: int) -> int:
    """Return a length in bytes rounded up to whole blocks."""
    return -(-size // BLOCK) * BLOCK


@cache
def _octal() -> re.Pattern[bytes]:
    return re.compile(rb"( *)([0-7]+)( *(?:\0.*)?)|[ \0]*", re.DOTALL)


def number(field: bytes) -> int:
    """Return the number in a field: octal digits, or GNU's base 256. Raises ValueError, for negative numbers too."""
    if field[0] & _BASE_256:
        if field[0] & _NEGATIVE:
            raise ValueError("a header holds a negative number")
        return int.from_bytes(field, "big") - (_BASE_256 << 8 * (len(field) - 1))
    found = _octal().fullmatch(field)
    if found is None:
        raise ValueError("a header holds a number that is none")
    return int(found[2] or b"0", 8)


def renumbered(field: bytes, value: int) -> bytes:
    """Return a field with another number in its own style: base 256, or digits as wide and padded as they were.

    Raises ValueError where there is no room.
    """
    if field[0] & _BASE_256:
        return (value + (_BASE_256 << 8 * (len(field) - 1))).to_bytes(len(field), "big")
    found = _octal().fullmatch(field)
    lead, tail = (found[1] or b"", found[3] or b"") if found is not None else (b"", b"")
    if found is None or not found[2]:
        tail = b"\0"  # an empty field is a zero
    width = len(field) - len(tail)
    digits = (b"%o" % value).rjust(width, b" " if lead else b"0")
    room = len(tail) - (len(digits) - width)
    if len(digits) > width and (room < 1 or tail.strip(b" \0")):
        raise ValueError("the new size does not fit into the header")
    return digits + tail[len(tail) - room :]


def has_checksum(block: bytes) -> bool:
    """Tell whether a header's checksum is right: the sum of its bytes, taken as unsigned or, as of old, as signed."""
    try:
        said = number(block[_CHECKSUM])
    except ValueError:
        return False
    return said in (_sum(block), _signed_sum(block))


def resized(block: bytes, size: int) -> bytes:
    """Return a header with another size, and the checksum to it. Raises ValueError where there is no room."""
    as_it_was = _sum if number(block[_CHECKSUM]) == _sum(block) else _signed_sum
    new = block[: SIZE.start] + renumbered(block[SIZE], size) + block[SIZE.stop :]
    checksum = renumbered(block[_CHECKSUM], as_it_was(new))
    return new[: _CHECKSUM.start] + checksum + new[_CHECKSUM.stop :]


def _sum(block: bytes) -> int:
    """Return the sum of a header's bytes, its checksum taken as blanks."""
    return sum(block) - sum(block[_CHECKSUM]) + _BLANK_CHECKSUM


def _signed_sum(block: bytes) -> int:
    rest = block[: _CHECKSUM.start] + block[_CHECKSUM.stop :]
    return _sum(block) - 256 * sum(byte > 127 for byte in rest)


def text(field: bytes) -> str:
    """Return the text in a field, up to its first NUL; undecodable bytes as surrogate escapes."""
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def pax_records(body: bytes) -> Iterator[tuple[bytes, bytes, int, int]]:
    """Yield key, value, start and end of each record of a pax header. Raises ValueError for what is none."""
    at = 0
    while at < len(body):
        blank = body.find(b" ", at, at + 12)
        digits = body[at : max(at, blank)]
        end = at + int(digits) if digits.isdigit() else -1
        key, equals, value = body[blank + 1 : end - 1].partition(b"=")
        if not blank < end <= len(body) or body[end - 1 : end] != b"\n" or not equals or not key or b"\0" in key:
            raise ValueError("a pax header is corrupt")
        yield key, value, at, end
        at = end


def pax_record(key: bytes, value: bytes) -> bytes:
    """Return a record, which begins with its own length."""
    rest = b" %b=%b\n" % (key, value)
    size = len(rest) + 1
    while len(b"%d" % size) + len(rest) > size:
        size += 1
    return b"%d" % size + rest
