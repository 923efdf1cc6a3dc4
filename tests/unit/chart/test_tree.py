"""The chart tree after Helm's rules: keys of subcharts, archives within limits, what cannot be read."""

from __future__ import annotations

import contextlib
import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from charts import tgz, write_tree
from regfix.chart import archive
from regfix.chart.archive import Budget, read_archive
from regfix.chart.tree import load_chart
from regfix.chart.version import in_range
from regfix.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from regfix.chart.model import Chart


def meta(name: str, version: str = "1.0.0", more: str = "") -> str:
    return f"apiVersion: v2\nname: {name}\nversion: {version}\n{more}"


def keys(chart: Chart) -> list[str]:
    return [subchart.key for subchart in chart.subcharts]


def test_unlisted_charts_go_by_their_name(tmp_path: Path) -> None:
    write_tree(tmp_path, {"Chart.yaml": meta("top"), "charts/folder/Chart.yaml": meta("bell"),
                          "charts/_off/Chart.yaml": meta("off"), "charts/README.md": "",
                          "charts/x/values.yaml": ""})  # fmt: skip
    assert keys(load_chart(str(tmp_path))) == ["bell"]


def test_an_alias_is_the_key_and_a_chart_can_have_several(tmp_path: Path) -> None:
    more = "dependencies: [{name: bell, version: 1.x, alias: a}, {name: bell, version: '*', alias: b}, {name: bell, version: 1.0.0}, {name: missing}]\n"
    write_tree(tmp_path, {"Chart.yaml": meta("top", more=more), "charts/bell/Chart.yaml": meta("bell")})
    assert keys(load_chart(str(tmp_path))) == ["a", "b", "bell"]


def test_requirements_count_and_replace(tmp_path: Path) -> None:
    write_tree(tmp_path, {"Chart.yaml": meta("top"), "charts/bell/Chart.yaml": meta("bell"),
                          "requirements.yaml": "dependencies: [{name: bell, version: ^1, alias: ding}]\n"})  # fmt: skip
    assert keys(load_chart(str(tmp_path))) == ["ding"]


def test_a_range_chooses_between_versions(tmp_path: Path) -> None:
    more = "dependencies: [{name: bell, version: ^2, alias: new}]\n"
    write_tree(tmp_path, {"Chart.yaml": meta("top", more=more), "charts/1/Chart.yaml": meta("bell", "1.0.0"),
                          "charts/2/Chart.yaml": meta("bell", "2.1.0")})  # fmt: skip
    chart = load_chart(str(tmp_path))
    assert [(sub.key, sub.chart.metadata.version) for sub in chart.subcharts] == [("bell", "1.0.0"), ("new", "2.1.0")]


def test_below_a_chart_without_dependencies_no_alias_counts(tmp_path: Path) -> None:
    more = "dependencies: [{name: bell, alias: ding}]\n"
    write_tree(tmp_path, {"Chart.yaml": meta("top"), "charts/mid/Chart.yaml": meta("mid", more=more),
                          "charts/mid/charts/bell/Chart.yaml": meta("bell")})  # fmt: skip
    assert keys(load_chart(str(tmp_path)).subcharts[0].chart) == ["bell"]


def test_archives_within_archives(tmp_path: Path) -> None:
    inner = tgz({"bell/Chart.yaml": meta("bell").encode(), "bell/values.yaml": b"a: 1\n"})
    outer = tgz({"mid/Chart.yaml": meta("mid").encode(), "mid/charts/bell-1.tgz": inner})
    write_tree(tmp_path, {"Chart.yaml": meta("top")})
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "mid.tgz").write_bytes(outer)
    bell = load_chart(str(tmp_path)).subcharts[0].chart.subcharts[0].chart
    assert bell.values is not None
    assert bell.values.text == "a: 1\n"
    assert bell.values.path == f"{tmp_path}/charts/mid.tgz!mid/charts/bell-1.tgz!bell/values.yaml"


ODD = [b"", b"[", b"[]", b"a: b: c", b"\xff", b"name: [1]\n", b"dependencies: {a: 1}\n", b"dependencies: [1, {x: y}]\n",
       b"name: a\nname: b\n", b"a: &a [*a]\n", b"? [x]\n: y\n", b"[" * 5000, b"--- a\n--- b\n"]  # fmt: skip


@pytest.mark.parametrize("data", ODD)
def test_odd_metadata_never_crashes(data: bytes, tmp_path: Path) -> None:
    write_tree(tmp_path, {"Chart.yaml": meta("top"), "charts/good/Chart.yaml": meta("good")})
    (tmp_path / "charts" / "odd").mkdir()
    (tmp_path / "charts" / "odd" / "Chart.yaml").write_bytes(data)
    chart = load_chart(str(tmp_path))
    assert "good" in keys(chart)
    (tmp_path / "Chart.yaml").write_bytes(data)
    with contextlib.suppress(SourceError):
        load_chart(str(tmp_path))


def special(name: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info


def test_members_that_escape_links_and_devices_are_passed_over() -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as out:
        for name in ("../x/values.yaml", "/bell/values.yaml", "bell/../../y", "Chart.yaml", "c:/x"):
            out.addfile(tarfile.TarInfo(name), io.BytesIO())
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            out.addfile(special("bell/values.yaml", kind))
        out.addfile(tarfile.TarInfo("./bell/Chart.yaml"), io.BytesIO())
    assert read_archive(data.getvalue(), "x.tgz", Budget()) == {"bell/Chart.yaml": b""}


def test_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tgz({"bell/zeros": b"\0" * 200_000})
    many = tgz({f"bell/{index}": b"" for index in range(50)})
    monkeypatch.setattr(archive, "MAX_EXPANDED_BYTES", 100_000)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 40)
    with pytest.raises(SourceError, match=r"x\.tgz.*expands to more"):
        read_archive(bomb, "x.tgz", Budget())
    with pytest.raises(SourceError, match="more than 40 members"):
        read_archive(many, "x.tgz", Budget())


def test_every_cut_of_an_archive_is_an_error() -> None:
    whole = tgz({"bell/Chart.yaml": meta("bell").encode(), "bell/values.yaml": b"a: 1\n" * 50})
    for size in range(len(whole) - 1):
        with pytest.raises(SourceError, match=r"x\.tgz"):
            read_archive(whole[:size], "x.tgz", Budget())


@pytest.mark.parametrize(("version", "wanted", "fits"), [
    ("1.2.3", "^1.0.0", True), ("2.0.0", "^1", False), ("0.3.0", "^0.2", False), ("0.2.9", "^0.2", True),
    ("1.2.3", "~1.2", True), ("1.3.0", "~1.2", False), ("1.2.3", ">=1, <2", True), ("1.2.3", "1.x.x", True),
    ("1.2.3", "*", True), ("1.0.0-a", "*", False), ("1.0.0-a", ">=0.0.0-0", True), ("1.2.3", "1.2", True),
    ("1.5.0", "1.0 - 2.0", True), ("v1.2.3", "1.2.3", True), ("3.0.0", "1 || 3", True), ("1.2.3", "", False),
    ("1.2.3", "x y", False), ("1.2.3", "> 1.2", False), ("1.9.9", "<= 1", True), ("1.2.3+b", "^1.2.3", True),
    ("1.2.3", "4.*.*", False), ("no", "*", False), ("1.2.3", "!=1.2.3", False), ("1.0.0-rc.2", ">1.0.0-rc.1", True),
])  # fmt: skip
def test_ranges(version: str, wanted: str, fits: bool) -> None:
    assert in_range(version, wanted) is fits


@pytest.mark.parametrize("text", ["1-" * 10**6, "1 " * 10**6, "1" * 10**6, " " * 10**6, "1.0 - " * 10**5, ">" * 10**6])
def test_long_versions_and_ranges_are_none(text: str) -> None:
    assert not in_range("1.0.0", text)
    assert not in_range(text, "*")
