"""A source: a text with an identity, decoded strictly so that it can be encoded back byte for byte."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

_UTF16_OR_32 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


class Source(NamedTuple):
    """The decoded text of a file, an archive member or standard input.

    `name` is the path as the user knows it (undecodable bytes as surrogate escapes); `text` has no BOM, and every
    offset elsewhere counts its code points; `bom` tells whether the bytes began with the UTF-8 one.
    """

    name: str
    text: str
    bom: bool = False

    def encode(self, text: str) -> bytes:
        """Return the bytes of `text` in this source's encoding, BOM included."""
        data = text.encode("utf-8")
        return codecs.BOM_UTF8 + data if self.bom else data

    def content(self, text: str) -> Content:
        """Return the same as pieces that are encoded when they are asked for."""
        return Content(text, self.bom)


_PIECE = 64 * 1024


class Content(NamedTuple):
    """The bytes of a text in UTF-8, which are never there all at once."""

    text: str
    bom: bool = False

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes, in order; can be done again."""
        if self.bom:
            yield codecs.BOM_UTF8
        for at in range(0, len(self.text), _PIECE):
            yield self.text[at : at + _PIECE].encode("utf-8")


def decode(data: bytes, name: str) -> Source:
    """Decode UTF-8 strictly, without newline translation.

    Raises SourceError for UTF-16, UTF-32, NUL bytes and invalid UTF-8: such a file is never transcoded.
    """
    if data.startswith(_UTF16_OR_32):
        raise SourceError("not UTF-8", where=name, why="it begins with the byte-order mark of UTF-16 or UTF-32",
                          hint="convert it to UTF-8 first")  # fmt: skip
    if b"\0" in data:
        raise SourceError("not text", where=name, why=f"NUL byte at offset {data.index(0)}")
    bom = data.startswith(codecs.BOM_UTF8)
    try:
        text = (data[3:] if bom else data).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError("not UTF-8", where=f"{name}:{line}", why=f"invalid byte at offset {error.start}",
                          hint="convert it to UTF-8 first") from None  # fmt: skip
    return Source(name, text, bom)
