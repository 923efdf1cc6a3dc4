"""`regfix scan`: every reference, where it is, what it is, and what the rules would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.commands.rewrite import report_form
from regfix.commands.rules_in_force import (
    Choice,
    Reading,
    either,
    fields_in_force,
    in_force,
    say_what_is_in_force,
    say_what_is_not_mirrored,
    say_what_matches_nothing,
)
from regfix.commands.sink import ExitCode
from regfix.report.summary import Summary
from regfix.run.file import Options
from regfix.run.pipeline import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from regfix.commands.sink import Sink
    from regfix.finding import Finding
    from regfix.outcome import Outcome
    from regfix.run.piped import Piped


class ScanOptions(NamedTuple):
    """The options of `scan`; `format` is text, csv, json, sarif, github, gitlab or markdown.

    With `today` the whole catalogue takes the place of the rules, and states are told as of that day. `piped` is
    standard input, which takes the place of the paths; `only` are the files that the run is about, of all that the
    paths hold.
    """

    choice: Choice = Choice()
    exclude: Sequence[str] = ()
    text: bool | None = None
    comments: bool | None = None
    ignore_files: bool = True
    format: str = "text"
    verbose: bool = False
    quiet: bool = False
    today: date | None = None
    piped: Piped | None = None
    only: Sequence[str] | None = None


HEADER = ("file", "line", "column", "key", "reference", "action", "result")


def scan(options: ScanOptions, sink: Sink) -> int:
    """Run the command and return its exit code; raises RegfixError for rules and settings that do not hold."""
    force = in_force(options.choice, Reading(options.exclude, options.text, options.ignore_files, piped=options.piped))
    if options.verbose:
        say_what_is_in_force(force, sink)
    if not options.quiet:
        say_what_is_not_mirrored(force, sink)
    rules = force.rules
    if options.today is not None:
        from regfix.commands.concerned import catalogue_rules, concerned

        rules = catalogue_rules(options.choice, force)
    summary, fields = Summary(), fields_in_force(force.settings)
    outcomes = run(
        options.choice.paths,
        Options(
            rules,
            text=either(options.text, force.settings.text, default=False),
            comments=either(options.comments, force.settings.comments, default=True),
            every=options.today is None,
            exclude=(*force.settings.exclude, *options.exclude),
            ignore_files=options.ignore_files,
            settings=force.settings.path,
            fields=fields,
            piped=options.piped,
            only=options.only,
        ),
    )
    if options.today is not None:
        outcomes = concerned(outcomes)
    if options.format in ("text", "csv"):
        _report(options, outcomes, summary, sink)
    else:
        report_form(options.format, outcomes, summary, sink, "scan", today=options.today)
    if options.verbose:
        say_what_matches_nothing(fields, sink)
    return ExitCode.FAILED if summary.failed else ExitCode.DONE


def _report(options: ScanOptions, outcomes: Iterator[Outcome], summary: Summary, sink: Sink) -> None:
    from regfix.report.text import dead_lines, plural

    rows = _rows(outcomes, summary, sink, verbose=options.verbose)
    if options.today is not None:
        from regfix.commands.concerned import report

        report(options.format, list(rows), options.today, sink, quiet=options.quiet)
        return
    count = 0
    if options.format == "text" and sink.terminal:
        table = list(rows)
        count = len(table)
        _table(table, sink)
    else:
        for line in _lines(options.format, rows):
            sink.result(line + "\n")
            count += 1
        count -= options.format == "csv"  # the header
    if not options.quiet:
        count -= len(summary.dead)  # each is a reference of its own, too
        sink.message(f"{plural(count, 'reference')}; the rules would rewrite {summary.references}")
        for line in dead_lines(summary.dead):
            sink.message(line)


def _rows(outcomes: Iterator[Outcome], summary: Summary, sink: Sink, *, verbose: bool) -> Iterator[Finding]:
    for count, outcome in enumerate(outcomes, 1):
        summary.add(outcome)
        sink.progress(count)
        if outcome.error is not None:
            from regfix.report.text import error_line

            sink.message(error_line(outcome.error))
        if verbose and outcome.remarks:
            from regfix.report.text import remark_lines

            for line in remark_lines(outcome):
                sink.message(line)
        yield from outcome.findings


def cells_of(finding: Finding) -> tuple[str, ...]:
    """Return a finding as the cells of a table, in the order of the header."""
    from regfix.finding import Action
    from regfix.syntax.keypath import format_key_path

    action = f"{finding.action} ({finding.reason})" if finding.reason else str(finding.action)
    return (
        finding.source,
        str(finding.position.line),
        str(finding.position.column),
        format_key_path(finding.key_path) or str(finding.context),
        finding.reference,
        action,
        finding.result or "" if finding.action is Action.REWRITE else "",
    )


def _lines(form: str, findings: Iterator[Finding]) -> Iterator[str]:
    if form == "csv":
        from regfix.report.table import csv_line

        yield csv_line(HEADER)
        for finding in findings:
            yield csv_line(cells_of(finding))
        return
    from regfix.report.text import finding_line

    for finding in findings:
        yield finding_line(finding)


def _table(findings: Sequence[Finding], sink: Sink) -> None:
    from regfix.report.table import table_lines

    if not findings:
        return
    rows = [(":".join(cells[:3]), *cells[3:]) for cells in map(cells_of, findings)]
    for line in table_lines(("location", *HEADER[3:]), rows):
        sink.result(line + "\n")
