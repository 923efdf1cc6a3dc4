"""Diffs with inserted lines: git takes them, and makes of the old file the new one."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from regfix.report.diff import unified_diff
from regfix.text.edit import Edit, apply_edits
from regfix.text.span import Span


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = "".join(draw(st.lists(st.sampled_from(["a: 1\n", "b\n", "\n", "c: x\r\n", "  d: e\n"]), max_size=25)))
    if draw(st.booleans()):
        text += "last"
    starts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=4)))
    edits = []
    for at, following in itertools.pairwise([*starts, len(text) + 1]):
        line = text.find("\n", at)
        room = min(following - at, 2, len(text) - at, (line if line >= 0 else len(text)) - at)
        size = draw(st.integers(0, max(0, room)))
        new = draw(st.sampled_from(["z", "new: 1\n", "n: 1\nm: 2\n", "\nnew: 1", "\r\nq"]))
        edits.append(Edit(Span(at, at + size), text[at : at + size], new))
    return text, edits


@settings(max_examples=60, deadline=None)
@given(edited())
def test_git_applies_it(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    after = apply_edits(text, edits)
    if after == text:
        return
    diff = "".join(unified_diff("values.yaml", text, edits))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "values.yaml"
        path.write_bytes(text.encode())
        subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=folder, check=True, capture_output=True)
        assert path.read_bytes().decode() == after


def test_an_insertion_shows_only_what_is_new() -> None:
    diff = list(unified_diff("v.yaml", "a: 1\nb: 2\n", [Edit(Span(5, 5), "", "x: 3\n")]))
    assert diff[2:] == ["@@ -1,2 +1,3 @@\n", " a: 1\n", "+x: 3\n", " b: 2\n"]
