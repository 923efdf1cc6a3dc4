"""`--bump`: the version of a chart that changes is raised, once, in place, and told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from charts import case, pack, tree_bytes, write_tree
from regfix.run.bump import next_version
from support import git, regfix

if TYPE_CHECKING:
    from pathlib import Path

META = "apiVersion: v2\nname: lighthouse\nversion: 1.2.3\n"
POD = "image: k8s.gcr.io/lighthouse/lamp:1\n"


@pytest.mark.parametrize(
    ("version", "patch", "minor"),
    [
        ("1.2.3", "1.2.4", "1.3.0"),
        ("0.0.9", "0.0.10", "0.1.0"),
        ("v1.2.3", "v1.2.4", "v1.3.0"),
        ("1.2.3-rc.1", "1.2.3", "1.3.0"),
        ("1.2.3-0.x.7", "1.2.3", "1.3.0"),
        ("1.2.3+build.5", "1.2.4", "1.3.0"),
        ("1.2.3-rc.1+build.5", "1.2.3", "1.3.0"),
        ("18446744073709551615.0.0", "18446744073709551615.0.1", "18446744073709551615.1.0"),
        ("1.2", None, None),
        ("1", None, None),
        ("01.2.3", None, None),
        ("1.2.3-", None, None),
        ("{{ .Version }}", None, None),
        ("", None, None),
    ],
)
def test_next_version(version: str, patch: str | None, minor: str | None) -> None:
    assert (next_version(version, "patch"), next_version(version, "minor")) == (patch, minor)


@pytest.mark.parametrize(
    ("written", "after"),
    [
        ("version: 1.2.3\n", "version: 1.2.4\n"),
        ("version:   '1.2.3'   # ours\n", "version:   '1.2.4'   # ours\n"),
        ('"version": "1.2.3"\r\n', '"version": "1.2.4"\r\n'),
        ("version: 1.2.3", "version: 1.2.4"),
        ("appVersion: 1.2.3\nversion: 1.2.3\n", "appVersion: 1.2.3\nversion: 1.2.4\n"),
    ],
)
def test_the_scalar_is_edited_and_nothing_else(written: str, after: str, tmp_path: Path) -> None:
    chart = write_tree(tmp_path / "c", {"Chart.yaml": "name: c\napiVersion: v2\n" + written, "templates/pod.yaml": POD})
    assert regfix("rewrite", "c", "--bump", "patch", cwd=tmp_path).code == 0
    assert (chart / "Chart.yaml").read_bytes().decode() == "name: c\napiVersion: v2\n" + after


def test_it_is_raised_once_and_only_where_something_changes(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a/Chart.yaml": META, "a/templates/pod.yaml": POD, "a/values.yaml": POD,
                          "b/Chart.yaml": META, "b/values.yaml": "a: 1\n", "pod.yaml": POD})  # fmt: skip
    run = regfix("rewrite", ".", "--bump", "minor", cwd=tmp_path)
    assert (tmp_path / "a/Chart.yaml").read_text("utf-8") == META.replace("1.2.3", "1.3.0")
    assert (tmp_path / "b/Chart.yaml").read_text("utf-8") == META
    assert "a/Chart.yaml: 0 references rewritten, version 1.2.3 -> 1.3.0\n" in run.out
    assert "3 references in 4 files rewritten\nversion of ./a/Chart.yaml: 1.2.3 -> 1.3.0\n" in run.err
    before = tree_bytes(tmp_path)
    assert "version" not in regfix("rewrite", ".", "--bump", "minor", cwd=tmp_path).said
    assert tree_bytes(tmp_path) == before


def test_the_images_of_the_metadata_and_the_version_are_one_write(project: Path) -> None:
    text = META + "annotations:\n  images: |\n    - name: lamp\n      image: k8s.gcr.io/lighthouse/lamp:1\n"
    write_tree(project, {"c/Chart.yaml": text, "c/templates/pod.yaml": POD})
    diff = regfix("rewrite", "c", "--bump", "patch", "--dry-run", cwd=project).stdout
    assert tree_bytes(project / "c")["Chart.yaml"].decode() == text
    assert diff.count(b"+++ ") == 2
    report = json.loads(regfix("rewrite", "c", "--bump", "patch", "--format", "json", cwd=project).stdout)
    told = [f for source in report["sources"] for f in source["findings"] if f["context"] == "version"]
    assert [(f["keyPath"], f["reference"], f["result"]) for f in told] == [("version", "1.2.3", "1.2.4")]
    assert report["summary"]["files"] == 2
    after = tree_bytes(project / "c")
    write_tree(project, {"c/Chart.yaml": text, "c/templates/pod.yaml": POD})
    assert git(project, "apply", "-", stdin=diff).returncode == 0
    assert tree_bytes(project / "c") == after


def test_check_fails_and_shows_the_version(tmp_path: Path) -> None:
    write_tree(tmp_path, {"c/Chart.yaml": META, "c/values.yaml": POD})
    run = regfix("rewrite", "c", "--bump", "patch", "--check", cwd=tmp_path)
    assert run.code == 1
    assert "c/Chart.yaml:3:10: 1.2.3 -> 1.2.4\n" in run.out
    assert (tmp_path / "c/Chart.yaml").read_text("utf-8") == META


@pytest.mark.parametrize("vendored", ["override", "rewrite"])
def test_a_vendored_chart_keeps_its_version(vendored: str, tmp_path: Path) -> None:
    chart = case("story-old", tmp_path).chart
    regfix("rewrite", "chart", "--bump", "patch", "--vendored", vendored, cwd=tmp_path)
    assert "version: 1.0.1\n" in (chart / "Chart.yaml").read_text("utf-8")
    assert "version: 4.0.1\n" in (chart / "charts/state-exporter/Chart.yaml").read_text("utf-8")


def test_a_change_in_an_archive_is_one_of_the_chart(tmp_path: Path) -> None:
    chart = write_tree(tmp_path / "c", {"Chart.yaml": META, "charts/a/Chart.yaml": META.replace("lighthouse", "a"),
                                        "charts/a/values.yaml": POD})  # fmt: skip
    pack(chart / "charts/a")
    regfix("rewrite", "c", "--bump", "patch", "--vendored", "rewrite", cwd=tmp_path)
    assert "version: 1.2.4" in (chart / "Chart.yaml").read_text("utf-8")


def test_a_chart_inside_of_another_one_has_its_own_version(tmp_path: Path) -> None:
    write_tree(tmp_path / "c", {"Chart.yaml": META, "examples/d/Chart.yaml": META, "examples/d/values.yaml": POD})
    regfix("rewrite", "c", "--bump", "patch", cwd=tmp_path)
    assert (tmp_path / "c/Chart.yaml").read_text("utf-8") == META
    assert "1.2.4" in (tmp_path / "c/examples/d/Chart.yaml").read_text("utf-8")


def test_without_its_metadata_among_the_files_nothing_is_raised(tmp_path: Path) -> None:
    write_tree(tmp_path / "c", {"Chart.yaml": META, "values.yaml": POD})
    assert regfix("rewrite", "c/values.yaml", "--bump", "patch", cwd=tmp_path).code == 0
    assert (tmp_path / "c/Chart.yaml").read_text("utf-8") == META


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        (META.replace("1.2.3", "1.2"), "'1.2' is not a version of three numbers"),
        (META.replace("1.2.3", "&v 1.2.3") + "appVersion: *v\n", "not a single value of its own"),
        (META.replace("version: 1.2.3\n", ""), "not a single value of its own"),
        (META.replace("1.2.3", "|-\n  1.2.3"), "not written in one piece"),
    ],
)
def test_what_cannot_be_raised_is_an_error(metadata: str, why: str, tmp_path: Path) -> None:
    write_tree(tmp_path / "c", {"Chart.yaml": metadata, "values.yaml": POD})
    run = regfix("rewrite", "c", "--bump", "patch", cwd=tmp_path)
    assert run.code == 2
    assert "c/Chart.yaml: the version of the chart cannot be raised" in run.err
    assert why in run.err
    assert (tmp_path / "c/Chart.yaml").read_text("utf-8") == metadata
    assert "registry.k8s.io" in (tmp_path / "c/values.yaml").read_text("utf-8")


def test_a_version_that_another_chart_asks_for_is_not_raised(tmp_path: Path) -> None:
    of = "dependencies: [{name: lighthouse, version: 1.2.3, repository: 'file://../a'}]\n"
    write_tree(tmp_path, {"a/Chart.yaml": META, "a/values.yaml": POD, "b/Chart.yaml": META + of})
    run = regfix("rewrite", ".", "--bump", "patch", cwd=tmp_path)
    assert run.code == 2
    assert "b/Chart.yaml depends on version '1.2.3' of it" in run.err
    write_tree(tmp_path, {"a/values.yaml": POD, "b/Chart.yaml": META + of.replace("1.2.3", "~1.2.0")})
    assert regfix("rewrite", ".", "--bump", "patch", cwd=tmp_path).code == 0
    assert "1.2.4" in (tmp_path / "a/Chart.yaml").read_text("utf-8")
