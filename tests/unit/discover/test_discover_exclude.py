"""Exclude patterns of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regfix.discover import File, Skipped, SkipReason, discover
from regfix.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Grow = Callable[[Mapping[str, str]], None]


def left(root: str, *patterns: str) -> list[str]:
    return [found.path for found in discover([root], exclude=patterns) if isinstance(found, File)]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["x"], ["r/a/y", "r/b/y"]),
        (["/x"], ["r/a/x", "r/a/y", "r/b/y"]),
        (["a/"], ["r/b/y", "r/x"]),
        (["a/x", "/b"], ["r/a/y", "r/x"]),
        (["**/y"], ["r/a/x", "r/x"]),
        (["*"], []),
        (["*", "!*/", "!y"], ["r/a/y", "r/b/y"]),
        (["r"], ["r/a/x", "r/a/y", "r/b/y", "r/x"]),
        (["[xy]"], []),
    ],
)
@pytest.mark.parametrize("ignore_files", [True, False])
def test_patterns_are_those_of_gitignore_relative_to_the_root(
    grow: Grow, patterns: list[str], expected: list[str], ignore_files: bool
) -> None:
    grow({"r/a/x": "", "r/a/y": "", "r/b/y": "", "r/x": ""})
    found = discover(["r"], exclude=patterns, ignore_files=ignore_files)
    assert [one.path for one in found if isinstance(one, File)] == expected


def test_an_excluded_folder_is_skipped_once(grow: Grow) -> None:
    grow({"a/x": "", "a/b/y": "", "c": ""})
    assert list(discover(["."], exclude=["a"])) == [Skipped("./a", SkipReason.EXCLUDED), File("./c", named=False)]


def test_they_come_before_ignore_files(grow: Grow) -> None:
    grow({".git/": "", ".gitignore": "!x\ny\n", "x": "", "y": ""})
    assert list(discover(["."], exclude=["x", "y"]))[1:] == [
        Skipped("./x", SkipReason.EXCLUDED),
        Skipped("./y", SkipReason.EXCLUDED),
    ]


def test_they_cannot_let_in_what_an_ignore_file_keeps_out(grow: Grow) -> None:
    grow({".git/": "", ".gitignore": "x\n", "x": ""})
    assert left(".", "!x") == ["./.gitignore"]


def test_names_that_are_not_ascii(grow: Grow) -> None:
    grow({"é/ü": "", "é/u": ""})
    assert left(".", "é/ü") == ["./é/u"]
    assert left("é", "ü") == ["é/u"]


@pytest.mark.parametrize("pattern", ["", "  ", "#x", "[a", "a\\", "\ud800"])
def test_a_pattern_that_means_nothing_is_an_error_before_the_walk(grow: Grow, pattern: str) -> None:
    with pytest.raises(UsageError) as caught:
        discover(["."], exclude=["ok", pattern])
    assert repr(pattern) in str(caught.value)
