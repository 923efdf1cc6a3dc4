"""What a kustomization is made of, and whether all of that is in the run (R36)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regfix import rewrite_text
from regfix.image.rule import Rule, RuleSet
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import Kind
from regfix.locate.kustomize import ELSEWHERE, is_remote, parts_of
from regfix.run.file import Options
from regfix.run.kustomize import selected_in_run

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
    assert list(parts_of(text).sources) == expected


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
def test_selectors_of_what_is_elsewhere_stay_and_get_a_new_name(sources: str) -> None:
    result = rewrite_text(sources + IMAGES, ["k8s.gcr.io=b.io"], kind="kustomization")
    assert result.text == sources + "images:\n- name: k8s.gcr.io/a\n  newName: b.io/a\n  newTag: '2'\n"
    again = rewrite_text(result.text, ["k8s.gcr.io=b.io"], kind="kustomization")
    assert again.text == result.text
    assert [str(finding.reason) for finding in again.findings] == ["selector"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("- name: k8s.gcr.io/a", "- name: k8s.gcr.io/a\n  newName: b.io/a"),
        ("- name: k8s.gcr.io/a  # why\n", "- name: k8s.gcr.io/a  # why\n  newName: b.io/a\n"),
        ("- newTag: x\r\n  name: k8s.gcr.io/a\r\n", "- newTag: x\r\n  name: k8s.gcr.io/a\r\n  newName: b.io/a\r\n"),
        ("-   name: 'k8s.gcr.io/a'\n", "-   name: 'k8s.gcr.io/a'\n    newName: 'b.io/a'\n"),
        ("- \"name\": k8s.gcr.io/a\n", "- \"name\": k8s.gcr.io/a\n  \"newName\": b.io/a\n"),
        ("- name:\n    k8s.gcr.io/a\n", "- name:\n    k8s.gcr.io/a\n  newName: b.io/a\n"),
        ("- {name: k8s.gcr.io/a, digest: x}\n", "- {name: k8s.gcr.io/a, newName: b.io/a, digest: x}\n"),
        ("- {\n  name: k8s.gcr.io/a\n  }\n", "- {\n  name: k8s.gcr.io/a,\n  newName: b.io/a\n  }\n"),
        ("- {\"name\": \"k8s.gcr.io/a\"}\n", "- {\"name\": \"k8s.gcr.io/a\", \"newName\": \"b.io/a\"}\n"),
        ("- {name: k8s.gcr.io/a, # why\n   newTag: x}\n", "- {name: k8s.gcr.io/a, newName: b.io/a, # why\n   newTag: x}\n"),
        *((stays, stays) for stays in (
            "- name: k8s.gcr.io/a:1\n", "- name: &a k8s.gcr.io/a\n", "- name: !!str k8s.gcr.io/a\n",
            "- <<: {newName: x}\n  name: k8s.gcr.io/a\n", "- name: k8s.gcr.io/a\n  newName: x/y\n",
            "- name: >-\n    k8s.gcr.io/a\n", "- ? name\n  : k8s.gcr.io/a\n", "- name: k8s.gcr.io/a # regfix: ignore\n",
            "- name: quay.io/a\n", "- name: k8s.gcr.io/a\n  name: k8s.gcr.io/a\n",
        )),
    ],
)  # fmt: skip
def test_where_a_new_name_goes(entry: str, expected: str) -> None:
    head = "resources: ['https://x.io/a.yaml']\nimages:\n"
    result = rewrite_text(head + entry, ["k8s.gcr.io=b.io"], kind="kustomization")
    assert result.text == head + expected
    assert rewrite_text(result.text, ["k8s.gcr.io=b.io"], kind="kustomization").text == result.text


def test_a_new_name_is_quoted_where_it_has_to_be() -> None:
    result = rewrite_text("helmCharts: []\n" + IMAGES, ["k8s.gcr.io/a=[2001:db8::1]:5000/a"], kind="kustomization")
    assert '\n  newName: "[2001:db8::1]:5000/a"\n' in result.text


def test_selectors_of_what_is_here_go_on_selecting_it() -> None:
    """A patch of the kustomization itself brings the image of one selector."""
    text = "resources: ['https://x.io/a.yaml']\npatches:\n- patch: |-\n    image: k8s.gcr.io/a:1\n"
    expected = text.replace("k8s.gcr.io", "b.io") + IMAGES.replace("k8s.gcr.io", "b.io")
    assert rewrite_text(text + IMAGES, ["k8s.gcr.io=b.io"], kind="kustomization").text == expected


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
    rules = RuleSet([Rule.parse("k8s.gcr.io=b.io", "rule")])
    selected = selected_in_run("overlay/kustomization.yaml", sources, Options(rules, roots=roots), HostFinder(rules))
    assert selected.kind is (Kind.KUSTOMIZATION if inside else Kind.OVERLAY)
