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


def rendered(kubectl: str, folder: Path) -> list[str]:
    """Return the images that kustomize renders, in order."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(
        [kubectl, "kustomize", "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
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


def test_r36_all_selectors_stay_where_one_source_is_elsewhere(project: Path) -> None:
    """A kustomization does not say which of its sources a selector is for."""
    text = "resources: [deploy.yaml, 'https://a.example/x.yaml']\nimages: [{name: k8s.gcr.io/a, newTag: '2'}]\n"
    grow(project, {"deploy.yaml": pod("k8s.gcr.io/a:1"), "kustomization.yaml": text})
    rewrite(project)
    assert (project / "kustomization.yaml").read_text() == text
