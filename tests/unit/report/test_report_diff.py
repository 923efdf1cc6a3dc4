"""Diffs: what `git apply` and `patch` make of the old file is the new file; git itself writes the same diff."""

from __future__ import annotations

import codecs
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from regfix.image.rule import Rule, RuleSet
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import Kind
from regfix.plan import edits_of
from regfix.report.diff import diff_name, outcome_diff, unified_diff
from regfix.rewriting import rewrite_source
from regfix.text.source import decode

if TYPE_CHECKING:
    from regfix.outcome import Outcome

GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
OLD, NEW = "k8s.gcr.io", "registry.k8s.io"


def outcome(name: str, data: bytes, kind: Kind = Kind.TEXT) -> Outcome:
    rules = RuleSet([Rule.parse(f"{OLD}={NEW}")])
    return rewrite_source(decode(data, name), kind, rules, HostFinder(rules))


def diff(name: str, data: bytes) -> bytes:
    return "".join(outcome_diff(outcome(name, data), terminal=False, colour=False)).encode("utf-8", "surrogateescape")


def after(data: bytes) -> bytes:
    return data.replace(f"{OLD}/".encode(), f"{NEW}/".encode())


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=folder, env=GIT, input=stdin, capture_output=True, check=False)


def random_text(random: random.Random) -> bytes:
    lines = [random.choice(["a: b", "", f"image: {OLD}/x:{random.randint(1, 9)}", f"- {OLD}/a {OLD}/b", "é😀", "\t", "-- x", "++ y", "@@ z", "\\ w"])
             for _ in range(random.randint(1, 40))]  # fmt: skip
    end = random.choice(["\n", "\r\n"])
    text = "".join(line + (end if random.random() < 0.9 else "\n") for line in lines)
    data = (text if random.random() < 0.7 else text.rstrip("\r\n")).encode()
    return (codecs.BOM_UTF8 if random.random() < 0.1 else b"") + data


NAMES = ["a.yaml", "folder/b.yaml", "with space.yaml", "tab\there.yaml", 'quo"te.yaml', "back\\slash.yaml", "é😀.yaml", "-dash.yaml",
         "new\nline.yaml", "bell\a.yaml", "a/b/c/d.yaml", " lead.yaml", "trail .yaml", "\x7f.yaml", "b'.yaml", os.fsdecode(b"\xff.yaml")]  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Files with odd names and odd texts in the current folder."""
    monkeypatch.chdir(tmp_path)
    chosen = random.Random(4)
    names = [*NAMES, *(f"n{number}.yaml" for number in range(60))]
    files = {name: random_text(chosen) for name in names}
    for name, data in files.items():
        if OLD.encode() not in data:
            files[name] = data + f" {OLD}/z".encode()
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(files[name])
    return files


def test_git_apply_makes_the_new_files(tree: dict[str, bytes], tmp_path: Path) -> None:
    text = b"".join(diff(name, data) for name, data in tree.items())
    done = git(tmp_path, "apply", "--whitespace=nowarn", "-", stdin=text)
    assert done.returncode == 0, done.stderr.decode()
    for name, data in tree.items():
        assert Path(name).read_bytes() == after(data), name
    assert git(tmp_path, "apply", "--whitespace=nowarn", "-R", "-", stdin=text).returncode == 0
    assert all(Path(name).read_bytes() == data for name, data in tree.items())


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs GNU patch")
def test_patch_makes_the_new_files(tree: dict[str, bytes], tmp_path: Path) -> None:
    ordinary = {
        name: data
        for name, data in tree.items()
        if name.isprintable() and "\\" not in name and '"' not in name and name.isascii()
    }
    text = b"".join(diff(name, data) for name, data in ordinary.items())
    done = subprocess.run(["patch", "-p1", "--binary"], cwd=tmp_path, input=text, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()
    for name, data in ordinary.items():
        assert Path(name).read_bytes() == after(data), name


def test_git_writes_the_same_hunks(tree: dict[str, bytes], tmp_path: Path) -> None:
    for name, data in list(tree.items())[-30:]:
        Path("old").write_bytes(data)
        Path("new").write_bytes(after(data))
        theirs = git(tmp_path, "diff", "--no-index", "--no-color", "--no-indent-heuristic", "old", "new").stdout
        assert body(diff(name, data)) == body(theirs)


def body(text: bytes) -> list[bytes]:
    """Return the lines of all hunks, without their heads."""
    return [line for line in text[text.index(b"\n@@ ") + 1 :].split(b"\n") if not line.startswith(b"@@ ")]


def test_the_form() -> None:
    text = "".join(f"{number}\n" for number in range(20)).replace("5\n", f"image: {OLD}/x # é\n", 1) + f"last: {OLD}/y"
    lines = diff("x.yaml", text.encode()).decode().splitlines()
    assert lines[:11] == ["--- a/x.yaml", "+++ b/x.yaml", "@@ -3,7 +3,7 @@", " 2", " 3", " 4", f"-image: {OLD}/x # é", f"+image: {NEW}/x # é",
                          " 6", " 7", " 8"]  # fmt: skip
    assert lines[11] == "@@ -18,4 +18,4 @@"
    assert lines.count("\\ No newline at end of file") == 2
    assert lines[-4:] == [
        f"-last: {OLD}/y",
        "\\ No newline at end of file",
        f"+last: {NEW}/y",
        "\\ No newline at end of file",
    ]


@pytest.mark.parametrize(
    ("distance", "hunks"),
    [
        (1, 1),
        (6, 1),
        (7, 1),
        (8, 2),
        (20, 2),
    ],
)
def test_changes_whose_context_meets_are_one_hunk(distance: int, hunks: int) -> None:
    lines = [f"{number}\n" for number in range(40)]
    lines[5] = lines[5 + distance] = f"{OLD}/x\n"
    assert diff("x", "".join(lines).encode()).count(b"\n@@ ") == hunks


def test_what_does_not_change_has_no_diff() -> None:
    assert diff("x.yaml", b"a: quay.io/x\n") == b""
    assert diff("x.yaml", b"") == b""


def test_a_byte_order_mark_stays_in_front() -> None:
    text = diff("x.yaml", codecs.BOM_UTF8 + f"{OLD}/x\n".encode())
    assert b"\n-" + codecs.BOM_UTF8 + b"k8s" in text
    assert b"\n+" + codecs.BOM_UTF8 + b"registry" in text


@pytest.mark.parametrize(
    ("path", "expected"),
    [("x.yaml", "x.yaml"), ("./x.yaml", "x.yaml"), ("a/../x.yaml", "x.yaml"), ("a/b.yaml", "a/b.yaml")],
)
def test_names_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, expected: str
) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    assert diff_name(path) == expected
    assert diff_name(str(tmp_path / path)) == expected


def test_names_elsewhere_have_no_leading_slash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    assert diff_name("../x.yaml") == str(tmp_path / "x.yaml").lstrip("/")


def test_on_a_terminal_control_characters_are_visible() -> None:
    result = outcome("x.yaml", f"a: \x1b[31m {OLD}/x\x07\u202e\tb\r\n".encode())
    plain = "".join(outcome_diff(result, terminal=True, colour=False))
    assert "\x1b" not in plain
    assert "\\x1b[31m" in plain
    assert "\\u202e\tb" in plain
    coloured = "".join(outcome_diff(result, terminal=True, colour=True))
    assert coloured.replace("\x1b[0m", "").count("\x1b[") == coloured.count("\x1b[0m") == 5
    assert "\x07" not in coloured


def test_the_diff_is_made_from_the_edits() -> None:
    data = f"a: {OLD}/x and {OLD}/y and {OLD}\n".encode()
    result = outcome("x", data)
    lines = list(unified_diff("x", data.decode(), edits_of(result.findings)))
    assert lines[-1] == f"+a: {NEW}/x and {NEW}/y and {OLD}\n"
