"""Moves that registries confirm first: the two passes of `rewrite --verify`."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from regfix.commands.sink import ExitCode
from regfix.locate.site import Reason
from regfix.registry.asking import registries
from regfix.registry.confirmed import Confirmed, Wished
from regfix.registry.verify import verify
from regfix.run.pipeline import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from regfix.commands.sink import Sink
    from regfix.registry.asked import Pair
    from regfix.registry.asking import Manner, Registries
    from regfix.registry.verify import Checked
    from regfix.report.summary import Summary
    from regfix.run.file import Options


def run_confirmed(
    manner: Manner,
    paths: Sequence[str],
    options: Options,
    rewritten: Callable[[Options, Confirmed], int],
    summary: Summary,
    sink: Sink,
    *,
    quiet: bool,
) -> int:
    """Look for what is to be asked, then do the run with what registries confirm; return its exit code.

    `rewritten` is the run, which fills the summary. Raises UsageError.
    """
    wished, rules = Wished(), options.rules
    with _confirming(manner, sink, quiet=quiet) as confirmed:
        first = options._replace(rules=rules.with_veto(wished), write=False)
        for count, _ in enumerate(run(paths, first), 1):
            sink.progress(count)
        confirmed.ask(wished)
        code = rewritten(options._replace(rules=rules.with_veto(confirmed)), confirmed)
    if Reason.UNCONFIRMED in summary.left:
        code = max(code, ExitCode.FINDINGS)
    return ExitCode.FAILED if code and confirmed.is_unknown else code


@contextmanager
def _confirming(manner: Manner, sink: Sink, *, quiet: bool = False) -> Iterator[Confirmed]:
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
