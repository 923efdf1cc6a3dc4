"""`regfix overrides`: the values that an installer must set so that a chart pulls from where the rules say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.merging import changes, deep_merge, put
from regfix.commands.chart_at import load, load_or_fetch
from regfix.commands.hardcoded import hardcoded
from regfix.commands.rules_in_force import Choice, fields_in_force, in_force
from regfix.commands.sink import ExitCode
from regfix.errors import SourceError, UsageError
from regfix.locate.hosts import HostFinder
from regfix.overrides.fate import Fate
from regfix.overrides.needed import overrides_of
from regfix.overrides.refused import Schemas
from regfix.reads.chart import ReadValues

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.chart.model import Chart
    from regfix.commands.hardcoded import Hardcoded
    from regfix.commands.sink import Sink
    from regfix.image.rule import RuleSet
    from regfix.outcome import Note
    from regfix.overrides.model import Overrides
    from regfix.syntax.yamltree import Data


class OverridesOptions(NamedTuple):
    """The options of `overrides`: a chart (folder or archive), and the values files that its installer uses.

    With `fetch` Helm brings the dependencies that are not in `charts/`, and the chart itself if it is neither folder
    nor archive; `version` is its range then, and `helm` the program, if not the one on the PATH.
    """

    chart: str
    values: Sequence[str] = ()
    choice: Choice = Choice()
    fetch: bool = False
    version: str = ""
    helm: str | None = None


def overrides(options: OverridesOptions, sink: Sink) -> int:
    """Print the overrides as YAML and return the exit code; raises RegfixError for what cannot be read at all."""
    from regfix.report.text import error_line, missing_lines
    from regfix.syntax.yamlwrite import Style, block_lines

    force = in_force(options.choice)
    rules, hosts = force.rules, HostFinder(force.rules, fields_in_force(force.settings))
    chart = _chart(options)
    before, after = _installer_values(options.values, rules, hosts)
    found = overrides_of(chart, before, rules, hosts, installed=True, is_read=ReadValues(chart),
                         refuses=Schemas(chart, before, rules, hosts, changes=False).refuse)  # fmt: skip
    values: dict[str, Data] = {}
    for path, value in changes(before, after):
        put(values, path, value)
    wanted = deep_merge(found.values, values)
    sink.result("".join(line + "\n" for line in block_lines(wanted, 0, Style())))
    fixed = hardcoded(chart, rules, hosts)
    failures = (*found.failures, *fixed.failures)
    for error in failures:
        sink.message(error_line(error))
    if not wanted:
        sink.message("no value to set")
    _tell_left(found, sink)
    _tell_hardcoded(fixed, sink)
    _tell_dead(chart, options.values, before, sink)
    for line in missing_lines([(options.chart, note) for note in _notes(chart, options.chart)]):
        sink.message(line)
    return ExitCode.FAILED if failures else ExitCode.DONE


def _chart(options: OverridesOptions) -> Chart:
    """Return the chart, with its dependencies fetched if that is asked for; raises RegfixError."""
    if not options.fetch:
        if options.version:
            raise UsageError("--version goes with --fetch", hint="a folder or an archive has its version")
        return load(options.chart)
    from regfix.helm.downloads import downloads
    from regfix.helm.fetch import HelmFetcher

    with downloads(options.helm) as helm:
        chart = load_or_fetch(options.chart, options.version, helm)
        return HelmFetcher(helm).fetched(chart).chart


def _notes(chart: Chart, path: str) -> Iterator[Note]:
    """Yield the dependencies that were not looked into; only in a folder does a command bring them."""
    from regfix.run.notes import notes_of

    for note in notes_of(chart, (), path):
        yield note if os.path.isdir(path) else note._replace(command="")


def _installer_values(
    paths: Sequence[str], rules: RuleSet, hosts: HostFinder
) -> tuple[dict[str, Data], dict[str, Data]]:
    """Return the merged values of the installer's files, as they are and after the rules. Raises SourceError."""
    from regfix.locate.kind import Kind
    from regfix.rewriting import rewrite_source
    from regfix.syntax.yamltree import load_mapping
    from regfix.text.read import read_file
    from regfix.text.source import decode

    before: dict[str, Data] = {}
    after: dict[str, Data] = {}
    for path in paths:
        source = decode(read_file(os.path.realpath(path))[0], path)
        outcome = rewrite_source(source, Kind.YAML, rules, hosts)
        if outcome.error is not None:
            raise SourceError(outcome.error.what, where=outcome.error.where or path, why=outcome.error.why)
        before = deep_merge(before, load_mapping(source.text, path))
        after = deep_merge(after, load_mapping(source.text if outcome.after is None else outcome.after, path))
    return before, after


def _tell_left(found: Overrides, sink: Sink) -> None:
    """Tell which references in values no override reaches."""
    from regfix.locate.site import REASONS, Reason
    from regfix.report.text import finding_line

    told = [(claim.finding, {fate for _, fate in claim.leaves}) for claim in found.told
            if claim.finding.context != "comment"]  # fmt: skip
    for reason, left in (
        (Reason.VENDORED, [finding for finding, fates in told if Fate.LEFT in fates]),
        (Reason.SCHEMA, [finding for finding, fates in told if Fate.REFUSED in fates]),
        (Reason.DEAD_VALUE, [finding for finding, fates in told if fates == {Fate.DEAD}]),
    ):
        if left:
            sink.message(f"{len(left)} left: {REASONS[reason]} [{reason}]")
        for finding in left:
            sink.message("  " + finding_line(finding))


def _tell_hardcoded(fixed: Hardcoded, sink: Sink) -> None:
    """Tell which references stand in templates, so that values do not move them."""
    from regfix.report.text import finding_line

    if fixed.findings:
        sink.message(f"{len(fixed.findings)} left: in a template, hard-coded or for a value that is not set")
    for finding in fixed.findings:
        sink.message("  " + finding_line(finding))


def _tell_dead(chart: Chart, paths: Sequence[str], given: dict[str, Data], sink: Sink) -> None:
    """Tell which values in the installer's files no template reads."""
    if not paths:
        return
    from regfix.reads.chart import chart_reads
    from regfix.report.text import dead_lines
    from regfix.run.deadvalues import findings_of
    from regfix.text.read import read_file
    from regfix.text.source import decode

    try:
        reads = chart_reads(chart, (given,))
    except SourceError:
        return  # of a chart that cannot be read nothing is known, and the failures are told
    for line in dead_lines([
        finding
        for path in paths
        for finding in findings_of(decode(read_file(os.path.realpath(path))[0], path), chart, reads)
    ]):  # fmt: skip
        sink.message(line)
