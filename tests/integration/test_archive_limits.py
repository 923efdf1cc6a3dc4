"""Hostile archives (R42 to R45): bounded time, less than 800 MiB of memory, nothing outside of the archive touched."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from typing import TYPE_CHECKING

import pytest

from archives import CHART, VALUES, gz, info, patched, seen, tar_of
from regfix.chart.archive import MAX_EXPANDED_BYTES
from support import HUB, OLD, contents, grow, litter, measured, states

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

MIB = 1024 * 1024
LIMIT = 800 * MIB
NAME = "chart/charts/bell.tgz"


def zeros(size: int) -> bytes:
    """Return a gzip file of zeros, made without holding them."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(MIB)
    return b"".join(deflate.compress(block) for _ in range(size // MIB)) + deflate.flush()


def stream(pieces: Iterable[bytes]) -> bytes:
    """Return the gzip file of pieces that are made as they are needed."""
    deflate = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b"".join(deflate.compress(piece) for piece in pieces) + deflate.flush()


def chart_with(*members: tuple[tarfile.TarInfo, bytes], values: bytes = VALUES) -> bytes:
    first = [(info("bell/Chart.yaml"), CHART), (info("bell/values.yaml"), values)]
    return gz(tar_of([*first, *members]))


def members(count: int) -> bytes:
    head = info("bell/x").tobuf(tarfile.USTAR_FORMAT)
    return stream(head * 1000 for _ in range(count // 1000))


def nested_bombs() -> bytes:
    """Archives in archives, each of which expands to a lot."""
    bomb = chart_with((info("bell/zeros"), bytes(20 * MIB)))
    return chart_with(*[(info(f"bell/charts/x{n}.tgz"), bomb) for n in range(50)])


def nested_deep() -> bytes:
    data = chart_with()
    for _ in range(40):
        data = chart_with((info("bell/charts/x.tgz"), data))
    return data


def huge_pax() -> bytes:
    values = info("bell/values.yaml")
    values.pax_headers = {"comment": "x" * (60 * MIB)}
    return gz(tar_of([(values, VALUES)]))


def many_pax() -> bytes:
    """Headers that extend headers, and no member."""
    raw = tar_of([(info("bell/" + "n" * 120), b"")])[:1536]
    return stream(raw[:1024] for _ in range(60_000))


def many_records() -> bytes:
    values = info("bell/values.yaml")
    values.pax_headers = {f"k{n}": "" for n in range(70_000)}
    return gz(tar_of([(values, VALUES), (info("bell/Chart.yaml"), CHART)]))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb of 2 GiB": (lambda: zeros(2048 * MIB), "expands to more than 64 MiB"),
    "a bomb in a bomb": (lambda: chart_with((info("bell/charts/x.tgz"), zeros(1024 * MIB))), "expands to more than 64 MiB"),
    "a million members": (lambda: members(1_000_000), "expands to more than 64 MiB"),
    "too many members": (lambda: members(20_000), "more than 10000 members"),
    "nested bombs": (nested_bombs, "expands to more than 64 MiB"),
    "nested deeply": (nested_deep, "nested deeper than 16 levels"),
    "a huge pax header": (huge_pax, "more than 1024 KiB"),
    "headers without a member": (many_pax, "two headers of a kind"),
    "a file of 20 MiB": (lambda: chart_with((info("bell/big.yaml"), VALUES * (20 * MIB // len(VALUES)))), "references|names registries"),
    "a sparse size of exabytes": (
        lambda: gz(patched(tar_of([(info("bell/x", type=b"S"), b"")], tarfile.GNU_FORMAT), 0,
                           {124: b"\x80" + b"\0" * 3 + b"\x7f" * 8})), "truncated"),
    "many members of gzip": (lambda: gzip.compress(b"", mtime=0) * 500_000, "more than 16 pieces"),
    "data behind its end": (lambda: gz(bytes(1024)) + bytes(200 * MIB) + b"x", "no gzip file|more data"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_r45_hostile_archives_are_reported_within_limits(project: Path, name: str) -> None:
    """R45: in each mode and by scan; exit 2, the archive as it was, the rest done."""
    make, why = HOSTILE[name]
    grow(project, {"chart/Chart.yaml": CHART, "chart/values.yaml": VALUES, NAME: make()})
    before = states(project)[NAME]
    for command in (("scan",), ("rewrite", "--dry-run"), ("rewrite", "--vendored", "rewrite")):
        run = measured(*command, "chart", cwd=project, timeout=60)
        assert run.peak < LIMIT, f"{run.peak // MIB} MiB"
        if command[0] == "rewrite":
            assert run.code == 2, run.said[-500:]
            assert any(part in run.err for part in why.split("|")), run.err[-500:]
    if name not in ("nested bombs", "a bomb in a bomb", "nested deeply"):  # there the outer one is sound
        assert states(project)[NAME] == before
    assert litter(project) == []


FULL = {
    "as many references as are taken": ([VALUES * 99_000], (), 99_000),
    "short names": ([b"- {image: b}\n" * 99_000], HUB, 99_000),
    "in many files": ([VALUES * 98] * 1000, (), 98_000),
}  # fmt: skip


@pytest.mark.parametrize("name", FULL)
def test_r45_a_full_archive_is_repacked_within_limits(project: Path, name: str) -> None:
    """R45: as large as it may be: references, members, and 60 MiB of other content that does not compress."""
    files, rules, count = FULL[name]
    noise = bytes(range(256)) * (4 * MIB // 256)
    size = sum(map(len, files))
    room = (MAX_EXPANDED_BYTES - 2 * size - 2 * MIB) // len(noise)
    listed = [text.replace(b"image: k", b"- image: k") for text in files]
    inside = [(info(f"bell/{n}.yaml"), text) for n, text in enumerate(listed)] + [
        (info(f"bell/{n}.bin"), noise) for n in range(room)
    ]
    grow(project, {"chart/Chart.yaml": CHART, NAME: gz(tar_of([(info("bell/Chart.yaml"), CHART), *inside]))})
    run = measured("rewrite", "-q", "--vendored", "rewrite", *rules, "chart", cwd=project, timeout=200)
    assert run.code == 0, run.err[-1000:]
    assert run.peak < LIMIT, f"{run.peak // MIB} MiB"
    after = [one.content or b"" for one in seen((project / NAME).read_bytes())]
    new = b"harbor.corp/hub/library/b" if rules else b"registry.k8s.io"
    assert sum(content.count(new) for content in after) == count
    assert not any(OLD.encode() in content for content in after)


def test_r42_nothing_is_followed_or_extracted(project: Path, tmp_path: Path) -> None:
    """R42: members that lead out, through links too, leave the disk alone."""
    grow(tmp_path, {"victim.yaml": VALUES})
    odd: Sequence[tuple[tarfile.TarInfo, bytes]] = [
        (info("bell/out", type=tarfile.SYMTYPE, linkname=str(tmp_path)), b""), (info("bell/out/victim.yaml"), b"a: 1\n"),
        (info(str(tmp_path / "victim.yaml")), b"a: 1\n"), (info("bell/../../../victim.yaml"), b"a: 1\n"),
        (info("bell/hard", type=tarfile.LNKTYPE, linkname=str(tmp_path / "victim.yaml")), b""),
        (info("bell/dev", type=tarfile.BLKTYPE, devmajor=8, devminor=0), b""),
    ]  # fmt: skip
    data = chart_with(*odd)
    grow(project, {"chart/Chart.yaml": CHART, NAME: data})
    before = contents(tmp_path)
    run = measured("rewrite", "--vendored", "rewrite", "chart", cwd=project, timeout=20)
    assert run.code == 0, run.err
    after = contents(tmp_path)
    assert {name for name in after if after[name] != before.get(name)} == {f"project/{NAME}"}
    new = io.BytesIO((project / NAME).read_bytes())
    with tarfile.open(fileobj=new) as archive:
        assert [member.name for member in archive][2:] == [member.name for member, _ in odd]
