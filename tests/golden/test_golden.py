"""Golden cases: each folder of `fixtures/cases` is a tree before, a tree after, and what a run must say.

`case.toml` of a case:

- `description`: what is shown. `reason`: why nothing may change (there, and only there, is no `after/`).
- `rules` or `preset` (none: the tool's default), `options`, `paths` (default: the working folder).
- `left`: reasons and counts of the occurrences that stay; `skipped`: the same of entries that are not read;
  `failed`: how many sources fail; `exit`: the exit code. Each defaults to nothing.
- `rename`: names that git or another system cannot keep, given when the tree is copied; `symlinks`: links to make.
- `known_failure`: what the tool does wrong so far; the case must fail until it is removed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from regfix import __main__ as entry

CASES = Path(__file__).parents[2] / "fixtures" / "cases"
UNUSED_RULE = ("--rule", "unused.example=other.example")
TIMEOUT = 60

Tree = dict[str, bytes | str]
"""Relative paths with the bytes of files and the targets of symbolic links."""

Marks = dict[str, tuple[int, int, int]]
"""Relative paths with inode, time of change in nanoseconds, and mode."""


@dataclass(frozen=True, slots=True)
class Case:
    """One folder of the cases; the fields are the keys of its case.toml."""

    home: Path
    description: str
    reason: str = ""
    rules: tuple[str, ...] = ()
    preset: str = ""
    options: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    left: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    exit: int = 0
    rename: dict[str, str] = field(default_factory=dict)
    symlinks: dict[str, str] = field(default_factory=dict)
    known_failure: str = ""

    @property
    def changes(self) -> bool:
        """Whether there is something to rewrite."""
        return (self.home / "after").is_dir()

    @property
    def chosen_rules(self) -> list[str]:
        """The rules as arguments."""
        rules = [f"--rule={rule}" for rule in self.rules]
        return [*rules, f"--preset={self.preset}"] if self.preset else rules

    def arguments(self, *mode: str) -> list[str]:
        """The arguments of `regfix` for this case."""
        return ["rewrite", *mode, *self.chosen_rules, *self.options, "--", *self.paths]

    def lay_out(self, side: str, target: Path) -> Tree:
        """Copy `before` or `after` to `target`, with the names and links that a checkout cannot hold."""
        shutil.copytree(self.home / side, target)
        for name, wanted in self.rename.items():
            (target / wanted).parent.mkdir(parents=True, exist_ok=True)
            (target / name).rename(target / wanted)
        for name, pointed in self.symlinks.items():
            (target / name).symlink_to(pointed)
        return read_tree(target)


def read_case(home: Path) -> Case:
    """Read a case.toml; a key that means nothing here is an error."""
    data = tomllib.loads((home / "case.toml").read_text(encoding="utf-8"))
    return Case(home, **{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})


def as_parameter(case: Case) -> object:
    """Return the case for pytest, as an expected failure where one is known."""
    known = pytest.mark.xfail(strict=True, raises=AssertionError, reason=case.known_failure)
    return pytest.param(case, id=case.home.name, marks=[known] if case.known_failure else [])


ALL = [read_case(path.parent) for path in sorted(CASES.glob("*/case.toml"))]


def read_tree(root: Path) -> Tree:
    """Return all that lies below a folder."""
    tree: Tree = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            tree[name] = os.readlink(path)
        elif path.is_file():
            tree[name] = path.read_bytes()
    return tree


def read_marks(root: Path, tree: Tree) -> Marks:
    """Return what a write would leave its mark on."""
    states = {name: (root / name).lstat() for name in tree}
    return {name: (s.st_ino, s.st_mtime_ns, s.st_mode) for name, s in states.items()}


class Regfix:
    """Runs the command line within this process: a process of its own for each mode would take a minute more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes], folder: Path) -> None:
        self._monkeypatch = monkeypatch
        self._capture = capture
        monkeypatch.chdir(folder)

    def __call__(self, *arguments: str) -> tuple[int, bytes]:
        """Return the exit code and what was written to standard output."""
        self._capture.readouterr()
        self._monkeypatch.setattr(sys, "argv", ["regfix", *arguments])
        code = entry._run()
        return code, self._capture.readouterr().out


@pytest.fixture(autouse=True)
def neutral_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the user's git and terminal settings out."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.delenv("GIT_DIR", raising=False)


@pytest.mark.parametrize("case", [as_parameter(case) for case in ALL])
def test_case(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    root = tmp_path / "tree"
    before = case.lay_out("before", root)
    after = case.lay_out("after", tmp_path / "after") if case.changes else before
    marks = read_marks(root, before)
    regfix = Regfix(monkeypatch, capfdbinary, root)

    check_that_nothing_is_written(case, regfix, root, before, marks)
    check_the_diff(case, regfix, tmp_path, before, after)
    assert read_marks(root, before) == marks, "a run that writes nothing left a mark"

    done = run_process(case, root)
    assert_same_tree(read_tree(root), after, done)
    assert done.returncode == case.exit, done.stderr
    untouched = {name for name in after if after[name] == before[name]}
    assert {n: m for n, m in read_marks(root, after).items() if n in untouched} == {n: marks[n] for n in untouched}

    marks = read_marks(root, after)
    code, _ = regfix(*case.arguments())
    assert_same_tree(read_tree(root), after, "the second run")
    assert (code, read_marks(root, after)) == (case.exit, marks), "the second run is not a no-op"


def check_that_nothing_is_written(case: Case, regfix: Regfix, root: Path, before: Tree, marks: Marks) -> None:
    """Try the modes that only tell, and a rule that concerns nothing."""
    code, out = regfix(*case.arguments("--check", "--format=json"))
    assert code == (case.exit or int(case.changes)), "--check exits 1 exactly where something would change"
    summary = json.loads(out)["summary"]
    told = summary["left"], summary["skipped"], summary["failed"]
    assert told == (case.left, case.skipped, case.failed), listed(out)
    assert_same_tree(read_tree(root), before, "--check")

    code, _ = regfix("rewrite", *UNUSED_RULE, *case.options, "--", *case.paths)
    assert_same_tree(read_tree(root), before, "a rule that concerns nothing")
    assert (code, read_marks(root, before)) == (0, marks), "a rule that concerns nothing"


def check_the_diff(case: Case, regfix: Regfix, tmp_path: Path, before: Tree, after: Tree) -> None:
    """Apply the diff of a dry run with git to a copy: it must give the tree of the real run."""
    code, diff = regfix(*case.arguments("--dry-run"))
    assert code == case.exit, "--dry-run"
    assert_same_tree(read_tree(tmp_path / "tree"), before, "--dry-run")
    copy = tmp_path / "patched"
    case.lay_out("before", copy)
    if diff:
        command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
        git = subprocess.run(command, cwd=copy, input=diff, capture_output=True, timeout=TIMEOUT, check=False)
        assert git.returncode == 0, (git.stderr, diff)
    assert_same_tree(read_tree(copy), after, diff)


def run_process(case: Case, root: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the real program as a process of its own."""
    command = [sys.executable, "-m", "regfix", *case.arguments()]
    return subprocess.run(command, cwd=root, capture_output=True, timeout=TIMEOUT, check=False)


def assert_same_tree(found: Tree, wanted: Tree, during: object) -> None:
    """Compare file by file, so that a failure shows the lines of one file."""
    assert sorted(found) == sorted(wanted), during
    for name, content in wanted.items():
        if found[name] != content:
            assert lines(found[name]) == lines(content), (name, during)
            assert found[name] == content, (name, during)


def lines(content: bytes | str) -> list[bytes] | list[str]:
    return content.splitlines(keepends=True)


def listed(report: bytes) -> str:
    """Return what a JSON report says of each occurrence that is left, for the message of a failure."""
    sources = json.loads(report)["sources"]
    left = [(s["path"], f["line"], f["reference"], f["reason"]) for s in sources for f in s["findings"] if f["reason"]]
    return "\n".join(["left:", *map(str, left), *(str(s["error"]) for s in sources if s["error"])])


def test_the_suite_itself() -> None:
    """More than a third of the cases must not change, each says why, and no folder is forgotten."""
    assert {path.name for path in CASES.iterdir()} == {case.home.name for case in ALL}
    for case in ALL:
        assert case.description, case.home.name
        assert bool(case.reason) != case.changes, f"{case.home.name}: a reason is for what must not change"
        assert not (case.rules and case.preset), case.home.name
        assert read_tree(case.home / "before"), case.home.name
    assert 3 * sum(not case.changes for case in ALL) > len(ALL)
    assert (CASES.parent / ".gitattributes").read_text() == "** -text\n"
