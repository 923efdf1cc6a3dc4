"""Manners on the network: at most so many questions to one host at a time, and patience with what passes."""

from __future__ import annotations

import random
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol, TypeVar

from regfix.projects.model import Passing

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class Hosts(Protocol):
    """Lets a number of projects use one host at the same time."""

    def one_of(self, host: str) -> AbstractContextManager[object]:
        """Wait for a place at a host; an empty host, that of local projects, has room for all."""


class HostLimits:
    """The limits within one process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._hosts: dict[str, threading.Semaphore] = {}

    def one_of(self, host: str) -> AbstractContextManager[object]:
        """Wait for a place at a host."""
        if not host:
            return nullcontext()
        with self._lock:
            return self._hosts.setdefault(host, threading.Semaphore(self._most))


def patiently(
    call: Callable[[], Result], attempts: int, hosts: Hosts, host: str, wait: Callable[[float], None] = time.sleep
) -> Result:
    """Call, and call again when what went wrong may pass: after 1, 4, 16 ... seconds, more or less. Raises Passing."""
    for attempt in range(1, attempts + 1):
        try:
            with hosts.one_of(host):
                return call()
        except Passing:
            if attempt == attempts:
                raise
        wait(min(60.0, 4.0 ** (attempt - 1)) * random.uniform(0.75, 1.25))  # noqa: S311
    raise AssertionError(attempts)
