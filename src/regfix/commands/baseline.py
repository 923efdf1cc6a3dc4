"""`--baseline` and `--write-baseline`: what a project knows of does not count, and how it is written down."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import UsageError
from regfix.report.baseline import BaselineWriter, only_new, read_baseline
from regfix.report.text import error_line, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.commands.rewrite import Report
    from regfix.commands.sink import Sink
    from regfix.outcome import Outcome
    from regfix.report.summary import Summary


class BaselineOptions(NamedTuple):
    """The baseline of a check: the file with what is known, or the one to write."""

    known: str | None = None
    write: str | None = None


def baselined(options: BaselineOptions, report: Report, sink: Sink) -> Report:
    """Return a report to which only what is new comes, or one that writes the baseline.

    Raises UsageError for a file that cannot be written, SettingsError for one that is no baseline.
    """
    if options.write is not None:
        return _writing(options.write, sink)
    known = read_baseline(options.known or "")

    def told(outcomes: Iterator[Outcome], summary: Summary) -> None:
        report(only_new(outcomes, known, summary), summary)

    return told


def _writing(path: str, sink: Sink) -> Report:
    def written(outcomes: Iterator[Outcome], summary: Summary) -> None:
        writer = BaselineWriter()
        for count, outcome in enumerate(writer.noted(outcomes), 1):
            summary.add(outcome)
            sink.progress(count)
            if outcome.error is not None:
                sink.message(error_line(outcome.error))
        _write(path, writer.text())
        sink.message(f"{plural(len(writer), 'finding')} in the baseline {path}")

    return written


def _write(path: str, text: str) -> None:
    """Write a file as a whole; raises UsageError."""
    part = f"{path}.part"
    try:
        with open(part, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(part, path)
    except OSError as error:
        raise UsageError("the baseline was not written", where=path, why=error.strerror or str(error)) from None


def require_check(options: BaselineOptions, *, check: bool, whole: bool, bump: bool) -> None:
    """Raise UsageError for what does not go with a baseline; `whole` tells that the run is about all that is there."""
    name = "--baseline" if options.known is not None else "--write-baseline"
    if options.known is not None and options.write is not None:
        raise UsageError(
            "--baseline and --write-baseline exclude each other", hint="--write-baseline replaces the file"
        )
    if not check:
        raise UsageError(f"{name} means nothing here", hint="it goes with --check")
    if bump:
        raise UsageError(f"{name} and --bump exclude each other", hint="leave --bump out of the check")
    if options.write is not None and not whole:
        raise UsageError("a baseline is of all files", hint="leave --diff-from and --force-exclude out")
