"""A lock file stays valid when an OCI repository of a dependency moves: the real Helm judges the digest."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from charts import write_tree
from regfix.chart.lock import digests
from regfix.syntax.yamltree import load_mapping

if TYPE_CHECKING:
    from pathlib import Path

META = "apiVersion: v2\nname: {}\nversion: 1.0.0\n"
OLD, NEW = "oci://127.0.0.1:1/charts", "oci://127.0.0.1:2/mirror/charts"
RULE = "--rule=127.0.0.1:1=127.0.0.1:2/mirror"


def helm_dependency(helm: str, verb: str, chart: Path, home: Path) -> subprocess.CompletedProcess[str]:
    homes = {f"HELM_{kind}_HOME": str(home) for kind in ("CACHE", "CONFIG", "DATA")}
    return subprocess.run([helm, "dependency", verb, str(chart)], capture_output=True, text=True, check=False,
                          env={**os.environ, **homes}, timeout=60)  # fmt: skip


def regfix(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "regfix", "rewrite", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


ENTRIES = [
    "{name: horn, version: '>=0.1 <3 & 1', repository: REPO}",
    "{name: horn, version: 1.x.x, repository: REPO, condition: 'horn.enabled,a.b', tags: [one, two], alias: west}",
    "{name: horn, version: ^1, repository: REPO, import-values: [data, {parent: p, child: c.d}]}",
]


def locked_chart(folder: Path, entry: str, repository: str = OLD) -> Path:
    """A chart with an OCI dependency and a lock file as Helm writes it, which needs no registry here."""
    entries = (
        f"  - {entry.replace('REPO', repository)}\n  - {{name: bell, version: 1.0.0, repository: file://../bell}}\n"
    )
    chart = write_tree(folder / "top", {"Chart.yaml": META.format("top") + "dependencies:\n" + entries})
    write_tree(folder / "bell", {"Chart.yaml": META.format("bell")})
    locked = ("dependencies:\n- name: horn\n  repository: " + repository + "\n  version: 1.2.3\n- name: bell\n"
              "  repository: file://../bell\n  version: 1.0.0\n")  # fmt: skip
    both = (load_mapping(text, "")["dependencies"] for text in ((chart / "Chart.yaml").read_text("utf-8"), locked))
    one, two = both
    digest = next(digests(one, two))  # type: ignore[arg-type]
    (chart / "Chart.lock").write_text(
        f'{locked}digest: {digest}\ngenerated: "2024-01-02T03:04:05.678901234Z"\n', "utf-8"
    )
    return chart


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_lock_file_moves_with_the_chart(entry: str, helm: str, tmp_path: Path) -> None:
    chart = locked_chart(tmp_path, entry)
    assert "out of sync" not in helm_dependency(helm, "build", chart, tmp_path).stderr
    before = (chart / "Chart.lock").read_text("utf-8").splitlines()
    assert regfix(str(chart), RULE).returncode == 0
    assert NEW in (chart / "Chart.yaml").read_text("utf-8")
    after = (chart / "Chart.lock").read_text("utf-8").splitlines()
    assert [index for index, line in enumerate(after) if line != before[index]] == [2, 7]
    said = helm_dependency(helm, "build", chart, tmp_path).stderr
    assert said
    assert "out of sync" not in said
    (chart / "Chart.lock").write_text("\n".join(before), "utf-8")
    assert "out of sync" in helm_dependency(helm, "build", chart, tmp_path).stderr
    assert regfix(str(chart), RULE, "--check").returncode == 0


def test_the_digest_is_the_one_that_helm_writes(helm: str, tmp_path: Path) -> None:
    entry = ("{name: bell, version: '>=0.5 <2', repository: 'file://../bell', condition: a.b, tags: [one], alias: x, "
             "import-values: [data, {parent: p, child: c}]}")  # fmt: skip
    chart = write_tree(tmp_path / "top", {"Chart.yaml": META.format("top") + f"dependencies:\n  - {entry}\n"})
    write_tree(tmp_path / "bell", {"Chart.yaml": META.format("bell")})
    assert helm_dependency(helm, "update", chart, tmp_path).returncode == 0
    lock = load_mapping((chart / "Chart.lock").read_text("utf-8"), "Chart.lock")
    wanted = load_mapping((chart / "Chart.yaml").read_text("utf-8"), "Chart.yaml")
    assert lock["digest"].value in list(digests(wanted["dependencies"], lock["dependencies"]))  # type: ignore[union-attr,arg-type]


def test_a_lock_file_that_does_not_match_is_left_and_told(tmp_path: Path) -> None:
    chart = locked_chart(tmp_path, ENTRIES[0])
    lock = chart / "Chart.lock"
    stale = lock.read_text("utf-8").replace("version: 1.2.3", "version: 1.2.4")
    lock.write_text(stale, "utf-8")
    done = regfix(str(chart), RULE, "--text")
    assert lock.read_text("utf-8") == stale
    assert "[lock]" in done.stderr
    assert f"{lock}:3:" in done.stderr


def test_a_lock_file_without_its_chart_is_left(tmp_path: Path) -> None:
    chart = locked_chart(tmp_path, ENTRIES[0])
    before = (chart / "Chart.lock").read_bytes()
    done = regfix(str(chart), RULE, "--exclude=Chart.yaml")
    assert (chart / "Chart.lock").read_bytes() == before
    assert "[lock]" in done.stderr


@pytest.mark.parametrize("text", ["", "[", "a", "dependencies: 1\n", "dependencies: [1, {name: [a]}]\ndigest: {}\n",
                                  "digest: sha256:0\n", "\x00", "a: &a [*a]\n"])  # fmt: skip
def test_odd_lock_files_stop_nothing(text: str, tmp_path: Path) -> None:
    chart = locked_chart(tmp_path, ENTRIES[0])
    (chart / "Chart.lock").write_text(text, "utf-8")
    done = regfix(str(chart), RULE)
    assert "Traceback" not in done.stderr
    assert "unexpected" not in done.stderr
    assert NEW in (chart / "Chart.yaml").read_text("utf-8")
    assert (chart / "Chart.lock").read_text("utf-8") == text
