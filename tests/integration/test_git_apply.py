"""The dry run is a patch (R4): `regfix rewrite --dry-run | git apply` does what the real run does."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import PAUSE, contents, git, grow, regfix, some, states

TEXTS = {
    "plain": f"a: 1\n{PAUSE}b: 2\n",
    "first line": f"{PAUSE}b: 2\n",
    "last line": f"a: 1\n{PAUSE}",
    "only line": PAUSE,
    "no final newline": f"a: 1\n{PAUSE[:-1]}",
    "only line, no final newline": PAUSE[:-1],
    "no final newline in the context": f"{PAUSE}a: 1\nb: 2",
    "no final newline out of the context": f"{PAUSE}" + "a:\n" * 9 + "b: 2",
    "crlf": f"a: 1\r\n{PAUSE[:-1]}\r\nb: 2\r\n",
    "mixed line ends": f"a: 1\r\n{PAUSE}b: 2\r\n{PAUSE[:-1]}\r\n# x\r\r\n",
    "line ends of the mac": f"a: 1\r{PAUSE[:-1]}\rb: 2\r",
    "bom": f"\ufeff{PAUSE}a: 1\n",
    "bom in the context": f"\ufeffa: 1\n{PAUSE}",
    "bom out of the context": "\ufeff" + "a:\n" * 9 + PAUSE,
    "bom and one line": f"\ufeff{PAUSE[:-1]}",
    "trailing blanks": f"a: 1  \t\n{PAUSE[:-1]}   \n\t\n  \nb: 2\n",
    "empty lines": f"\n\n\n\n{PAUSE}\n\n\n\n\n\n\n\n{PAUSE}\n\n",
    "neighbours": f"- {PAUSE}" * 5,
    "every second line": f"- {PAUSE}- a\n" * 20,
    "seven apart": (f"- {PAUSE}" + "- a\n" * 6) * 5,
    "eight apart": (f"- {PAUSE}" + "- a\n" * 7) * 5,
    "far apart": (f"- {PAUSE}" + "- a\n" * 30) * 5,
    "several a line": "a: [k8s.gcr.io/a:1, k8s.gcr.io/b:2, k8s.gcr.io/c]\n" * 3,
    "like a diff": f"--- a/x\n+++ b/x\n# @@ -1 +1 @@\n# \\ No newline at end of file\n# {PAUSE}--- a\n{PAUSE}",
    "wide characters": f"# \u00e4\u20ac\U0001f600\u0301\n{PAUSE[:-1]} # \u4e2d\n",
    "other line separators": f"# a\u2028b\u2029c\x85d\n# \x0c\x0b\x1c\x1d\x1e\n{PAUSE}",
    "long": "".join(f"k{n}: {'x' * (n % 97)}\n" for n in range(3000)) + PAUSE + "y: z\n" * 500,
}  # fmt: skip
NAMES = [
    "blank in it.yaml",
    " x .yaml",
    "trailing.yaml ",
    "tab\t.yaml",
    "new\nline.yaml",
    'quo"te.yaml',
    "it's.yaml",
    "back\\slash.yaml",
    "\u00e4\u4e2d.yaml",
    "\udcff\udcfe.yaml",
    "\x1b[31m.yaml",
    "\x7f.yaml",
    "-dash.yaml",
    "a/b.yaml",
    "b/a/x.yaml",
    "b/\u00e4 \n/x.yaml",
    "cr\r.yaml",
    "\\t.yaml",
    "dev/null",
    "$x.yaml",
    "#.yaml",
    "a\u202eb.yaml",
]


def applied(folder: Path, *arguments: str | Path, cwd: str = ".", strict: bool = True) -> None:
    """Assert that the patch of a dry run makes of a copy of the tree what the real run makes of the tree."""
    copy = folder.with_name(folder.name + "-copy")
    shutil.copytree(folder, copy, symlinks=True)
    before = states(copy)
    here = [str(argument).replace(str(folder), str(copy)) for argument in arguments]
    dry = regfix("rewrite", "--dry-run", "--text", *here, cwd=copy / cwd)
    assert dry.code == 0
    assert states(copy) == before
    done = git(copy / cwd, "apply", "--verbose", *(["--whitespace=error-all"] if strict else []), "-", stdin=dry.stdout)
    assert done.returncode == 0, (done.stderr, dry.stdout)
    assert regfix("rewrite", "-q", "--text", *arguments, cwd=folder / cwd).code == 0
    real = contents(folder)
    assert contents(copy) == real
    assert any(b"registry.k8s.io" in data for data in real.values())
    back = git(folder / cwd, "apply", "--reverse", "-", stdin=dry.stdout)
    assert back.returncode == 0, back.stderr
    shutil.rmtree(copy)


@pytest.fixture
def tree(project: Path) -> Path:
    """A project with a file for each text, in folders."""
    grow(
        project,
        {
            f"{name.replace(' ', '-')}/{number % 3}/x.txt": text.encode()
            for number, (name, text) in enumerate(TEXTS.items())
        },
    )
    return project


def test_r4_git_apply_does_the_same(tree: Path) -> None:
    """R4: line ends, missing final newlines, byte-order marks, hunks near each other."""
    applied(tree, strict=False)


@pytest.mark.parametrize("name", TEXTS)
def test_r4_one_file(project: Path, name: str) -> None:
    """R4: each text by itself, so that a bad hunk is found."""
    data = TEXTS[name].encode()
    grow(project, {"x.txt": data})
    dry = regfix("rewrite", "--dry-run", "--text", cwd=project)
    done = git(project, "apply", "-", stdin=dry.stdout)
    assert done.returncode == 0, (done.stderr, dry.stdout)
    assert (project / "x.txt").read_bytes() == data.replace(b"k8s.gcr.io", b"registry.k8s.io")


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_r4_names(project: Path, name: str) -> None:
    """R4, R52: blanks, quotes, newlines, non-UTF-8 and non-ASCII bytes."""
    grow(project, {name: f"a: 1\n{PAUSE}", "z.yaml": PAUSE})
    applied(project)


def test_r4_from_a_subfolder(tree: Path) -> None:
    """R4: of the working folder and of others, by relative and absolute paths."""
    grow(tree, {"sub/deep/x.yaml": PAUSE, "sub/y.yaml": PAUSE, "other/z.yaml": PAUSE})
    applied(tree, cwd="sub", strict=False)
    applied(tree, "deep", "y.yaml", "./deep/../y.yaml", cwd="sub", strict=False)
    applied(tree, tree / "sub" / "deep", tree / "sub" / "y.yaml", cwd="sub", strict=False)
    applied(tree, tree, strict=False)


@pytest.mark.parametrize("path", ["../other", "{}/other"])
def test_r4_outside_of_the_working_folder(project: Path, path: str) -> None:
    """R4: what lies beside the working folder is named from the root, for `patch -p1 -d /` and `git apply` there."""
    grow(project, {"sub/x.yaml": PAUSE, "other/y.yaml": f"a: 1\n{PAUSE}"})
    dry = regfix("rewrite", "--dry-run", path.format(project), cwd=project / "sub")
    done = git(Path("/"), "apply", "-", stdin=dry.stdout)
    assert done.returncode == 0, (done.stderr, dry.stdout)
    assert (project / "other/y.yaml").read_text() == f"a: 1\n{PAUSE.replace('k8s.gcr.io', 'registry.k8s.io')}"


def test_r4_through_a_link_to_a_folder(project: Path) -> None:
    """R4: a named link to a folder of the tree."""
    grow(project, {"real/x.yaml": PAUSE})
    os.symlink("real", project / "link")
    dry = regfix("rewrite", "--dry-run", "link", cwd=project)
    assert dry.code == 0
    done = git(project, "apply", "-", stdin=dry.stdout)
    assert (done.returncode, (project / "real/x.yaml").read_text() != PAUSE) == (0, True), done.stderr


def test_r4_the_working_folder_is_reached_by_a_link(project: Path, tmp_path: Path) -> None:
    """R4: the shell's idea of where it is ($PWD) is not the real path."""
    grow(project, {"x.yaml": PAUSE, "sub/y.yaml": PAUSE})
    link = tmp_path / "elsewhere"
    link.symlink_to(project)
    dry = regfix("rewrite", "--dry-run", link / "sub", cwd=link)
    done = git(project, "apply", "-", stdin=dry.stdout)
    assert (done.returncode, (project / "sub/y.yaml").read_text() != PAUSE) == (0, True), (done.stderr, dry.stdout)


def test_r4_the_diff_of_a_real_run_is_the_same(project: Path) -> None:
    """R4: --diff prints what --dry-run printed."""
    grow(
        project, {f"{number}.yaml": text.encode() for number, text in enumerate(TEXTS.values()) if "--- a" not in text}
    )
    dry = regfix("rewrite", "--dry-run", cwd=project)
    assert regfix("rewrite", "--diff", cwd=project).stdout == dry.stdout


# --- random files ---

LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\n\0", exclude_categories=["Cs"]), max_size=8)
ODD = st.sampled_from(
    ["", " ", "\t", "\r", "\x0c", "\x85", "\u2028", "-", "+", "--- a/x", "+++ b/x", "@@ -1 +1 @@", "\\ No newline"]
)
HITS = st.sampled_from(
    ["k8s.gcr.io/a:1", "- image: k8s.gcr.io/pause:3.2", "k8s.gcr.io/a k8s.gcr.io/b", "x (k8s.gcr.io/c)\t\r"]
)
TEXT = st.builds(
    lambda bom, lines, end: bom + "\n".join(lines) + end,
    st.sampled_from(["", "", "\ufeff"]),
    st.lists(st.one_of(LETTERS, ODD, ODD, HITS), min_size=1, max_size=40),
    st.sampled_from(["\n", "\n", "", "\r\n", "\n\n"]),
)


@some(12)
@given(st.lists(TEXT, min_size=12, max_size=12))
def test_r4_random_files(texts: list[str]) -> None:
    """R4, R10: references in random lines of random texts."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "tree"
        folder.mkdir()
        git(folder, "init", "-q")
        grow(folder, {f"{number}.txt": text.encode() for number, text in enumerate(texts)} | {"x.txt": PAUSE.encode()})
        applied(folder, strict=False)
