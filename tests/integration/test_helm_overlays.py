"""Values files that lie elsewhere and are named with `-f`: what Helm renders with them moves, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from charts import case, helm_template, write_tree

if TYPE_CHECKING:
    from pathlib import Path


def story(folder: Path, new: str) -> Path:
    """A chart with a subchart whose registry is apart, and a values file in another folder."""
    case("story-new", folder)
    return write_tree(folder, {"envs/prod.yaml": new}) / "envs" / "prod.yaml"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("image: k8s.gcr.io/lighthouse/lamp:2\n", "image: registry.k8s.io/lighthouse/lamp:2\n"),
        ("replicas: 3\n", "replicas: 3\n"),
        ("state-exporter:\n  image:\n    tag: v9\n", "state-exporter:\n  image:\n    tag: v9\n"),
        ("state-exporter:\n  image:\n    registry: k8s.gcr.io\n", "state-exporter:\n  image:\n    registry: registry.k8s.io\n"),
        ("state-exporter: {image: {repository: other/exporter}}\n",
         "state-exporter: {image: {repository: other/exporter}}\n"),
    ],
)  # fmt: skip
def test_values_files_elsewhere(before: str, after: str, helm: str, tmp_path: Path) -> None:
    path = story(tmp_path, before)
    chart = tmp_path / "chart"
    rendered = helm_template(helm, chart, "-f", str(path))
    argv = [sys.executable, "-m", "regfix", "rewrite", "chart", "-f", "envs/prod.yaml"]
    for _ in range(2):
        assert subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False).returncode == 0
        assert path.read_text("utf-8") == after
    assert helm_template(helm, chart, "-f", str(path)) == rendered.replace("k8s.gcr.io", "registry.k8s.io")


def test_a_dead_value_elsewhere_is_told(tmp_path: Path) -> None:
    story(tmp_path, "state-exporter: {registry: registry.k8s.io}\n")
    argv = [sys.executable, "-m", "regfix", "rewrite", "chart", "-f", "envs/prod.yaml"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    told = "envs/prod.yaml:1:28: registry.k8s.io (state-exporter.registry does nothing; state-exporter.image.registry works)"
    assert told in done.stderr


@pytest.mark.parametrize("paths", [[], ["envs"], ["chart", "chart/charts/state-exporter"]])
def test_values_need_one_chart(paths: list[str], tmp_path: Path) -> None:
    story(tmp_path, "a: 1\n")
    argv = [sys.executable, "-m", "regfix", "rewrite", *paths, "-f", "envs/prod.yaml"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "-f needs the chart" in done.stderr


def test_values_for_the_chart_in_the_working_folder(tmp_path: Path) -> None:
    path = story(tmp_path, "image: k8s.gcr.io/lighthouse/lamp:2\n")
    argv = [sys.executable, "-m", "regfix", "rewrite", "-f", "../envs/prod.yaml"]
    assert subprocess.run(argv, cwd=tmp_path / "chart", capture_output=True, check=False).returncode == 0
    assert "registry.k8s.io" in path.read_text("utf-8")
    assert "registry.k8s.io" in (tmp_path / "chart/values.yaml").read_text("utf-8")
