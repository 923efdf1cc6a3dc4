"""References whose parts come from a chart and its parent: each part is changed where it is set, as Helm joins them."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from charts import helm_template, write_tree

if TYPE_CHECKING:
    from pathlib import Path

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: "{{ .Chart.Name }}"}
spec:
  containers:
    - {name: a, image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"}
"""
MIRROR = ("docker.io=harbor.test/hub", "quay.io=harbor.test/quay")
PATHS = ("docker.io/bitnami=harbor.test/b", "quay.io/lamps=harbor.test/lamps")


def chart(folder: Path, parent: str, default: str, middle: str | None = None) -> Path:
    meta = "apiVersion: v2\nname: {}\nversion: 1.0.0\n"
    listed = "dependencies:\n  - {{name: {}, version: 1.0.0, repository: 'https://charts.example.com'}}\n"
    files = {"Chart.yaml": meta.format("top") + listed.format("mid" if middle is not None else "sub"),
             "values.yaml": parent}  # fmt: skip
    at = "charts/sub"
    if middle is not None:
        at = "charts/mid/charts/sub"
        files |= {"charts/mid/Chart.yaml": meta.format("mid") + listed.format("sub"), "charts/mid/values.yaml": middle}
    files |= {f"{at}/Chart.yaml": meta.format("sub"), f"{at}/values.yaml": default, f"{at}/templates/pod.yaml": POD}
    return write_tree(folder / "top", files)


def image(helm: str, folder: Path, *options: str) -> str:
    found = re.findall(r'image: "(.*)"', helm_template(helm, folder, *options))
    assert len(found) == 1
    return str(found[0])


def rewrite(folder: Path, rules: tuple[str, ...]) -> str:
    argv = [sys.executable, "-m", "regfix", "rewrite", str(folder), *(f"--rule={rule}" for rule in rules)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


HUB = "image: {registry: docker.io, repository: bitnami/redis, tag: '7'}\n"
QUAY = "image: {registry: quay.io, repository: lamps/lamp, tag: '1'}\n"


@pytest.mark.parametrize(("rules", "parent", "default", "want"), [
    (MIRROR, "sub: {image: {repository: bitnami/valkey}}\n", HUB, "harbor.test/hub/bitnami/valkey:7"),
    (MIRROR, "sub: {image: {repository: lamps/beacon}}\n", QUAY, "harbor.test/quay/lamps/beacon:1"),
    (MIRROR, "sub: {image: {registry: quay.io}}\n", HUB, "harbor.test/quay/bitnami/redis:7"),
    (PATHS, "sub: {image: {registry: docker.io}}\n", HUB, "harbor.test/b/redis:7"),
    (PATHS, "sub: {image: {repository: bitnami/valkey}}\n", HUB, "harbor.test/b/valkey:7"),
    (PATHS, "sub: {image: {repository: bitnami/valkey}}\n", QUAY, "quay.io/bitnami/valkey:1"),
    (PATHS, "sub: {image: {repository: other/valkey}}\n", HUB, "docker.io/other/valkey:7"),
    (MIRROR, "sub: {image: {registry: registry.other.example}}\n", HUB, "registry.other.example/bitnami/redis:7"),
    (MIRROR, "sub: {image: {registry: docker.io, repository: bitnami/x}}\n", QUAY, "harbor.test/hub/bitnami/x:1"),
])  # fmt: skip
@pytest.mark.parametrize("nested", [False, True])
def test_each_part_moves_where_it_is_set(
    rules: tuple[str, ...], parent: str, default: str, want: str, nested: bool, helm: str, tmp_path: Path
) -> None:
    if nested:
        parent = "mid: {" + parent.replace("\n", "") + "}\n"
    folder = chart(tmp_path, parent, default, "size: 1\n" if nested else None)
    sub = folder / ("charts/mid" if nested else "") / "charts/sub/values.yaml"
    before = sub.read_bytes()
    rewrite(folder, rules)
    assert image(helm, folder) == want
    assert sub.read_bytes() == before
    after = (folder / "values.yaml").read_bytes()
    rewrite(folder, rules)
    assert (folder / "values.yaml").read_bytes() == after


def test_what_a_chart_on_the_way_sets_is_overridden_too(helm: str, tmp_path: Path) -> None:
    folder = chart(tmp_path, "a: 1\n", HUB, "sub: {image: {repository: bitnami/valkey}}\n")
    rewrite(folder, PATHS)
    assert image(helm, folder) == "harbor.test/b/valkey:7"


def test_a_comment_protects_a_part(tmp_path: Path) -> None:
    parent = "sub:\n  image:\n    repository: bitnami/valkey  # regfix: ignore\n"
    folder = chart(tmp_path, parent, HUB)
    rewrite(folder, PATHS)
    assert (folder / "values.yaml").read_text("utf-8") == parent


WHOLE = POD.replace("{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}",
                    "{{ .Values.image }}:{{ .Values.imageTag }}")  # fmt: skip


def test_a_part_that_no_template_reads_is_no_part(helm: str, tmp_path: Path) -> None:
    """The parent's `repository` belongs to no name: the subchart takes its image from another key."""
    parent = "sub:\n  repository: mysql\n  tag: '5.7'\n"
    folder = chart(tmp_path, parent, "image: mysql\nimageTag: '8.0'\n")
    (folder / "charts/sub/templates/pod.yaml").write_text(WHOLE, "utf-8")
    rewrite(folder, MIRROR)
    assert image(helm, folder) == "harbor.test/hub/library/mysql:8.0"
    assert "  repository: harbor.test/hub/library/mysql\n" in (folder / "values.yaml").read_text("utf-8")
