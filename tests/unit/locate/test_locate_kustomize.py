"""What a kustomization is made of, and whether all of that is in the run (R36)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regfix import rewrite_text
from regfix.locate.kind import Kind
from regfix.locate.kustomize import ELSEWHERE, is_remote, sources_of
from regfix.run.kustomize import kind_in_run

if TYPE_CHECKING:
    from pathlib import Path

IMAGES = "images:\n- name: k8s.gcr.io/a\n  newTag: '2'\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("resources: [a.yaml, ../b]\n", ["a.yaml", "../b"]),
        ("resources:\n- a.yaml\n- 'b'\nbases:\n- c\ncomponents:\n- d\n", ["a.yaml", "b", "c", "d"]),
        ("namePrefix: x\nimages: [{name: a}]\nresources: [b]\npatches: [{path: c}]\n", ["b"]),
        ("labels: {resources: [a]}\nx: [[resources], {bases: [b]}]\n", []),
        ("helmCharts: [{name: x}]\nresources: [a]\n", [ELSEWHERE, "a"]),
        ("generators: [x.yaml]\n", [ELSEWHERE]),
        ("resources:\n", []),
        ("? [a]\n: b\nresources: [c]\n", ["c"]),
        ("resources: [\n", []),
        ("", []),
    ],
)
def test_sources(text: str, expected: list[str]) -> None:
    assert sources_of(text) == expected


@pytest.mark.parametrize(
    ("source", "remote"),
    [
        ("https://example.com/x.yaml", True),
        ("git@example.com:a/b", True),
        ("git::https://example.com/a", True),
        ("github.com/a/b", True),
        ("example.com/a/b?ref=v1", True),
        (ELSEWHERE, True),
        ("../base", False),
        ("/base", False),
        ("a.yaml", False),
        (".", False),
    ],
)
def test_what_kustomize_fetches(source: str, remote: bool) -> None:
    assert is_remote(source) == remote


@pytest.mark.parametrize("sources", ["resources: ['https://x.io/a.yaml']\n", "helmCharts: [{name: x}]\n"])
def test_selectors_of_what_is_elsewhere_stay(sources: str) -> None:
    text = sources + IMAGES
    result = rewrite_text(text, ["k8s.gcr.io=b.io"], kind="kustomization")
    assert result.text == text
    assert [str(finding.reason) for finding in result.findings] == ["selector"]


@pytest.mark.parametrize(
    ("roots", "sources", "inside"),
    [
        (["."], "resources: [../base]\n", True),
        (["overlay"], "resources: [../base]\n", False),
        (["overlay", "base"], "resources: [../base]\n", True),
        (["overlay"], "resources: [pod.yaml, sub]\n", True),
        (["overlay/kustomization.yaml"], "resources: [pod.yaml]\n", False),
        (["overlay/kustomization.yaml", "base/"], "resources: [../base]\n", True),
        (["overlay", "base"], "resources: [../far]\n", False),
        (["."], "resources: [../far]\n", False),
        (["."], "resources: [../round]\n", True),
        (["base"], "components: [../base-two]\n", False),
        (["overlay"], "images: []\n", True),
    ],
)
def test_the_sources_are_in_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, roots: list[str], sources: str, inside: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "overlay": sources,
        "base": "resources: [pod.yaml]\n",
        "far": "resources: ['https://x.io/a.yaml']\n",
        "round": "resources: [../round, ../overlay]\n",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "kustomization.yaml").write_text(text)
    kind = kind_in_run("overlay/kustomization.yaml", sources, roots)
    assert kind is (Kind.KUSTOMIZATION if inside else Kind.OVERLAY)
