"""From sites to findings: what happens, why not, and what a finding says (R30, R33, R67, ignore comments)."""

from __future__ import annotations

import pytest

from regfix import Action, Finding, Rule, rewrite_text
from regfix.image.rule import RuleSet
from regfix.locate.analysis import analyse
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import Kind
from regfix.locate.site import REASONS, Reason
from regfix.plan import Policy, edits_of, plan
from regfix.text.source import Source

OLD = "k8s.gcr.io=registry.k8s.io"
SHA = "@sha256:" + "0a" * 32


def findings(text: str, *rules: str, every: bool = False, kind: Kind = Kind.YAML) -> tuple[Finding, ...]:
    rule_set = RuleSet(Rule.parse(rule) for rule in rules or (OLD,))
    analysis = analyse(text, kind, HostFinder(rule_set), "x.yaml", every=every)
    return plan(Source("x.yaml", text), analysis, rule_set, Policy())


@pytest.mark.parametrize("version", ["", ":3.2", SHA, f":3.2{SHA}", ":1.10", ":010", ":latest"])
@pytest.mark.parametrize("name", ["pause", "a/b/c"])
def test_a_finding_says_what_it_was_and_will_be(name: str, version: str) -> None:
    text = f"a:\n- image: k8s.gcr.io/{name}{version}\n"
    (found,) = findings(text)
    assert found.source == "x.yaml"
    assert (found.position.line, found.position.column) == (2, 10)
    assert found.key_path == ("a", 0, "image")
    assert found.reference == f"k8s.gcr.io/{name}{version}"
    assert found.action is Action.REWRITE
    assert found.result == f"registry.k8s.io/{name}{version}"
    assert str(found.rule) == OLD
    assert found.reason is None
    assert [(edit.old, edit.new) for edit in found.edits] == [("k8s.gcr.io", "registry.k8s.io")]


def test_only_the_replaced_prefix_is_edited() -> None:
    (found,) = findings("image: a.io/x/y/z:1\n", "a.io/x=b.io/w")
    assert [(edit.span, edit.old, edit.new) for edit in found.edits] == [((7, 13), "a.io/x", "b.io/w")]


@pytest.mark.parametrize(
    ("text", "rules", "result"),
    [
        ("image: nginx:1\n", ["docker.io=h.io"], "h.io/library/nginx:1"),
        ("image: docker.io/nginx\n", ["docker.io=h.io"], "h.io/library/nginx"),
        ("image: a/b\n", ["docker.io/a=h.io/c"], "h.io/c/b"),
        ("image: {registry: docker.io, repository: nginx, tag: v1}\n", ["docker.io=h.io"], "h.io/library/nginx"),
        ("image: {registry: q.io, repository: x/y}\n", ["q.io/x=h.io"], "h.io/y"),
        ("registry: k8s.gcr.io\n", [OLD], "registry.k8s.io"),
        ("image: a.io/x\n", ["a.io=b.io", "b.io=c.io/d"], "c.io/d/x"),
    ],
)
def test_the_result_is_the_whole_new_reference(text: str, rules: list[str], result: str) -> None:
    (found,) = findings(text, *rules)
    assert found.action is Action.REWRITE
    assert found.result == result


def test_a_chain_names_its_first_rule() -> None:
    (found,) = findings("image: a.io/x\n", "a.io=b.io", "b.io=c.io")
    assert str(found.rule) == "a.io=b.io"


def test_findings_come_in_reading_order() -> None:
    text = "# k8s.gcr.io/a\nx: {image: k8s.gcr.io/b, b: [k8s.gcr.io/c]} # k8s.gcr.io/d\ny: k8s.gcr.io\nz: |\n  k8s.gcr.io/e k8s.gcr.io/f\n"
    found = findings(text)
    assert [finding.position for finding in found] == sorted(finding.position for finding in found)
    assert [finding.reference[-1] for finding in found] == ["a", "b", "c", "d", "o", "e", "f"]
    assert edits_of(found) == sorted(edits_of(found))


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("image: quay.io/x\n", [OLD]),
        ("image: nginx\n", [OLD]),
        ("image: {registry: quay.io, repository: x}\n", [OLD]),
    ],
)
def test_what_no_rule_concerns_is_only_listed_on_request(text: str, rules: list[str]) -> None:
    assert findings(text, *rules) == ()
    (found,) = findings(text, *rules, every=True)
    assert (found.action, found.result, found.rule, found.reason, found.edits) == (Action.NONE, None, None, None, ())


@pytest.mark.parametrize(
    ("text", "rules", "reason"),
    [
        ("image: a.io/x/y\n", ["a.io=b.io", "a.io/x=a.io/x"], Reason.KEPT),
        ("image: m.io/oss/v2/x\n", ["m.io/oss=m.io/oss/v2"], Reason.KEPT),
        ("description: from k8s.gcr.io\n", [OLD], Reason.PROSE),
        ("url: https://k8s.gcr.io/v2\n", [OLD], Reason.URL),
        ("image: h.io/k8s.gcr.io/x\n", [OLD], Reason.OTHER_HOST),
        ("image: k8s.gcr.io/X\n", [OLD], Reason.INVALID),
        ("image: k8s.gcr.io/*\n", [OLD], Reason.PATTERN),
        ("registry: a.io\n", ["a.io/x=b.io"], Reason.REGISTRY_ALONE),
        ("registry: a.io\n", ["a.io=b.io", "a.io/x=c.io"], Reason.REGISTRY_ALONE),
        ("image: a.io/$(X)/y\n", ["a.io/x=b.io"], Reason.DYNAMIC),
    ],
)
def test_what_stays_says_why(text: str, rules: list[str], reason: Reason) -> None:
    (found,) = findings(text, *rules)
    assert (found.action, found.reason, found.edits) == (Action.LEAVE, reason, ())


@pytest.mark.parametrize("text", ["a: from a.io\n", "# a.io\nb: c\n", "url: https://a.io/\n"])
def test_the_host_of_a_rule_for_a_path_is_no_source_by_itself(text: str) -> None:
    """`gcr.io` in a sentence does not name `gcr.io/google-containers`."""
    assert [finding for finding in findings(text, "a.io/x=b.io") if finding.action is not Action.NONE] == []


def test_each_reason_has_words() -> None:
    assert set(REASONS) == set(Reason)
    assert all(text and text == text.strip() for text in REASONS.values())


# --- ignore comments ---


@pytest.mark.parametrize(
    "text",
    [
        "image: k8s.gcr.io/x # regfix: ignore\n",
        "image: k8s.gcr.io/x #regfix:ignore\n",
        "image: k8s.gcr.io/x # regfix: ignore (no route)\n",
        "image: k8s.gcr.io/x # regfix: ignore, see #12\n",
        "# regfix: ignore\nimage: k8s.gcr.io/x\n",
        "  # regfix: ignore because\n  image: k8s.gcr.io/x\n",
        "# regfix: ignore\r\nimage: k8s.gcr.io/x\r\n",
        "a: b # x # regfix: ignore\n# regfix: ignore\nimage: k8s.gcr.io/x\n",
        "a: [k8s.gcr.io/x, k8s.gcr.io/y] # regfix: ignore\n",
        "# k8s.gcr.io/x # regfix: ignore\na: b\n",
        "{{/* regfix: ignore */}}\nimage: k8s.gcr.io/x\n",
        "# regfix: ignore\nimage:\n  k8s.gcr.io/x\n",
        "# regfix: ignore\na: |\n  k8s.gcr.io/x\n\n  k8s.gcr.io/y\n",
        "a: |\n  k8s.gcr.io/x # regfix: ignore\n",
    ],
)
def test_a_comment_protects_its_line_or_the_one_below(text: str) -> None:
    kind = Kind.TEMPLATE if "{{" in text else Kind.YAML
    found = findings(text, kind=kind)
    assert found
    assert {(finding.action, finding.reason) for finding in found} == {(Action.LEAVE, Reason.IGNORED)}


@pytest.mark.parametrize(
    "text",
    [
        "image: k8s.gcr.io/x # regfix: ignored\n",
        "image: k8s.gcr.io/x # regfix:\n",
        "image: k8s.gcr.io/x # ignore\n",
        "image: k8s.gcr.io/x # noregfix: ignore\n",
        "image: k8s.gcr.io/x # regfix: ignore-not\n",
        "image: k8s.gcr.io/x\n# regfix: ignore\n",
        "# regfix: ignore\n\nimage: k8s.gcr.io/x\n",
        "# regfix: ignore\na: b\nimage: k8s.gcr.io/x\n",
        "a: b # regfix: ignore\nimage: k8s.gcr.io/x\n",
        "a: 'regfix: ignore'\nimage: k8s.gcr.io/x\n",
        "# regfix: ignore\na:\n  image: k8s.gcr.io/x\n",
    ],
)
def test_other_comments_and_other_lines_do_not(text: str) -> None:
    (found,) = findings(text)
    assert found.action is Action.REWRITE


def test_a_split_reference_is_ignored_as_a_whole() -> None:
    text = "image:\n  registry: docker.io # regfix: ignore\n  repository: library/x\n"
    found = findings(text, "docker.io/library=b.io/c")
    assert [(finding.action, finding.reason) for finding in found] == [(Action.LEAVE, Reason.IGNORED)]


def test_what_would_not_move_keeps_its_own_reason() -> None:
    (found,) = findings("a: https://k8s.gcr.io/x # regfix: ignore\n")
    assert found.reason is Reason.URL


def test_comments_may_be_left() -> None:
    text = "# image: k8s.gcr.io/a\nb: k8s.gcr.io/b # k8s.gcr.io/c\n"
    result = rewrite_text(text, [OLD], comments=False)
    assert result.text == "# image: k8s.gcr.io/a\nb: registry.k8s.io/b # k8s.gcr.io/c\n"
    assert [str(finding.reason) for finding in result.findings] == ["comment", "None", "comment"]


# --- quotes, keys ---


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("image: k8s.gcr.io/x\n", 'image: "[::1]:5000/x"\n'),
        ("a: [k8s.gcr.io/x:1, b]\n", 'a: ["[::1]:5000/x:1", b]\n'),
        ("image: 'k8s.gcr.io/x'\n", "image: '[::1]:5000/x'\n"),
        ("registry: k8s.gcr.io\n", 'registry: "[::1]:5000"\n'),
    ],
)
def test_quotes_where_the_new_name_needs_them(before: str, after: str) -> None:
    assert rewrite_text(before, ["k8s.gcr.io=[::1]:5000"]).text == after


@pytest.mark.parametrize("before", ["# image: k8s.gcr.io/x\na: b\n"])
def test_no_quotes_where_nobody_knows_how_far_they_reach(before: str) -> None:
    result = rewrite_text(before, ["k8s.gcr.io=[::1]:5000"])
    assert result.text == before
    assert [str(finding.reason) for finding in result.findings] == ["quotes"]


def test_a_key_is_not_made_a_second_time() -> None:
    text = "k8s.gcr.io/x: 1\nregistry.k8s.io/x: 2\n"
    result = rewrite_text(text, [OLD])
    assert result.text == text
    assert [finding.action for finding in result.findings] == [Action.LEAVE]


def test_nothing_is_planned_for_an_empty_text() -> None:
    assert findings("") == ()
    assert edits_of(()) == []
