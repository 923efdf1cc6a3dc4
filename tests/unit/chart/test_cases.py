"""The cases in fixtures/charts: what becomes of a chart whose vendored subcharts hold source references."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from charts import case, names, pack, tree_bytes

if TYPE_CHECKING:
    from pathlib import Path


def regfix(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "regfix", *arguments]
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)


def report(*arguments: str, cwd: Path) -> dict[str, Any]:
    found = json.loads(regfix(*arguments, "--format", "json", cwd=cwd).stdout)
    assert isinstance(found, dict)
    return found


def left(found: dict[str, Any]) -> set[str]:
    return {s["path"] for s in found["sources"] for f in s["findings"] if f["reason"] == "vendored"}


@pytest.mark.parametrize("name", names())
def test_case(name: str, tmp_path: Path) -> None:
    chart, settings, after = case(name, tmp_path)
    before = tree_bytes(chart)
    argv = [sys.executable, "-m", "regfix", "rewrite", "chart", "--dry-run"]
    dry = subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False)
    assert tree_bytes(chart) == before
    done = regfix("rewrite", "chart", cwd=tmp_path)
    now = tree_bytes(chart)
    assert {path for path in now if now[path] != before.get(path)} <= {"values.yaml", *settings.get("changes", ())}
    assert done.returncode == (2 if "fails" in settings else 0), done.stderr
    assert settings.get("fails", "") in done.stderr
    if after is not None:
        assert now["values.yaml"].decode() == after.decode()
    again = report("rewrite", "chart", cwd=tmp_path)
    assert tree_bytes(chart) == now
    assert again["summary"]["references"] == 0
    assert left(again) == {f"chart/{path}" for path in settings.get("left", ())}
    if dry.stdout:
        chart.rename(tmp_path / "changed")
        case(name, tmp_path)
        subprocess.run(["git", "apply", "-"], input=dry.stdout, cwd=tmp_path, check=True)
        assert tree_bytes(chart)["values.yaml"] == now["values.yaml"]


def test_check_tells_and_writes_nothing(tmp_path: Path) -> None:
    chart = case("story-old", tmp_path).chart
    before = tree_bytes(chart)
    done = regfix("rewrite", "chart", "--check", cwd=tmp_path)
    assert done.returncode == 1
    assert "registry.k8s.io/state-exporter/state-exporter" in done.stdout
    assert tree_bytes(chart) == before


def test_json_says_what_is_overridden(tmp_path: Path) -> None:
    case("story-old", tmp_path)
    found = report("rewrite", "chart", "--dry-run", cwd=tmp_path)
    overrides = [f for s in found["sources"] for f in s["findings"] if f["context"] == "override"]
    assert [(f["keyPath"], f["reference"], f["result"]) for f in overrides] == [
        ("state-exporter.image.repository", "k8s.gcr.io/state-exporter/state-exporter",
         "registry.k8s.io/state-exporter/state-exporter"),
    ]  # fmt: skip
    assert [edit["old"] for f in overrides for edit in f["edits"]] == [""]


def test_rewrite_changes_the_vendored_folder(tmp_path: Path) -> None:
    chart = case("story-old", tmp_path).chart
    regfix("rewrite", "chart", "--vendored", "rewrite", cwd=tmp_path)
    assert "registry.k8s.io/state" in (chart / "charts/state-exporter/values.yaml").read_text("utf-8")
    assert "state-exporter" not in (chart / "values.yaml").read_text("utf-8")


def test_archives_are_accounted_for(tmp_path: Path) -> None:
    chart = case("archived", tmp_path).chart
    archive = next((chart / "charts").iterdir())
    before = archive.read_bytes()
    found = report("rewrite", "chart", "--vendored", "ignore", cwd=tmp_path)
    assert left(found) == {f"chart/charts/{archive.name}!state-exporter/values.yaml"}
    assert archive.read_bytes() == before


def test_ignore_leaves_vendored_charts_alone(tmp_path: Path) -> None:
    chart = case("story-old", tmp_path).chart
    before = tree_bytes(chart)
    found = report("rewrite", "chart", "--vendored", "ignore", cwd=tmp_path)
    assert left(found) == {"chart/charts/state-exporter/values.yaml"}
    assert {p for p, data in tree_bytes(chart).items() if data != before[p]} == {"values.yaml"}


@pytest.mark.parametrize("path", ["chart/charts/state-exporter/values.yaml", "chart/charts/state-exporter"])
def test_what_is_named_is_rewritten(path: str, tmp_path: Path) -> None:
    chart = case("story-old", tmp_path).chart
    regfix("rewrite", path, cwd=tmp_path)
    assert "registry.k8s.io/state" in (chart / "charts/state-exporter/values.yaml").read_text("utf-8")


@pytest.mark.parametrize("damage", [b"", b"no archive", b"cut"])
def test_a_broken_archive_stops_nothing(damage: bytes, tmp_path: Path) -> None:
    chart = case("story-old", tmp_path).chart
    whole = case("archived", tmp_path / "other").chart
    archive = next((whole / "charts").iterdir())
    broken = chart / "charts" / "broken-1.0.0.tgz"
    broken.write_bytes(archive.read_bytes()[:-30] if damage == b"cut" else damage)
    done = regfix("rewrite", "chart", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("broken-1.0.0.tgz: the chart archive cannot be read") == 1
    assert "registry.k8s.io/state" in (chart / "values.yaml").read_text("utf-8")


def test_overrides_for_a_chart_that_is_not_mine(tmp_path: Path) -> None:
    case("nested", tmp_path)
    printed = regfix("overrides", "chart", cwd=tmp_path).stdout
    assert printed == (
        "west:\n"
        "  image: registry.k8s.io/mid/mid:1\n"
        "  horn:\n"
        "    image: registry.k8s.io/horn/horn:3\n"
        "    global:\n"
        "      imageRegistry: registry.k8s.io\n"
        "    extra:\n"
        "      - image: registry.k8s.io/horn/extra:1\n"
        "        weight: 1.10\n"
        '        on: "yes"\n'
        "  signals:\n"
        "    image:\n"
        "      repository: registry.k8s.io/state-exporter/state-exporter\n"
    ), printed


def test_values_of_the_installer_count_as_set(tmp_path: Path) -> None:
    chart = case("story-old", tmp_path).chart
    (tmp_path / "mine.yaml").write_text("state-exporter: {image: {repository: k8s.gcr.io/mine}}\n", "utf-8")
    done = regfix("overrides", str(chart / "charts" / ".."), "-f", "mine.yaml", cwd=tmp_path)
    assert done.stdout == (
        "image: registry.k8s.io/lighthouse/lamp:1.2\n"
        "state-exporter:\n  image:\n    repository: registry.k8s.io/mine\n"
    )  # fmt: skip


def test_what_stands_in_templates_is_told_beside_the_overrides(tmp_path: Path) -> None:
    chart = case("hard-coded", tmp_path).chart
    (chart / "templates" / "more.yaml").write_text(
        '# image: k8s.gcr.io/said:1\nimage: {{ .Values.probe | default "k8s.gcr.io/probe:1" }}\n', "utf-8"
    )
    done = regfix("overrides", "chart", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == (
        "1 left: a value that no template reads [dead-value]\n"
        "  chart/charts/bell/values.yaml:2:8: k8s.gcr.io/bell:1 -> registry.k8s.io/bell:1\n"
        "2 left: in a template, hard-coded or for a value that is not set\n"
        "  chart/templates/more.yaml:2:36: k8s.gcr.io/probe:1 -> registry.k8s.io/probe:1\n"
        "  chart/charts/bell/templates/pod.yaml:8:14: k8s.gcr.io/bell/clapper:1 -> registry.k8s.io/bell/clapper:1\n"
    ), done.stderr


def test_templates_of_a_packed_chart_are_told_once_for_all_its_aliases(tmp_path: Path) -> None:
    chart = case("alias-twice", tmp_path).chart
    for pod in chart.glob("charts/*/templates/*.yaml"):
        pod.write_text(pod.read_text("utf-8") + "    - image: k8s.gcr.io/rope:1\n", "utf-8")
        archive = pack(pod.parents[1]).relative_to(tmp_path)
    said = regfix("overrides", "chart", cwd=tmp_path).stderr
    assert said.count("k8s.gcr.io/rope:1 -> ") == 1
    assert f"  {archive}!" in said


def test_nothing_to_set_is_said(tmp_path: Path) -> None:
    case("nested", tmp_path)
    done = regfix("overrides", "chart", "--rule", "quay.io=harbor.corp/quay", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no value to set\n")


def test_a_template_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    chart = case("nested", tmp_path).chart
    (chart / "templates").mkdir(exist_ok=True)
    (chart / "templates" / "broken.yaml").write_bytes(b"image: k8s.gcr.io/pause:3 \xff\n")
    done = regfix("overrides", "chart", cwd=tmp_path)
    assert done.returncode == 2
    assert "chart/templates/broken.yaml" in done.stderr
