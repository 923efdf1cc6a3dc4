"""How far the work on a project is, on the disk: one file for each, replaced as a whole, under one lock.

No secret is in it. A file that cannot be read, or is not understood, means that nothing is done yet.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from regfix.projects.model import Accounting, ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK_SECONDS = 20.0
"""How long to wait for another run, or for a git that outlived its run."""

_FORMAT = 1


class Step(IntEnum):
    """The steps of the work on a project, in order; each is done as a whole, or not."""

    NEW = 0
    CLONED = 1
    REWRITTEN = 2
    COMMITTED = 3
    PUSHED = 4
    REQUESTED = 5


class State(NamedTuple):
    """What is done for a project.

    `settings` is the fingerprint of those that it was done with. `base` is the commit that the work begins at, on
    `base_branch`. `date` is that of the commit, in the raw format of git. `pushed` is the commit that was last pushed.
    """

    settings: str = ""
    step: Step = Step.NEW
    base: str = ""
    base_branch: str = ""
    accounting: Accounting = Accounting()
    date: str = ""
    commit: str = ""
    pushed: str = ""
    request: str = ""


def load(path: str) -> State:
    """Return the state in a file, a new one where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if content.pop("format") != _FORMAT:
            return State()
        content["step"] = Step(content["step"])
        told = content["accounting"]
        tuples = {name: tuple(told[name]) for name in ("failed", "notes")}
        content["accounting"] = Accounting(**{**told, **tuples, "left": tuple(map(tuple, told["left"]))})
        return State(**content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return State()


def save(path: str, state: State) -> None:
    """Replace the state in a file; raises OSError."""
    content = {"format": _FORMAT, **state._asdict(), "accounting": state.accounting._asdict()}
    temporary = f"{path}.new"  # only the holder of the lock writes
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(content, file)
    os.replace(temporary, path)


@contextmanager
def locked(path: str) -> Iterator[int]:
    """Hold the lock of a project and give its descriptor; programs that inherit it hold the lock as long as they run.

    Raises ProjectError if another run does not let go of it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        end = time.monotonic() + LOCK_SECONDS
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > end:
                raise ProjectError("another run works on it", hint="run again when that one is done")
            time.sleep(0.02)
        yield descriptor
    finally:
        os.close(descriptor)
