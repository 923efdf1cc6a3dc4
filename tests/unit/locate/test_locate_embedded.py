"""Documents inside literal scalars: images without a registry, and registries that are keys of their own."""

from __future__ import annotations

import pytest

from regfix import Action, rewrite_text
from regfix.check import check
from regfix.errors import SourceError
from regfix.image.prefix import parse_prefix
from regfix.image.rule import Rule, RuleSet
from regfix.locate.analysis import analyse
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import Kind
from regfix.plan import Policy
from regfix.rewriting import rewrite_source
from regfix.text.edit import Edit, apply_edits
from regfix.text.source import Source
from regfix.text.span import Span

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
        ("a.yaml: >\n  image: nginx\n\n  b: 1\n", "a.yaml: >\n  image: h.io/library/nginx\n\n  b: 1\n"),
        ("a.yaml: 'image: nginx'\n", "a.yaml: 'image: h.io/library/nginx'\n"),
        ("a.yaml: \"image: nginx\\nb: \\x31\"\n", "a.yaml: \"image: h.io/library/nginx\\nb: \\x31\"\n"),
        ("a: '{\"image\": \"nginx\", \"it''s\": 1}'\n", "a: '{\"image\": \"h.io/library/nginx\", \"it''s\": 1}'\n"),
        ("a: \"[{\\\"image\\\": \\\"nginx\\\"}]\"\n", "a: \"[{\\\"image\\\": \\\"h.io/library/nginx\\\"}]\"\n"),
        (
            "a: '{\"image\": \"nginx\",\n  \"b\": \"k8s.gcr.io/x\"}'\n",
            "a: '{\"image\": \"h.io/library/nginx\",\n  \"b\": \"a.io/x\"}'\n",
        ),
        ("initContainers: |\n  - image: nginx\n", "initContainers: |\n  - image: h.io/library/nginx\n"),
        ("user-data: |\n  #cloud-config\n  image: nginx\n", "user-data: |\n  #cloud-config\n  image: h.io/library/nginx\n"),
        (
            "a.yaml: |\n  {{ if .x }}\n  image: nginx\n  {{ end }}\n",
            "a.yaml: |\n  {{ if .x }}\n  image: h.io/library/nginx\n  {{ end }}\n",
        ),
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
        "a.yaml: |\n  a: [\n  image: nginx\n",
        "a.yaml: image nginx:1\n",
        "description: 'image: nginx'\n",
        "description: '{image: nginx}'\n",
        "values: |\n  text in which image: nginx stands\n",
        "user-data: |\n  #!/bin/sh\n  image: nginx\n",
        "initContainers: |\n  image: nginx\n",
        "a: |\n  kind: of\n  image: nginx\n",
        "? |\n  apiVersion: v1\n  kind: Pod\n  image: nginx\n: a\n",
    ],
)
def test_other_text_is_none(text: str) -> None:
    assert rewrite_text(text, RULES).text == text


def test_findings_lead_into_the_document() -> None:
    text = 'data:\n  a.yaml: |\n    b:\n    - image: nginx\n    - image: "ngi\\x6ex"\n'
    found, left = rewrite_text(text, RULES).findings
    assert (found.key_path, found.position, found.action) == (
        ("data", "a.yaml", "b", 0, "image"),
        (4, 14),
        Action.REWRITE,
    )
    assert (left.key_path, str(left.reason)) == (("data", "a.yaml", "b", 1, "image"), "escaped")


def test_a_broken_document_is_told_with_its_place() -> None:
    source = Source("a.yaml", "x: |\n  apiVersion: v1\n  kind: Pod\n  a: [nginx\n  image: k8s.gcr.io/x\n")
    rules = RuleSet([Rule(parse_prefix("k8s.gcr.io"), parse_prefix("a.io"), "test")])
    outcome = rewrite_source(source, Kind.YAML, rules, HostFinder(rules))
    assert outcome.after is not None
    assert "image: a.io/x" in outcome.after
    [remark] = outcome.remarks
    assert (remark.line, remark.column) == (5, 3)
    assert remark.what.startswith("the document in x is not valid YAML (")


@pytest.mark.parametrize(
    "text",
    [
        "a.yaml: |\n  image: nginx\n",
        "a.yaml: |\n  b.yaml: |\n    image: nginx\n",
        'a.json: \'{"image": "nginx"}\'\n',
    ],
)
def test_the_check_looks_into_documents(text: str) -> None:
    """An edit that is as planned for the text around, and would change the structure within, does not pass."""
    source = Source("a.yaml", text)
    rules = RuleSet([Rule(parse_prefix("docker.io"), parse_prefix("a.io"), "test")])
    hosts = HostFinder(rules)
    analysis = analyse(text, Kind.YAML, hosts, "a.yaml")
    start = text.index("nginx")
    good = Edit(Span(start, start + 5), "nginx", "a.io/library/nginx")
    check(source, apply_edits(text, [good]), [good], analysis, rules, hosts, Policy())
    bad = good._replace(new='a.io/nginx", "b": "c' if "json" in text else "a.io/nginx: b")
    with pytest.raises(SourceError, match="did not pass the check"):
        check(source, apply_edits(text, [bad]), [bad], analysis, rules, hosts, Policy())


def test_a_document_that_is_too_large_for_structures_is_read_by_its_keys() -> None:
    pad = "# " + "x" * (4 * 1024 * 1024) + "\n"
    text = "parameters:\n- {name: image, value: x/y}\nimage: nginx\n"
    assert rewrite_text(text, RULES).text == text.replace("x/y", "h.io/x/y").replace("nginx", "h.io/library/nginx")
    assert rewrite_text(pad + text, RULES).text == pad + text.replace("nginx", "h.io/library/nginx")
