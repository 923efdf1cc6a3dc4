"""Walking folders: what is found, in which order, and what a hostile tree does."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from regfix.discover import Failed, File, Leftover, Skipped, SkipReason, discover
from regfix.text.write import is_leftover

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Grow = Callable[[Mapping[str, str]], None]

LEFTOVER = ".regfix-" + "0" * 32 + ".tmp"


def files(*paths: str) -> list[str]:
    return [found.path for found in discover(paths) if isinstance(found, File)]


def test_every_regular_file_is_found_hidden_ones_too(grow: Grow) -> None:
    grow({"b.yaml": "", "a/x.yaml": "", ".github/workflows/ci.yml": "", ".env": "", "a/.hidden/y": ""})
    assert list(discover(["."])) == [
        File("./.env", named=False),
        File("./.github/workflows/ci.yml", named=False),
        File("./a/.hidden/y", named=False),
        File("./a/x.yaml", named=False),
        File("./b.yaml", named=False),
    ]


def test_an_empty_folder_gives_nothing(here: Path) -> None:
    assert list(discover(["."])) == []


def test_nothing_named_gives_nothing(here: Path) -> None:
    assert list(discover([])) == []


@pytest.mark.parametrize(
    ("root", "path"), [("a", "a/b/c"), ("a/", "a/b/c"), ("./a", "./a/b/c"), ("a/../a", "a/../a/b/c")]
)
def test_paths_are_as_the_user_would_type_them(grow: Grow, root: str, path: str) -> None:
    grow({"a/b/c": ""})
    assert files(root) == [path]


def test_an_absolute_root_gives_absolute_paths(grow: Grow, here: Path) -> None:
    grow({"a/b": ""})
    assert files(str(here)) == [f"{here}/a/b"]


def test_entries_are_sorted_by_bytes(here: Path) -> None:
    names = [
        b"b",
        b"B",
        b"a",
        b"-",
        b"\xff",
        b"\xee\x80\x80",
        b"\xf0\x9f\x98\x80",
        b"\xc3\xa9",
        b"10",
        b"9",
        b"a.b",
        b"a-b",
    ]
    for name in names:
        (here / os.fsdecode(name)).touch()
    assert files(".") == [os.fsdecode(b"./" + name) for name in sorted(names)]


def test_a_folder_comes_where_its_name_does(grow: Grow) -> None:
    grow({"a": "", "b/z": "", "b.yaml": "", "c": "", "b-/y": ""})
    assert files(".") == ["./a", "./b/z", "./b-/y", "./b.yaml", "./c"]


class _Shuffled:
    """An os.scandir whose order is another one each time."""

    def __init__(self, path: str) -> None:
        with _SCANDIR(path) as listing:
            self._entries = list(listing)
        random.shuffle(self._entries)

    def __enter__(self) -> Iterator[os.DirEntry[str]]:
        return iter(self._entries)

    def __exit__(self, *_: object) -> None:
        pass


_SCANDIR = os.scandir


def test_the_order_does_not_depend_on_the_folder(grow: Grow, monkeypatch: pytest.MonkeyPatch) -> None:
    grow({f"{a}/{b}/{c}.yaml": "" for a in "xyz" for b in "é12" for c in "abc"})
    grow(
        {".git/": "", ".gitignore": "b.yaml\n", "x/.gitignore": "!b.yaml\n", "x/Chart.yaml": "", "x/.helmignore": "1\n"}
    )
    expected = list(discover(["y", "."]))
    monkeypatch.setattr(os, "scandir", _Shuffled)
    for _ in range(20):
        assert list(discover(["y", "."])) == expected


@pytest.mark.parametrize("vcs", [".git", ".hg", ".svn"])
def test_version_control_is_never_entered(grow: Grow, vcs: str) -> None:
    grow({f"{vcs}/config.yaml": "", f"a/b/{vcs}/x.yaml": "", "a/x.yaml": ""})
    assert list(discover(["."])) == [File("./a/x.yaml", named=False)]


def test_the_git_file_of_a_work_tree_is_not_read(grow: Grow) -> None:
    grow({".git": "gitdir: /nowhere\n", "x.yaml": ""})
    assert list(discover(["."])) == [File("./x.yaml", named=False)]


def test_links_are_neither_followed_nor_read(grow: Grow, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").touch()
    grow({"a/x.yaml": ""})
    for name, target in [
        ("file", "a/x.yaml"),
        ("dir", "a"),
        ("loop", "."),
        ("self", "self"),
        ("out", "../outside.yaml"),
    ]:
        os.symlink(target, name)
    assert list(discover(["."])) == [
        File("./a/x.yaml", named=False),
        *(Skipped(f"./{name}", SkipReason.SYMLINK) for name in ["dir", "file", "loop", "out", "self"]),
    ]


def test_what_is_not_a_regular_file_is_skipped_unopened(grow: Grow, here: Path) -> None:
    grow({"x.yaml/deep.yaml": ""})
    os.mkfifo("fifo.yaml")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.yaml")
    expected = [
        Skipped("./fifo.yaml", SkipReason.SPECIAL),
        Skipped("./socket.yaml", SkipReason.SPECIAL),
        File("./x.yaml/deep.yaml", named=False),
    ]
    assert list(discover(["."])) == expected


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="no devices here")
def test_devices_are_skipped(here: Path) -> None:
    assert list(discover(["/dev/null"])) == [Skipped("/dev/null", SkipReason.SPECIAL)]


@pytest.mark.parametrize("name", [".gitignore", ".helmignore"])
def test_a_pipe_named_like_an_ignore_file_is_not_opened(grow: Grow, name: str) -> None:
    grow({".git/": "", "Chart.yaml": ""})
    os.mkfifo(name)
    assert list(discover(["."])) == [Skipped(f"./{name}", SkipReason.SPECIAL), File("./Chart.yaml", named=False)]


@pytest.mark.parametrize(
    "name", [b"a\nb", b"\x1b[31m", b"-rf", b"\xff\xfe", b"x" * 255, b" ", b"a\\b", b"*", b"\xc3\xa9"]
)
def test_any_name_works(here: Path, name: bytes) -> None:
    os.mkdir(b"d" + name[:200])
    for path in (name, b"d" + name[:200] + b"/" + name):
        with open(path, "wb"):
            pass
    found = {os.fsencode(path) for path in files(".")}
    assert found == {b"./" + name, b"./d" + name[:200] + b"/" + name}
    assert list(discover([os.fsdecode(b"./" + name)])) == [File(os.fsdecode(b"./" + name), named=True)]


def test_a_leftover_is_never_input(grow: Grow) -> None:
    assert is_leftover(LEFTOVER)
    grow({LEFTOVER: "", f"a/{LEFTOVER}": "", "a/x": "", ".git/": "", ".gitignore": ".*\n"})
    assert [found for found in discover(["."]) if not isinstance(found, Skipped)] == [
        Leftover(f"./{LEFTOVER}"),
        Leftover(f"./a/{LEFTOVER}"),
        File("./a/x", named=False),
    ]
    assert list(discover([LEFTOVER])) == [Leftover(LEFTOVER)]
    assert list(discover([LEFTOVER, "."]))[1:] == [
        Skipped("./.gitignore", SkipReason.GITIGNORE),
        Leftover(f"./a/{LEFTOVER}"),
        File("./a/x", named=False),
    ]


def test_a_folder_or_a_link_with_the_name_of_a_leftover_is_not_one(grow: Grow) -> None:
    grow({f"a/{LEFTOVER}/x": "", "b/": ""})
    os.symlink("../a", f"b/{LEFTOVER}")
    assert list(discover(["."])) == [
        File(f"./a/{LEFTOVER}/x", named=False),
        Skipped(f"./b/{LEFTOVER}", SkipReason.SYMLINK),
    ]


def test_an_unreadable_folder_is_reported_and_the_rest_goes_on(grow: Grow, request: pytest.FixtureRequest) -> None:
    grow({"a/x": "", "b/x": "", "c/x": ""})
    os.chmod("b", 0o000)
    request.getfixturevalue("unprivileged")
    first, failed, last = discover(["."])
    assert (first, last) == (File("./a/x", named=False), File("./c/x", named=False))
    assert isinstance(failed, Failed)
    assert failed.path == failed.error.where == "./b"
    assert failed.error.why == "permission denied"
    (root,) = discover(["b"])
    assert isinstance(root, Failed)


def test_a_folder_that_vanishes_is_passed_over(grow: Grow) -> None:
    grow({"a": "", "b/x": "", "c": ""})
    walk = discover(["."])
    assert next(walk) == File("./a", named=False)
    subprocess.run(["rm", "-r", "b", "c"], check=True)
    os.mkdir("c")
    assert list(walk) == [File("./c", named=False)]


def test_a_folder_that_cannot_be_listed_to_its_end_is_reported(grow: Grow, monkeypatch: pytest.MonkeyPatch) -> None:
    grow({"a/x": "", "b/x": ""})

    class Broken(_Shuffled):
        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            if self._entries[0].path == "a/x":
                raise OSError(5, "Input/output error")
            return iter(self._entries)

    monkeypatch.setattr(os, "scandir", Broken)
    failed, last = discover(["a", "b"])
    assert isinstance(failed, Failed)
    assert (failed.path, failed.error.why) == ("a", "input/output error")
    assert last == File("b/x", named=False)


def test_a_very_deep_tree_ends_in_a_report(here: Path) -> None:
    script = "import os\nfor _ in range(10_000):\n os.mkdir('d'); os.chdir('d')\nopen('x', 'w').close()"
    subprocess.run([sys.executable, "-c", script], check=True)
    open("e", "w").close()
    try:
        failed, last = discover(["."])
        assert isinstance(failed, Failed)
        assert failed.error.why == "file name too long"
        assert last == File("./e", named=False)
    finally:
        subprocess.run(["rm", "-rf", "d"], check=True)


def test_a_tree_as_deep_as_paths_can_be(here: Path) -> None:
    path = "d/" * 1500
    subprocess.run(["mkdir", "-p", path], check=True)
    open(path + "x", "w").close()
    try:
        assert files(".") == [f"./{path}x"]
    finally:
        subprocess.run(["rm", "-rf", "d"], check=True)


def test_memory_does_not_grow_with_the_number_of_files(here: Path) -> None:
    def peak(walk: Iterator[object]) -> int:
        tracemalloc.start()
        for _ in walk:
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    for folder in range(200):
        os.mkdir(f"{folder:03}")
        for file in range(20):
            open(f"{folder:03}/{file}", "w").close()
    list(discover(["000"]))
    one, all_of_them = peak(discover(["000"])), peak(discover(["."]))
    assert all_of_them < one + 100_000


def test_a_wide_folder(here: Path) -> None:
    for number in range(20_000):
        os.close(os.open(f"{number:05}", os.O_CREAT))
    assert files(".") == [f"./{number:05}" for number in range(20_000)]


def test_no_descriptor_stays_open(grow: Grow) -> None:
    grow({f"{a}/{b}": "" for a in "abc" for b in "xyz"})
    before = os.listdir("/dev/fd")
    walk = discover(["."])
    next(walk)
    assert os.listdir("/dev/fd") == before


def test_it_imports_no_more_than_it_needs(grow: Grow) -> None:
    grow({"a/x": "", "Chart.yaml": ""})
    script = (
        "import sys; from regfix.discover import discover; list(discover(['.']));"
        "print([name for name in ('pathlib', 'fnmatch', 'pathspec', 'glob', 'shutil') if name in sys.modules])"
    )
    # -S: site imports what it likes; the path is then given by hand.
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(
        [sys.executable, "-S", "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"


def test_the_c_locale_does_not_matter(here: Path) -> None:
    with open(b"\xff\xc3\xa9", "wb"):
        pass
    script = "import os; from regfix.discover import discover; print([os.fsencode(f.path) for f in discover(['.'])])"
    environment = {"LC_ALL": "C", "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout == "[b'./\\xff\\xc3\\xa9']\n"
