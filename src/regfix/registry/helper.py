"""Programs that keep secrets: `docker-credential-NAME get`, bounded in time and output.

Source of the protocol: https://github.com/docker/docker-credential-helpers
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
from contextlib import suppress
from threading import Timer

TIMEOUT = 20.0
"""What one call may take, in seconds."""

MAX_OUTPUT = 64 * 1024
"""What one call may print, in bytes."""


class HelperFailed(Exception):
    """A program that keeps secrets did not do its work; the text names it and shows nothing that it printed."""


class Helpers:
    """The programs of a run that keep secrets; each is asked for a server once, however many images are there."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str], asyncio.Task[tuple[str, str] | None]] = {}
        self._running: set[subprocess.Popen[bytes]] = set()

    async def ask(self, name: str, server: str) -> tuple[str, str] | None:
        """Return the user and the secret that a program has for a server, None if it has none; raises HelperFailed."""
        if (name, server) not in self._asked:
            self._asked[name, server] = asyncio.create_task(self._answer(name, server))
        return await asyncio.shield(self._asked[name, server])  # who gives up waiting leaves it to the others

    def close(self) -> None:
        """Kill what still runs, so that nothing is left when a run is given up."""
        for process in tuple(self._running):
            _kill(process)

    async def _answer(self, name: str, server: str) -> tuple[str, str] | None:
        program = f"docker-credential-{name}"
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise HelperFailed("the name of a credential helper is none of a program")
        code, out = await asyncio.to_thread(_run, program, server.encode(), self._running)
        if code == 1 and b"credentials not found" in out:
            return None
        if code == -signal.SIGKILL:
            raise HelperFailed(f"{program} did not end within {TIMEOUT:g} seconds")
        if code != 0:
            raise HelperFailed(f"{program} failed with exit code {code}")
        return _understood(program, out)


def _run(program: str, server: bytes, running: set[subprocess.Popen[bytes]]) -> tuple[int, bytes]:
    """Return the exit code of a program and what it printed; one that takes or prints too much is killed."""
    try:
        process = subprocess.Popen([program, "get"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
    except OSError as error:
        raise HelperFailed(f"{program} cannot be started: {error.strerror}") from None
    running.add(process)
    with process, suppress(BrokenPipeError):
        clock = Timer(TIMEOUT, _kill, [process])
        clock.daemon = True
        clock.start()
        try:
            out = _exchange(process, server)
            if len(out) > MAX_OUTPUT:
                raise HelperFailed(f"{program} printed too much")
            return process.wait(), out
        finally:
            clock.cancel()
            _kill(process)
            running.discard(process)
    raise HelperFailed(f"{program} did not take the name of the server")


def _exchange(process: subprocess.Popen[bytes], server: bytes) -> bytes:
    """Write the name of the server, and read what the program prints, up to a byte too much."""
    if process.stdin is None or process.stdout is None:
        return b""
    with suppress(BrokenPipeError):
        process.stdin.write(server + b"\n")
        process.stdin.close()
    return process.stdout.read(MAX_OUTPUT + 1)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a call with all that it started; its number is its own until it was waited for."""
    if process.returncode is None:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)


def _understood(program: str, out: bytes) -> tuple[str, str]:
    try:
        found = json.loads(out)
    except (ValueError, RecursionError):
        found = None
    user, secret = (found.get("Username"), found.get("Secret")) if isinstance(found, dict) else (None, None)
    if not isinstance(user, str) or not isinstance(secret, str):
        raise HelperFailed(f"{program} did not answer as a credential helper does")
    return user, secret
