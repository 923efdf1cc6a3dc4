"""`regfix rewrite -`: standard input to standard output; everything else goes to the person who waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.commands.sink import ExitCode
from regfix.errors import UsageError
from regfix.rewriting import as_written
from regfix.run.pipeline import run

if TYPE_CHECKING:
    from regfix.commands.rewrite import RewriteOptions
    from regfix.commands.sink import Sink
    from regfix.report.summary import Summary
    from regfix.run.file import Options


def rewrite_piped(options: RewriteOptions, run_options: Options, summary: Summary, sink: Sink) -> int:
    """Write what was read with its references moved; nothing where that failed, so that nobody takes half for whole."""
    from regfix.report.text import changed_lines, error_line, summary_lines

    if run_options.piped is None:
        return ExitCode.DONE
    (outcome,) = run(options.choice.paths, run_options)
    told = as_written(outcome) if outcome.after is not None else outcome
    summary.add(told)
    if outcome.error is not None:
        sink.message(error_line(outcome.error))
        return ExitCode.FAILED
    if outcome.after is None or outcome.decoded is None:
        sink.result(run_options.piped.data.decode("utf-8", "surrogateescape"))
    else:
        sink.result(("\ufeff" if outcome.decoded.bom else "") + outcome.after)
        if options.mode is options.mode.DIFF:
            from regfix.report.diff import outcome_diff

            sink.message("".join(outcome_diff(outcome, terminal=sink.terminal, colour=False)).removesuffix("\n"))
    if not options.quiet:
        for line in (*(changed_lines(told, dry=False) if outcome.after is not None else ()),
                     *summary_lines(summary, dry=False)):  # fmt: skip
            sink.message(line)
    return ExitCode.DONE


def require_pipeable(options: RewriteOptions) -> None:
    """Raise UsageError for what means nothing for a source without a file."""
    given = (
        ("--prove", options.prove is not None), ("--bump", options.bump != "none"), ("--fetch", options.fetch),
        ("-f", bool(options.values)), ("--force-exclude or --diff-from", options.only is not None),
        ("a baseline", options.baseline is not None),
    )  # fmt: skip
    for name, is_given in given:
        if is_given:
            raise UsageError(f"{name} means nothing for standard input", hint="name files")
    if options.format != "text" and options.mode in (options.mode.WRITE, options.mode.DIFF):
        raise UsageError("standard output is for the text", where=f"--format {options.format}",
                         hint="add --check or --dry-run")  # fmt: skip
