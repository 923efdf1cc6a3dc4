"""Reading tar archives as Helm does, and refusing what two readers would take for different members (R42 to R45)."""

from __future__ import annotations

import io
import tarfile

import pytest

from archives import CHART, VALUES, chart_tar, gz, info, patched, tar_of
from regfix.chart.archive import Budget, open_archive, read_archive
from regfix.chart.gzipped import MAX_PIECES, expand
from regfix.chart.tarmembers import MAX_HEADER_BYTES
from regfix.errors import SourceError

RAW = chart_tar(form=tarfile.USTAR_FORMAT)
SECOND = 1024
"""Where the header of `bell/values.yaml` stands in RAW."""


def names(raw: bytes) -> list[str]:
    return [member.name for member in open_archive(gz(raw), "x.tgz", Budget()).members]


def block(name: bytes, kind: bytes, body: bytes = b"", **changes: bytes) -> bytes:
    """Return a member of any kind, with a right checksum."""
    head = tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT)
    fields = {0: name[:99] + b"\0", 156: kind, 124: b"%011o\0" % len(body)}
    fields |= {int(place[1:]): data for place, data in changes.items()}
    return patched(head, 0, fields) + body + bytes(-len(body) % 512)


def record(key: bytes, value: bytes) -> bytes:
    rest = b" " + key + b"=" + value + b"\n"
    size = next(n for n in range(len(rest), len(rest) + 9) if len(b"%d" % n) + len(rest) == n)
    return b"%d" % size + rest


REFUSED = {
    "no tar archive": (b"x" * 2000, "no tar archive"),
    "header with a wrong checksum": (RAW[:SECOND] + b"B" + RAW[SECOND + 1 :], "a header is corrupt"),
    "negative size": (patched(RAW, SECOND, {124: b"\xff" * 12}), "negative"),
    "another negative size": (patched(RAW, SECOND, {124: b"-0000000001\0"}), "a number that is none"),
    "size that is none": (patched(RAW, SECOND, {124: b"0000000008\0\0"}), "a number that is none"),
    "size behind a NUL": (patched(RAW, SECOND, {124: b"\x0000000000034"[:12]}), "a number that is none"),
    "huge size": (patched(RAW, SECOND, {124: b"\x80" + b"\x7f" * 11}), "truncated"),
    "largest octal size": (patched(RAW, SECOND, {124: b"7" * 12}), "truncated"),
    "cut in a header": (RAW[: SECOND + 100], "truncated"),
    "cut in a content": (RAW[: SECOND + 520], "truncated"),
    "cut in a padding": (RAW[: SECOND + 600], "truncated"),
    "data behind the end": (RAW[:2048] + bytes(1024) + RAW[:1024], "behind the end"),
    "lone block of zeros": (RAW[:1024] + bytes(512) + RAW[1024:], "behind the end"),
    "folder with a size": (patched(RAW, SECOND, {156: b"5"}), "has a size"),
    "old folder with a size": (patched(RAW, SECOND, {0: b"bell/values.yaml/\0", 156: b"\0"}), "has a size"),
    "link with a size": (patched(RAW, SECOND, {156: b"2"}), "has a size"),
    "pax header at the end": (RAW[:2048] + block(b"p", b"x", record(b"path", b"bell/x")), "truncated"),
    "long name at the end": (RAW[:2048] + block(b"p", b"L", b"bell/x\0"), "truncated"),
    "two pax headers": (block(b"p", b"x", record(b"mtime", b"1")) * 2 + RAW, "two headers"),
    "two long names": (block(b"p", b"L", b"bell/x\0") * 2 + RAW, "two headers"),
    "two long links": (block(b"p", b"K", b"bell/x\0") * 2 + RAW, "two headers"),
    "empty long name": (block(b"p", b"L", b"\0") + RAW, "an empty one"),
    "long name and pax path": (
        block(b"p", b"L", b"bell/a\0") + block(b"p", b"x", record(b"path", b"bell/b")) + RAW,
        "two long names",
    ),
    "pax path twice": (block(b"p", b"x", record(b"path", b"bell/a") + record(b"path", b"bell/b")) + RAW, "thing twice"),
    "pax size twice": (block(b"p", b"x", record(b"size", b"1") + record(b"size", b"2")) + RAW, "thing twice"),
    "pax size that is none": (block(b"p", b"x", record(b"size", b"-1")) + RAW, "a size that is none"),
    "pax size with a fraction": (block(b"p", b"x", record(b"size", b"1.5")) + RAW, "a size that is none"),
    "pax size that is huge": (block(b"p", b"x", record(b"size", b"9" * 5000)) + RAW, "a size that is none"),
    "pax size beyond the end": (block(b"p", b"x", record(b"size", b"99999")) + RAW, "truncated"),
    "pax path with a NUL": (block(b"p", b"x", record(b"path", b"bell/a\0b")) + RAW, "pax header is corrupt"),
    "pax record with a wrong length": (block(b"p", b"x", b"20 path=x\n") + RAW, "pax header is corrupt"),
    "pax record with a huge length": (block(b"p", b"x", b"9" * 600 + b" a=b\n") + RAW, "pax header is corrupt"),
    "pax record of length 0": (block(b"p", b"x", b"0 a=b\n") + RAW, "pax header is corrupt"),
    "pax record without a line end": (block(b"p", b"x", b"7 a=bcd") + RAW, "pax header is corrupt"),
    "pax header with a tail": (block(b"p", b"x", record(b"a", b"b") + b"\0\0") + RAW, "pax header is corrupt"),
    "global size": (block(b"p", b"g", record(b"size", b"9")) + RAW, "global pax header"),
    "global path": (block(b"p", b"g", record(b"path", b"bell/x")) + RAW, "global pax header"),
    "huge pax header": (block(b"p", b"x", record(b"a", b"b" * MAX_HEADER_BYTES)) + RAW, "more than 1024 KiB"),
    "huge long name": (block(b"p", b"L", b"b" * (MAX_HEADER_BYTES + 1)) + RAW, "more than 1024 KiB"),
    "huge pax header that is not there": (block(b"p", b"x", s124=b"\x80" + b"\x7f" * 11), "more than 1024 KiB"),
    "sparse map without an end": (block(b"bell/s", b"S", s482=b"\1", s257=b"ustar  \0"), "truncated"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_r44_what_is_corrupt_or_ambiguous_is_an_error(name: str) -> None:
    """R44, R43: with the reason."""
    raw, why = REFUSED[name]
    with pytest.raises(SourceError, match=r"^x\.tgz: the chart archive cannot be read: .*" + why):
        open_archive(gz(raw), "x.tgz", Budget())


WHOLE = gz(RAW)
DAMAGED = {
    "empty": b"", "no gzip": b"PK\x03\x04" + bytes(100), "a header alone": WHOLE[:10], "cut": WHOLE[:-9],
    "cut trailer": WHOLE[:-1], "wrong checksum": WHOLE[:-8] + b"\0\0\0\0" + WHOLE[-4:],
    "wrong length": WHOLE[:-4] + b"\0\0\0\1", "garbage behind": WHOLE + b"garbage", "one byte behind": WHOLE + b"x",
    "another member, cut": WHOLE + WHOLE[:30], "a second archive": WHOLE + WHOLE, "a name without an end": b"\x1f\x8b\x08\x08" + b"x" * 50,
    "reserved flags": WHOLE[:3] + b"\xe0" + WHOLE[4:], "flipped bit": WHOLE[:60] + bytes([WHOLE[60] ^ 16]) + WHOLE[61:],
    "huge extra field": b"\x1f\x8b\x08\x04" + bytes(6) + b"\xff\xff" + b"x" * 50,
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_r44_damage_of_the_gzip_file_is_an_error(name: str) -> None:
    """R44: cut anywhere, checksums that do not fit, something behind the end."""
    with pytest.raises(SourceError, match=r"^x\.tgz: the chart archive cannot be read: "):
        open_archive(DAMAGED[name], "x.tgz", Budget())


def test_r44_several_members_of_gzip_are_read_as_one() -> None:
    """R44: as gzip(1) and Helm do, up to a limit; they cannot be repacked as they were."""
    half = gz(RAW[:700]) + gz(RAW[700:])
    assert read_archive(half, "x.tgz", Budget()) == {"bell/Chart.yaml": CHART, "bell/values.yaml": VALUES}
    assert not open_archive(half, "x.tgz", Budget()).file.alone
    assert not expand(WHOLE + bytes(100), 1 << 20).alone, "padding of a tape"
    with pytest.raises(SourceError, match=f"more than {MAX_PIECES} pieces"):
        open_archive(half + gz(b"") * MAX_PIECES, "x.tgz", Budget())


GNU = b"ustar  \0"


@pytest.mark.parametrize(("blocks", "name"), [
    (block(b"values.yaml", b"0", s345=b"bell/sub\0"), "bell/sub/values.yaml"),
    (block(b"bell/values.yaml", b"0", s257=GNU, s345=b"00000000000\x0000000000001\0"), "bell/values.yaml"),
    (block(b"values.yaml", b"0", s257=GNU, s345=b"bell/deep\0"), "bell/deep/values.yaml"),
    (block(b"values.yaml", b"0", s345=b"bell\0", s508=b"tar\0"), "bell/values.yaml"),
    (block(b"bell/values.yaml", b"\0", s257=bytes(8), s345=b"junk"), "bell/values.yaml"),
    (block(b"p", b"L", b"bell/" + b"x" * 300 + b"\0") + block(b"bell/xxx", b"0"), "bell/" + "x" * 300),
    (block(b"p", b"K", b"target\0") + block(b"p", b"L", b"bell/y\0") + block(b"bell/xxx", b"2"), "bell/y"),
    (block(b"p", b"x", record(b"path", "bell/\u00e9".encode())) + block(b"bell/e", b"0"), "bell/\u00e9"),
    (block(b"p", b"X", record(b"path", b"bell/solaris")) + block(b"bell/e", b"0"), "bell/solaris"),
    (block(b"p", b"x", record(b"path", b"")) + block(b"bell/kept", b"0"), "bell/kept"),
    (block(b"bell/\xff", b"0"), "bell/\udcff"),
])  # fmt: skip
def test_names(blocks: bytes, name: str) -> None:
    """Prefixes, the mistake of early versions of Go, long names, pax paths, bytes that are no UTF-8."""
    assert names(blocks + bytes(1024)) == [name]


def test_the_same_members_as_python_sees() -> None:
    """Every kind of member, in one archive."""
    kinds = [tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE,
             tarfile.BLKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]  # fmt: skip
    members = [(info(f"bell/{n}", type=kind, linkname="bell/0" if kind in b"12" else ""), b"x" * n if n < 3 else b"")
               for n, kind in enumerate(kinds)]  # fmt: skip
    raw = block(b"label", b"V") + tar_of(members)
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        wanted = [(member.name + "/" * member.isdir(), member.offset_data, member.size) for member in archive]
    found = open_archive(gz(raw), "x.tgz", Budget()).members
    assert [(member.name, member.data, member.size) for member in found] == wanted
    assert [member.name for member in found if not member.odd] == ["bell/0", "bell/1", "bell/2"]
