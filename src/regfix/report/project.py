"""Names of files as a project's tools know them: relative to its root, wherever the run was started."""

from __future__ import annotations

import os
from functools import cache


def project_path(path: str) -> str:
    """Return a path relative to the project's root, the folder with `.git` at or above the working folder.

    Outside of a project the working folder counts; a path that is not below either stays absolute. Links of folders
    are resolved. A member of an archive is `archive.tgz!member`, as in findings.
    """
    folder, name = os.path.split(path)
    real = os.path.join(_real(folder or "."), name)
    root = _root()
    return real[len(root) :] if real.startswith(root) else real


@cache
def _real(folder: str) -> str:
    return os.path.realpath(folder)


@cache
def _root() -> str:
    """Return the root with a slash behind it."""
    here = folder = os.path.realpath(".")
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            folder = here
            break
        folder = parent
    return folder.rstrip("/") + "/"


def split_member(path: str) -> tuple[str, str]:
    """Return the file, and the member of the archive that it is, or an empty text."""
    for ending in (".tgz!", ".tar.gz!"):
        at = path.find(ending)
        if at >= 0:
            return path[: at + len(ending) - 1], path[at + len(ending) :]
    return path, ""
