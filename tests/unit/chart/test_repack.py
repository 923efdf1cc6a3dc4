"""Archives repacked (R40): all that is not the new content of a member stays, in every format of tar."""

from __future__ import annotations

import os
import tarfile
import zlib
from typing import TYPE_CHECKING

import pytest

from archives import (
    CHART,
    FORMATS,
    GNU_TAR_FORMATS,
    VALUES,
    chart_tar,
    gnu_listing,
    gnu_tar,
    gz,
    headers,
    info,
    patched,
    seen,
    signed_sum,
    tar_of,
)
from regfix.chart.archive import Budget, open_archive
from regfix.chart.gzipped import expand
from regfix.chart.repack import repacked
from regfix.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

SIZES = (b"", b"x", b"y" * 511, b"y" * 512, b"y" * 513, b"z" * 100_000)
DEEP = "bell/templates/" + "long-name-" * 8 + "/" + "n" * 90


def changed(data: bytes, contents: dict[str, bytes]) -> bytes:
    """Repack an archive with new contents by name; what Python's and GNU's tar see else is the same."""
    archive = open_archive(data, "x.tgz", Budget())
    numbers = {member.name: number for number, member in enumerate(archive.members)}
    new = repacked(archive, {numbers[name]: content for name, content in contents.items()})
    before, after = seen(data), seen(new)
    assert [one.told for one in after] == [one.told for one in before]
    for one, other in zip(before, after, strict=True):
        assert other.content == contents.get(dict(one.told)["name"], one.content)
    assert gnu_listing(new) == gnu_listing(data)
    assert repacked(archive, {numbers[name]: content for name, content in contents.items()}) == new
    return new


def odd_members(form: str) -> list[tuple[tarfile.TarInfo, bytes]]:
    """Return members of all kinds, as far as a format has them."""
    long = [] if form == "v7" else [(info(DEEP, mode=0o755), b"long: k8s.gcr.io/a\n")]
    longer = [(info("bell/" + "d/" * 150 + "values.yaml"), VALUES)] if form in ("gnu", "pax") else []
    kinds = {tarfile.SYMTYPE: "/etc/passwd", tarfile.LNKTYPE: "bell/values.yaml", tarfile.FIFOTYPE: ""}
    links = [(info(f"bell/{kind!r}", type=kind, linkname=target), b"") for kind, target in kinds.items()]
    devices = [(info(f"bell/dev{kind!r}", type=kind, devmajor=7, devminor=9), b"")
               for kind in (tarfile.CHRTYPE, tarfile.BLKTYPE)]  # fmt: skip
    return [
        (info("bell/", type=tarfile.DIRTYPE, mode=0o2755), b""), (info("bell/Chart.yaml", mode=0o4600), CHART),
        (info("bell/values.yaml", mtime=0), VALUES), *long, *longer, *links, *devices,
        (info("bell/caf\u00e9.bin", uid=0, uname=""), bytes(range(256)) * 5), (info("./bell/empty"), b""),
        (info("bell/same", mtime=5), b"one"), (info("bell/same", mtime=6), b"another"),
        (info("../escapes"), b"out"), (info("/absolute"), b"out"), (info("bell/last.yaml", type=tarfile.AREGTYPE), b"a: b\n"),
    ]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("content", SIZES, ids=len)
def test_r40_all_else_is_kept_in_the_formats_of_python(form: str, content: bytes) -> None:
    """R40, R43: names, modes, owners, times, links, devices, odd and duplicate members, in the same order."""
    data = gz(tar_of(odd_members(form), FORMATS[form]))
    new = changed(data, {"bell/values.yaml": content, "bell/last.yaml": content + b"!"})
    assert headers(expand(new, 1 << 30).content) == headers(expand(data, 1 << 30).content)


def grown(folder: Path) -> None:
    (folder / "bell/templates").mkdir(parents=True)
    (folder / "bell/Chart.yaml").write_bytes(CHART)
    (folder / "bell/values.yaml").write_bytes(VALUES)
    os.utime(folder / "bell/values.yaml", ns=(1, 1_234_567_890_123_456_789))
    (folder / "bell/link").symlink_to("values.yaml")
    os.link(folder / "bell/values.yaml", folder / "bell/zlink.yaml")
    os.mkfifo(folder / "bell/fifo")


@pytest.mark.parametrize("form", GNU_TAR_FORMATS)
@pytest.mark.parametrize("more", [(), ("-b1",), ("--label=my label",)], ids=str)
def test_r40_all_else_is_kept_in_the_formats_of_gnu_tar(form: str, more: tuple[str, ...], tmp_path: Path) -> None:
    """R40: fractions of seconds, blocking factors, labels of volumes."""
    if form in ("v7", "ustar") and "--label=my label" in more:
        pytest.skip("GNU tar gives no label to such an archive")
    grown(tmp_path)
    if form == "v7":
        (tmp_path / "bell/fifo").unlink()
    if form in ("oldgnu", "gnu", "posix"):
        (tmp_path / "bell" / ("n" * 200)).write_bytes(b"long\n")
        (tmp_path / "bell/zz").symlink_to("x" * 150)
    changed(
        gz(gnu_tar(tmp_path, f"--format={form}", *more)), {"bell/values.yaml": b"image: registry.k8s.io/pause\n" * 40}
    )


@pytest.mark.parametrize("version", ["old", "0.0", "0.1", "1.0"])
def test_r43_a_sparse_file_is_kept_and_cannot_change(version: str, tmp_path: Path) -> None:
    """R43: whatever the way in which its holes are told; Python's tarfile reads them, too."""
    grown(tmp_path)
    with open(tmp_path / "bell/sparse", "wb") as file:
        file.truncate(1 << 20)
        for place in range(0, 1 << 20, 1 << 16):  # more holes than the first header tells
            file.seek(place)
            file.write(b"x" * 5000)
    how = ["--format=gnu"] if version == "old" else ["--format=posix", f"--sparse-version={version}"]
    data = gz(gnu_tar(tmp_path, "--sparse", *how))
    archive = open_archive(data, "x.tgz", Budget())
    (number,) = [n for n, member in enumerate(archive.members) if member.name == "bell/sparse"]
    assert archive.members[number].odd == "it is a sparse file"
    changed(data, {"bell/values.yaml": b"a: b\n"})
    with pytest.raises(SourceError, match="it is a sparse file"):
        repacked(archive, {number: b""})


# --- fields in other styles ---


def values_at(raw: bytes) -> int:
    """Return where the header of `bell/values.yaml` stands."""
    return next(m.header for m in open_archive(gz(raw), "x.tgz", Budget()).members if m.name == "bell/values.yaml")


def size_field(raw: bytes) -> bytes:
    at = values_at(raw)
    return raw[at + 124 : at + 136]


@pytest.mark.parametrize(("field", "grows"), [
    (b"00000000034\0", b"00000000150\0"), (b"00000000034 ", b"00000000150 "), (b"         34 ", b"        150 "),
    (b"        34 \0", b"       150 \0"), (b"34\0\0\0\0\0\0\0\0\0\0", b"150\0\0\0\0\0\0\0\0\0"),
    (b"000000000034", b"000000000150"), (b"\x80" + bytes(10) + b"\x1c", b"\x80" + bytes(10) + b"\x68"),
    (b"0034 \0\0\0\0\0\0\0", b"0150 \0\0\0\0\0\0\0"), (b"0034\0 junk  ", b"0150\0 junk  "),
])  # fmt: skip
def test_r40_the_size_keeps_its_style(field: bytes, grows: bytes) -> None:
    """R40: digits as wide and padded as before, blanks or zeros, base 256."""
    raw = chart_tar(form=tarfile.GNU_FORMAT)
    raw = patched(raw, values_at(raw), {124: field})
    new = changed(gz(raw), {"bell/values.yaml": b"v" * 104})
    assert size_field(expand(new, 1 << 30).content) == grows
    back = size_field(expand(changed(new, {"bell/values.yaml": VALUES}), 1 << 30).content)
    assert back == (b"034" + bytes(9) if field == b"34" + bytes(10) else field)  # as wide as it has become


def test_r40_a_size_without_room_is_refused() -> None:
    """R40: nothing else in the header is moved for it."""
    raw = chart_tar()
    archive = open_archive(gz(patched(raw, values_at(raw), {124: b"34\0other it "})), "x.tgz", Budget())
    with pytest.raises(SourceError, match="does not fit"):
        repacked(archive, {1: b"v" * 104})


@pytest.mark.parametrize("style", [b"%06o\0 ", b"%07o\0", b"%6o\0 ", b"%07o ", b"%o\0\0\0"])
@pytest.mark.parametrize("total", [sum, signed_sum], ids=["unsigned", "signed"])
def test_r40_the_checksum_keeps_its_style(style: bytes, total: object) -> None:
    """R40: also the sum of signed bytes, as old programs make it."""
    raw = chart_tar(form=tarfile.GNU_FORMAT)
    at = values_at(raw)
    block = bytearray(raw[at : at + 512])
    block[265:270] = b"\xe9l\xefse"  # a user's name in Latin-1
    block[148:156] = b" " * 8
    assert callable(total)
    block[148:156] = (style % total(bytes(block)))[:8]
    raw = raw[:at] + bytes(block) + raw[at + 512 :]
    new = expand(changed(gz(raw), {"bell/values.yaml": b"v" * 104}), 1 << 30).content
    after = bytearray(new[at : at + 512])
    told, after[148:156] = bytes(after[148:156]), b" " * 8
    assert told == (style % total(bytes(after)))[:8]


def pax_with_size(size: bytes, more: dict[str, str] | None = None) -> bytes:
    """Return a chart whose values have their size in a pax header."""
    values = info("bell/values.yaml")
    values.pax_headers = {"comment": "x" * 70, "size": size.decode(), **(more or {}), "SCHILY.xattr.user.a": "b"}
    return tar_of([(info("bell/Chart.yaml"), CHART), (values, VALUES), (info("bell/z"), b"z")])


def test_r40_the_size_in_a_pax_header_is_renewed() -> None:
    """R40: and the length of its record, and of the header, with it; the other records stay."""
    raw = pax_with_size(b"%d" % len(VALUES))
    for content in SIZES:
        new = expand(changed(gz(raw), {"bell/values.yaml": content}), 1 << 30).content
        assert b"size=%d\n" % len(content) in new
        assert new.count(b"comment=" + b"x" * 70) == 1


def test_r40_a_size_only_in_the_pax_header(tmp_path: Path) -> None:
    """R40: POSIX lets the header's own size be anything."""
    raw = pax_with_size(b"%d" % len(VALUES))
    raw = patched(raw, values_at(raw), {124: b"00000000000\0"})
    changed(gz(raw), {"bell/values.yaml": b"v" * 104})


@pytest.mark.parametrize("end", [b"", bytes(512), bytes(1024), bytes(10240), bytes(1000)], ids=len)
def test_r40_the_end_is_kept(end: bytes) -> None:
    """R40: no, one, two or many blocks of zeros."""
    raw = chart_tar()
    archive = open_archive(gz(raw), "x.tgz", Budget())
    raw = raw[: archive.members[-1].end] + end
    new = repacked(open_archive(gz(raw), "x.tgz", Budget()), {1: b"image: x\n" * 100})
    content = expand(new, 1 << 30).content
    assert content[open_archive(new, "x.tgz", Budget()).members[-1].end :] == end


@pytest.mark.parametrize("header", [
    b"\x1f\x8b\x08\x00" + bytes(4) + b"\x00\xff", b"\x1f\x8b\x08\x00\x12\x34\x56\x78\x02\x03",
    b"\x1f\x8b\x08\x08\x12\x34\x56\x78\x04\x0bname.tar\x00", b"\x1f\x8b\x08\x10\x00\x00\x00\x00\x00\xffHelm\x00",
    b"\x1f\x8b\x08\x1c\x00\x00\x00\x00\x00\xff\x1d\x00+aHR0cHM6Ly95b3V0dS5iZS96OVV6\x00Helm\x00",
    b"\x1f\x8b\x08\x01\x00\x00\x00\x00\x00\xff",
])  # fmt: skip
def test_r40_the_header_of_gzip_is_kept(header: bytes) -> None:
    """R40: name, time, flags, system, extra field and comment (that is how `helm package` marks its archives)."""
    assert changed(gz(chart_tar(), header), {"bell/values.yaml": b"a: b\n"}).startswith(header)


def test_r40_the_checksum_of_the_header_of_gzip_is_kept() -> None:
    """R40: as the header is the same, so is its checksum; a wrong one is an error."""
    start = b"\x1f\x8b\x08\x02\x12\x34\x56\x78\x00\x03"
    header = start + (zlib.crc32(start) & 0xFFFF).to_bytes(2, "little")
    assert changed(gz(chart_tar(), header), {"bell/values.yaml": b"a: b\n"}).startswith(header)
    with pytest.raises(SourceError):
        open_archive(gz(chart_tar(), start + b"\0\0"), "x.tgz", Budget())


def test_repacking_nothing_gives_the_same_archive_inside() -> None:
    """What is copied is copied whole."""
    data = gz(tar_of(odd_members("pax")))
    assert expand(repacked(open_archive(data, "x.tgz", Budget()), {}), 1 << 30) == expand(data, 1 << 30)
