"""The entry point: runs the command line and turns whatever happens into an exit code."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType


class _Terminated(BaseException):
    """SIGTERM arrived; what is under way is undone on the way out."""


def main() -> NoReturn:
    """Run `regfix` with the arguments of the process; never returns."""
    gc.set_threshold(50_000)  # start-up allocates a lot and frees nothing: looking for garbage there is in vain
    signal.signal(signal.SIGTERM, _on_sigterm)
    try:
        try:
            code = _run()
        except KeyboardInterrupt:
            code = 130
        except _Terminated:
            code = 143
        _leave(code)
    except KeyboardInterrupt:  # one more, while nothing is left to be undone
        os._exit(130)
    except _Terminated:
        os._exit(143)


def kubectl_plugin() -> NoReturn:
    """Run `regfix cluster`, as the plugin that kubectl finds on the PATH for `kubectl regfix`; never returns."""
    sys.argv.insert(1, "cluster")
    main()


def kubectl_completion() -> NoReturn:
    """Tell kubectl what can come next behind `kubectl regfix`, as the program that it looks for; never returns."""
    sys.argv[1:1] = ["__complete", "cluster"]
    main()


def postrender() -> NoReturn:
    """Run `regfix rewrite -` as Helm wants a post-renderer: without a word but errors; never returns."""
    sys.argv[1:1] = ["rewrite", "--quiet", "-"]
    main()


def krm() -> NoReturn:
    """Run `regfix krm`, for callers that start a program without arguments; never returns."""
    sys.argv.insert(1, "krm")
    main()


def _leave(code: int) -> NoReturn:
    """End the process without taking the interpreter apart first, which would cost a tenth of a short run."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            code = code or 2
    os._exit(code)


def _on_sigterm(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Terminated


def _run() -> int:
    """Run the command line and return the exit code."""
    from regfix.cli.app import run_command_line
    from regfix.cli.console import Console, OutputFailed

    try:
        code = run_command_line()
        Console().flush()
    except OutputFailed as failed:
        _drop_output()
        if not failed.gone:
            Console().message(f"error: standard output cannot be written: {failed.why}")
        return 2
    return code


def _drop_output() -> None:
    """Point standard output at nothing, so that the interpreter's last flush does not complain."""
    if sys.stdout is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)


if __name__ == "__main__":
    main()
