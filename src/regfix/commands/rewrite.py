"""`regfix rewrite`: move references in place, or show what would move."""

from __future__ import annotations

from contextlib import nullcontext
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.vendored import Vendored
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
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

    from regfix.chart.fetching import Fetcher
    from regfix.commands.baseline import BaselineOptions
    from regfix.commands.proving import ProveOptions
    from regfix.commands.rules_in_force import InForce
    from regfix.commands.sink import Sink
    from regfix.outcome import Outcome
    from regfix.registry.asking import Manner
    from regfix.registry.confirmed import Confirmed
    from regfix.run.piped import Piped

    Report = Callable[[Iterator[Outcome], Summary], None]


class Mode(Enum):
    """What `rewrite` does with a change: write it, write it and show the diff, only show it, only tell."""

    WRITE = "write"
    DIFF = "diff"
    DRY_RUN = "dry-run"
    CHECK = "check"


class RewriteOptions(NamedTuple):
    """The options of `rewrite`; `text` and `comments` are None where the command line does not say.

    `bump` is patch, minor or none. `values` are values files elsewhere, of the one chart among the paths. `format` is
    text, json, sarif, github, gitlab or markdown. `helm` is the program that fetches and proves, if not the one on the
    PATH. `verify` says how registries are asked whether they confirm what moves, None where they are not asked.
    `only` are the files that the run is about, of all that the paths hold; None for all of them. `piped` is standard
    input, which takes the place of the paths. `baseline` is for Mode.CHECK.
    """

    choice: Choice = Choice()
    mode: Mode = Mode.WRITE
    exclude: Sequence[str] = ()
    text: bool | None = None
    comments: bool | None = None
    ignore_files: bool = True
    format: str = "text"
    verbose: bool = False
    quiet: bool = False
    vendored: Vendored = Vendored.OVERRIDE
    bump: str = "none"
    values: Sequence[str] = ()
    fetch: bool = False
    helm: str | None = None
    prove: ProveOptions | None = None
    verify: Manner | None = None
    only: Sequence[str] | None = None
    piped: Piped | None = None
    baseline: BaselineOptions | None = None


def rewrite(options: RewriteOptions, sink: Sink, report: Report | None = None) -> int:
    """Run the command and return its exit code; raises RegfixError for rules and settings that do not hold.

    A `report` takes the outcomes, and fills the summary, instead of the format of the options.
    """
    report = report or partial(_report, options, sink=sink)
    if options.baseline is not None:
        from regfix.commands.baseline import baselined

        report = baselined(options.baseline, report, sink)
    summary = Summary()
    with fetching(options.fetch, options.helm) as fetcher:
        reading = Reading(options.exclude, options.text, options.ignore_files, options.values, fetcher, options.piped)
        force = in_force(options.choice, reading)
        if options.verbose:
            say_what_is_in_force(force, sink)
        if not options.quiet:
            say_what_is_not_mirrored(force, sink)
        code = _confirmed_run(options, _run_options(options, force, fetcher), summary, sink, report)
    if summary.failed:
        return ExitCode.FAILED
    if options.baseline is not None and options.baseline.write is not None:
        return ExitCode.DONE
    return ExitCode.FINDINGS if options.mode is Mode.CHECK and summary.files else code


def fetching(fetch: bool, helm: str | None) -> AbstractContextManager[Fetcher | None]:
    """Give what brings dependencies, as `--fetch` asks for it, else None; raises UsageError where there is no Helm."""
    if not fetch:
        return nullcontext()
    from regfix.helm.fetch import helm_fetcher

    return helm_fetcher(helm)


def _confirmed_run(
    options: RewriteOptions, run_options: Options, summary: Summary, sink: Sink, report: Report
) -> int:  # fmt: skip
    """Run, with what registries confirm if they are to be asked; return what that makes of the exit code."""
    if options.verify is None:
        return _run(options, run_options, summary, sink, report)
    from regfix.commands.confirming import run_confirmed

    def rewritten(run_options: Options, confirmed: Confirmed) -> int:
        return _run(options, run_options, summary, sink, report, confirmed)

    paths = (*options.choice.paths, *options.values)
    return run_confirmed(options.verify, paths, run_options, rewritten, summary, sink, quiet=options.quiet)


def _run(
    options: RewriteOptions, run_options: Options, summary: Summary, sink: Sink, report: Report,
    confirmed: Confirmed | None = None,
) -> int:  # fmt: skip
    """Run, report, and return what the proof makes of the exit code."""
    paths = (*options.choice.paths, *options.values)
    if options.piped is not None and run_options.write:
        from regfix.commands.piped import rewrite_piped

        return rewrite_piped(options, run_options, summary, sink)
    if options.prove is None:
        report(run(paths, run_options), summary)
        if options.verbose:
            say_what_matches_nothing(run_options.fields, sink)
        return ExitCode.DONE
    from regfix.commands.proving import Proving

    proving = Proving(paths, run_options, options.prove, options.helm, confirmed)
    report(proving.outcomes(), summary)
    return proving.tell(sink, quiet=options.quiet)


def _report(options: RewriteOptions, outcomes: Iterator[Outcome], summary: Summary, sink: Sink) -> None:
    if options.format == "text":
        _report_text(options, outcomes, summary, sink)
    else:
        report_form(options.format, outcomes, summary, sink, "rewrite", options.mode.value)


def _run_options(options: RewriteOptions, force: InForce, fetcher: Fetcher | None = None) -> Options:
    settings, values = force.settings, {}
    if options.values:
        from regfix.commands.chart_at import of_chart

        values = of_chart(options.choice.paths, options.values)
    return Options(
        force.rules,
        write=options.mode in (Mode.WRITE, Mode.DIFF),
        text=either(options.text, settings.text, default=False),
        comments=either(options.comments, settings.comments, default=True),
        exclude=(*settings.exclude, *options.exclude),
        ignore_files=options.ignore_files,
        settings=settings.path,
        vendored=options.vendored,
        bump=options.bump.removeprefix("none"),
        values=values,
        fetcher=fetcher,
        fields=fields_in_force(settings),
        only=options.only,
        piped=options.piped,
    )


def _report_text(options: RewriteOptions, outcomes: Iterator[Outcome], summary: Summary, sink: Sink) -> None:
    for count, outcome in enumerate(outcomes, 1):
        summary.add(outcome)
        if not options.quiet:
            sink.progress(count)
        if outcome.error is not None:
            from regfix.report.text import error_line

            sink.message(error_line(outcome.error))
        elif outcome.after is not None:
            _show_change(options, outcome, sink)
        elif options.verbose and outcome.reason:
            from regfix.report.escape import escape

            sink.message(f"not read: {escape(outcome.source)} ({outcome.reason})")
        if options.verbose and (outcome.notes or outcome.remarks):
            from regfix.report.text import off_lines, remark_lines

            for line in (*off_lines(outcome), *remark_lines(outcome)):
                sink.message(line)
    if not options.quiet:
        from regfix.report.text import summary_lines

        for line in summary_lines(summary, dry=options.mode in (Mode.DRY_RUN, Mode.CHECK)):
            sink.message(line)


def _show_change(options: RewriteOptions, outcome: Outcome, sink: Sink) -> None:
    if options.mode in (Mode.DRY_RUN, Mode.DIFF):
        from regfix.report.diff import outcome_diff

        for piece in outcome_diff(outcome, terminal=sink.terminal, colour=sink.colour):
            sink.result(piece)
    elif not options.quiet:
        from regfix.report.text import changed_lines

        for line in changed_lines(outcome, dry=options.mode is Mode.CHECK):
            sink.result(line + "\n")


def report_form(
    form: str, outcomes: Iterable[Outcome], summary: Summary, sink: Sink, command: str, mode: str = "",
    today: date | None = None,
) -> None:  # fmt: skip
    """Write a report that is not text; errors are told to the person too where the form goes to a page.

    Annotations of GitHub hold them already, for the same log. There a line of an excerpt could begin a command, too.
    """
    from regfix.report.forms import form_pieces
    from regfix.report.text import error_line

    for piece in form_pieces(form, outcomes, summary, command, mode, today):
        sink.result(piece)
    if form not in ("json", "github"):
        for outcome in summary.failed:
            if outcome.error is not None:
                sink.message(error_line(outcome.error))
