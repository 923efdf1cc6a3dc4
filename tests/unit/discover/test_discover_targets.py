"""Named paths: what each of them is, and that everything is done once."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

import pytest

from regfix.discover import Failed, File, Found, Skipped, SkipReason, discover

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Grow = Callable[[Mapping[str, str]], None]


def named(path: str) -> File:
    return File(path, named=True)


def found(path: str) -> File:
    return File(path, named=False)


def test_a_named_file_is_told_from_a_found_one(grow: Grow) -> None:
    grow({"a/x": "", "y": ""})
    assert list(discover(["y", "a"])) == [named("y"), found("a/x")]


@pytest.mark.parametrize("path", ["missing", "missing/", "y/z", "y/", "", "a\0b", "\ud800"])
def test_a_missing_path_is_reported_and_the_rest_goes_on(grow: Grow, path: str) -> None:
    grow({"y": ""})
    failed, last = discover([path, "y"])
    assert isinstance(failed, Failed)
    assert failed.path == failed.error.where == path
    assert failed.error.why
    assert failed.error.hint
    assert last == named("y")


def test_a_named_link_to_a_folder_is_walked_under_its_own_name(grow: Grow) -> None:
    grow({"a/x": ""})
    os.symlink("a", "link")
    assert list(discover(["link"])) == [found("link/x")]
    assert list(discover(["link/"])) == [found("link/x")]


def test_a_named_link_to_anything_else_is_skipped(grow: Grow) -> None:
    grow({"x": ""})
    for name, target in [("file", "x"), ("broken", "nowhere"), ("loop", "loop")]:
        os.symlink(target, name)
        assert list(discover([name])) == [Skipped(name, SkipReason.SYMLINK)]


def test_a_named_pipe_is_not_opened(here: Path) -> None:
    os.mkfifo("p")
    assert list(discover(["p"])) == [Skipped("p", SkipReason.SPECIAL)]


@pytest.mark.parametrize("path", [".git", ".git/config", ".git/hooks", "sub/.git", "link", ".hg", ".svn/x"])
def test_version_control_is_refused_even_when_named(grow: Grow, path: str) -> None:
    grow({".git/config": "", ".git/hooks/x": "", "sub/.git": "gitdir: x", ".hg/x": "", ".svn/x": ""})
    os.symlink(".git/hooks", "link")
    (failed,) = discover([path])
    assert isinstance(failed, Failed)
    assert "version control" in failed.error.why


OVERLAPS: list[tuple[list[str], list[Found]]] = [
    (["charts", "charts/a"], [found("charts/a/x"), found("charts/y")]),
    (["charts/a", "charts"], [found("charts/a/x"), found("charts/y")]),
    (["./charts", "charts"], [found("./charts/a/x"), found("./charts/y")]),
    (["charts", "charts/"], [found("charts/a/x"), found("charts/y")]),
    (["charts", "charts/../charts/a/.."], [found("charts/a/x"), found("charts/y")]),
    (["link", "charts"], [found("link/x"), found("charts/y")]),
    (["charts", "link"], [found("charts/a/x"), found("charts/y")]),
    (["charts/y", "charts"], [named("charts/y"), found("charts/a/x")]),
    (["charts", "charts/y"], [found("charts/a/x"), named("charts/y")]),
    (["charts/y", "charts/y", "./charts/y"], [named("charts/y")]),
    (["charts/a/x", "link/x"], [named("charts/a/x")]),
    (["link/x", "charts/a"], [named("link/x")]),
    (["charts/a", ".", "charts"], [found("charts/a/x"), found("./charts/y"), Skipped("./link", SkipReason.SYMLINK)]),
    (["/dev/null", "charts/a", "/dev/null"], [Skipped("/dev/null", SkipReason.SPECIAL), found("charts/a/x")]),
]


@pytest.mark.parametrize(("paths", "expected"), OVERLAPS)
def test_everything_is_done_once_under_the_first_path_that_reaches_it(
    grow: Grow, paths: list[str], expected: list[Found]
) -> None:
    grow({"charts/a/x": "", "charts/y": ""})
    os.symlink("charts/a", "link")
    assert list(discover(paths)) == expected


def test_a_missing_path_given_twice_is_reported_once(here: Path) -> None:
    assert len(list(discover(["nowhere", "nowhere"]))) == 1


def test_whatever_the_order_every_file_is_done_once(grow: Grow) -> None:
    grow({"a/b/c/x": "", "a/b/y": "", "a/z": "", ".git/": "", ".gitignore": "b/\nz\n"})
    for paths in itertools.permutations(["a", "a/b", "a/b/c", "a/b/y", "a/z"]):
        done = sorted(found.path for found in discover(paths))
        assert done == ["a/b/c/x", "a/b/y", "a/z"]


def test_hard_links_are_two_files(grow: Grow) -> None:
    grow({"x": ""})
    os.link("x", "y")
    assert list(discover(["x", "y"])) == [named("x"), named("y")]
    assert list(discover(["."])) == [found("./x"), found("./y")]


IGNORES = {"Chart.yaml": "", ".helmignore": "h\nhd/\n", ".git/": "", ".gitignore": "g\ngd/\n"}
TREE = {"h": "", "hd/x": "", "g": "", "gd/x": "", "e": "", "ed/x": "", "k": ""}


@pytest.mark.parametrize("name", ["h", "g", "e"])
def test_naming_a_file_overrides_every_rule(grow: Grow, name: str) -> None:
    grow(IGNORES | TREE)
    assert list(discover([name], exclude=["e", "ed/"])) == [named(name)]
    before = list(discover([name, "."], exclude=["e", "ed/"]))
    after = list(discover([".", name], exclude=["e", "ed/"]))
    assert [one for one in before if one.path.endswith(f"/{name}")] == []
    assert named(name) in before
    assert [one for one in after if one.path.endswith(f"/{name}")] == [named(f"./{name}")]


@pytest.mark.parametrize("name", ["hd", "gd", "ed"])
def test_naming_a_folder_overrides_every_rule_for_the_folder(grow: Grow, name: str) -> None:
    grow(IGNORES | TREE)
    assert list(discover([name], exclude=["e", "ed/"])) == [found(f"{name}/x")]
    assert found(f"{name}/x") in list(discover([name, "."], exclude=["e", "ed/"]))
    assert found(f"./{name}/x") in list(discover([".", name], exclude=["e", "ed/"]))


def test_rules_hold_below_a_named_folder(grow: Grow) -> None:
    grow(IGNORES | {"gd/g": "", "gd/h": "", "gd/x": ""})
    assert [one for one in discover(["gd"]) if isinstance(one, File)] == [found("gd/x")]


def test_a_named_path_in_a_folder_that_is_not_entered_is_done_in_its_turn(grow: Grow) -> None:
    grow(IGNORES | {"gd/x": "", "gd/deep/y": ""})
    assert list(discover([".", "gd/deep", "gd/x"]))[-2:] == [found("gd/deep/y"), named("gd/x")]


def test_the_root_of_the_file_system_can_be_named() -> None:
    assert next(iter(discover(["/"])), None) is not None
