"""What .helmignore leaves out: verdicts of Helm 3.22's pkg/ignore, and where such a file is in force."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from regfix.discover import Failed, File, Skipped, SkipReason, discover
from regfix.discover.ignore import helm_lines, helm_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Grow = Callable[[Mapping[str, str]], None]


def ignores(lines: list[str], path: str) -> bool:
    """Ask about a path below the chart; a folder's ends with a slash."""
    mark = path.removesuffix("/") + ("\0" if path.endswith("/") else "")
    return helm_rules(lines).ignores(mark.rsplit("/", 1)[-1], "chart/" + mark, len("chart/"))


# Each pattern with the paths that it drops and those that it keeps, as pkg/ignore judged; where it refuses the
# pattern, nothing is dropped.
VERDICTS: list[tuple[str, list[str], list[str]]] = [
    ("foo", ["foo", "foo/", "a/foo", "a/b/foo/"], ["foox", "foo/a", "Foo"]),
    ("foo/", ["foo/", "a/foo/"], ["foo", "a/foo", "foo/a"]),
    ("/foo", ["foo", "foo/"], ["a/foo", "foo/a"]),
    ("/foo/", ["foo/"], ["foo", "a/foo/"]),
    ("a/foo", ["a/foo", "a/foo/"], ["foo", "b/a/foo", "a/foo/b"]),
    ("a/foo/", ["a/foo/"], ["a/foo"]),
    ("*", ["a", "b/", "a/b"], []),
    ("/*", ["a", "b/"], ["a/b"]),
    ("*/b", ["a/b"], ["b", "x/a/b"]),
    ("*.swp", ["x.swp", "a/.swp", "x.swp/"], ["x.swpx", "swp"]),
    ("a*c", ["ac", "abc", "d/a.c"], ["ab", "a/c"]),
    ("*a*b*", ["ab", "xaxbx"], ["ba", "a/b"]),
    ("a?c", ["abc", "aéc"], ["ac", "a/c", "abbc"]),
    ("[ab]", ["a", "b", "x/a"], ["c", "ab"]),
    ("[^ab]", ["c", "é"], ["a", "cc"]),
    ("[!a]", ["!", "a"], ["b"]),
    ("[a-c]x", ["ax", "cx"], ["dx", "-x"]),
    ("[é-ü]", ["ö"], ["a", "z"]),
    ("[\\]]", ["]"], ["\\"]),
    ("a[^x]b", ["acb"], ["axb", "ab"]),
    ("a/[^x]", ["a/y"], ["a/x"]),
    ("\\*", ["*"], ["a"]),
    ("\\[a", ["[a"], ["a"]),
    (" foo\t", ["foo"], ["foo\t", " foo"]),
    ("a b", ["a b"], ["a"]),
    ("# foo", [], ["foo", "# foo"]),
    ("", [], ["foo"]),
    ("foo # bar", ["foo # bar"], ["foo"]),
    ("**", [], ["a", "a/b"]),
    ("a/**", [], ["a/b"]),
    ("[a", [], ["a", "[a"]),
    ("[]a]", [], ["a", "]"]),
    ("[-a]", [], ["a", "-"]),
    ("a\\", [], ["a", "a\\"]),
    ("!foo", ["bar", "a/", "bar/"], ["foo", "a/foo", "foo/"]),
    ("!foo/", ["foo", "bar/"], ["foo/"]),
    ("!/foo", ["a/foo", "bar"], ["foo"]),
    ("!**", [], ["a"]),
    ("/", [], ["a", "a/"]),
    ("!", ["a", "a/"], []),
    (".", [], ["a", ".a"]),
    ("a.b", ["a.b"], ["axb"]),
]


@pytest.mark.parametrize(("pattern", "dropped", "kept"), VERDICTS)
def test_helm_agrees(pattern: str, dropped: list[str], kept: list[str]) -> None:
    assert [path for path in dropped + kept if ignores([pattern], path)] == dropped


@pytest.mark.parametrize(
    ("lines", "dropped", "kept"),
    [
        (["foo", "!foo"], ["foo", "bar"], []),
        (["!*.yaml", "secret*"], ["a", "secret.yaml"], ["a.yaml"]),
        (["!a*", "!*b"], ["a", "b", "ac"], ["ab"]),
        (["foo", "bar"], ["foo", "bar"], ["baz"]),
        (["**", "foo"], ["foo"], ["bar"]),
    ],
)
def test_no_line_lets_in_what_another_keeps_out(lines: list[str], dropped: list[str], kept: list[str]) -> None:
    assert [path for path in dropped + kept if ignores(lines, path)] == dropped


def test_a_bom_belongs_to_the_first_pattern() -> None:
    assert not ignores(helm_lines(b"\xef\xbb\xbffoo\r\nbar\r\n"), "foo")
    assert ignores(helm_lines(b"\xef\xbb\xbffoo\r\nbar\r\n"), "bar")


def test_bytes_that_are_not_utf_8() -> None:
    assert ignores(helm_lines(b"\xff*\n"), os.fsdecode(b"\xffx"))
    assert ignores(["?"], os.fsdecode(b"\xff"))


def test_no_pattern_takes_long() -> None:
    began = time.perf_counter()
    assert not ignores(["*a" * 100 + "*b"], "a" * 255)
    assert not ignores(["/" + "*a*/" * 100 + "b"], ("a" * 255 + "/") * 15 + "b")
    assert time.perf_counter() - began < 1


def paths(*roots: str) -> list[str]:
    return [found.path for found in discover(roots or ["."]) if isinstance(found, File)]


def test_it_holds_for_all_below_the_chart(grow: Grow) -> None:
    grow(
        {
            "c/Chart.yaml": "",
            "c/.helmignore": "ci/\n/t/x\n*.bak\n",
            "c/ci/x": "",
            "c/t/x": "",
            "c/t/ci/y": "",
            "c/z/x": "",
        }
    )
    grow({"c/z/a.bak": "", "a.bak": "", "ci/x": ""})
    assert list(discover(["."])) == [
        File("./a.bak", named=False),
        File("./c/.helmignore", named=False),
        File("./c/Chart.yaml", named=False),
        Skipped("./c/ci", SkipReason.HELMIGNORE),
        Skipped("./c/t/ci", SkipReason.HELMIGNORE),
        Skipped("./c/t/x", SkipReason.HELMIGNORE),
        Skipped("./c/z/a.bak", SkipReason.HELMIGNORE),
        File("./c/z/x", named=False),
        File("./ci/x", named=False),
    ]


def test_without_a_chart_it_is_a_file_like_others(grow: Grow) -> None:
    grow({".helmignore": "x\n", "x": "", "a/Chart.yaml": "", "a/x": ""})
    assert paths() == ["./.helmignore", "./a/Chart.yaml", "./a/x", "./x"]


def test_it_holds_below_a_named_folder_of_the_chart(grow: Grow) -> None:
    grow({"c/Chart.yaml": "", "c/.helmignore": "/t/d/x\n", "c/t/d/x": "", "c/t/d/y": "", "c/t/x": ""})
    assert paths("c/t") == ["c/t/d/y", "c/t/x"]
    assert paths("c/t/d") == ["c/t/d/y"]


def test_that_of_a_vendored_subchart_is_not_in_force(grow: Grow) -> None:
    """Helm reads one .helmignore, that of the chart which is loaded; a subchart's files are loaded with it."""
    grow({"c/Chart.yaml": "", "c/charts/s/Chart.yaml": "", "c/charts/s/.helmignore": "x\n", "c/charts/s/x": ""})
    assert "./c/charts/s/x" in paths()
    assert "c/charts/s/x" in paths("c/charts/s")
    assert "c/charts/s/x" in paths("c/charts")
    grow({"c/.helmignore": "x\n"})
    assert "./c/charts/s/x" not in paths()


def test_that_of_a_chart_in_a_folder_named_charts_is_in_force(grow: Grow) -> None:
    grow({"charts/s/Chart.yaml": "", "charts/s/.helmignore": "x\n", "charts/s/x": ""})
    assert paths() == ["./charts/s/.helmignore", "./charts/s/Chart.yaml"]


def test_a_chart_within_a_chart_obeys_both(grow: Grow) -> None:
    grow({"Chart.yaml": "", ".helmignore": "x\n", "test/Chart.yaml": "", "test/.helmignore": "y\n"})
    grow({"test/x": "", "test/y": "", "test/z": "", "y": ""})
    assert paths() == ["./.helmignore", "./Chart.yaml", "./test/.helmignore", "./test/Chart.yaml", "./test/z", "./y"]


def test_hidden_files_of_templates_are_read_though_helm_does_not(grow: Grow) -> None:
    grow({"Chart.yaml": "", ".helmignore": "", "templates/.x.yaml": ""})
    assert "./templates/.x.yaml" in paths()


def test_it_can_be_switched_off(grow: Grow) -> None:
    grow({"Chart.yaml": "", ".helmignore": "x\n", "x": ""})
    assert File("./x", named=False) in list(discover(["."], ignore_files=False))


def test_a_linked_one_is_followed_as_helm_does(grow: Grow) -> None:
    grow({"shared": "x\n", "c/Chart.yaml": "", "c/x": ""})
    os.symlink("../shared", "c/.helmignore")
    assert paths("c") == ["c/Chart.yaml"]
    os.unlink("c/.helmignore")
    os.symlink("nowhere", "c/.helmignore")
    assert paths("c") == ["c/Chart.yaml", "c/x"]


def test_an_unreadable_one_is_reported(grow: Grow, request: pytest.FixtureRequest) -> None:
    grow({"Chart.yaml": "", ".helmignore": "x\n", "x": ""})
    os.chmod(".helmignore", 0)
    request.getfixturevalue("unprivileged")
    failed, *others = discover(["."])
    assert isinstance(failed, Failed)
    assert (failed.path, failed.error.why) == ("./.helmignore", "permission denied")
    assert [found.path for found in others] == ["./Chart.yaml", "./x"]


def test_both_kinds_of_rules_hold(grow: Grow) -> None:
    grow({".git/": "", ".gitignore": "g\n!h\n", "Chart.yaml": "", ".helmignore": "h\n", "g": "", "h": ""})
    assert [found for found in discover(["."]) if isinstance(found, Skipped)] == [
        Skipped("./g", SkipReason.GITIGNORE),
        Skipped("./h", SkipReason.HELMIGNORE),
    ]
