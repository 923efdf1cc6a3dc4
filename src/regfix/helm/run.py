"""Running the user's Helm: where the binary is, and one call of it, bounded in time and in output."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING

from regfix.errors import RegfixError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT = 120.0
"""What one call may take, in seconds."""

MAX_OUTPUT = 128 * 1024 * 1024
"""What one call may print on each of its streams, in bytes."""


class HelmError(RegfixError):
    """Helm could not be started, took too long, printed too much, or says that something is wrong."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a call of Helm ended: its exit code, and what it printed."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def why(self) -> str:
        """The line of Helm's messages that says what went wrong, without its `Error: `."""
        lines = [line.strip() for line in self.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        said = next((line for line in lines if line.startswith("Error:")), lines[-1] if lines else "")
        return said.removeprefix("Error:").strip()[:2000] or f"exit code {self.code}"


def find_helm(named: str | None = None) -> str:
    """Return the path of the Helm binary: the one that is named, else the one on the PATH; raises UsageError."""
    found = shutil.which(named or "helm")
    if found is not None:
        return os.path.abspath(found)
    if named:
        raise UsageError("no such program", where=f"--helm {named}", hint="name the helm binary")
    raise UsageError("helm is not on the PATH", hint="install Helm 3 or 4, or name it with --helm")


def run_helm(
    helm: str,
    arguments: Sequence[str],
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
    limit: int = MAX_OUTPUT,
) -> Done:
    """Run Helm without a terminal and return how it ended, whatever its exit code.

    `env` is added to the environment, `timeout` is in seconds, `limit` in bytes for each stream. The whole process
    group is killed when time is over. Raises HelmError for a call that cannot be started or goes beyond its limits.
    """
    try:
        process = subprocess.Popen(
            [helm, *arguments], cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise HelmError("helm cannot be started", where=helm, why=error.strerror or str(error)) from None
    with process:
        try:
            out, err = _read(process, time.monotonic() + timeout, limit)
            return Done(process.wait(timeout=max(1.0, timeout)), out, err)
        except (HelmError, subprocess.TimeoutExpired) as error:
            why = error.what if isinstance(error, HelmError) else f"it took longer than {timeout:g} seconds"
            raise HelmError(f"helm {' '.join(arguments[:2])} was stopped", why=why) from None
        finally:
            _kill(process)


def _read(process: subprocess.Popen[bytes], deadline: float, limit: int) -> tuple[bytes, bytes]:
    """Read both streams to their ends; raises HelmError when time or room is over."""
    taken: dict[object, list[bytes]] = {process.stdout: [], process.stderr: []}
    sizes = dict.fromkeys(taken, 0)
    with DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                selector.register(stream, EVENT_READ)
        while selector.get_map():
            ready = selector.select(deadline - time.monotonic()) if time.monotonic() < deadline else []
            if not ready:
                raise HelmError("it took too long")
            for key, _ in ready:
                data = os.read(key.fd, 1 << 16)
                sizes[key.fileobj] += len(data)
                if not data:
                    selector.unregister(key.fileobj)
                elif sizes[key.fileobj] > limit:
                    raise HelmError("it printed too much")
                taken[key.fileobj].append(data)
    return b"".join(taken[process.stdout]), b"".join(taken[process.stderr])


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a call with all that it started; its number is its own until it was waited for."""
    if process.returncode is None:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
