"""An edit of which it is sure that it changes a scalar's value alone does that, to both parsers (check.py)."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from parsers import both
from ruamel.yaml import YAML

from regfix.syntax.scalar import content_span, value_offsets
from regfix.syntax.swap import MAX_LINE, are_short_lines, keeps_comment, keeps_lines, keeps_tokens
from regfix.syntax.yamlevents import SCALAR, fast_events
from regfix.text.edit import Edit, apply_edits
from regfix.text.span import Span

FRAMES = ["a: {}\nb: 1\n", "{}", "- {}\n- x\n", "a: '{}' # k\n", 'a: "{}"\n', "a: [x, {}, y]\n", "{{k: {}, l: [{}]}}\n",
          "{}: 1\n", "? {}\n: {}\n", "[{}]: 1\n", "a: !t {}\n", "a: &x {}\nb: *x\n", "--- {}\n--- {}\n", "a: {} # {}\n",
          "a:\n  {}\nb: 2\n", "- - {}\n  - 'x'\n", '{{"k": "{}", "l":"{}"}}', "a: |\n  {}\n  x\n", "a: {}\n  more\n",
          "%YAML 1.1\n---\n{}\n", "a: x {} y\n", "a: -{}\n", "a: x:{}:y\n", "a: x#{}#y\n", "{}\r\n", "a: {}\r\nb: 1"]  # fmt: skip
LETTERS = "ab1./:-_@ #,[]{}'\"%!&*?|>~\n\\\t=é"
WORDS = [
    "k8s.gcr.io",
    "reg:5000/a",
    "null",
    "1",
    "---",
    "...",
    "a:",
    ":a",
    "a: b",
    "a #b",
    "-",
    "",
    "registry.k8s.io/x:1@b",
]
TEXTS = st.one_of(st.sampled_from(WORDS), st.text(LETTERS, max_size=8), st.text("abc.:/-0", min_size=1, max_size=9))

PIECES = ["a", "reg.io", ":", "5000", "/", " #", "# ", ": ", ", ", ",", "-", "@", "]"]
NEW = st.one_of(st.sampled_from(WORDS), st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join))


def seen(text: str, parser: str) -> list[tuple[Any, ...]]:
    events = yaml.parse(text, yaml.CSafeLoader) if parser == "libyaml" else YAML(typ="safe", pure=True).parse(text)
    names = ("anchor", "tag", "implicit", "value", "style", "flow_style")
    return [(type(event).__name__, *(getattr(event, name, None) for name in names)) for event in events]


@settings(max_examples=2000)
@given(st.sampled_from(FRAMES), TEXTS, NEW, st.integers(0, 3), st.integers(0, 5), st.sampled_from([1, 2, 99]))
def test_only_the_value_changes(frame: str, old: str, new: str, which: int, start: int, size: int) -> None:
    text = frame.format(*[old] * 4)
    assume(all(both(text).get(parser) is not None for parser in ("PyYAML", "ruamel")))
    events = fast_events(text)
    scalars = [event for event in events.stream if events.kinds[event.__class__] == SCALAR]
    assume(scalars)
    number = which % len(scalars)
    event = scalars[number]
    assume(event.anchor is None and event.tag is None)
    span = Span(event.start_mark.index, event.end_mark.index)
    at = min(span.start + start, span.end)
    edit = Edit(Span(at, min(at + size, span.end)), text[at : min(at + size, span.end)], new)
    if not keeps_tokens(text, span, event.value, event.style, [edit]):
        return
    after = apply_edits(text, [edit])
    at -= span.start + (event.style in ("'", '"'))
    wanted = event.value[:at] + new + event.value[at + len(edit.old) :]
    for parser in ("libyaml", "ruamel"):
        before, now = seen(text, parser), seen(after, parser)
        place = [index for index, one in enumerate(before) if one[0] == "ScalarEvent"][number]
        before[place] = (*before[place][:4], wanted, *before[place][5:])
        assert now == before, (text, after)


BLOCKS = ["a: |\n  {0}\n  x {1}\n", "a: >-\n  {0}\n   {1}\n  y\n{2}: 1\n", "- |2\n   {0}\n  {1}\n", "|+\n{0}\n{1}\n\n",
          "a:\n- >\n\n  {0} {1}\n\n\n  {2}\n- b\n", "a: |-\r\n  {0}\r\n  {1}\r\nb: 2"]  # fmt: skip
COMMENTS = ["# {0}\na: 1\n", "a: 1 # {0} {1}\nb:\n  # {2}\n  c: d\n", "a: |\n  x\n# {0}\nb: 1 #{1}\n", "a: [b, # {0}\n  c]\n#{1}",
            "--- # {0}\na: 'b\n  # {1}'\n"]  # fmt: skip


@settings(max_examples=1500)
@given(st.sampled_from(BLOCKS), TEXTS, NEW, st.integers(0, 40), st.sampled_from([1, 2, 9]))
def test_only_the_letters_of_a_block_change(frame: str, old: str, new: str, start: int, size: int) -> None:
    text = frame.format(*[old] * 4)
    assume(all(both(text).get(parser) is not None for parser in ("PyYAML", "ruamel")))
    events = fast_events(text)
    scalars = [event for event in events.stream if events.kinds[event.__class__] == SCALAR]
    number = next((n for n, event in enumerate(scalars) if event.style in ("|", ">")), None)
    assume(number is not None)
    event = scalars[number or 0]
    span = content_span(text, event)
    at = min(span.start + start, span.end)
    edit = Edit(Span(at, min(at + size, span.end)), text[at : min(at + size, span.end)], new)
    if not keeps_lines(span, event.style, [edit]):
        return
    after = apply_edits(text, [edit])
    where = value_offsets(text, span.start, [at], event.value, event.style)
    wanted = [event.value[:offset] + new + event.value[offset + len(edit.old) :] for offset in where]
    for parser in ("libyaml", "ruamel"):
        before, now = seen(text, parser), seen(after, parser)
        place = [index for index, one in enumerate(before) if one[0] == "ScalarEvent"][number or 0]
        if edit.old in event.value:
            before[place] = (*before[place][:4], *wanted, *before[place][5:])
        assert now == before, (text, after)


@settings(max_examples=1000)
@given(st.sampled_from(COMMENTS), TEXTS, NEW, st.integers(0, 40), st.sampled_from([1, 2, 9]))
def test_a_comment_is_nothing_to_a_parser(frame: str, old: str, new: str, start: int, size: int) -> None:
    text = frame.format(*[old] * 4)
    assume(all(both(text).get(parser) is not None for parser in ("PyYAML", "ruamel")))
    edit = Edit(Span(start, min(start + size, len(text))), text[start : start + size], new)
    events = fast_events(text)
    scalars = [event for event in events.stream if events.kinds[event.__class__] == SCALAR]
    assume(all(edit.span.end <= e.start_mark.index or edit.span.start >= e.end_mark.index for e in scalars))
    if edit.span.start < len(text) and keeps_comment(text, edit.span, [edit]):
        after = apply_edits(text, [edit])
        assert all(seen(text, parser) == seen(after, parser) for parser in ("libyaml", "ruamel")), (text, after)


@pytest.mark.parametrize("new", ["", "-a", "a:", "a b", "a: b", "'a'", '"a"', "a#", "é", "a\nb", "a,b", "~"])
def test_what_might_mean_something_to_yaml_is_not_sure(new: str) -> None:
    text = "image: k8s.gcr.io/a\n"
    edit = Edit(Span(7, 17), "k8s.gcr.io", new)
    assert not keeps_tokens(text, Span(7, 19), "k8s.gcr.io/a", None, [edit])
    assert keeps_tokens(text, Span(7, 19), "k8s.gcr.io/a", None, [edit._replace(new="reg:5000")])


@pytest.mark.parametrize(
    ("text", "value", "style"),
    [("'it''s'", "it's", "'"), ('"\\x61b"', "ab", '"'), ("a\n  b", "a b", None), ("|\n ab", "ab", "|"), ("a\u2028b", "a b", None)],
)  # fmt: skip
def test_what_does_not_stand_there_letter_by_letter_is_not_sure(text: str, value: str, style: str | None) -> None:
    edit = Edit(Span(len(text) - 2, len(text) - 1), text[-2:-1], "x")
    assert not keeps_tokens(text, Span(0, len(text)), value, style, [edit])


@pytest.mark.parametrize(("before", "behind", "short"), [(0, 0, True), (400, 599, True), (400, 600, False),
                                                         (998, 1, True), (999, 1, False), (1, 5000, False)])  # fmt: skip
def test_long_lines(before: int, behind: int, short: bool) -> None:
    for start in ("", "x\n", "x" * MAX_LINE + "\n"):
        for end in ("", "\n", "\n" + "x" * MAX_LINE):
            text = start + "a" * before + "b" + "c" * behind + end
            place = text.index("b" + "c" * behind)
            wanted = before + 1 + behind <= MAX_LINE
            assert are_short_lines(text, [place]) is wanted
    assert short is (before + 1 + behind <= MAX_LINE)
