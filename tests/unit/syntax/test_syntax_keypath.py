"""Key paths for people."""

from __future__ import annotations

import pytest

from regfix import rewrite_text
from regfix.syntax.keypath import KeyPath, format_key_path


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
