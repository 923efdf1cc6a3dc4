"""A file that the search in its bytes passes over holds nothing (no silent miss before anything is parsed)."""

from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from test_property_text import HUB_RULES, RULES, kinds, texts
from yaml_streams import Sample, json_samples, yaml_samples

from regfix import Action, Rule, SourceError, rewrite_text
from regfix.image.rule import RuleSet
from regfix.locate.hosts import HostFinder

KEYS = ("image", "Image", "IMAGE", "initImage", "INIT_IMAGE", "repository", "repo", "containerImage", "imageName")
MISSED_KEYS = ("Repository", "REPOSITORY", "initRepo", "REPO", "baseRepository")
BESIDE = (
    "",
    "tag: '1'",
    "Tag: '1'",
    "TAG: '1'",
    "pullPolicy: Always",
    "version: '1'",
    "digest: sha256:x",
    "imageTag: '1'",
)
NAMES = ("nginx", "bitnami/redis", "library/nginx", "a/b", "docker.io/nginx", "index.docker.io/bitnami/x:1")
ESCAPED_NAMES = ('"n\\x67inx:1"', '"bitn\\u0061mi/redis"')
RULE_SETS = (
    ("docker.io=harbor.example.com/hub",),
    ("docker.io/bitnami=ghcr.io/b",),
    ("docker.io/library=ghcr.io/l",),
    ("docker.io/nginx=ghcr.io/nginx",),
    ("docker.io/library/nginx=ghcr.io/nginx",),
    ("docker.io/a/b=ghcr.io/ab", "quay.io=ghcr.io"),
    HUB_RULES,
)
keys, names, besides = st.sampled_from(KEYS), st.sampled_from(NAMES), st.sampled_from(BESIDE)


def expect_a_look(text: str, rules: tuple[str, ...], kind: str = "yaml") -> None:
    try:
        findings = rewrite_text(text, rules, kind=kind).findings
    except SourceError:
        return
    finder = HostFinder(RuleSet(Rule.parse(rule) for rule in rules))
    if any(finding.action is not Action.NONE for finding in findings):
        assert finder.may_hold(text.encode())


def lines_of(key: str, name: str, beside: str, outer: bool) -> str:
    indent = "  " if outer else ""
    lines = [f"{key}: {name}", *([beside] if beside else [])]
    return ("main:\n" if outer else "") + "".join(f"{indent}{line}\n" for line in lines)


@settings(max_examples=400)
@given(st.sampled_from(RULE_SETS), st.builds(lines_of, keys, names, besides, st.booleans()))
def test_short_names(rules: tuple[str, ...], text: str) -> None:
    expect_a_look(text, rules)


@settings(max_examples=200, phases=[Phase.generate])
@given(st.sampled_from(RULE_SETS), st.builds(lines_of, st.sampled_from(MISSED_KEYS), names, besides, st.booleans()))
def test_short_names_under_keys_in_other_cases(rules: tuple[str, ...], text: str) -> None:
    expect_a_look(text, rules)


@settings(max_examples=200, phases=[Phase.generate])
@given(st.sampled_from(RULE_SETS), st.builds(lines_of, keys, st.sampled_from(ESCAPED_NAMES), besides, st.booleans()))
def test_short_names_with_escapes(rules: tuple[str, ...], text: str) -> None:
    expect_a_look(text, rules)


@settings(max_examples=200)
@given(texts, kinds, st.sampled_from((RULES, HUB_RULES)))
def test_any_text(text: str, kind: str, rules: tuple[str, ...]) -> None:
    expect_a_look(text, rules, kind)


@settings(max_examples=100)
@given(st.one_of(yaml_samples(), json_samples()))
def test_any_yaml(sample: Sample) -> None:
    expect_a_look(sample.before, sample.rules)
