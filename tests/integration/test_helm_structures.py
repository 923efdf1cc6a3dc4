"""Values that stand in objects of other tools: what the real Helm renders with them before, mapped, it renders after."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from charts import helm_template, write_tree
from regfix import rewrite_text
from support import regfix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RULES = ["k8s.gcr.io=registry.k8s.io", "docker.io=harbor.acme.example/hub"]
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: quarry\nversion: 1.0.0\n",
    "values.yaml": "drill: {image: {registry: ghcr.io, repository: quarry/drill, tag: '1'}}\nbelt: {image: none}\n",
    "templates/pod.yaml": (
        "{{- with .Values.drill.image }}\n"
        "image: {{ if .registry }}{{ .registry }}/{{ end }}{{ .repository }}:{{ .tag }}\n"
        "{{- end }}\n---\nimage: {{ .Values.belt.image }}\n"
    ),
}
"""A chart that is elsewhere: it does not move."""

APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n"
RELEASE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n"
SPLIT = "drill:\n  image:\n    registry: k8s.gcr.io\n    tag: 1.10\nbelt:\n  image: nginx:1.27  # short\n"
HUB = "drill: {image: {registry: docker.io, repository: drill, tag: '2'}}\nbelt: {image: 'k8s.gcr.io/belt:1'}\n"


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line + "\n" for line in text.splitlines())


def of_block(*path: str) -> Callable[[dict[str, Any]], list[str]]:
    """Return how values are taken out of an object: those in a text, or in a mapping, as a file would hold them."""

    def take(found: dict[str, Any]) -> list[str]:
        value: Any = found
        for step in path:
            value = value[step]
        return ["-f", value if isinstance(value, str) else yaml.safe_dump(value)]

    return take


def of_parameters(found: dict[str, Any]) -> list[str]:
    """Return the parameters of an Application as Argo CD gives them to Helm."""
    given = found["spec"]["source"]["helm"]["parameters"]
    return [word for one in given for word in ("--set", f"{one['name']}={one['value']}")]


OBJECTS: dict[str, tuple[str, Callable[[dict[str, Any]], list[str]]]] = {
    "Argo CD, values": (
        APPLICATION + "      values: |\n" + indented(SPLIT, 8),
        of_block("spec", "source", "helm", "values"),
    ),
    "Argo CD, values in quotes": (
        APPLICATION + f"      values: {json.dumps(HUB)}\n",
        of_block("spec", "source", "helm", "values"),
    ),
    "Argo CD, valuesObject": (
        APPLICATION + "      valuesObject:\n" + indented(HUB, 8),
        of_block("spec", "source", "helm", "valuesObject"),
    ),
    "Argo CD, parameters": (
        APPLICATION + "      parameters:\n      - {name: drill.image.registry, value: k8s.gcr.io}\n"
        "      - name: belt.image\n        value: acme/belt:2\n",
        of_parameters,
    ),
    "Flux, values": (RELEASE + "  values:\n" + indented(SPLIT, 4), of_block("spec", "values")),
    "Flux, valuesFrom": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values}\ndata:\n  values.yaml: |\n" + indented(HUB, 4),
        of_block("data", "values.yaml"),
    ),
    "k3s, HelmChart": (
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec:\n  valuesContent: |-\n" + indented(SPLIT, 4),
        of_block("spec", "valuesContent"),
    ),
    "RKE2, HelmChartConfig": (
        "apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nspec:\n  valuesContent: |-\n" + indented(HUB, 4),
        of_block("spec", "valuesContent"),
    ),
}


def rendered(helm: str, root: Path, taken: list[str]) -> list[str]:
    """Return the images that Helm renders with the values of an object."""
    options = list(taken)
    if options[0] == "-f":
        (root / "given.yaml").write_text(options[1])
        options[1] = str(root / "given.yaml")
    return list(images(helm_template(helm, root / "chart", *options)))


def images(manifests: str) -> Iterator[str]:
    return (found["image"] for found in yaml.safe_load_all(manifests) if found)


def mapped(image: str) -> str:
    return rewrite_text(f"image: {image}\n", RULES).text.removeprefix("image: ").strip()


@pytest.mark.parametrize("name", OBJECTS)
def test_images_rendered_after_are_those_before_mapped(helm: str, tmp_path: Path, name: str) -> None:
    text, take = OBJECTS[name]
    write_tree(tmp_path, {f"chart/{file}": content for file, content in CHART.items()})
    write_tree(tmp_path, {"object.yaml": text})
    before = rendered(helm, tmp_path, take(yaml.safe_load(text)))
    done = regfix("rewrite", *(f"--rule={rule}" for rule in RULES), "object.yaml", cwd=tmp_path)
    assert done.code == 0, done.err
    after = rendered(helm, tmp_path, take(yaml.safe_load((tmp_path / "object.yaml").read_text())))
    assert after == [mapped(image) for image in before]
    assert all(old != new for old, new in zip(before, after, strict=True)), "both images are ours"
