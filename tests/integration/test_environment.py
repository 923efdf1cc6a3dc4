"""Where regfix runs: file names (R52), homes and temporary folders (R54), hostile modules (R61)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import (
    MODULE,
    PAUSE,
    PAUSE_MOVED,
    SCRIPT,
    contents,
    diff_names,
    environment,
    git,
    grow,
    regfix,
    states,
    unprivileged,
)

if TYPE_CHECKING:
    from collections.abc import Collection

NAMES = [
    b"\xff\xfe.yaml",
    b"caf\xe9.yaml",
    "caf\u00e9.yaml".encode(),
    b"new\nline.yaml",
    b"tab\t.yaml",
    b"cr\r.yaml",
    b"esc\x1b[31m.yaml",
    b"-dash.yaml",
    b"--help",
    b" blank .yaml",
    b"quote'\".yaml",
    b"back\\slash.yaml",
    b"$HOME.yaml",
    b"*.yaml",
    b"a=b.yaml",
    b"%s{}.yaml",
    b"#.yaml",
    b"x" * 250 + b".yaml",
    "\U0001f600\u202e.yaml".encode(),
    b"\xc2\x85.yaml",
    b"\x7f.yaml",
    b"\xed\xa0\x80.yaml",
    b"sub \xff/x\n.yaml",
    b"~.yaml",
    b"a:1:2.yaml",
]
LOCALES = {
    "utf-8": {"LC_ALL": "C.UTF-8"},
    "c": {"LC_ALL": "C"},
    "posix, no help from python": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> dict[str, str]:
    """An environment with a locale."""
    return environment(**LOCALES[request.param])


def test_r52_any_file_name_works_from_above(project: Path, locale: dict[str, str]) -> None:
    """R52: non-UTF-8 (also in the C locale), 255 bytes, newlines, a leading dash."""
    grow(project, dict.fromkeys(NAMES, PAUSE))
    assert regfix("rewrite", "--text", cwd=project, env=locale).code == 0
    assert set(contents(project).values()) == {PAUSE_MOVED.encode()}
    assert len(contents(project)) == len(NAMES)


def test_r52_any_file_name_works_when_it_is_named(project: Path, locale: dict[str, str]) -> None:
    """R52: behind `--`, or in its folder."""
    grow(project, dict.fromkeys(NAMES, PAUSE))
    for prefix in (b"", b"./"):
        run = regfix("rewrite", "--text", "--check", "--", *(prefix + name for name in NAMES), cwd=project, env=locale)
        assert run.code == 1
        assert f"{len(NAMES)} references in {len(NAMES)} files" in run.err
    run = regfix("rewrite", "--text", "--", *NAMES, cwd=project, env=locale)
    assert (run.code, set(contents(project).values())) == (0, {PAUSE_MOVED.encode()})


def test_r52_every_output_bears_any_file_name(project: Path, locale: dict[str, str]) -> None:
    """R52, R53: the diff names each file so that git finds it; JSON is JSON; text is one line a file."""
    grow(project, dict.fromkeys(NAMES, PAUSE))
    diff = regfix("rewrite", "--text", "--dry-run", cwd=project, env=locale)
    assert sorted(map(os.fsencode, diff_names(diff.stdout))) == sorted(NAMES)
    found = json.loads(regfix("rewrite", "--text", "--dry-run", "--format", "json", cwd=project, env=locale).stdout)
    assert len({source["path"] for source in found["sources"]}) == len(NAMES)
    for arguments in (["rewrite", "--text", "--check"], ["scan", "--text"]):
        run = regfix(*arguments, cwd=project, env=locale)
        assert len(run.stdout.splitlines()) == len(run.stdout.split(b"\n")) - 1 == len(NAMES)
        run.stdout.decode()
        assert not set(run.stdout) & (set(range(32)) - {10})


def test_r52_odd_names_in_errors_and_rules(project: Path, locale: dict[str, str]) -> None:
    """R52: errors about them, patterns that match them."""
    grow(project, {name: f"[{PAUSE}" for name in NAMES if name.endswith(b".yaml")})
    run = regfix("rewrite", cwd=project, env=locale)
    assert run.code == 2
    assert run.err.count("error: ") == len(NAMES) - 1
    run = regfix(
        "rewrite", "--exclude", b"caf\xe9*", "--exclude", b"\xff*", b"\xff", b"missing\n\xff", cwd=project, env=locale
    )
    assert run.code == 2
    assert run.err.count("cannot be read") == 2


# --- R54: homes and temporary folders ---


@pytest.mark.parametrize(
    "changes",
    [
        {"HOME": None},
        {"HOME": ""},
        {"HOME": "/nonexistent"},
        {"HOME": "/dev/null"},
        {"TMPDIR": "/nonexistent"},
        {"TMPDIR": ""},
        {"HOME": None, "TMPDIR": "/nonexistent", "USER": None, "LOGNAME": None, "SHELL": None, "PATH": None},
        {"XDG_CONFIG_HOME": "/nonexistent", "XDG_CACHE_HOME": "/dev/null"},
    ],
    ids=str,
)
def test_r54_no_home_and_no_temporary_folder_are_needed(project: Path, changes: dict[str, str | None]) -> None:
    """R54: nothing is looked for there."""
    grow(project, {"x.yaml": PAUSE})
    assert regfix("rewrite", cwd=project, env=environment(**changes)).code == 0
    assert (project / "x.yaml").read_text() == PAUSE_MOVED


def test_r54_a_read_only_home_and_another_disk_for_temporary_files(project: Path, tmp_path: Path) -> None:
    """R54: nothing is put there either."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir(mode=0o555)
    temporary.mkdir()
    grow(project, {"x.yaml": PAUSE})
    env = environment(HOME=str(home), TMPDIR=str(temporary), PYTHONDONTWRITEBYTECODE="1")
    assert regfix("rewrite", cwd=project, env=env, command=unprivileged()).code == 0
    assert regfix("scan", cwd=project, env=env, command=unprivileged()).code == 0
    assert (project / "x.yaml").read_text() == PAUSE_MOVED
    assert os.listdir(home) == os.listdir(temporary) == []


def test_r54_a_working_folder_that_is_gone(project: Path) -> None:
    """R54: absolute paths still work; without one the error is told."""
    grow(project, {"x.yaml": PAUSE})
    gone = project / "gone"
    script = 'mkdir "$1" && cd "$1" && rmdir "$1" && shift && exec "$@"'
    run = regfix("rewrite", cwd=project, command=("sh", "-c", script, "-", str(gone), *MODULE))
    assert run.code == 2
    run = regfix(
        "rewrite", "--dry-run", project / "x.yaml", cwd=project, command=("sh", "-c", script, "-", str(gone), *MODULE)
    )
    assert run.code in (0, 2)
    run = regfix("rewrite", project / "x.yaml", cwd=project, command=("sh", "-c", script, "-", str(gone), *MODULE))
    assert (run.code, (project / "x.yaml").read_text()) == (0, PAUSE_MOVED)


# --- R61: nothing is imported from the tree or the working folder ---

MODULES = [
    "yaml",
    "typer",
    "click",
    "ruamel",
    "pathspec",
    "rich",
    "re",
    "json",
    "enum",
    "typing",
    "signal",
    "dataclasses",
    "gc",
    "sitecustomize_",
    "encodings_",
    "importlib_",
    "functools",
    "_yaml",
    "jsonpath_ng",
    "shellingham",
    "string",
    "types",
    "errno_",
    "fcntl_",
    "bisect",
    "locale",
    "gettext",
    "inspect",
    "__future__",
]


def hostile(folder: Path, *, but: Collection[str] = ()) -> None:
    """Put modules into a folder that tell when they are imported."""
    text = (
        "import os\nos.close(os.open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'HACKED'), os.O_CREAT))\n"
    )
    for name in (name for name in MODULES if name not in but):
        grow(folder, {f"{name}.py": text})
    grow(
        folder, {"ruamel/__init__.py": text, "ruamel/yaml/__init__.py": text, "yaml/__init__.py": text, "x.yaml": PAUSE}
    )


def assert_not_hacked(folder: Path) -> None:
    """No module of the folder was imported; the work was done."""
    assert list(folder.rglob("HACKED")) == []
    assert (folder / "x.yaml").read_text() == PAUSE_MOVED


def test_r61_the_console_script_imports_nothing_from_the_working_folder(project: Path) -> None:
    """R61: nor from the tree."""
    hostile(project)
    regfix("rewrite", cwd=project, command=SCRIPT)
    assert_not_hacked(project)


def of_runpy() -> set[str]:
    """Return the modules that Python itself imports for `-m` before anything of regfix runs: only `-P` helps there."""
    listing = [sys.executable, "-c", "import runpy, sys; print(*sys.modules)"]
    return set(subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split())


def test_r61_the_module_imports_nothing_from_the_working_folder(project: Path) -> None:
    """R61: `python -m regfix` puts the working folder first on the path."""
    hostile(project, but=of_runpy())
    assert regfix("rewrite", cwd=project).code == 0
    assert_not_hacked(project)


@pytest.mark.parametrize("options", [["-mregfix"], ["-um", "regfix"], ["-umregfix"], ["-m", "regfix.__main__"]])
def test_r61_however_the_module_is_named(project: Path, options: list[str]) -> None:
    """R61: as the interpreter takes it."""
    hostile(project, but=of_runpy())
    assert regfix("rewrite", "x.yaml", cwd=project, command=(sys.executable, *options)).code == 0
    assert_not_hacked(project)


def test_r61_regfix_itself_may_lie_in_the_working_folder(project: Path) -> None:
    """R61: as in a checkout that is not installed; what lies beside it comes from the same hands."""
    os.symlink(Path(__file__).parents[2] / "src" / "regfix", project / "regfix")
    grow(project, {"x.yaml": PAUSE})
    assert regfix("rewrite", "x.yaml", cwd=project).code == 0
    assert (project / "x.yaml").read_text() == PAUSE_MOVED


def test_r61_a_tool_of_the_working_folder_that_uses_regfix(project: Path) -> None:
    """R61: its folder stays on the path, it is not ours to say."""
    grow(
        project,
        {"tool/__init__.py": "import regfix\n", "tool/__main__.py": "import beside\n", "beside.py": "print(1)\n"},
    )
    done = subprocess.run(
        [sys.executable, "-m", "tool"], cwd=project, env=environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"1\n"), done.stderr


def test_r61_the_module_in_safe_mode(project: Path) -> None:
    """R61: with -P, or PYTHONSAFEPATH, as the manual of Python says; then not even what Python imports for -m."""
    hostile(project)
    assert regfix("rewrite", cwd=project, command=(sys.executable, "-P", "-m", "regfix")).code == 0
    assert_not_hacked(project)


@pytest.mark.parametrize(
    "name",
    ["setup.cfg", "pyproject.toml", "conftest.py", "regfix.cfg", "pyvenv.cfg", "usercustomize.py", "sitecustomize.py"],
)
def test_r61_no_file_of_the_tree_is_taken_for_settings_or_code(project: Path, name: str) -> None:
    """R61: but for .regfix.yaml and the ignore files."""
    grow(project, {name: "import os; os.mkdir('HACKED')\n[tool.regfix]\nrules = 1\n", "x.yaml": PAUSE})
    assert regfix("rewrite", cwd=project, command=SCRIPT).code == 0
    assert_not_hacked(project)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.mkdir [HACKED]",
        "!!python/name:os.system x",
        "!!python/module:x y",
        "!!python/object/new:os.mkdir [HACKED]",
    ],
)
def test_r61_tags_of_python_are_only_tags(project: Path, tag: str) -> None:
    """R61: YAML is loaded safely everywhere; a document with such a tag is a document."""
    text = f"a: {tag}\n{PAUSE}"
    grow(project, {"x.yaml": text, "y.yaml": f'a: "\\x41k8s"\n{text}', "templates/z.yaml": text})
    assert regfix("rewrite", cwd=project).code == 0
    assert regfix("scan", cwd=project).code == 0
    assert (project / "x.yaml").read_text() == text.replace(PAUSE, PAUSE_MOVED)
    assert not (project / "HACKED").exists()


def test_r61_no_program_of_the_tree_is_run(project: Path) -> None:
    """R61: neither git, helm nor kubectl of the working folder, nor hooks and filters of the project's git settings."""
    script = "#!/bin/sh\ntouch HACKED\n"
    grow(
        project,
        dict.fromkeys(("git", "helm", "kubectl", "diff", "kustomize", "hooks/pre-commit"), script) | {"x.yaml": PAUSE},
    )
    for path in project.iterdir():
        path.chmod(0o755)
    git(project, "config", "core.fsmonitor", str(project / "git"))
    git(project, "config", "core.pager", str(project / "git"))
    before = states(project)
    env = environment(PATH=f".:{os.environ['PATH']}", PAGER="./git", EDITOR="./git")
    for arguments in (["scan"], ["rewrite", "--dry-run"], ["rewrite", "--check"]):
        regfix(*arguments, cwd=project, env=env)
    assert states(project) == before
