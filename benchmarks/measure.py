"""Start commands in turn and take what they and all their children used."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


LAUNCH = str(Path(__file__).with_name("launch.py"))
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Of each run: an installed regfix has its bytecode, so one that is run from its sources gets it in the first round."""


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
    """Run once, by way of launch.py."""
    command.prepare()
    os.sync()
    with tempfile.TemporaryFile() as errors:
        launched = subprocess.run(
            (sys.executable, "-I", "-S", LAUNCH, *command.argv),
            cwd=command.folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            check=False,
        )
        errors.seek(max(0, errors.tell() - 1000))
        said = errors.read().decode(errors="replace")
    if launched.returncode != 0:
        raise RunError(f"cannot start {command.argv[0]}\n{said}".rstrip())
    exit_code, cpu, wall, peak = launched.stdout.split()
    judge(command, int(exit_code), said)
    return Usage(float(cpu), float(wall), int(peak) / 1e6)


def judge(command: Command, exit_code: int, errors: str) -> None:
    """Refuse a run that did not end as it should."""
    shown = " ".join(command.argv)[:120]
    if exit_code != command.exit_code:
        raise RunError(f"exit {exit_code}, not {command.exit_code}: {shown}\n{errors}".rstrip())
    if not command.did_its_work():
        raise RunError(f"the files are not as they must be after: {shown}\n{errors}".rstrip())


def in_turn(commands: Sequence[Command], rounds: int) -> list[list[Usage]]:
    """A B A B ...: for each command its runs, after one run of each that is not counted."""
    for command in commands:
        run(command)
    taken = [[run(command) for command in commands] for _ in range(rounds)]
    return [list(runs) for runs in zip(*taken, strict=True)]
