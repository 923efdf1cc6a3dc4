"""Files that a hook names: the same edits as in a run over the working folder, in what was named and what goes with it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from charts import tgz
from support import PAUSE, contents, grow, regfix

if TYPE_CHECKING:
    from pathlib import Path

META = "apiVersion: v2\nname: {}\nversion: 1.0.0\n"
SUB = {
    "Chart.yaml": META.format("sub"),
    "values.yaml": "image: {registry: k8s.gcr.io, repository: pause, tag: '3.2'}\nidle: k8s.gcr.io/x:1\n",
    "templates/pod.yaml": "image: {{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}\n",
}
PACKED = tgz({f"sub/{name}": text.encode() for name, text in SUB.items()})
REPOSITORY = "https://charts.invalid"
CHART: dict[str, str | bytes] = {
    "c/Chart.yaml": META.format("c")
    + f"dependencies:\n- {{name: sub, version: 1.0.0, repository: '{REPOSITORY}'}}\n"
    + f"- {{name: sub, alias: packed, version: 1.0.0, repository: '{REPOSITORY}'}}\n",
    "c/values.yaml": "a:\n  registry: k8s.gcr.io\n  image: pause\nsplit: {repository: k8s.gcr.io/pause, tag: '3.2'}\n",
    "c/values-prod.yaml": "sub:\n  image:\n    tag: '3.3'\nb: {image: k8s.gcr.io/b:1}\n",
    "c/ci/some-values.yaml": "b: {image: k8s.gcr.io/c:1}\n",
    "c/values.schema.json": '{"properties": {"a": {"properties": {"registry": {"enum": ["k8s.gcr.io"]}}}}}\n',
    "c/templates/pod.yaml": "image: {{ .Values.a.registry }}/{{ .Values.a.image }}\n---\nimage: k8s.gcr.io/{{ .Values.x }}\n",
    "c/.helmignore": "left.yaml\n",
    "c/left.yaml": PAUSE,
    "c/charts/sub-1.0.0.tgz": PACKED,
    **{f"c/charts/own/{name}": text.replace("name: sub", "name: own") for name, text in SUB.items()},
    "other/pod.yaml": PAUSE,
    "vendor/x.yaml": PAUSE,
    ".gitignore": "ignored.yaml\n",
    "ignored.yaml": PAUSE,
    ".regfix.yaml": "presets: [kubernetes]\nexclude: [vendor/]\n",
}
NAMES = sorted(name for name in CHART if not name.startswith("."))
GO_WITH = {"c/Chart.yaml", "c/values.yaml", "c/values-prod.yaml", "c/ci/some-values.yaml", "c/values.schema.json"}


def after(folder: Path, *arguments: str) -> dict[str, bytes]:
    """Return what a run makes of a fresh copy of the project."""
    grow(folder, CHART)
    run = regfix("rewrite", *arguments, cwd=folder)
    assert run.code == 0, run.said
    return contents(folder)


BEFORE = {name: text.encode() if isinstance(text, str) else text for name, text in CHART.items()}
MOVED = {
    "c/values.yaml", "c/values-prod.yaml", "c/ci/some-values.yaml", "c/values.schema.json", "c/templates/pod.yaml",
    "other/pod.yaml",
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run over the whole project makes of it."""
    folder = tmp_path_factory.mktemp("whole")
    grow(folder, {".git/HEAD": "ref: refs/heads/main\n"})
    return after(folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_named_alone_gets_the_edits_of_the_whole(project: Path, whole: dict[str, bytes], name: str) -> None:
    assert {n for n in NAMES if whole[n] != BEFORE[n]} == MOVED
    assert b"packed:" in whole["c/values.yaml"]
    found = after(project, "--force-exclude", name)
    about = {name} | (GO_WITH if name.startswith("c/") else set())
    assert found == {n: whole[n] if n in about else BEFORE[n] for n in BEFORE}


def test_all_files_give_what_no_file_gives(project: Path, whole: dict[str, bytes]) -> None:
    assert after(project, "--force-exclude", *reversed(NAMES)) == after(project, "--force-exclude") == whole


def test_a_folder_stands_for_what_is_below_it(project: Path, whole: dict[str, bytes]) -> None:
    found = after(project, "--force-exclude", "c/templates", "vendor")
    assert found["c/templates/pod.yaml"] == whole["c/templates/pod.yaml"]
    assert found["other/pod.yaml"] == PAUSE.encode()


def test_without_it_a_name_is_meant(project: Path) -> None:
    found = after(project, "vendor/x.yaml", "ignored.yaml")
    assert found["vendor/x.yaml"] != PAUSE.encode()
    assert found["ignored.yaml"] != PAUSE.encode()


def test_what_is_missing_or_elsewhere_is_told(project: Path, tmp_path: Path) -> None:
    grow(project, {"a.yaml": PAUSE})
    grow(tmp_path, {"b.yaml": PAUSE})
    run = regfix("rewrite", "--force-exclude", "none.yaml", "a.yaml", cwd=project)
    assert (run.code, "none.yaml: cannot be read" in run.err) == (2, True)
    assert b"registry.k8s.io" in contents(project)["a.yaml"]
    run = regfix("rewrite", "--force-exclude", "../b.yaml", cwd=project)
    assert (run.code, "not below the working folder" in run.err) == (2, True)
    assert regfix("rewrite", "--force-exclude", "--prove", "a.yaml", cwd=project).code == 2


def pod(image: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {image[-3:-2]}}}\nspec: {{containers: [{{name: c, image: '{image}'}}]}}\n"


KUSTOMIZED = {
    "base/kustomization.yaml": "resources: [a.yaml, b.yaml]\nimages: [{name: quay.io/b, newTag: '2'}]\n",
    "base/a.yaml": pod("k8s.gcr.io/a:1"),
    "base/b.yaml": pod("k8s.gcr.io/b:1"),
    "overlays/prod/kustomization.yaml": "resources: [../../base]\ncomponents: [../../part]\nimages: [{name: k8s.gcr.io/a, newTag: '3'}]\n",
    "overlays/test/kustomization.yaml": "resources: [../../base, extra.yaml]\nimages: [{name: nginx, newTag: '3'}]\n",
    "overlays/test/extra.yaml": pod("k8s.gcr.io/e:1"),
    "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: [{name: k8s.gcr.io/b, newTag: '4'}]\n",
    "other/kustomization.yaml": "resources: [c.yaml]\nimages: [{name: k8s.gcr.io/a, newTag: '5'}]\n",
    "other/c.yaml": pod("k8s.gcr.io/a:1"),
    "alone/d.yaml": pod("k8s.gcr.io/d:1"),
}
TOGETHER = {"base/a.yaml", "base/b.yaml", "overlays/prod/kustomization.yaml", "part/kustomization.yaml"}


def changed_by(project: Path, *names: str) -> set[str]:
    """Return the files that a run changes in which these are named."""
    grow(project, KUSTOMIZED)
    run = regfix("rewrite", "--force-exclude", *names, cwd=project)
    assert run.code == 0, run.said
    found = contents(project)
    assert regfix("rewrite", "--check", "--force-exclude", *names, cwd=project).code == 0
    return {name for name, text in KUSTOMIZED.items() if found[name] != text.encode()}


def test_what_selects_the_images_of_a_manifest_goes_with_it(project: Path, kubectl: str) -> None:
    """The overlay and the component that select by name, all that they are made of, and no other kustomization."""

    def rendered() -> str:
        argv = [kubectl, "kustomize", "overlays/prod"]
        return subprocess.run(argv, cwd=project, capture_output=True, text=True, check=True, timeout=60).stdout

    grow(project, KUSTOMIZED)
    before = rendered()
    assert changed_by(project, "base/a.yaml") == TOGETHER
    assert rendered() == before.replace("k8s.gcr.io", "registry.k8s.io")
    assert "registry.k8s.io/a:3" in rendered()


@pytest.mark.parametrize(
    ("names", "changed"),
    [
        (("overlays/prod/kustomization.yaml",), set()),  # it stays as long as its manifests do
        (("overlays/test/extra.yaml",), {"overlays/test/extra.yaml"}),  # nothing to move selects it
        (("other/c.yaml",), {"other/c.yaml", "other/kustomization.yaml"}),
        (("alone/d.yaml",), {"alone/d.yaml"}),
        (("base/kustomization.yaml", "alone/d.yaml"), {"alone/d.yaml"}),
    ],
)
def test_other_kustomizations_stay(project: Path, names: tuple[str, ...], changed: set[str]) -> None:
    assert changed_by(project, *names) == changed


@pytest.mark.parametrize("change", [{".regfix.yaml": "exclude: [base/b.yaml]\n"}, {
    "overlays/prod/kustomization.yaml": KUSTOMIZED["overlays/prod/kustomization.yaml"].replace("[../", "[https://example.com/x, ../")
}], ids=["excluded", "remote"])  # fmt: skip
def test_with_a_part_elsewhere_each_file_gets_the_edits_of_the_whole(project: Path, change: dict[str, str]) -> None:
    """What is excluded, or fetched by kustomize, never follows: its selectors stay, and get a new name beside them."""
    files = KUSTOMIZED | change
    grow(project, files)
    assert regfix("rewrite", cwd=project).code == 0
    whole = contents(project)
    grow(project, files)
    assert regfix("rewrite", "--force-exclude", "base/a.yaml", cwd=project).code == 0
    found = contents(project)
    about = {name for name in files if found[name] != files[name].encode()}
    assert about >= {"base/a.yaml", "overlays/prod/kustomization.yaml", "part/kustomization.yaml"}
    assert {name: found[name] for name in about} == {name: whole[name] for name in about}
