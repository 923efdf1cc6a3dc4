"""What .gitignore leaves out. The judge is git itself: `git ls-files --others --exclude-standard`."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regfix.discover import Failed, File, Skipped, SkipReason, discover
from regfix.discover.ignore import MAX_IGNORE_BYTES, git_lines, git_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Grow = Callable[[Mapping[str, str]], None]

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here to judge")


def git(*arguments: str, folder: str | os.PathLike[str] = ".") -> bytes:
    """Run git without anybody's settings, nor those of a hook that these tests may run under."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "XDG_CONFIG_HOME": "/nonexistent"}
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@x", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True).stdout


def by_git(folder: str | os.PathLike[str] = ".") -> list[str]:
    names = git("ls-files", "--others", "--exclude-standard", "-z", folder=folder).split(b"\0")
    return sorted(os.fsdecode(name) for name in names if name)


def by_regfix(folder: str | os.PathLike[str] = ".") -> list[str]:
    start = len(os.fspath(folder)) + 1
    return sorted(found.path[start:] for found in discover([os.fspath(folder)]) if isinstance(found, File))


NAMES = ["a", "b", "ab", "build", "x.yaml", "y.log", "a b", "é", "#a", "!a", "a ", "a]", "-"]
FOLDERS = ["", "a/", "a/b/", "build/", "build/é/", "a b/", "é/", "é/a/", "é/a/a/"]

segments = st.sampled_from(
    [
        *NAMES,
        "*",
        "**",
        "?",
        "*.yaml",
        "a*",
        "*b",
        "*u*l*",
        "[ab]",
        "[!a]",
        "[^a]",
        "?.*",
        "b[!u-x]ild",
        "\\a",
        "**b",
        "***",
    ]
)
patterns = st.builds(
    lambda sign, root, path, end: sign + root + "/".join(path) + end,
    st.sampled_from(["", "", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(segments, min_size=1, max_size=4),
    st.sampled_from(["", "", "/", " ", "\\ ", "\r", "\t"]),
)
BRACKETS = ["[", "[a", "[a-", "[]a]", "[]-b]", "[!]]", "[a[:]", "[a\\]b]", "[a-\\c]", "[z-a]", "[--b]", "[a-c-e]"]
CLASSES = ["[[:alpha:]]", "[[:upper:][:digit:]]", "[[:nope:]]", "[[:alpha:", "a[/]b", "[é]", "é/?"]
STARS = ["a/**", "**/a", "a/**/b", "a/**/**", "**/", "/**", "!/**", "!**", "*/", "*/*", "**b", "a**", "***"]
SIGNS = ["", "#a", "\\#a", "\\!a", "!", "/", "//", "!!a", "a//b", "a\\", "a/\\", " a"]
odd = st.sampled_from(BRACKETS + CLASSES + STARS + SIGNS)
ignore_files = st.lists(patterns | odd, max_size=5).map("\n".join)


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work tree with every name in every folder."""
    folder = tmp_path_factory.mktemp("forest")
    git("init", "-q", folder=folder)
    for path in FOLDERS:
        (folder / path).mkdir(exist_ok=True)
    for path in FOLDERS:
        for name in NAMES:
            if not (folder / path / name).exists():
                (folder / path / name).touch()
    return folder


@needs_git
@settings(max_examples=150, deadline=None)
@given(top=ignore_files, inner=ignore_files, deep=ignore_files, exclude=ignore_files)
def test_git_agrees(forest: Path, top: str, inner: str, deep: str, exclude: str) -> None:
    contents = {".gitignore": top, "a/.gitignore": inner, "é/a/.gitignore": deep, ".git/info/exclude": exclude}
    for path, content in contents.items():
        (forest / path).write_bytes(content.encode())
    assert by_regfix(forest) == by_git(forest)


CASES: dict[str, tuple[dict[str, str], list[str]]] = {
    "an inner exception holds for the folder only": (
        {".gitignore": "*.log\n", "sub/.gitignore": "!keep/\n", "sub/keep/a.log": "", "sub/keep/a": ""},
        [".gitignore", "sub/.gitignore", "sub/keep/a"],
    ),
    "what lies in an ignored folder cannot be had back": (
        {".gitignore": "build/\n!build/keep\n", "build/keep": ""},
        [".gitignore"],
    ),
    "but in one whose content is ignored": (
        {".gitignore": "build/*\n!build/keep\n", "build/keep": "", "build/x": ""},
        [".gitignore", "build/keep"],
    ),
    "only yaml": (
        {".gitignore": "*\n!*/\n!*.yaml\n", "a/b/x.yaml": "", "a/y": "", "z.yaml": ""},
        ["a/b/x.yaml", "z.yaml"],
    ),
    "later wins": ({".gitignore": "x\n!x\ny\n!y\ny\n", "x": "", "y": ""}, [".gitignore", "x"]),
    "deeper wins": (
        {".gitignore": "x\n", "a/.gitignore": "!x\n", "a/x": "", "x": ""},
        [".gitignore", "a/.gitignore", "a/x"],
    ),
    "a slash within anchors": (
        {".gitignore": "/a/x\na/y\nz\n", "a/x": "", "b/a/x": "", "b/a/y": "", "b/z": ""},
        [".gitignore", "b/a/x", "b/a/y"],
    ),
    "CRLF": ({".gitignore": "x\r\ny/\r\n", "x": "", "y/z": ""}, [".gitignore"]),
    "a BOM": ({".gitignore": "\ufeffx\n", "x": ""}, [".gitignore"]),
    "a NUL ends a line": ({".gitignore": "x\0y\n", "x": "", "xy": ""}, [".gitignore", "xy"]),
    "no line end": ({".gitignore": "x", "x": ""}, [".gitignore"]),
    "other line ends are none": ({".gitignore": "x\u2028\nx\x0cy\n", "x": "", "y": ""}, [".gitignore", "x", "y"]),
    "info/exclude is the weakest": (
        {".git/info/exclude": "x\ny\n", ".gitignore": "!x\n", "x": "", "y": ""},
        [".gitignore", "x"],
    ),
    "a question mark is one byte": ({".gitignore": "?\n", "é": "", "e": ""}, [".gitignore", "é"]),
    "names are taken literally": (
        {".gitignore": "a.b\n(c|d)\n", "axb": "", "a.b": "", "c": "", "(c|d)": ""},
        [".gitignore", "axb", "c"],
    ),
}


@needs_git
@pytest.mark.parametrize("name", CASES)
def test_a_case(grow: Grow, name: str) -> None:
    files, expected = CASES[name]
    git("init", "-q")
    grow(files)
    assert by_git() == expected
    assert by_regfix() == expected


@needs_git
def test_names_and_patterns_that_are_not_utf_8(here: Path) -> None:
    git("init", "-q")
    (here / ".gitignore").write_bytes(b"\xff?\n*.\xe9\n")
    for name in (b"\xff\xfe", b"a.\xe9", b"\xff", b"b"):
        (here / os.fsdecode(name)).touch()
    assert by_regfix() == by_git() == [".gitignore", "b", os.fsdecode(b"\xff")]


def test_outside_a_work_tree_it_is_a_file_like_others(grow: Grow) -> None:
    grow({".gitignore": "x\n", "x": ""})
    assert by_regfix() == [".gitignore", "x"]


def test_an_ignored_folder_is_skipped_once_and_not_entered(grow: Grow, monkeypatch: pytest.MonkeyPatch) -> None:
    grow({".git/": "", ".gitignore": "build\n", "build/a/x": "", "build/y": "", "z": ""})
    seen: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (seen.append(path), scandir(path))[1])
    assert list(discover(["."])) == [
        File("./.gitignore", named=False),
        Skipped("./build", SkipReason.GITIGNORE),
        File("./z", named=False),
    ]
    assert seen == ["."]


def test_it_can_be_switched_off(grow: Grow) -> None:
    grow({".git/": "", ".gitignore": "x\n", "x": ""})
    assert [found.path for found in discover(["."], ignore_files=False)] == ["./.gitignore", "./x"]


@needs_git
def test_rules_above_the_named_folder_count_up_to_the_work_tree(grow: Grow) -> None:
    grow({".git/": "", ".gitignore": "outer\n"})
    git("init", "-q", "repo")
    grow(
        {"repo/.gitignore": "/a/b/x\n*.tmp\n", "repo/a/.gitignore": "!b/k.tmp\nb/y\n", "repo/.git/info/exclude": "e\n"}
    )
    grow({f"repo/a/b/{name}": "" for name in ["x", "y", "z", "e", "k.tmp", "l.tmp", "outer"]})
    expected = ["k.tmp", "outer", "z"]
    assert by_git("repo/a/b") == expected
    assert by_regfix("repo/a/b") == expected
    os.symlink("repo/a/b", "link")
    assert by_regfix("link") == expected


@needs_git
def test_a_repository_within_begins_anew(grow: Grow) -> None:
    git("init", "-q")
    git("init", "-q", "inner")
    grow({".gitignore": "x\n", "x": "", "inner/.gitignore": "y\n", "inner/x": "", "inner/y": "", "inner/d/x": ""})
    assert by_regfix("inner") == by_git("inner") == [".gitignore", "d/x", "x"]
    assert by_regfix() == [".gitignore", "inner/.gitignore", "inner/d/x", "inner/x"]


@needs_git
def test_a_linked_work_tree_has_the_exclude_file_of_the_main_one(grow: Grow, here: Path) -> None:
    git("init", "-q", "main")
    git("commit", "-q", "--allow-empty", "-m", "x", folder="main")
    git("worktree", "add", "-q", "../linked", folder="main")
    grow({"main/.git/info/exclude": "x\n", "linked/x": "", "linked/y": ""})
    assert by_regfix("linked") == by_git("linked") == ["y"]
    assert by_regfix(here / "linked") == ["y"]


@needs_git
def test_a_submodule_has_an_exclude_file_of_its_own(grow: Grow) -> None:
    git("init", "-q", "--separate-git-dir", "elsewhere", "sub")
    grow({"elsewhere/info/exclude": "x\n", "sub/x": "", "sub/y": ""})
    assert by_regfix("sub") == by_git("sub") == ["y"]


@pytest.mark.parametrize("content", ["", "gitdir:", "gitdir: /nowhere", "\0", "gitdir: \0", "nonsense", "gitdir: ."])
def test_a_git_file_that_leads_nowhere(grow: Grow, content: str) -> None:
    grow({".git": content, ".gitignore": "x\n", "x": "", "y": ""})
    assert by_regfix() == [".gitignore", "y"]


@needs_git
def test_the_excludes_of_the_user_do_not_count(grow: Grow, monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q")
    git("config", "core.excludesFile", os.path.abspath("mine"))
    grow({"mine": "x\n", "x": "", "home/git/ignore": "x\n"})
    monkeypatch.setenv("XDG_CONFIG_HOME", os.path.abspath("home"))
    assert by_git() == ["home/git/ignore", "mine"]
    assert by_regfix() == ["home/git/ignore", "mine", "x"]


@needs_git
def test_a_linked_gitignore_is_not_followed(grow: Grow) -> None:
    git("init", "-q")
    grow({"rules": "x\n", "x": ""})
    os.symlink("rules", ".gitignore")
    assert by_git() == [".gitignore", "rules", "x"]
    assert by_regfix() == ["rules", "x"]


def test_a_folder_named_gitignore(grow: Grow) -> None:
    grow({".git/": "", ".gitignore/x": "", "x": ""})
    assert by_regfix() == [".gitignore/x", "x"]


def test_an_unreadable_one_is_reported_and_the_rest_goes_on(grow: Grow, request: pytest.FixtureRequest) -> None:
    grow({".git/": "", ".gitignore": "x\n", "a/x": "", "x": "", "b/x": ""})
    os.chmod(".gitignore", 0)
    request.getfixturevalue("unprivileged")
    failed, *others = discover(["."])
    assert isinstance(failed, Failed)
    assert failed.path == failed.error.where == "./.gitignore"
    assert failed.error.why == "permission denied"
    assert [found.path for found in others] == ["./a/x", "./b/x", "./x"]


def test_a_huge_one_is_reported(grow: Grow) -> None:
    grow({".git/": "", ".gitignore": "x\n" * (MAX_IGNORE_BYTES // 2), "x": ""})
    assert by_regfix() == [".gitignore"]
    grow({".gitignore": "x\n" * (MAX_IGNORE_BYTES // 2) + "x"})
    failed, other = discover(["."])
    assert isinstance(failed, Failed)
    assert "limit" in failed.error.why
    assert other == File("./x", named=False)
    grow({"a/x": "", "b/x": ""})
    assert [type(found) for found in discover(["a", "b"])] == [Failed, File, File]


@pytest.mark.parametrize(
    "pattern",
    [
        "*a" * 100 + "*b",
        "**/" + "*a*/" * 100 + "b",
        "**/a*" * 100,
        "/" + "**/a/" * 200 + "b",
        "[a-z]*" * 100 + "[!a]",
        "?*" * 100 + "b",
    ],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    rules = git_rules([pattern])
    began = time.process_time()
    for path in ("a" * 255, "a/" * 2000 + "a", ("a" * 255 + "/") * 15 + "a" * 255):
        rules.verdict(path.rsplit("/", 1)[-1], path, 0)
    assert time.process_time() - began < 1


def test_a_file_full_of_patterns_does_not_take_long() -> None:
    data = b"".join(b"a*%x?b\n" % number for number in range(MAX_IGNORE_BYTES // 10))
    began = time.process_time()
    assert git_rules(git_lines(data)).verdict("a1zb", "a1zb", 0) is True
    assert time.process_time() - began < 10
