"""Where the settings file is: upwards from the paths to the project's root."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SETTINGS_NAME = ".regfix.yaml"


def find_settings(paths: Sequence[str]) -> str | None:
    """Return the path of the settings file in force for `paths`, or None; relative if it is below the working folder.

    It is looked for in the folder that holds all the paths and upwards, at most to the project's root, the folder
    with `.git`. Outside of a project only that first folder counts, so that a file that somebody left in a shared
    place such as the temporary folder does not decide.
    """
    found = _nearest(_common_folder([path for path in paths if path != "-"] or ["."]))
    try:
        return found and found.removeprefix(os.path.join(os.getcwd(), ""))
    except OSError:  # the working folder is gone
        return found


def _nearest(folder: str) -> str | None:
    first = os.path.join(folder, SETTINGS_NAME)
    above: list[str] = []
    while True:
        above.append(os.path.join(folder, SETTINGS_NAME))
        if os.path.lexists(os.path.join(folder, ".git")):
            return next((path for path in above if os.path.lexists(path)), None)
        parent = os.path.dirname(folder)
        if parent == folder:
            return first if os.path.lexists(first) else None
        folder = parent


def _common_folder(paths: Sequence[str]) -> str:
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in map(os.path.realpath, paths)]
    return os.path.commonpath(folders)
