"""R36: the images that the real kustomize renders before, mapped by the rules, are those that it renders after."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from regfix import rewrite_text
from support import grow, regfix

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RULES = ["k8s.gcr.io=registry.k8s.io", "docker.io=harbor.acme.example/hub", "ghcr.io/quarry=registry.k8s.io/q"]


def pod(*images: str, name: str = "a") -> str:
    """Return a deployment with these images."""
    containers = "".join(f"      - name: c{n}\n        image: {image}\n" for n, image in enumerate(images))
    head = f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    spec:\n"
    return head + "      containers:\n" + containers


BASE = "resources: [deploy.yaml]\n"

TREES: dict[str, dict[str, str]] = {
    "newTag": {
        "deploy.yaml": pod("k8s.gcr.io/pause:3.2", "nginx:1", "quay.io/a/b:1"),
        "kustomization.yaml": BASE
        + "images:\n- name: k8s.gcr.io/pause\n  newTag: '3.9'\n- {name: nginx, newTag: '2'}\n",
    },
    "newName": {
        "deploy.yaml": pod("quay.io/a/b:1", "controller:latest"),
        "kustomization.yaml": BASE + "images:\n- name: quay.io/a/b\n  newName: k8s.gcr.io/b\n- name: controller\n"
        "  newName: ghcr.io/quarry/controller\n  newTag: v1\n",
    },
    "digest": {
        "deploy.yaml": pod("redis:7", f"k8s.gcr.io/pause@sha256:{'0' * 64}"),
        "kustomization.yaml": BASE + f"images:\n- name: redis\n  digest: sha256:{'a' * 64}\n- name: k8s.gcr.io/pause\n"
        f"  digest: sha256:{'b' * 64}\n",
    },
    "a chain of selectors": {
        "base/deploy.yaml": pod("quay.io/a/b:1"),
        "base/kustomization.yaml": BASE + "images: [{name: quay.io/a/b, newName: k8s.gcr.io/b}]\n",
        "kustomization.yaml": "resources: [base]\nimages: [{name: k8s.gcr.io/b, newName: nginx, newTag: '1'}]\n",
    },
    "components": {
        "deploy.yaml": pod("nginx:1"),
        "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
        "images: [{name: nginx, newTag: '2'}]\npatches:\n- patch: |-\n"
        + "".join(f"    {line}\n" for line in pod("k8s.gcr.io/pause:3.9").replace("c0", "c1").splitlines()),
        "kustomization.yaml": BASE + "components: [part]\n",
    },
    "patches": {
        "deploy.yaml": pod("nginx:1", "redis:1"),
        "merge.yaml": pod("busybox:1"),
        "operations.yaml": "- op: replace\n  path: /spec/template/spec/containers/1/image\n  value: haproxy:2\n",
        "kustomization.yaml": BASE + "patches:\n- path: merge.yaml\n- path: operations.yaml\n"
        "  target: {kind: Deployment}\n",
    },
    "patches within": {
        "deploy.yaml": pod("nginx:1", "redis:1", "k8s.gcr.io/a:1"),
        "kustomization.yaml": BASE + "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - op: replace\n"
        "      path: /spec/template/spec/containers/0/image\n      value: haproxy:2\n"
        '- target: {kind: Deployment}\n  patch: \'[{"op": "replace", '
        '"path": "/spec/template/spec/containers/2/image", "value": "k8s.gcr.io/b:1"}, '
        '{"op": "add", "path": "/spec/template/spec/containers/-", "value": {"name": "d", "image": "memcached"}}]\'\n',
    },
    "generators": {
        "pod.yaml": pod("nginx:1"),
        "deploy.yaml": pod("nginx:1"),
        "kustomization.yaml": BASE + "configMapGenerator:\n- name: m\n  literals:\n  - image=k8s.gcr.io/pause:3.9\n"
        "  files: [pod.yaml]\n",
    },
    "selectors of what is nowhere": {
        "deploy.yaml": pod("quay.io/a/b:1"),
        "kustomization.yaml": BASE + "images: [{name: k8s.gcr.io/b, newTag: '1'}, {name: nginx, newTag: '1'}]\n",
    },
}


def images(value: Any) -> Iterator[str]:
    """Yield the images in manifests, those in files that a ConfigMap holds, too."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if isinstance(inner, str) and key == "image":
            yield inner
        elif isinstance(inner, str) and str(key).endswith(".yaml"):
            yield from images(yaml.safe_load(inner))
        else:
            yield from images(inner)


def rendered(kubectl: str, folder: Path, *options: str) -> list[str]:
    """Return the images that kustomize renders, in order."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(
        [kubectl, "kustomize", ".", *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "unknown shorthand flag" in done.stderr:
        pytest.skip("this kubectl knows Helm 3 only")
    assert done.returncode == 0, done.stderr
    return [image for document in yaml.safe_load_all(done.stdout) for image in images(document)]


def mapped(image: str) -> str:
    """Return an image by the rules."""
    return rewrite_text(f"image: {image}\n", RULES).text.removeprefix("image: ").strip()


def rewrite(root: Path) -> None:
    """Rewrite a tree by the rules."""
    done = regfix("rewrite", *(f"--rule={rule}" for rule in RULES), ".", cwd=root)
    assert done.code == 0, done.said


@pytest.mark.parametrize("tree", TREES)
def test_r36_images_rendered_after_are_those_before_mapped(kubectl: str, project: Path, tree: str) -> None:
    grow(project, TREES[tree])
    before = rendered(kubectl, project)
    rewrite(project)
    assert before
    assert rendered(kubectl, project) == [mapped(image) for image in before]


def test_r36_a_base_elsewhere_keeps_its_name_and_new_names_move(kubectl: str, project: Path) -> None:
    """Only the overlay is in the run: `name` selects what the base renders as before, `newName` is an image of ours."""
    images_of = (
        "images:\n- {name: k8s.gcr.io/a, newName: ghcr.io/quarry/a}\n- {name: nginx, newName: redis, newTag: '7'}\n"
    )
    grow(
        project,
        {
            "base/deploy.yaml": pod("k8s.gcr.io/a:1", "nginx:1", "quay.io/a/b:1"),
            "base/kustomization.yaml": BASE,
            "overlay/kustomization.yaml": "resources: [../base]\n" + images_of,
        },
    )
    before = rendered(kubectl, project / "overlay")
    rewrite(project / "overlay")
    assert "name: k8s.gcr.io/a" in (project / "overlay/kustomization.yaml").read_text()
    assert rendered(kubectl, project / "overlay") == [mapped(image) for image in before]


@pytest.mark.parametrize("options", [("--exclude", "base/deploy.yaml"), ("--exclude", "base"), ()])
def test_r36_a_base_that_is_left_out_keeps_its_name(kubectl: str, project: Path, options: tuple[str, ...]) -> None:
    """What an exclude or a .gitignore leaves out renders its old names: `name` goes on to select them."""
    overlay = "resources: [../base]\nimages: [{name: k8s.gcr.io/a, newName: ghcr.io/quarry/a, newTag: '2'}]\n"
    grow(
        project,
        {
            "base/deploy.yaml": pod("k8s.gcr.io/a:1"),
            "base/kustomization.yaml": BASE,
            "overlay/kustomization.yaml": overlay,
        },
    )
    if not options:
        grow(project, {".gitignore": "base/\n"})
    before = rendered(kubectl, project / "overlay")
    done = regfix("rewrite", *(f"--rule={rule}" for rule in RULES), *options, ".", cwd=project)
    assert done.code == 0, done.said
    assert rendered(kubectl, project / "overlay") == [mapped(image) for image in before] == ["registry.k8s.io/q/a:2"]


def test_r36_selectors_follow_what_they_select(kubectl: str, project: Path) -> None:
    """One source is in the run, the other one is not: each selector stays or moves with the image that it is for."""
    entries = "images:\n- name: k8s.gcr.io/a\n  newTag: '2'\n- name: nginx  # far\n  newTag: '3'\n- {name: redis, newTag: '4'}\n"
    grow(
        project,
        {
            "base/deploy.yaml": pod("nginx:1", "redis:1", "quay.io/a/b:1", name="b"),
            "base/kustomization.yaml": BASE,
            "overlay/deploy.yaml": pod("k8s.gcr.io/a:1"),
            "overlay/kustomization.yaml": "resources: [deploy.yaml, ../base]\n" + entries,
        },
    )
    before = rendered(kubectl, project / "overlay")
    rewrite(project / "overlay")
    text = (project / "overlay/kustomization.yaml").read_text()
    assert "- name: registry.k8s.io/a\n  newTag: '2'\n" in text
    assert "- name: nginx  # far\n  newName: harbor.acme.example/hub/library/nginx\n  newTag: '3'\n" in text
    assert "{name: redis, newName: harbor.acme.example/hub/library/redis, newTag: '4'}" in text
    assert rendered(kubectl, project / "overlay") == [mapped(image) for image in before]


@pytest.mark.parametrize("of_component", ["in the run", "elsewhere", "not included"])
def test_r36_a_component_selects_what_those_that_include_it_are_made_of(
    kubectl: str, project: Path, of_component: str
) -> None:
    kind = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    far = "../far" if of_component == "elsewhere" else "deploy.yaml"
    grow(
        project,
        {
            "far/deploy.yaml": pod("k8s.gcr.io/a:1"),
            "far/kustomization.yaml": BASE,
            "run/deploy.yaml": pod("k8s.gcr.io/a:1"),
            "run/part/kustomization.yaml": kind + "images: [{name: k8s.gcr.io/a, newTag: '2'}]\n",
            "run/whole/kustomization.yaml": kind + "components: [../part]\n",
            "run/kustomization.yaml": f"resources: [{far}]\ncomponents: [whole]\n",
            "user/kustomization.yaml": "resources: [../far]\ncomponents: [../run/part]\n",
        },
    )
    user = project / ("user" if of_component == "not included" else "run")
    if of_component == "not included":
        (project / "run/kustomization.yaml").unlink()
    before = rendered(kubectl, user)
    rewrite(project / "run")
    assert rendered(kubectl, user) == [mapped(image) for image in before] == ["registry.k8s.io/a:2"]


@pytest.mark.parametrize("home", ["charts", "elsewhere"])
def test_r36_charts_that_kustomize_inflates(kubectl: str, helm: str, project: Path, home: str) -> None:
    """A chart in the run moves, and what selects its images with it; one that is not there gets new names."""
    pods = (
        "kind: Pod\napiVersion: v1\nmetadata: {name: x}\nspec:\n  containers:\n"
        "  - image: {{ .Values.drill.repository }}:{{ .Values.drill.tag }}\n  - image: {{ .Values.belt.image }}\n"
        "  - image: {{ .Values.pause.image }}\n  - image: {{ .Values.crane.image }}\n"
    )
    chart = {
        "Chart.yaml": "apiVersion: v2\nname: quarry\nversion: 1.0.0\n",
        "values.yaml": "drill: {repository: none, tag: '0'}\npause: {image: 'k8s.gcr.io/pause:3.2'}\ncrane: {image: a/b:1}\n",
        "templates/pod.yaml": pods,
    }
    grow(project, {f"{home}/quarry/{name}": text for name, text in chart.items()})
    grow(
        project,
        {
            "overlay/kustomization.yaml": f"helmGlobals: {{chartHome: ../{home}}}\nhelmCharts:\n- name: quarry\n"
            "  releaseName: q\n  valuesFile: values.yaml\n  valuesInline:\n    drill:\n      repository: quarry/drill\n"
            "      tag: '1'\nimages:\n- name: k8s.gcr.io/pause\n  newTag: '3.9'\n- {name: a/b, newTag: '2'}\n"
            "- {name: nginx, newTag: '2'}\n",
            "overlay/values.yaml": "belt: {image: 'nginx:1'}\n",
        },
    )
    options = ("--enable-helm", "--load-restrictor", "LoadRestrictionsNone", "--helm-command", helm)
    before = rendered(kubectl, project / "overlay", *options)
    rewrite(project if home == "charts" else project / "overlay")
    after = rendered(kubectl, project / "overlay", *options)
    assert after == [mapped(image) for image in before]
    assert all(old != new for old, new in zip(before, after, strict=True)), "all images are ours"
