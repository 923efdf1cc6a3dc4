"""A mirror that the command line or a script names, and what its first look at the files sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import regfix as api
from support import grow, regfix

if TYPE_CHECKING:
    from pathlib import Path

DEEP, FLAT = "harbor.acme.example/{registry}/{repository}", "harbor.acme.example/{repository_path}"
CHART = {"chart/Chart.yaml": "apiVersion: v2\nname: quarry\nversion: 1.0.0\n", "chart/values.yaml": "a: b\n"}


def test_a_mirror_of_the_command_line(project: Path) -> None:
    grow(project, {"a.yaml": "image: quay.io/quarry/drill:1\n", ".regfix.yaml": "mirror: other.example/{repository}\n"})
    done = regfix("rewrite", "--mirror-to", DEEP, cwd=project)
    assert done.code == 0, done.said
    assert (project / "a.yaml").read_text() == "image: harbor.acme.example/quay.io/quarry/drill:1\n"


def test_rules_and_presets_go_first(project: Path) -> None:
    grow(project, {"a.yaml": "a: {image: 'k8s.gcr.io/pause:3'}\nb: {image: 'quay.io/a/b:1'}\n"})
    done = regfix(
        "rewrite", "--mirror-to", DEEP, "--preset=kubernetes", "--rule=quay.io/a=ghcr.io/a", "a.yaml", cwd=project
    )
    assert done.code == 0, done.said
    text = (project / "a.yaml").read_text()
    assert "harbor.acme.example/registry.k8s.io/pause:3" in text
    assert "harbor.acme.example/ghcr.io/a/b:1" in text


@pytest.mark.parametrize("command", [("rewrite",), ("scan",), ("rules", "explain", "quay.io/a")])
def test_a_template_that_is_none(project: Path, command: tuple[str, ...]) -> None:
    done = regfix(*command, "--mirror-to", "harbor.acme.example/{host}", cwd=project)
    assert done.code == 2
    assert done.err.startswith("error: --mirror-to: 'harbor.acme.example/{host}' is no template of a mirror")


def test_one_reference_is_explained(project: Path) -> None:
    done = regfix("rules", "explain", "nginx:1", "--mirror-to", FLAT, cwd=project)
    assert "harbor.acme.example/library-nginx:1" in done.out


def test_values_elsewhere_are_looked_at(project: Path) -> None:
    """A template that changes repositories needs to know each of them."""
    grow(project, {**CHART, "chart/templates/x.yaml": "image: {{ .Values.image }}\n"})
    grow(project, {"prod.yaml": "image: quay.io/quarry/drill:1\n"})
    done = regfix("rewrite", "--mirror-to", FLAT, "chart", "-f", "prod.yaml", cwd=project)
    assert done.code == 0, done.said
    assert (project / "prod.yaml").read_text() == "image: harbor.acme.example/quarry-drill:1\n"


def test_standard_input_is_looked_at(project: Path) -> None:
    grow(project, {"other.yaml": "image: quay.io/other\n"})
    (project / "in").write_text("image: quay.io/quarry/drill:1\n")
    with (project / "in").open() as given:
        done = regfix("rewrite", "--mirror-to", FLAT, "-", cwd=project, stdin=given)
    assert done.out == "image: harbor.acme.example/quarry-drill:1\n"


def test_registries_that_only_arguments_name_are_told(project: Path) -> None:
    text = (
        "image: quay.io/a:1\nargs:\n- --a=registry.quarry.example/drill:1\n- https://www.quarry.example/x:1\n"
        "- oci://charts.quarry.example/y:1\n- harbor.acme.example/z:1\n- quarry.example/no-version\n- file.name/x\n"
    )
    grow(project, {"a.yaml": text})
    done = regfix("rewrite", "--mirror-to", DEEP, "--dry-run", cwd=project)
    told = [line for line in done.err.splitlines() if line.startswith("not mirrored")]
    assert [line.split()[2:5:2] for line in told] == [
        ["registry.quarry.example", "./a.yaml:3:7"],
        ["charts.quarry.example", "./a.yaml:5:9"],
    ]
    named = regfix("rewrite", "--mirror-to", DEEP, "--rule=registry.quarry.example=quay.io", "--dry-run", cwd=project)
    assert "registry.quarry.example" not in named.err
    assert "not mirrored" not in regfix("rewrite", "--mirror-to", DEEP, "--quiet", cwd=project).err


def test_a_mirror_of_a_script(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    grow(project, {"a.yaml": "image: nginx:1\nother: {image: 'quay.io/a/b:1'}\n"})
    of_all = [f.result for outcome in api.scan(".", mirror=FLAT) for f in outcome.findings]
    assert of_all == ["harbor.acme.example/library-nginx:1", "harbor.acme.example/a-b:1"]
    mirror = api.Mirror(DEEP, {"docker.io": "hub"})
    (outcome,) = api.rewrite(".", mirror=mirror)
    assert outcome.status == "changed"
    assert (project / "a.yaml").read_text() == (
        "image: harbor.acme.example/hub/library/nginx:1\nother: {image: 'quay.io/a/b:1'}\n"
    )
    with pytest.raises(api.RuleError, match="no template"):
        api.rewrite(".", mirror="harbor.acme.example/{x}")
