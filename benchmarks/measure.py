"""Start commands in turn and take what they and all their children used."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class RunError(Exception):
    """A command ended in another way than it should, or did not do its work."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run used: seconds of all processors, seconds on the clock, megabytes at the peak."""

    cpu: float
    wall: float
    memory: float


def nothing() -> None:
    """What is to be done before a run that changes no file."""


def always() -> bool:
    """The check of a run whose work is not looked at."""
    return True


@dataclass(frozen=True, slots=True)
class Command:
    """Arguments, where to run them, what to do before each run (not counted), and how a good run ends."""

    argv: Sequence[str]
    folder: Path
    prepare: Callable[[], None] = nothing
    did_its_work: Callable[[], bool] = always
    exit_code: int = 0


def run(command: Command) -> Usage:
    """Run once. Waiting by wait4 gives the use of the process and of the children that it waited for."""
    command.prepare()
    os.sync()
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            command.argv,
            cwd=command.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        judge(command, process.returncode, errors.read(2000).decode(errors="replace"))
    return Usage(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * rss_unit() / 1e6)


def judge(command: Command, exit_code: int, errors: str) -> None:
    """Refuse a run that did not end as it should."""
    shown = " ".join(command.argv)[:120]
    if exit_code != command.exit_code:
        raise RunError(f"exit {exit_code}, not {command.exit_code}: {shown}\n{errors}".rstrip())
    if not command.did_its_work():
        raise RunError(f"the files are not as they must be after: {shown}\n{errors}".rstrip())


def rss_unit() -> int:
    """The unit of ru_maxrss in bytes."""
    return 1 if sys.platform == "darwin" else 1024


def in_turn(commands: Sequence[Command], rounds: int) -> list[list[Usage]]:
    """A B A B ...: for each command its runs, after one run of each that is not counted."""
    for command in commands:
        run(command)
    taken = [[run(command) for command in commands] for _ in range(rounds)]
    return [list(runs) for runs in zip(*taken, strict=True)]
