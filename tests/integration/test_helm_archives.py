"""Packed charts after `--vendored rewrite`, as the real Helm sees them: it packed them, it renders, lints, lists them."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from archives import gnu_listing, seen
from charts import helm_template, tree_bytes, write_tree
from regfix.chart.gzipped import expand
from support import regfix

if TYPE_CHECKING:
    from pathlib import Path

META = "apiVersion: v2\nname: {}\nversion: 1.0.0\ndescription: a bell\nicon: https://example.com/bell.png\n"
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Chart.Name }}
spec:
  containers:
    - {name: one, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"}
    - {name: two, image: k8s.gcr.io/lighthouse/clapper:1.0}
    - {name: three, image: {{ .Values.sidecar | default "k8s.gcr.io/lighthouse/wick:2" }}}
"""
VALUES = "image:\n  repository: k8s.gcr.io/lighthouse/{}  # here\n  tag: 1.10\n"


def run(helm: str, folder: Path, *arguments: str) -> str:
    homes = {f"HELM_{kind}_HOME": str(folder / "home") for kind in ("CACHE", "CONFIG", "DATA")}
    done = subprocess.run([helm, *arguments], capture_output=True, text=True, check=False, cwd=folder,
                          env={**os.environ, **homes}, timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def chart(name: str, more: str = "") -> dict[str, str]:
    return {"Chart.yaml": META.format(name) + more, "values.yaml": VALUES.format(name), "templates/pod.yaml": POD,
            "README.md": "From k8s.gcr.io.\n", ".helmignore": "*.tmp\n"}  # fmt: skip


def planted(helm: str, folder: Path) -> Path:
    """A chart with a packed chart, which has a packed chart in it; all packed by Helm."""
    needs = "dependencies:\n  - {name: NAME, version: 1.0.0, repository: 'https://charts.example.com'}\n"
    write_tree(folder / "horn", chart("horn"))
    write_tree(folder / "bell", chart("bell", needs.replace("NAME", "horn")))
    write_tree(
        folder / "top", {"Chart.yaml": META.format("top") + needs.replace("NAME", "bell"), "values.yaml": "{}\n"}
    )
    for name, into in (("horn", "bell"), ("bell", "top")):
        (folder / into / "charts").mkdir()
        run(helm, folder, "package", name, "--destination", f"{into}/charts")
    return folder / "top"


def images(rendered: str) -> list[str]:
    return sorted(re.findall(r'image: "?([^\s"}]+)', rendered))


def test_r40_helm_pulls_from_the_new_registry(helm: str, tmp_path: Path) -> None:
    """R40: rendered, linted, listed and packed as before, but for the images."""
    top = planted(helm, tmp_path)
    archive = top / "charts/bell-1.0.0.tgz"
    data, before, listed = (
        archive.read_bytes(),
        helm_template(helm, top),
        run(helm, tmp_path, "dependency", "list", "top"),
    )
    done = regfix("rewrite", "--vendored", "rewrite", "top", cwd=tmp_path)
    assert done.code == 0, done.said
    after = helm_template(helm, top)
    assert len(images(before)) == 6
    assert images(after) == [image.replace("k8s.gcr.io", "registry.k8s.io") for image in images(before)]
    assert after == before.replace("k8s.gcr.io/", "registry.k8s.io/")
    assert run(helm, tmp_path, "dependency", "list", "top") == listed
    assert "ok" in listed
    run(helm, tmp_path, "lint", "top", "--with-subcharts")
    run(helm, tmp_path, "package", "top")
    assert "registry.k8s.io/lighthouse/bell" in run(helm, tmp_path, "show", "values", "top/charts/bell-1.0.0.tgz")
    new = archive.read_bytes()
    assert expand(new, 1 << 30).header == expand(data, 1 << 30).header
    assert gnu_listing(new) == gnu_listing(data)
    assert [one.told for one in seen(new)] == [one.told for one in seen(data)]
    state = tree_bytes(top)
    assert regfix("rewrite", "--vendored", "rewrite", "top", cwd=tmp_path).code == 0
    assert tree_bytes(top) == state


def test_r44_what_helm_refuses_is_not_worked_on(helm: str, tmp_path: Path) -> None:
    """R44: a cut archive fails with Helm as with regfix, and stays."""
    top = planted(helm, tmp_path)
    archive = top / "charts/bell-1.0.0.tgz"
    archive.write_bytes(archive.read_bytes()[:-100])
    data = archive.read_bytes()
    refused = subprocess.run([helm, "template", "x", str(top)], capture_output=True, check=False)
    assert refused.returncode != 0
    assert regfix("rewrite", "--vendored", "rewrite", "top", cwd=tmp_path).code == 2
    assert archive.read_bytes() == data
