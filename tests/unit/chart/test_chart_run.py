"""The files of a chart in a run: what depends on what, what is left out, what is said of the dependencies."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from charts import write_tree

if TYPE_CHECKING:
    from pathlib import Path

BELL = "image: k8s.gcr.io/bell:1\n"
META = "apiVersion: v2\nname: {}\nversion: 1.0.0\n"


def chart(folder: Path, dependencies: str = "", **more: str) -> Path:
    files = {"Chart.yaml": META.format("top") + dependencies, "values.yaml": "size: 1\n",
             "charts/bell/Chart.yaml": META.format("bell"), "charts/bell/values.yaml": BELL}  # fmt: skip
    return write_tree(folder / "top", files | {name.replace("__", "/"): text for name, text in more.items()})


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "regfix", "rewrite", "top", *options]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)


def notes(folder: Path) -> list[dict[str, Any]]:
    report = json.loads(run(folder, "--format", "json").stdout)
    return [note for source in report["sources"] for note in source.get("dependencies", ())]


def listed(repository: str = "https://charts.example.com", more: str = "") -> str:
    return f"dependencies:\n  - {{name: bell, version: 1.0.0, repository: '{repository}'{more}}}\n"


@pytest.mark.parametrize("option", ["--exclude=charts/", "--exclude=charts/bell", "--exclude=bell/"])
def test_what_is_excluded_gets_no_override(option: str, tmp_path: Path) -> None:
    top = chart(tmp_path, listed())
    done = run(tmp_path, option)
    assert done.returncode == 0
    assert (top / "values.yaml").read_text("utf-8") == "size: 1\n"
    assert run(tmp_path).returncode == 0
    assert "k8s.io/bell" in (top / "values.yaml").read_text("utf-8")


def test_what_helm_ignores_gets_no_override(tmp_path: Path) -> None:
    top = chart(tmp_path, listed())
    (top / ".helmignore").write_text("charts/bell/\n", "utf-8")
    run(tmp_path)
    assert (top / "values.yaml").read_text("utf-8") == "size: 1\n"


def test_a_dependency_that_is_not_vendored_is_told_with_the_command(tmp_path: Path) -> None:
    chart(tmp_path, listed().replace("bell", "horn"))
    assert notes(tmp_path) == [{"key": "horn", "state": "missing", "command": "helm dependency build top",
                                "why": "not in charts/, from https://charts.example.com"}]  # fmt: skip
    assert "1 dependency not vendored" in (said := run(tmp_path).stderr)
    assert "  horn: helm dependency build top\n" in said


def test_a_copy_of_another_version_is_told_with_both_versions(tmp_path: Path) -> None:
    chart(tmp_path, listed().replace("version: 1.0.0, repo", "version: 2.x, repo"))
    said = run(tmp_path).stderr
    assert "  bell (in charts/ is 1.0.0, not 2.x): helm dependency build top\n" in said
    assert notes(tmp_path)[0]["why"] == "in charts/ is 1.0.0, not 2.x, from https://charts.example.com"


@pytest.mark.parametrize(("entry", "values", "why"), [
    (", condition: bell.enabled", "bell: {enabled: false}\n", "condition bell.enabled"),
    (", tags: [loud]", "tags: {loud: false}\n", "tags loud"),
])  # fmt: skip
def test_a_subchart_that_is_switched_off_is_told_and_handled(entry: str, values: str, why: str, tmp_path: Path) -> None:
    top = chart(tmp_path, listed(more=entry))
    (top / "values.yaml").write_text(values, "utf-8")
    assert notes(tmp_path) == [{"key": "bell", "state": "off", "why": why, "command": None}]
    assert "registry.k8s.io/bell:1" in (top / "values.yaml").read_text("utf-8")
    assert "switched off: top/Chart.yaml: bell" in run(tmp_path, "-v").stderr


@pytest.mark.parametrize(
    ("repository", "own"), [("", True), ("file://charts/bell", True), ("https://x.example", False)]
)
def test_templates_of_a_folder_that_is_fetched_from_nowhere_are_rewritten(
    repository: str, own: bool, tmp_path: Path
) -> None:
    pod = "image: k8s.gcr.io/clapper:1\n"
    top = chart(tmp_path, listed(repository), charts__bell__templates__pod=pod)
    path = top / "charts/bell/templates/pod"
    path.rename(path.with_suffix(".yaml"))
    done = run(tmp_path)
    assert (path.with_suffix(".yaml").read_text("utf-8") == pod) is not own
    assert ("[vendored]" in done.stderr) is not own
    assert (top / "charts/bell/values.yaml").read_text("utf-8") == BELL


def test_file_dependencies_count_unless_they_are_among_the_files(tmp_path: Path) -> None:
    top = write_tree(tmp_path / "top", {"Chart.yaml": META.format("top") + listed("file://../bell"),
                                        "values.yaml": "size: 1\n"})  # fmt: skip
    write_tree(tmp_path / "bell", {"Chart.yaml": META.format("bell"), "values.yaml": BELL})
    both = [sys.executable, "-m", "regfix", "rewrite", "top", "bell"]
    subprocess.run([*both, "--dry-run"], cwd=tmp_path, check=True, capture_output=True)
    assert notes(tmp_path) == []
    assert "registry.k8s.io/bell:1" in (top / "values.yaml").read_text("utf-8")
    (top / "values.yaml").write_text("size: 1\n", "utf-8")
    subprocess.run(both, cwd=tmp_path, check=True, capture_output=True)
    assert (top / "values.yaml").read_text("utf-8") == "size: 1\n"
    assert "registry.k8s.io" in (tmp_path / "bell/values.yaml").read_text("utf-8")
