"""Definitions of mirrors stay, whatever the rule, and are told."""

from __future__ import annotations

import time

import pytest

from regfix import Action, rewrite_text

RULES = ["k8s.gcr.io=registry.k8s.io"]


@pytest.mark.parametrize(
    "text",
    [
        "spec:\n  repositoryDigestMirrors:\n  - mirrors:\n    - h.io/k8s\n    source: k8s.gcr.io/x\n",
        "spec:\n  imageDigestMirrors:\n  - source: k8s.gcr.io\n    mirrors: [h.io/k8s]\n",
        "spec:\n  imageTagMirrors:\n    # why\n\n    - mirrors: [k8s.gcr.io/x]\n",
        "spec: {imageTagMirrors: [{source: k8s.gcr.io/a, mirrors: [b.io/a]}]}\n",
        '{"spec":{"imageTagMirrors":[{"source":"k8s.gcr.io/a"}]}}\n',
        "imageContentSources:\n- mirrors: [h.io/y]\n  source: k8s.gcr.io/z\n",
        "imageDigestSources:\n- source: k8s.gcr.io/z\n",
        "mirrors:\n  k8s.gcr.io:\n    endpoint: [x]\n",
        "mirrors:\n  'k8s.gcr.io/sub': {endpoint: [x]}\n",
        "mirrors: {k8s.gcr.io: {rewrite: {a: b}}}\n",
        "registry-mirrors:\n- k8s.gcr.io/x\n",
        "data:\n  registries.yaml: |\n    mirrors:\n      k8s.gcr.io:\n        endpoint: [x]\n",
        'a: |\n  [plugins."io.containerd.grpc.v1.cri".registry.mirrors."k8s.gcr.io"]\n    endpoint = ["x"]\n',
        "a: |\n  [plugins.cri.registry.mirrors.'k8s.gcr.io']\n",
        'a: |\n  [[registry]]\n  location = "k8s.gcr.io/x"\n',
        'a: |\n  [[registry]]\n  prefix = "k8s.gcr.io/x"\n',
        'a: |\n  [[registry]]\n  location = "h.io"\n  [[registry.mirror]]\n  location = "k8s.gcr.io"\n',
    ],
)
def test_mirrors_stay(text: str) -> None:
    result = rewrite_text(text, RULES)
    assert result.text == text
    assert [str(f.reason) for f in result.findings if f.action is Action.LEAVE] == ["mirror"]


@pytest.mark.parametrize("kind", ["template", "text"])
@pytest.mark.parametrize(
    "text",
    [
        "mirrors:\n  k8s.gcr.io/x: y\n",
        "spec:\n  imageTagMirrors:\n  - source: k8s.gcr.io/x\n",
        '[plugins.cri.registry.mirrors."k8s.gcr.io"]\n',
        '[[registry]]\nlocation = "k8s.gcr.io/x"\n',
    ],
)
def test_mirrors_in_templates_and_other_texts(text: str, kind: str) -> None:
    result = rewrite_text(f"# {{{{ .x }}}}\n{text}", RULES, kind=kind)
    assert [(f.action, str(f.reason)) for f in result.findings] == [(Action.LEAVE, "mirror")]


@pytest.mark.parametrize(
    "text",
    [
        "mirrorMaker: {image: k8s.gcr.io/x}\n",
        "mirrors: []\nimage: k8s.gcr.io/x\n",
        "mirrors:\n- h.io\nimage: k8s.gcr.io/x\n",
        "a:\n  mirrors:\n    x: y\n  image: k8s.gcr.io/x\n",
        "a:\n- mirrors: x\n- image: k8s.gcr.io/x\n",
        'a: |\n  [[registry]]\n  location = "h.io"\n  sandbox_image = "k8s.gcr.io/x"\n',
        'a: |\n  location = "k8s.gcr.io/x"\n',
        "# mirrors of images\na: k8s.gcr.io/x\n",
    ],
)
def test_what_stands_beside_mirrors_moves(text: str) -> None:
    assert rewrite_text(text, RULES).text == text.replace("k8s.gcr.io", "registry.k8s.io")


def test_time_is_bounded_below_many_lines() -> None:
    begun = time.perf_counter()
    rewrite_text("mirrors:\n" + "  - a: k8s.gcr.io/x\n" * 5_000, RULES)
    assert time.perf_counter() - begun < 20
