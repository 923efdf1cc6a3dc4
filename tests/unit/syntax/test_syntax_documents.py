"""Streams are cut where documents begin, and nowhere else; parsers read the pieces as they read the whole."""

from __future__ import annotations

import pytest
import yaml

from regfix.syntax.documents import split_documents

FILL = "# " + "x" * 9000 + "\n"
"""Makes a stream long enough to be cut."""


def pieces(text: str) -> list[str]:
    spans = list(split_documents(text))
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]
    assert (spans[0][0], spans[-1][1]) == (0, len(text))
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a: 1\n---\nb: 2\n", 2),
        ("---\na: 1\n---\nb: 2\n", 2),
        ("---\n---\n---\n", 3),
        ("a: 1\r\n---\r\nb: 2\r\n", 2),
        ("a: 1\n--- # comment\nb: 2\n", 2),
        ("a: 1\n---  b\n", 2),
        ("a: 1\n--- |\n text\n--- >-\n more\n", 3),
        ("a: 1\n...\n---\nb: 2\n", 2),
        ("a: |\n  text\n---\nb: 2\n", 2),
        ("- a\n---\n- b\n---\n- c", 3),
        ("a: 1\n---", 2),
    ],
)
def test_a_long_stream_is_cut_at_each_marker(text: str, count: int) -> None:
    text = FILL + text
    found = pieces(text)
    whole = list(yaml.safe_load_all(text))
    assert [document for piece in found for document in yaml.safe_load_all(piece)] == whole
    assert len(found) == count + (text[len(FILL) :].startswith("---"))


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        "a: |\n  ---\n  b\n",
        "a: 'x\n  ---\n  y'\n",
        "a: x\n  --- y\n",
        "a: 1\n----\nb\n".replace("a: 1\n", ""),
        "---a: 1\n",
        "# ---\na: 1\n",
        "a: b\n ---\n",
        "a: b ---\n",
        "a: 1\n...\n",
        "a: 1\r---\rb: 2\r",
    ],
)
def test_what_only_looks_like_a_marker_cuts_nothing(text: str) -> None:
    assert pieces(FILL + text) == [FILL + text]


@pytest.mark.parametrize("directive", ["%YAML 1.2\n", "%TAG !e! tag:e,2000:\n", "# c\n%YAML 1.1\n"])
def test_a_stream_with_directives_is_one_piece(directive: str) -> None:
    text = FILL + directive + "---\na: 1\n...\n" + directive + "---\nb: 2\n"
    assert len(list(yaml.safe_load_all(text))) == 2
    assert pieces(text) == [text]


def test_a_short_stream_is_one_piece() -> None:
    assert pieces("a: 1\n---\nb: 2\n") == ["a: 1\n---\nb: 2\n"]
    assert pieces("") == [""]


# --- byte-order marks ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n...\n\ufeffb: 2\n", ["a: 1\n...\n", "b: 2\n"]),
        ("a: 1\r\n... # c\r\n\ufeffb: 2\r\n", ["a: 1\r\n... # c\r\n", "b: 2\r\n"]),
        ("a: 1\n\ufeff---\nb: 2\n", ["a: 1\n", "---\nb: 2\n"]),
        ("a: 1\n\ufeff# c\n\n--- b\n", ["a: 1\n", "# c\n\n--- b\n"]),
        ("a: 1\n...\n\ufeff%YAML 1.2\n---\nb: 2\n", ["a: 1\n...\n", "%YAML 1.2\n---\nb: 2\n"]),
        ("---\na\n\ufeff---\nb\n\ufeff---\nc\n", ["---\na\n", "---\nb\n", "---\nc\n"]),
    ],
)
def test_a_byte_order_mark_begins_a_document(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in split_documents(text)] == expected
    for piece in expected:
        list(yaml.safe_load_all(piece))


def test_a_directive_behind_a_byte_order_mark_keeps_its_document() -> None:
    text = f"a: 1\n...\n\ufeff%YAML 1.2\n{FILL}---\nb: 2\n"
    assert [text[start:end] for start, end in split_documents(text)] == [text[:9], text[10:]]


@pytest.mark.parametrize("text", ["a: 'x\n\ufeffy'\n", "a: \ufeffb\n---\nc\n", "a: 1\n ...\n\ufeffb: 1\n", "\ufeffa\n"])
def test_other_byte_order_marks_cut_nothing(text: str) -> None:
    assert list(split_documents(text)) == [(0, len(text))]
