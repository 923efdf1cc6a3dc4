"""Pieces of a scalar's text that stand in its value letter by letter."""

from __future__ import annotations

import pytest

from regfix.syntax.runs import runs_of
from regfix.syntax.scalar import content_span
from regfix.syntax.yamlevents import SCALAR, fast_events


@pytest.mark.parametrize(
    ("scalar", "pieces"),
    [
        ("|\n  a: b\n    c\n\n  d", ["a: b", "c", "d"]),
        (">\n  a b\n  c\n\n\n   d\n", ["a b", "c", "d"]),
        ("|+\r\n  a \r\n  b\r\n\r\n", ["a", "b"]),
        ('"a\\"b \\\n  c\\x41d\\n\\te"', ["a", "b", "c", "d", "e"]),
        ("'it''s\n  a'", ["it", "s", "a"]),
        ("a\n  b", ["a", "b"]),
        ('"\\u00e9\\\\x"', ["x"]),
        ("''", []),
    ],
)
def test_runs_stand_in_text_and_value(scalar: str, pieces: list[str]) -> None:
    text = f"key: {scalar}\nnext: 1\n" if not scalar.startswith(("|", ">")) else f"key: {scalar}"
    events = fast_events(text)
    event = [event for event in events.stream if events.kinds[event.__class__] == SCALAR][1]
    runs = runs_of(text, content_span(text, event), event.value, event.style)
    assert runs is not None
    assert [text[run.text : run.text + run.size] for run in runs] == pieces
    assert [event.value[run.value : run.value + run.size] for run in runs] == pieces


def test_another_value_has_no_runs() -> None:
    text = "|\n  abc\n"
    events = fast_events(text)
    event = next(event for event in events.stream if events.kinds[event.__class__] == SCALAR)
    span = content_span(text, event)
    assert runs_of(text, span, "abd\n", "|") is None
    assert runs_of(text, span, "abc d\n", "|") is None
