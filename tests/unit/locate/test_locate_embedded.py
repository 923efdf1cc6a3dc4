"""Documents inside literal scalars: images without a registry, and registries that are keys of their own."""

from __future__ import annotations

import pytest

from regfix import Action, rewrite_text

RULES = ["k8s.gcr.io=a.io", "docker.io=h.io"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a.yaml: |\n  image: nginx\n  b: k8s.gcr.io/x\n", "a.yaml: |\n  image: h.io/library/nginx\n  b: a.io/x\n"),
        ("a.YML: |-\n\n    image: 'a/b'\n", "a.YML: |-\n\n    image: 'h.io/a/b'\n"),
        ("a.yaml: |2+\n   image: nginx \n\n\nb: 1\n", "a.yaml: |2+\n   image: h.io/library/nginx \n\n\nb: 1\n"),
        ("a.json: |\n  {\"image\": \"nginx:1\"}\n", "a.json: |\n  {\"image\": \"h.io/library/nginx:1\"}\n"),
        ("a.yaml: |\r\n  image: nginx\r\n  b: 1\r\n", "a.yaml: |\r\n  image: h.io/library/nginx\r\n  b: 1\r\n"),
        ("a.yaml: |\r  image: nginx\r", "a.yaml: |\r  image: h.io/library/nginx\r"),
        ("- |\n  apiVersion: v1\n  kind: Pod\n  image: nginx\n", "- |\n  apiVersion: v1\n  kind: Pod\n  image: h.io/library/nginx\n"),
        (
            "a.yaml: |\n  image:\n    registry: docker.io\n    repository: nginx\n",
            "a.yaml: |\n  image:\n    registry: h.io\n    repository: library/nginx\n",
        ),
        ("a.yaml: |\n  # image: redis:1\n  b: 1\n", "a.yaml: |\n  # image: h.io/library/redis:1\n  b: 1\n"),
        (
            "a.yaml: |\n  image: nginx\n  b.yaml: |\n    image: redis\n",
            "a.yaml: |\n  image: h.io/library/nginx\n  b.yaml: |\n    image: h.io/library/redis\n",
        ),
        ("a.yaml: |\n  image: nginx\n  ---\n  image: redis\n", "a.yaml: |\n  image: h.io/library/nginx\n  ---\n  image: h.io/library/redis\n"),
        ("a.yaml: &x |\n  image: nginx\nb.yaml: *x\n", "a.yaml: &x |\n  image: h.io/library/nginx\nb.yaml: *x\n"),
    ],
)  # fmt: skip
def test_documents_in_literal_scalars(before: str, after: str) -> None:
    assert rewrite_text(before, RULES).text == after
    again = rewrite_text(after, RULES)
    assert again.text == after


@pytest.mark.parametrize(
    "text",
    [
        "description: |\n  image: nginx\n",
        "a.sh: |\n  image: nginx\n",
        "a.yaml: >\n  image: nginx\n",
        "a.yaml: |\n  a: [\n  image: nginx\n",
        "a.yaml: |\n  {{ if .x }}\n  image: nginx\n  {{ end }}\n",
        "a.yaml: 'image: nginx'\n",
        "a: |\n  kind: of\n  image: nginx\n",
        "? |\n  apiVersion: v1\n  kind: Pod\n  image: nginx\n: a\n",
    ],
)
def test_other_text_is_none(text: str) -> None:
    assert rewrite_text(text, RULES).text == text


def test_findings_lead_into_the_document() -> None:
    text = 'data:\n  a.yaml: |\n    b:\n    - image: nginx\n    - image: "ngi\\x6ex"\n'
    left, found = rewrite_text(text, RULES).findings
    assert (found.key_path, found.position, found.action) == (
        ("data", "a.yaml", "b", 0, "image"),
        (4, 14),
        Action.REWRITE,
    )
    assert (left.key_path, str(left.reason)) == (("data", "a.yaml", "b", 1, "image"), "escaped")
