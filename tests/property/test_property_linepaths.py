"""Key paths by lines: where they are told, libyaml says the same of every value that is one word."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from regfix.errors import SourceError
from regfix.syntax.linepaths import line_paths
from regfix.syntax.yamlwalk import scalars_where

HOST = "old.io"
BODIES = [
    "a:", "b:", "c: old.io/x", "d: 'old.io/x'", 'e: "old.io/x"', "f: {g: old.io/x}", "h: [old.io/x]", "i: old.io/x # j",
    "k: 1", "l: |", "m: >-", "n: |2", "- old.io/x", "- o: old.io/x", "-", "old.io/x", "old.io/x: p", "q: &r old.io/x",
    "s: &t", "u: !v old.io/x", "w: *r", "? x", ": y", "z: # old.io/x", "# old.io/x", "a: 'b", "c'", 'd: "e', 'f"', "g: {",
    "h: [", "}", "]", "'i': old.io/x", "j: k: old.io/x", "l: 'm''n", "o: ''", 'p: ""', "---", "...", "", "q: {r: {s: t}}",
    'u: "v\\', "w: 'x' # 'y", "z: {a: 1} # {", "b:\told.io/x", "\tc: old.io/x", "d: e\rf: old.io/x", "g: e\u2028h: old.io/x",
]  # fmt: skip
LINES = st.tuples(st.sampled_from([0, 0, 1, 2, 2, 4]), st.sampled_from(BODIES))
TEXTS = st.lists(LINES.map(lambda line: " " * line[0] + line[1]), max_size=8).map("\n".join)


def offsets(text: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(HOST, at)]


@given(TEXTS)
@example("a: 'b\n  c: old.io/x\nd: e'\n")
@example("l: 'm''n\na:\n  c: old.io/x\nd: '\n")
@example("a: |\n  b:\n    c: old.io/x\n")
@example("a:\n- b:\n  c: old.io/x\n")
def test_paths_of_lines_are_those_of_the_parser(text: str) -> None:
    paths = line_paths(text, offsets(text))
    if paths is None:
        return
    try:
        values = scalars_where(text, "x.yaml", lambda value: HOST in value and len(value.split()) == 1)
    except SourceError:
        return
    for path, _ in values:
        assert any(path[: len(told)] == told for told in paths), (text, path, paths)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("c: old.io/x\n", [("c",)]),
        ("a:\n  b: # why\n\n    # what\n    k: 1\n    c: old.io/x\n  d: old.io/y\n", [("a", "b", "c"), ("a", "d")]),
        ("a:\n  b:\n    c: old.io/x\n  e:\n    c: old.io/y\n", [("a", "b", "c"), ("a", "e", "c")]),
        ("a:\n  # old.io/x\n  f: {g: 'old.io/x'}\n", None),
        ("a:\n  # old.io/x\n  f: {g: old.io/x}\n", [("a", "f")]),
        ("a:\n- c: old.io/x\n", None),
        ("a: 'b\n  c'\nd: old.io/x\n", None),
        ("  c: old.io/x\n", None),
    ],
)
def test_paths_of_lines(text: str, paths: list[tuple[str, ...]] | None) -> None:
    assert line_paths(text, offsets(text)) == paths


def test_many_lines_are_looked_at_once() -> None:
    text = "a:\n" + "".join(f"  b{n}:\n    k: 1\n    c: old.io/x\n" for n in range(20_000))
    assert line_paths(text, offsets(text)) == [("a", f"b{n}", "c") for n in range(20_000)]
