"""The members of a tar archive: where each stands, block by block, so that all else can be copied as it is. Pure.

What two readers of tar would take for different members is an error. Sources: those of tarfields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.tarfields import BLOCK, SIZE, has_checksum, number, padded, pax_records, text

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_HEADER_BYTES = 1024 * 1024
"""The largest pax header or long name that is read; Go, and so Helm, has the same limit."""

_FILES = (b"0", b"\0", b"7")
_WITHOUT_DATA = (b"1", b"2", b"3", b"4", b"5", b"6")
_PAX = (b"x", b"X")
_LONG_NAME, _LONG_LINK, _GLOBAL, _SPARSE = b"L", b"K", b"g", b"S"
_GNU, _USTAR = b"ustar  \0", b"ustar\x0000"
_STAR_AT, _STAR = slice(508, 512), b"tar\0"
_DECIDING = (b"path", b"linkpath", b"size")


class Member(NamedTuple):
    """A member of an archive; all places are offsets in bytes.

    It begins at `start` with the headers that extend its own one at `header`. `size` bytes of content are stored at
    `data`. `sized` is where the header block stands of the pax header that tells the size, -1 if none does.
    `odd` says why the content is not that of a plain file; it is empty for a plain file.
    """

    name: str
    start: int
    header: int
    data: int
    size: int
    sized: int = -1
    odd: str = ""

    @property
    def end(self) -> int:
        """Where the next member begins."""
        return self.data + padded(self.size)


class _Extended(NamedTuple):
    """What the headers in front of a member's own one say."""

    name: bytes = b""
    pax: dict[bytes, bytes] | None = None
    link: bool = False
    pax_at: int = -1


def tar_members(raw: bytes) -> Iterator[Member]:
    """Yield the members of an archive in order, what is no file among them. Raises ValueError for what is corrupt."""
    start = at = 0
    said = _Extended()
    while not _is_end(raw, at):
        block = raw[at : at + BLOCK]
        if not has_checksum(block):
            raise ValueError("a header is corrupt" if at else "it holds no tar archive")
        kind = block[156:157]
        if kind in (*_PAX, _LONG_NAME, _LONG_LINK):
            said = _extended(said, kind, at, _body(raw, at, block))
            at += BLOCK + padded(number(block[SIZE]))
            continue
        member = _member(raw, block, start, at, said)
        yield member
        start = at = member.end
        said = _Extended()
    if said != _Extended():
        raise ValueError("it is truncated")


def _is_end(raw: bytes, at: int) -> bool:
    """Tell whether an archive ends: with blocks of zeros, or, as some writers leave them out, just so."""
    block = raw[at : at + BLOCK]
    if block.strip(b"\0"):
        if len(block) < BLOCK:
            raise ValueError("it is truncated")
        return False
    if at > len(raw):
        raise ValueError("it is truncated")
    if raw.count(b"\0", at) != len(raw) - at:
        raise ValueError("there is more data behind the end of the tar archive")
    return True


def _body(raw: bytes, at: int, block: bytes) -> bytes:
    """Return the content of a header that extends another one."""
    size = number(block[SIZE])
    if size > MAX_HEADER_BYTES:
        raise ValueError(f"a header of more than {MAX_HEADER_BYTES // 1024} KiB")
    if at + BLOCK + size > len(raw):
        raise ValueError("it is truncated")
    return raw[at + BLOCK : at + BLOCK + size]


def _extended(said: _Extended, kind: bytes, at: int, body: bytes) -> _Extended:
    if kind == _LONG_NAME:
        new = said._replace(name=body.partition(b"\0")[0])
        twice = bool(said.name) or not new.name
    elif kind == _LONG_LINK:
        new, twice = said._replace(link=True), said.link
    else:
        new, twice = said._replace(pax=_records(body), pax_at=at), said.pax is not None
    if twice:
        raise ValueError("a member has two headers of a kind, or an empty one")
    return new


def _records(body: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for key, value, _, _ in pax_records(body):
        if key in found and key in _DECIDING:
            raise ValueError("a pax header says one thing twice")
        found[key] = value
    return found


def _member(raw: bytes, block: bytes, start: int, at: int, said: _Extended) -> Member:
    kind, pax = block[156:157], said.pax or {}
    name = _name(block, said, pax)
    size, data = number(block[SIZE]), at + BLOCK
    sized = said.pax_at if pax.get(b"size") else -1
    if sized >= 0:
        if not pax[b"size"].isdigit() or len(pax[b"size"]) > 20:
            raise ValueError("a pax header holds a size that is none")
        size = int(pax[b"size"])
    if kind == _GLOBAL:
        _check_global(_body(raw, at, block))
    elif kind in _WITHOUT_DATA or (kind == b"\0" and name.endswith("/")):
        if size and kind != b"1":
            raise ValueError(f"{name!r} has a size but is no file")
        size = 0
    elif kind == _SPARSE:
        data = _after_sparse_map(raw, at)
    if data + size > len(raw):
        raise ValueError("it is truncated")
    return Member(name, start, at, data, size, sized, _oddness(kind, name, pax))


def _name(block: bytes, said: _Extended, pax: dict[bytes, bytes]) -> str:
    """Return the full name of a member: that of an extending header, else of its own."""
    path = pax.get(b"GNU.sparse.name") or pax.get(b"path") or b""
    if path and said.name:
        raise ValueError("a member has two long names")
    if b"\0" in path:
        raise ValueError("a pax header is corrupt")
    if path or said.name:
        return text(path or said.name)
    name, magic = text(block[:100]), block[257:265]
    prefix = b""
    if magic == _USTAR:
        prefix = block[345:476] if block[_STAR_AT] == _STAR else block[345:500]
    elif magic == _GNU and not _holds_times(block):
        prefix = block[345:500]
    return f"{text(prefix)}/{name}" if text(prefix) else name


def _holds_times(block: bytes) -> bool:
    """Tell whether a header of GNU's format holds times; early versions of Go wrote the start of the name there."""
    try:
        return number(block[345:357]) >= 0 and number(block[357:369]) >= 0
    except ValueError:
        return False


def _check_global(body: bytes) -> None:
    """Refuse what some readers would apply to all members that follow, and others to none."""
    if any(key in _DECIDING or key.startswith(b"GNU.sparse") for key, *_ in pax_records(body)):
        raise ValueError("a global pax header names or sizes members")


def _after_sparse_map(raw: bytes, at: int) -> int:
    """Return where the data of a file in GNU's old sparse format begins: after all blocks of its map."""
    more, at = raw[at + 482 : at + 483], at + BLOCK
    while more.strip(b"\0"):
        more, at = raw[at + 504 : at + 505], at + BLOCK
    return at


def _oddness(kind: bytes, name: str, pax: dict[bytes, bytes]) -> str:
    if kind == _SPARSE or any(key.startswith(b"GNU.sparse") for key in pax):
        return "it is a sparse file"
    if kind not in _FILES:
        return "it is no regular file"
    return "its name is that of a folder" if name.endswith("/") else ""
