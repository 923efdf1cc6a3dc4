"""Running a program of the user: one call from a list of arguments, bounded in time and in output."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from selectors import EVENT_READ, DefaultSelector
from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING

from regfix.errors import RegfixError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_OUTPUT = 128 * 1024 * 1024
"""What one call may print on each of its streams, in bytes."""


class ProgramError(RegfixError):
    """A program could not be started (`why` says it), took too long, or printed too much."""


def find_program(name: str, named: str | None, hint: str) -> str:
    """Return the path of a program: the one that the option `--NAME` names, else the one on the PATH.

    Raises UsageError; the hint is for the person who has none.
    """
    found = shutil.which(named or name)
    if found is not None:
        return os.path.abspath(found)
    if named:
        raise UsageError("no such program", where=f"--{name} {named}", hint=f"name the {name} binary")
    raise UsageError(f"{name} is not on the PATH", hint=hint)


@dataclass(frozen=True, slots=True)
class Done:
    """How a call ended: its exit code, and what it printed."""

    code: int
    stdout: bytes
    stderr: bytes


class Programs:
    """The programs that are under way, so that they can be stopped together from another thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def stop(self) -> None:
        """Kill what runs, with all that it started; whatever is to be started from now on raises ProgramError."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                _kill(process)

    def run(
        self, argv: Sequence[str], *, cwd: str | None = None, env: Mapping[str, str] | None = None, stdin: bytes = b"",
        timeout: float, limit: int = MAX_OUTPUT, keep: Sequence[int] = (),
    ) -> Done:  # fmt: skip
        """Run a program without a terminal and return how it ended, whatever its exit code.

        `env` is its whole environment, `timeout` is in seconds, `limit` in bytes for each stream; `keep` are
        descriptors that it inherits. The whole process group is killed when time is over. Raises ProgramError.
        """
        if not stdin:
            process = self._start(argv, cwd, env, subprocess.DEVNULL, keep)
        else:
            with TemporaryFile() as given:
                given.write(stdin)
                given.seek(0)
                process = self._start(argv, cwd, env, given.fileno(), keep)
        with process:
            try:
                out, err = _read(process, time.monotonic() + timeout, limit)
                return Done(process.wait(timeout=max(1.0, timeout)), out, err)
            except subprocess.TimeoutExpired:
                raise ProgramError(f"it took longer than {timeout:g} seconds") from None
            finally:
                with self._lock:
                    self._running.discard(process)
                    _kill(process)

    def _start(
        self, argv: Sequence[str], cwd: str | None, env: Mapping[str, str] | None, stdin: int, keep: Sequence[int]
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                raise ProgramError("the run was stopped")
            try:
                process = subprocess.Popen(
                    argv, cwd=cwd, env=env, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    start_new_session=True, pass_fds=keep,
                )  # fmt: skip
            except OSError as error:
                why = error.strerror or str(error)
                raise ProgramError("it cannot be started", where=argv[0], why=why) from None
            self._running.add(process)
            return process


def _read(process: subprocess.Popen[bytes], deadline: float, limit: int) -> tuple[bytes, bytes]:
    """Read both streams to their ends; raises ProgramError when time or room is over."""
    taken: dict[object, list[bytes]] = {process.stdout: [], process.stderr: []}
    sizes = dict.fromkeys(taken, 0)
    with DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                selector.register(stream, EVENT_READ)
        while selector.get_map():
            ready = selector.select(deadline - time.monotonic()) if time.monotonic() < deadline else []
            if not ready:
                raise ProgramError("it took too long")
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                sizes[key.fileobj] += len(data)
                if not data:
                    selector.unregister(key.fileobj)
                elif sizes[key.fileobj] > limit:
                    raise ProgramError("it printed too much")
                taken[key.fileobj].append(data)
    return b"".join(taken[process.stdout]), b"".join(taken[process.stderr])


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a call with all that it started; its number is its own until it was waited for."""
    if process.returncode is None:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
