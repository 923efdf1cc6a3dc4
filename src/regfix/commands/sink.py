"""Where a command's results and messages go."""

from __future__ import annotations

from typing import Protocol


class Sink(Protocol):
    """Results are for pipes and files, messages for the person who waits.

    `colour` tells that results go to a terminal that wants colour, `terminal` that they go to a terminal at all.
    """

    @property
    def terminal(self) -> bool: ...

    @property
    def colour(self) -> bool: ...

    def result(self, text: str) -> None:
        """Write a piece of the result, line ends included; surrogate escapes become the bytes they stand for."""

    def message(self, line: str) -> None:
        """Write one line for the person, without its line end."""

    def progress(self, count: int, what: str = "files with references") -> None:
        """Show how much was done, where somebody watches."""


class ExitCode:
    """The exit codes of every command."""

    DONE = 0
    FINDINGS = 1
    FAILED = 2
    INTERRUPTED = 130
    TERMINATED = 143
