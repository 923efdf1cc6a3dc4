"""Generated archives: after a rewrite an independent reader sees the same, but for the references that moved (R40)."""

from __future__ import annotations

import os
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from archives import CHART, FORMATS, gnu_listing, gz, headers, info, seen, tar_of
from regfix.chart.gzipped import expand
from regfix.chart.vendored import Vendored
from regfix.errors import SourceError
from regfix.image.rule import Rule, RuleSet
from regfix.locate.hosts import HostFinder
from regfix.outcome import Status
from regfix.run.archive import rewritten_archive
from regfix.run.file import Options
from support import some, states

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from regfix.outcome import Outcome

OPTIONS = Options(RuleSet([Rule.parse("k8s.gcr.io=registry.k8s.io")]), write=True, vendored=Vendored.REWRITE)

LINES = st.sampled_from(
    [b"- image: k8s.gcr.io/pause:3.2\n", b"- a: 1\n", b'- \xc3\xa9: "k8s.gcr.io/a/b"\r\n', b"# k8s.gcr.io/x:1\n"]
)
TEXTS = st.lists(LINES, max_size=60).map(b"".join)
STEPS = st.text("ab-._\u00e9\u4e2d", min_size=1, max_size=12).filter(lambda step: step.strip(".") != "")
LONG = st.integers(60, 240).map(lambda size: "n" * size)
PATHS = st.lists(st.one_of(STEPS, STEPS, LONG), min_size=1, max_size=3).map("/".join)
PLAIN = st.tuples(PATHS.map(lambda path: f"bell/{path}.yaml"), TEXTS)
BINARY = st.tuples(PATHS.map(lambda path: f"bell/{path}.png"), st.binary(max_size=1500))
NESTED = st.lists(PLAIN, max_size=3, unique_by=lambda one: one[0])
FIELDS = st.fixed_dictionaries({
    "mtime": st.one_of(st.integers(0, 8**11 - 1), st.just(0)), "uid": st.integers(0, 8**7 - 1), "gid": st.integers(0, 70000),
    "mode": st.integers(0, 0o7777), "uname": st.text("ab\u00e9", max_size=8), "gname": st.sampled_from(["", "wheel"]),
})  # fmt: skip
KINDS = {tarfile.SYMTYPE: "../../../etc/passwd", tarfile.LNKTYPE: "bell/values.yaml", tarfile.FIFOTYPE: "", tarfile.CHRTYPE: "",
         tarfile.DIRTYPE: ""}  # fmt: skip
LINKS = st.tuples(PATHS.map(lambda path: f"bell/{path}.link"), st.sampled_from(sorted(KINDS)))


def moved(name: str, data: bytes) -> bytes:
    return data.replace(b"k8s.gcr.io/", b"registry.k8s.io/") if name.endswith(".yaml") else data


@st.composite
def packed(draw: st.DrawFn, depth: int = 1) -> bytes:
    """Return a packed chart: files, binary ones, links and devices, archives within, in any order and format."""
    form = draw(st.sampled_from(sorted(FORMATS)))
    files = draw(st.lists(st.one_of(PLAIN, PLAIN, BINARY), max_size=6, unique_by=lambda one: os.path.normpath(one[0])))
    within = [(f"bell/charts/x{n}.tgz", draw(packed(depth - 1))) for n in range(draw(st.integers(0, depth)))]
    members: list[tuple[tarfile.TarInfo, bytes]] = [
        (info(name), data) for name, data in [("bell/Chart.yaml", CHART), *files, *within]
    ]
    members += [(info(name, type=kind, linkname=KINDS[kind]), b"") for name, kind in draw(st.lists(LINKS, max_size=3))]
    members = draw(st.permutations(members))
    for member, _ in members:
        for field, value in draw(FIELDS).items():
            setattr(member, field, value)
        if form == "pax" and draw(st.booleans()):
            member.pax_headers = {
                "mtime": f"{member.mtime}.25",
                "SCHILY.xattr.user.x": "\u00e9" * draw(st.integers(0, 300)),
            }
    try:
        raw = tar_of(members, FORMATS[form])
    except ValueError:  # the format has no room for a name
        raw = tar_of(members, tarfile.GNU_FORMAT)
    header = draw(st.sampled_from([b"", b"\x1f\x8b\x08\x18\1\2\3\4\2\xffname\0Helm\0"]))
    return gz(raw, header)


def within(content: bytes, read: Callable[[bytes], list[Any]]) -> Any:
    """Return what an archive in another one holds; one that is damaged stays as it is."""
    try:
        return read(content)
    except tarfile.ReadError:
        return content


def expected(data: bytes) -> list[Any]:
    """Return what an independent reader should see after the rewrite."""
    found: list[Any] = []
    for told, content in seen(data):
        name = dict(told)["name"]
        if name.endswith(".tgz") and content is not None:
            found.append((told, within(content, expected)))
        else:
            found.append((told, None if content is None else moved(name, content)))
    return found


def actual(data: bytes) -> list[Any]:
    names = [dict(told)["name"] for told, _ in seen(data)]
    return [(told, within(content, actual) if name.endswith(".tgz") and content is not None else content)
            for name, (told, content) in zip(names, seen(data), strict=True)]  # fmt: skip


def rewritten(data: bytes) -> tuple[bytes, Sequence[Outcome]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.tgz"
        path.write_bytes(data)
        before = states(Path(folder))
        outcomes = rewritten_archive(str(path), OPTIONS, HostFinder(OPTIONS.rules))
        after = path.read_bytes()
        assert os.listdir(folder) == ["x.tgz"]
        if after == data:
            assert states(Path(folder)) == before, "an archive without a change is not opened for writing"
        return after, outcomes


@some(120)
@given(packed())
def test_r40_all_but_the_references_is_kept(data: bytes) -> None:
    """R40, R1: by Python's tarfile, by GNU tar's listing, by the raw headers; a second run changes nothing."""
    after, outcomes = rewritten(data)
    assert [outcome.error for outcome in outcomes if outcome.error is not None] == []
    assert actual(after) == expected(data)
    assert (after == data) == all(outcome.status is not Status.CHANGED for outcome in outcomes)
    assert gnu_listing(after) == gnu_listing(data)
    assert headers(expand(after, 1 << 30).content) == headers(expand(data, 1 << 30).content)
    assert rewritten(after)[0] == after
    assert rewritten(data)[0] == after


@some(300)
@given(packed(), st.data())
def test_r44_r5_damage_is_an_error_or_harmless(data: bytes, draw: st.DataObject) -> None:
    """R44, R45: flipped, cut, doubled bytes of the tar archive: never a crash, never another change than a reference."""
    raw = bytearray(expand(data, 1 << 30).content)
    for _ in range(draw.draw(st.integers(1, 3))):
        at = draw.draw(st.integers(0, min(len(raw) - 1, 4096)))
        raw[at : at + 1] = draw.draw(
            st.sampled_from([b"", b"\0", b"\xff", b"7", b"x", b" ", bytes(raw[at : at + 512]) * 2])
        )
    damaged = gz(bytes(raw))
    try:
        after, outcomes = rewritten(damaged)
    except SourceError as error:
        assert str(error).startswith("/"), error
        return
    if after == damaged:
        return
    assert any(outcome.status is Status.CHANGED for outcome in outcomes)
    assert actual(after) == expected(damaged)
