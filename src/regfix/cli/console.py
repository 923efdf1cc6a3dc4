"""Standard output and error: bytes out, manners of a terminal, and what happens when nobody reads."""

from __future__ import annotations

import os
import sys
import time


class OutputFailed(Exception):
    """Standard output cannot take the result; `gone` tells that its reader went away."""

    def __init__(self, error: OSError | None) -> None:
        super().__init__(str(error))
        self.gone = isinstance(error, BrokenPipeError)
        self.why = (error.strerror or str(error)) if error is not None else "it is closed"


class Console:
    """The process's standard streams as a sink for commands."""

    def __init__(self) -> None:
        self.terminal = _is_terminal(1)
        self.colour = self.terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._shows_progress = _is_terminal(2) and os.environ.get("TERM") != "dumb"
        self._progress_at = time.monotonic()
        self._progress_shown = False

    def result(self, text: str) -> None:
        """Write to standard output; raises OutputFailed."""
        self._clear_progress()
        try:
            if sys.stdout is None:
                raise OutputFailed(None)
            sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        except (OSError, ValueError) as error:
            raise OutputFailed(error if isinstance(error, OSError) else None) from None

    def flush(self) -> None:
        """Push out what is buffered; raises OutputFailed."""
        self._clear_progress()
        try:
            if sys.stdout is not None:
                sys.stdout.flush()
        except (OSError, ValueError) as error:
            raise OutputFailed(error if isinstance(error, OSError) else None) from None

    def message(self, line: str) -> None:
        """Write a line to standard error, as far as there is one."""
        self._clear_progress()
        _write_error(line + "\n")

    def progress(self, count: int, what: str = "files with references") -> None:
        """Show a counter on a terminal, at most five times a second."""
        now = time.monotonic()
        if self._shows_progress and now - self._progress_at > 0.2:
            self._progress_at, self._progress_shown = now, True
            _write_error(f"\r{count} {what}")

    def _clear_progress(self) -> None:
        if self._progress_shown:
            self._progress_shown = False
            _write_error("\r\x1b[K")


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _write_error(text: str) -> None:
    try:
        if sys.stderr is not None:
            sys.stderr.write(text.encode("utf-8", "backslashreplace").decode("utf-8"))
            sys.stderr.flush()
    except (OSError, ValueError):
        pass  # there is nobody left to tell
