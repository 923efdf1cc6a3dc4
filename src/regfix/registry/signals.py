"""Signals while a loop of tasks runs: between two of its steps, and not in the midst of one.

The exception of a handler that is called in the midst of a step may be wrapped by a group of tasks, or be lost in a
callback; the run would go on, or end with a traceback.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine


def run_until_complete(loop: asyncio.AbstractEventLoop, work: Coroutine[object, object, None]) -> None:
    """Run some work to its end; SIGINT and SIGTERM give it up, and then reach the handlers that they had before."""
    task = loop.create_task(work)
    arrived: list[int] = []

    def give_up(number: int) -> None:
        arrived.append(number)
        task.cancel()

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    caught = {number: handler for number, handler in before.items() if callable(handler) and _takes_signals()}
    try:
        for number in caught:
            loop.add_signal_handler(number, give_up, number)
        loop.run_until_complete(task)
    except asyncio.CancelledError:
        if not arrived:
            raise
    finally:
        for number, handler in caught.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
    if arrived:
        signal.raise_signal(arrived[0])


def _takes_signals() -> bool:
    """Tell whether this thread is the one that signals come to."""
    return threading.current_thread() is threading.main_thread()
