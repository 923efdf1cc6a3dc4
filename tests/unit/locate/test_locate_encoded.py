"""References in base64 and behind percent-encoded characters."""

from __future__ import annotations

import base64

import pytest

from regfix import rewrite_text

RULES = ["k8s.gcr.io=registry.k8s.io"]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("before", ["", "a", "ab", "abc ", "\0\xff"])
@pytest.mark.parametrize(
    "value", ["x: data:;base64,{}", "xBase64: '{}'", "x: |\n  data:text/plain;base64,{}", '"base64": "{}"']
)
def test_what_base64_hides_is_told(before: str, value: str) -> None:
    text = value.format(encoded(f"{before} k8s.gcr.io/pause:3 ")) + "\n"
    done = rewrite_text(text, RULES)
    assert done.text == text
    assert [(f.reference, str(f.reason)) for f in done.findings] == [("k8s.gcr.io/pause", "encoded")]


@pytest.mark.parametrize(
    "text",
    [
        f"x: data:;base64,{encoded('quay.io/pause:3')}\n",
        f"data: {{x: {encoded('k8s.gcr.io/pause')}}}\n",
        "xBase64: A\n",
        "xBase64: '!!!!'\n",
        "x: data:;base64,\n",
        "x: data:;base64,%%%\n",
    ],
)
def test_what_is_none_of_ours_is_not_told(text: str) -> None:
    assert rewrite_text(text, RULES).findings == ()


def test_other_references_of_the_text_move() -> None:
    hidden = encoded("k8s.gcr.io/a:1")
    done = rewrite_text(f"image: k8s.gcr.io/b:1\nuserDataBase64: {hidden}\n", RULES)
    assert done.text == f"image: registry.k8s.io/b:1\nuserDataBase64: {hidden}\n"
    assert [str(f.reason) for f in done.findings if f.reason] == ["encoded"]


@pytest.mark.parametrize(
    ("text", "expected", "reasons"),
    [
        ("x: data:,%22k8s.gcr.io/pause%22\n", "x: data:,%22registry.k8s.io/pause%22\n", []),
        ("x: data:,%0Ak8s.gcr.io/pause%3A3\n", "x: data:,%0Aregistry.k8s.io/pause%3A3\n", []),
        ("x: data:,k8s.gcr.io%2Fpause\n", None, ["encoded"]),
        ("x: data:,%2Fk8s.gcr.io%2fpause\n", None, ["encoded"]),
        ("x: https://a.example/?q=%22k8s.gcr.io/pause\n", None, ["url"]),
        ("x: '%k8s.gcr.io/pause'\n", None, ["pattern"]),
        ("x: 22k8s.gcr.io/pause\n", None, []),
    ],
)
def test_behind_and_before_percent_encoded_characters(text: str, expected: str | None, reasons: list[str]) -> None:
    done = rewrite_text(text, RULES)
    assert done.text == (expected or text)
    assert [str(f.reason) for f in done.findings if f.reason] == reasons
