"""gzip: expanded within a limit, and packed again under the header that it had. Pure.

Source: RFC 1952.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

MAGIC = b"\x1f\x8b"
MAX_PIECES = 16
"""Members of one gzip file that are read; writers of chart archives make one."""

_HEADER_BYTES = 10
_CHUNK_BYTES = 1 << 20
_CHECKSUM, _EXTRA, _NAME, _COMMENT, _RESERVED = 2, 4, 8, 16, 0xE0
_LEVEL = 9
"""One level for all, so that the same content gives the same bytes."""


class Gzipped(NamedTuple):
    """The content of a gzip file, and the header of its first member as written: name, time, flags, system.

    `alone`: there is one member and nothing behind it, so that content and header are all that there is to keep.
    """

    header: bytes
    content: bytes
    alone: bool = True


class TooLarge(ValueError):
    """The content is larger than the limit."""


def expand(data: bytes, limit: int) -> Gzipped:
    """Return the content of a gzip file of at most `limit` bytes.

    Raises TooLarge beyond the limit, and ValueError, EOFError or zlib.error for what is truncated, corrupt, or has
    something else behind it. Checksums and lengths are compared. Blocks of zeros at the end are padding.
    """
    header = data[: _header_end(data)]
    content, end = _expanded(data, 0, limit)
    if end == len(data):
        return Gzipped(header, content)
    pieces = [content]
    while data.count(0, end) < len(data) - end:  # counted, not stripped: what is behind may be large
        if not data.startswith(MAGIC, end):
            raise ValueError("there is more data behind its end")
        if len(pieces) == MAX_PIECES:
            raise ValueError(f"it is made of more than {MAX_PIECES} pieces")
        limit -= len(pieces[-1])
        content, end = _expanded(data, end, limit)
        pieces.append(content)
    return Gzipped(header, b"".join(pieces), alone=False)


def pack(header: bytes, content: bytes) -> bytes:
    """Return the gzip file of a content, under a header; the same arguments always give the same bytes."""
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    sums = (zlib.crc32(content), len(content) & 0xFFFFFFFF)
    trailer = b"".join(number.to_bytes(4, "little") for number in sums)
    return b"".join((header, deflate.compress(content), deflate.flush(), trailer))


def _expanded(data: bytes, start: int, limit: int) -> tuple[bytes, int]:
    """Expand the member at `start`; return its content and where it ends. What is behind it is not copied."""
    stream = zlib.decompressobj(16 + zlib.MAX_WBITS)  # the module sees to checksums and lengths
    pieces: list[bytes] = []
    room, at = limit + 1, start
    while not stream.eof:
        fed = stream.unconsumed_tail or data[at : at + _CHUNK_BYTES]
        at += 0 if stream.unconsumed_tail else len(fed)
        if not fed:
            raise EOFError("it is truncated")
        pieces.append(stream.decompress(fed, room))
        room -= len(pieces[-1])
        if room <= 0:
            raise TooLarge
    return b"".join(pieces), at - len(stream.unused_data)


def _header_end(data: bytes) -> int:
    """Return the length of the first member's header."""
    if not data.startswith(MAGIC + b"\x08") or len(data) < _HEADER_BYTES or data[3] & _RESERVED:
        raise ValueError("it is no gzip file" if data else "it is empty")
    flags, at = data[3], _HEADER_BYTES
    if flags & _EXTRA:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            at = data.find(b"\0", at) + 1 or len(data) + 1
    at += 2 if flags & _CHECKSUM else 0
    if at > len(data):
        raise EOFError("it is truncated")
    return at
