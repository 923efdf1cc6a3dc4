"""Templates: the lexer loses nothing, and nothing is edited in the code of actions (R18)."""

from __future__ import annotations

import re

from go_templates import parts_of_go
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regfix import rewrite_text
from regfix.syntax.template import TokenKind, lex_template

TOKENS = ("{{", "}}", "{{-", "-}}", " -}}", "{{- ", "{{/*", "*/}}", "{{- /* ", " */ -}}", "/*", "*/", "{%", "%}", "{#", "#}", "{", "}",
          '"', "'", "`", "\\", '\\"', "k8s.gcr.io/pause:3.2", "k8s.gcr.io", "image: ", "x", ".Values.a", "|", "default ", " ", "\n",
          "(", ")", "eq ", ":=", "$x", "#", "end", "if ", "else ", "%", "é", "😀")  # fmt: skip
GO = tuple(token for token in TOKENS if token not in ("{%", "%}", "{#", "#}", "%"))
texts = st.lists(st.sampled_from(TOKENS), max_size=25).map("".join)
go_texts = st.lists(st.sampled_from(GO), max_size=25).map("".join).filter(lambda text: not re.search("\\{[#%]", text))
"""Without the openings of Jinja, which mean nothing in Go (a known gap: test_syntax_template.py)."""


@settings(max_examples=1000)
@given(st.one_of(texts, go_texts, st.text(max_size=30)))
def test_the_tokens_together_are_the_source(text: str) -> None:
    tokens = lex_template(text)
    assert "".join(text[token.start : token.end] for token in tokens) == text
    assert all(token.start < token.end for token in tokens)
    assert [token.start for token in tokens[1:]] == [token.end for token in tokens[:-1]]


@settings(max_examples=1000)
@given(go_texts)
def test_code_is_code_and_strings_are_strings(text: str) -> None:
    parts = parts_of_go(text)
    assume(parts is not None)
    assert parts is not None
    letters = {TokenKind.LITERAL: "L", TokenKind.STRING: "S", TokenKind.CODE: "C", TokenKind.COMMENT: "C"}
    for token in lex_template(text):
        assert set(parts[token.start : token.end]) == {letters[token.kind]}, token


@settings(max_examples=1000)
@given(
    go_texts, st.sampled_from(("k8s.gcr.io=registry.k8s.io", "k8s.gcr.io/pause=ghcr.io/pause", "docker.io=ghcr.io/hub"))
)
def test_only_literals_strings_and_comments_are_edited(text: str, rule: str) -> None:
    parts = parts_of_go(text)
    assume(parts is not None)
    assert parts is not None
    comments = [token for token in lex_template(text) if token.kind is TokenKind.COMMENT]
    for finding in rewrite_text(text, [rule], kind="template").findings:
        for edit in finding.edits:
            start, end = edit.span
            in_comment = any(token.start < start and end < token.end for token in comments)
            assert in_comment or "C" not in parts[start:end], edit


@settings(max_examples=500)
@given(go_texts)
def test_an_image_is_moved_whatever_actions_stand_around(text: str) -> None:
    """Neither what stands in front of a line nor what stands behind it hides an image."""
    image = "image: k8s.gcr.io/pause:3.2\n"
    before = f"{text}\n{image}{text}"
    assume(parts_of_go(text) is not None and parts_of_go(before) is not None)
    assume(not re.search("[|>]\\n['\"]", before))  # another one: test_check.py
    after = rewrite_text(before, ["k8s.gcr.io=registry.k8s.io"], kind="template").text
    assert image not in after.splitlines(keepends=True)
