"""Key paths for people."""

from __future__ import annotations

import pytest

from regfix import rewrite_text
from regfix.syntax.keypath import KeyPath, format_key_path, shown


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ""),
        (("image",), "image"),
        (("spec", "containers", 0, "image"), "spec.containers[0].image"),
        ((0, "a"), "[0].a"),
        ((0, 1), "[0][1]"),
        (("a-b", "c_d"), "a-b.c_d"),
        (("a.b", "c"), '["a.b"].c'),
        (("a", "b c"), 'a["b c"]'),
        (("",), '[""]'),
        (('say "x"\\',), '["say \\"x\\"\\\\"]'),
        (("größe", "日本"), "größe.日本"),
    ],
)
def test_key_paths(path: KeyPath, expected: str) -> None:
    assert format_key_path(path) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image: {}\n", "image"),
        ("a:\n- b\n- image: {}\n", "a[1].image"),
        ("a: [[x, {}]]\n", "a[0][1]"),
        ("a: {{b: {{c: {}}}}}\n", "a.b.c"),
        ("[a, b: {}]\n", "[1].b"),
        ("a: {{x: y}}\nb: [1]\nc: {}\n", "c"),
        ("? [x]\n: {}\n", '["?"]'),
        ("a: &x {{b: c}}\nd: *x\ne: {}\n", "e"),
        ("a: 1\n---\n- {}\n", "[0]"),
        ("'a.b/c': {}\n", '["a.b/c"]'),
        ("{}\n", ""),
    ],
)
def test_key_paths_of_findings(text: str, expected: str) -> None:
    findings = rewrite_text(text.format("k8s.gcr.io/pause"), ["k8s.gcr.io=registry.k8s.io"]).findings
    assert [format_key_path(finding.key_path) for finding in findings] == [expected]


def test_the_middle_of_a_very_long_path_is_not_shown() -> None:
    assert shown(("a", 0)) == ("a", 0)
    path = tuple(range(100))
    assert shown(path) == path
    assert shown(tuple(range(1000))) == (*range(50), "...", *range(950, 1000))


@pytest.mark.parametrize("depth", [90, 99, 100, 101, 150, 900])
@pytest.mark.parametrize("leaf", ["k8s.gcr.io/pause", "nginx"])
def test_deep_findings_show_the_same_path_however_they_were_found(depth: int, leaf: str) -> None:
    text = "".join(f"{{a{n}: " for n in range(depth)) + f"{{image: {leaf}}}" + "}" * depth
    (found,) = rewrite_text(text, ["k8s.gcr.io=a.io", "docker.io=b.io"]).findings
    assert found.key_path == shown((*(f"a{n}" for n in range(depth)), "image"))
