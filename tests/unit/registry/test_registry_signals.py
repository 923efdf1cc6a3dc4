"""Signals while registries are asked: the run is given up between two steps, and nothing of it is left."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from regfix.registry.signals import run_until_complete


async def killing_itself(*numbers: int) -> None:
    """Get signals in the midst of a step, in a group of tasks, as libraries have them."""

    async def step() -> None:
        for number in numbers:
            os.kill(os.getpid(), number)
        await asyncio.sleep(20)

    async with asyncio.TaskGroup() as group:
        group.create_task(step())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_handler_that_was_there(number: int) -> None:
    class Arrived(Exception):
        pass

    def handler(*_: object) -> None:
        raise Arrived

    before, loop = signal.signal(number, handler), asyncio.new_event_loop()
    try:
        began = time.monotonic()
        with pytest.raises(Arrived):
            run_until_complete(loop, killing_itself(number))
        assert time.monotonic() - began < 5
        assert signal.getsignal(number) is handler
    finally:
        signal.signal(number, before)
        loop.close()


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before, loop = signal.signal(signal.SIGINT, signal.SIG_IGN), asyncio.new_event_loop()

    async def work() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.01)

    try:
        run_until_complete(loop, work())
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
        loop.close()


def test_what_is_cancelled_without_a_signal_is_an_error() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    loop = asyncio.new_event_loop()
    with pytest.raises(asyncio.CancelledError):
        run_until_complete(loop, work())
    loop.close()
