"""Git repositories for the case `bulk`, and the shell loop that does the same work."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import trees
from trees import OLD

if TYPE_CHECKING:
    from pathlib import Path

WHO = {name: "bench@example.com" if name.endswith("EMAIL") else "bench" for name in (
    "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL",
)}  # fmt: skip
LOOP = """set -e
while read -r name; do
  git clone -q "$name" "clones/$name"
  (cd "clones/$name" && git checkout -q -b regfix/move-images && %s rewrite -q . && git commit -qam 'Move images')
done < plan
"""


class Projects:
    """Repositories with the same files, a plan that lists them, and the folders that a run leaves."""

    def __init__(self, folder: Path, count: int, files: int) -> None:
        self.folder = folder
        self.count = count
        tree = trees.sparse_tree(folder / "tree", files, files // 5)
        first = folder / "p0.git"
        git = ["git", "-C", str(tree.root)]
        environment = {**os.environ, **WHO}
        for arguments in (
            ["init", "-q"],
            ["symbolic-ref", "HEAD", "refs/heads/main"],
            ["add", "."],
            ["commit", "-qm", "first"],
        ):
            subprocess.run([*git, *arguments], check=True, env=environment)
        subprocess.run([*git, "clone", "-q", "--bare", ".", str(first)], check=True)
        for number in range(1, count):
            shutil.copytree(first, folder / f"p{number}.git")
        (folder / "plan").write_text("".join(f"p{number}.git\n" for number in range(count)), "utf-8")

    def clean(self) -> None:
        """Take away what a run left."""
        for name in ("clones", "regfix-bulk"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def is_done(self) -> bool:
        """Tell whether each project has one commit more, which holds nothing of the old registry."""
        found = [path for name in ("clones", "regfix-bulk/projects") for path in sorted((self.folder / name).glob("*"))]
        return len(found) == self.count and all(map(_is_moved, found))


def _is_moved(clone: Path) -> bool:
    count = subprocess.run(["git", "-C", str(clone), "rev-list", "--count", "main..regfix/move-images"],
                           capture_output=True, check=False)  # fmt: skip
    grep = subprocess.run(["git", "-C", str(clone), "grep", "-q", f"image: {OLD}", "regfix/move-images"], check=False)
    return count.stdout == b"1\n" and grep.returncode == 1
