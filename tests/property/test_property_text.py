"""Arbitrary text: no traceback, no byte outside the edits, no occurrence without a word, no second change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from regfix import Action, RewrittenText, SourceError, rewrite_text

if TYPE_CHECKING:
    from regfix import Finding

RULES = ("k8s.gcr.io=registry.k8s.io", "localhost:5000=ghcr.io/local")
HUB_RULES = ("docker.io=harbor.example.com/hub", "docker.io/bitnami=ghcr.io/b")
OLD = re.compile(r"(?<![A-Za-z0-9._-])(?:k8s\.gcr\.io(?!:[0-9])|localhost:5000(?![.\w]))(?![A-Za-z0-9_-]|\.[^\W_])")
"""A source registry as a whole word; what this finds has to be moved or told (a dot or a letter behind a port: known gap)."""

TOKENS = ("k8s.gcr.io", "k8s.gcr.io/pause", "k8s.gcr.io/pause:3.2", "localhost:5000/app", "localhost:5000", "docker.io/nginx",
          "nginx", "bitnami/redis:7", "docker.io", "quay.io", "registry", "repository", "image", "image: ", "tag: ", "x", "a: ",
          "registry: ", "repository: ", "name: ", "hub: ", "- ", "{{", "}}", "{{-", "-}}", "{{/*", "*/}}", "{%", "%}", "{#", "#}",
          "{", "}", "[", "]", ",", ":", "/", "//", "://", "https://", "oci://", "@", "#", " # ", "# ", "\n", "\n", "\n  ", "\n",
          "\r\n", "\t", " ", "  ", '"', "'", "`", "\\", "\\n", "\\\"", '\\\\', "\\/", "\\u006b", "\\x2e", "\\\n", ".", "..", "-",
          "--", "---\n", "...\n", "_", "$", "${X}", "$(X)", "%s", "*", "+", "?", "|", "|\n", ">-\n", "&a ", "*a", "!t ", "<", ">", "<<: ",
          "=", "--x=", "regfix: ignore", "# regfix: ignore", "é", "😀", "\u00a0", "\u2028", "\x85", "\ufeff", "\ue000", "0", "v1",
          "default ", ".Values.x", "else", "end", "if x", "1.10", "username: x\n", "%YAML 1.2\n", "? ", "((", "))")  # fmt: skip
KNOWN_GAPS = re.compile("^\ufeff|[|>]-?\n['\"]|[\u2028\x85]")
"""What the check refuses without need; test_api.py and test_check.py have the cases."""

texts = st.lists(st.sampled_from(TOKENS), max_size=16).map("".join).filter(lambda text: not KNOWN_GAPS.search(text))
free = st.lists(st.one_of(st.sampled_from(TOKENS), st.text(max_size=4)), max_size=10).map("".join)
free = free.filter(lambda text: not KNOWN_GAPS.search(text))
kinds = st.sampled_from(("yaml", "template", "text"))


def rewritten(text: str, rules: tuple[str, ...], kind: str) -> RewrittenText | None:
    """Return the result, or None where the text is no YAML; nothing else may be refused."""
    try:
        return rewrite_text(text, rules, kind=kind)
    except SourceError as error:
        assert kind != "text"
        assert "not valid YAML" in str(error), error
        return None


def edits(result: RewrittenText) -> list[Any]:
    return sorted(edit for finding in result.findings for edit in finding.edits)


def expect_only_the_edits(text: str, result: RewrittenText) -> None:
    """The result is the text with the reported edits made, and nothing else."""
    pieces, at = [], 0
    for edit in edits(result):
        assert text[edit.span.start : edit.span.end] == edit.old
        assert at <= edit.span.start
        pieces += [text[at : edit.span.start], edit.new]
        at = edit.span.end
    assert "".join([*pieces, text[at:]]) == result.text


def is_told(start: int, text: str, findings: tuple[Finding, ...]) -> bool:
    """Tell whether a finding says that what begins at `start` is left, there or as a part of a split reference."""
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    left = [f for f in findings if f.action is Action.LEAVE and f.reason]
    host = text[start:].split("/")[0][:10]
    return any(f.position == (line, column) for f in left) or any(host in f.reference and f.key_path for f in left)


@settings(max_examples=1000)
@given(texts, kinds)
@example('image: "\\u0020k8s.gcr.io/pause"', "yaml")
@example("{{ `k8s.gcr.io` }}\n{{", "yaml")
def test_nothing_stays_without_a_word(text: str, kind: str) -> None:
    result = rewritten(text, RULES, kind)
    if result is None:
        return
    expect_only_the_edits(text, result)
    changed = [edit.span for edit in edits(result)]
    for found in OLD.finditer(text):
        if not any(span.start <= found.start() < span.end for span in changed):
            assert is_told(found.start(), text, result.findings), found
    again = rewritten(result.text, RULES, kind)
    assert again is not None
    assert again.text == result.text


@settings(max_examples=500)
@given(texts, kinds)
def test_short_names_in_any_text(text: str, kind: str) -> None:
    result = rewritten(text, HUB_RULES, kind)
    if result is not None:
        expect_only_the_edits(text, result)
        again = rewritten(result.text, HUB_RULES, kind)
        assert again is not None
        assert again.text == result.text


@settings(max_examples=500)
@given(free, kinds, st.booleans())
def test_any_text_is_rewritten_or_refused(text: str, kind: str, comments: bool) -> None:
    try:
        result = rewrite_text(text, RULES + HUB_RULES, kind=kind, comments=comments)
    except SourceError as error:
        assert "not valid YAML" in str(error)
    else:
        expect_only_the_edits(text, result)
