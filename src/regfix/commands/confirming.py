"""Moves that registries confirm first: the two passes of `rewrite --verify`."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from regfix.registry.asking import registries
from regfix.registry.confirmed import Confirmed
from regfix.registry.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regfix.commands.sink import Sink
    from regfix.registry.asked import Pair
    from regfix.registry.asking import Manner, Registries
    from regfix.registry.verify import Checked


@contextmanager
def confirming(manner: Manner, sink: Sink, *, quiet: bool = False) -> Iterator[Confirmed]:
    """Give a veto that asks registries, once there is something to ask; at the end tell what could not be asked.

    Raises UsageError.
    """
    with ExitStack() as stack:
        opened: list[Registries] = []

        def ask(pairs: Iterable[Pair]) -> list[Checked]:
            if not opened:
                opened.append(stack.enter_context(registries(manner)))
            return verify(pairs, opened[0], lambda count: sink.progress(count, "images asked for"))

        confirmed = Confirmed(ask)
        yield confirmed
        from regfix.report.escape import escape
        from regfix.report.verified import left_lines

        for line in () if quiet else left_lines(tuple(confirmed.unasked.values()), "moved and "):
            sink.message(line)

        for asked in opened:
            for host, said in asked.remaining().items():
                sink.message(escape(f"{host}: {said}"))
