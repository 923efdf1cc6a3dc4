"""Git repositories for the tests of `regfix bulk`, made without a work tree and so within milliseconds each."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from support import MODULE, NEW, OLD, PAUSE, environment, regfix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from support import Run

BRANCH = "regfix/move-images"
WHO = {
    "GIT_AUTHOR_NAME": "Keeper", "GIT_AUTHOR_EMAIL": "keeper@example.com",
    "GIT_COMMITTER_NAME": "Keeper", "GIT_COMMITTER_EMAIL": "keeper@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_DIR": None,
}  # fmt: skip
FILES = {"app.yaml": f"a: 1\r\n{PAUSE}b:   2", "README.md": f"from {OLD}\n"}
"""What lies in a project: one reference that moves, one occurrence that is left."""


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """Return what git prints; it must succeed."""
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment(**WHO), input=stdin, capture_output=True,
                          timeout=60, check=False)  # fmt: skip
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout.decode()


def make_project(path: Path, files: Mapping[str, str | bytes] = FILES, modes: Mapping[str, str] | None = None) -> Path:
    """Make a bare repository with one commit on main; `modes` are those of files that are no plain ones."""
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--bare", "--template=", "--initial-branch=main")
    parts = [b"commit refs/heads/main\ncommitter K <k@example.com> 1700000000 +0000\ndata 5\nfirst\n"]
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        mode = (modes or {}).get(name, "100644")
        if mode == "160000":
            parts.append(b"M 160000 %s %s\n" % (data, name.encode()))
        else:
            parts.append(b"M %s inline %s\ndata %d\n%s\n" % (mode.encode(), name.encode(), len(data), data))
    git(path, "fast-import", "--quiet", stdin=b"".join(parts))
    return path


def make_projects(folder: Path, count: int, files: Mapping[str, str | bytes] = FILES) -> list[Path]:
    """Make projects with the same content, and a plan that lists them."""
    first = make_project(folder / "p000.git", files)
    found = [first, *(folder / f"p{number:03}.git" for number in range(1, count))]
    for path in found[1:]:
        shutil.copytree(first, path)
    (folder / "plan").write_text("".join(f"{path.name}\n" for path in found), "utf-8")
    return found


def checkout(project: Path, path: Path) -> Path:
    """Make a checkout of a project, as a person has it."""
    git(project.parent, "clone", "--quiet", str(project), str(path))
    return path


def bulk(folder: Path, *arguments: str, **changes: str | None) -> Run:
    """Run `regfix bulk` in a folder."""
    return regfix("bulk", *arguments, cwd=folder, env=environment(**WHO | changes))


@contextmanager
def started_bulk(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start `regfix bulk`, and see to it that it ends."""
    with subprocess.Popen(
        [*MODULE, "bulk", *arguments], cwd=folder, env=environment(**WHO), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def states_written(folder: Path) -> int:
    """Return how many projects have a state."""
    state = folder / "regfix-bulk" / "state"
    return sum(name.endswith(".json") for name in os.listdir(state)) if state.is_dir() else 0


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process as the kernel does when memory is short; what it started goes on."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)


def clones(folder: Path) -> list[Path]:
    """Return the clones of a run."""
    return sorted((folder / "regfix-bulk" / "projects").iterdir())


def require_one_commit(where: Path, base: str) -> str:
    """The branch holds exactly one commit on top of the base; in it nothing but the reference moved. Return its tree."""
    tree = tree_of_one_commit(where, base)
    assert git(where, "diff-tree", "-r", "--name-only", base, tree).split() == ["app.yaml"]
    after = subprocess.run(["git", "cat-file", "blob", f"{tree}:app.yaml"], cwd=where, capture_output=True, check=True)
    assert after.stdout == FILES["app.yaml"].replace(OLD, NEW).encode()
    return tree


def tree_of_one_commit(where: Path, base: str) -> str:
    """The branch holds exactly one commit on top of the base; return its tree."""
    commits = git(where, "log", "--format=%P %T", f"{base}..refs/heads/{BRANCH}").splitlines()
    assert len(commits) == 1, commits
    parent, tree = commits[0].split(" ")
    assert parent == base
    return tree


def require_one_commit_each(folder: Path, base: str, count: int) -> None:
    """The same for each clone of a run over projects with the same content."""
    found = clones(folder)
    assert len(found) == count
    assert {tree_of_one_commit(clone, base) for clone in found} == {require_one_commit(found[0], base)}
