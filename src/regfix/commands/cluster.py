"""`regfix cluster`: what runs in clusters, what would run, and what the rules say of its images."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from regfix.cluster.charts import Charts
from regfix.cluster.collect import collect
from regfix.cluster.discovery import Scope
from regfix.cluster.dump import Dump, dumps_at
from regfix.cluster.kubectl import Kubectl, find_kubectl
from regfix.cluster.listing import Live
from regfix.cluster.locating import Locator
from regfix.cluster.model import ClusterError, Report
from regfix.cluster.saving import Saving
from regfix.cluster.sources import Sources
from regfix.cluster.worklist import work_list
from regfix.commands.rules_in_force import Choice, fields_in_force, in_force
from regfix.commands.sink import ExitCode
from regfix.errors import UsageError
from regfix.report.escape import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.cluster.model import Objects
    from regfix.commands.rules_in_force import InForce
    from regfix.commands.sink import Sink


class ClusterOptions(NamedTuple):
    """The options of `cluster`; `format` is text, json, csv, markdown or openmetrics.

    `every` takes references that no rule concerns, too; `releases` what Helm keeps of its releases.
    With `files` (dumps, or folders of them) no cluster is asked.
    `save` is the folder for dumps, `charts` are charts of releases, `sources` manifests and values, folders or files.
    """

    choice: Choice = Choice()
    contexts: Sequence[str] = ()
    all_contexts: bool = False
    kubeconfig: str = ""
    kubectl: str | None = None
    scope: Scope = Scope()
    files: Sequence[str] = ()
    save: str | None = None
    every: bool = False
    releases: bool = True
    charts: Sequence[str] = ()
    sources: Sequence[str] = ()
    check: bool = False
    format: str = "text"
    quiet: bool = False


def cluster(options: ClusterOptions, sink: Sink) -> int:
    """Report and return the exit code: 1 with `check` while a source registry is in use, 2 if something was not read.

    Raises RegfixError.
    """
    force = in_force(options.choice)
    locator = Locator(force.rules, fields_in_force(force.settings), every=options.every)
    charts = Charts(options.charts) if options.charts else None
    sources = Sources(options.sources, locator) if options.sources else None
    reports = []
    for objects in _clusters(options, force):
        reports.append(_report_of(objects, locator, options, charts, sink))
        _tell_problems(reports[-1].problems, sink)
    reports = work_list(reports, sources)
    beside = [*(charts.problems if charts else ()), *(sources.problems if sources else ())]
    _tell_problems(beside, sink)
    _show(options, reports, sink)
    if beside or any(report.problems for report in reports):
        return ExitCode.FAILED
    counted = any(hit.counts for report in reports for hit in report.hits)
    return ExitCode.FINDINGS if options.check and counted else ExitCode.DONE


def _report_of(
    objects: Objects | ClusterError, locator: Locator, options: ClusterOptions, charts: Charts | None, sink: Sink
) -> Report:
    """Return what is said of one cluster; where it cannot be asked, or not be saved, that is all."""
    if isinstance(objects, ClusterError):
        return Report(objects.where, (), 0, (objects,))

    def progress(count: int) -> None:
        sink.progress(count, f"objects of {escape(objects.name)}")

    def collected(objects: Objects) -> Report:
        alone = not options.scope.selector
        return collect(objects, locator, progress, releases=options.releases, alone=alone, charts=charts)

    if options.save is None:
        return collected(objects)
    try:
        with Saving(objects, options.save) as saving:
            return collected(saving)
    except ClusterError as error:
        return Report(objects.name, (), 0, (error,))


def _clusters(options: ClusterOptions, force: InForce) -> Iterator[Objects | ClusterError]:
    """Yield the clusters of a run, in the order in which they are named; raises UsageError, ClusterError."""
    if options.files:
        if options.save is not None:
            raise UsageError("--from-file and --save exclude each other", hint="the dump is there already")
        if options.contexts or options.all_contexts or options.scope.selector:
            raise UsageError("--from-file asks no cluster", hint="leave --context and --selector out")
        for path in options.files:
            try:
                yield from (Dump(file, options.scope.namespaces) for file in dumps_at(path))
            except ClusterError as error:
                yield error
        return
    program = find_kubectl(options.kubectl)
    kinds = tuple((field.api_version, field.kind) for field in force.settings.fields)
    scope = options.scope._replace(kinds=kinds)
    plain = Kubectl(program, kubeconfig=options.kubeconfig)
    contexts = plain.contexts() if options.all_contexts else tuple(dict.fromkeys(options.contexts))
    if options.all_contexts and not contexts:
        raise UsageError("there is no context", where="--all-contexts", hint="kubectl config get-contexts lists them")
    if not contexts and "KUBERNETES_SERVICE_HOST" in os.environ and not options.kubeconfig and not plain.contexts():
        yield Live("in-cluster", plain, scope)  # in a pod kubectl needs no configuration
        return
    for context in contexts or (plain.current(),):
        yield Live(context, plain._replace(context=context), scope)


def _tell_problems(problems: Iterable[ClusterError], sink: Sink) -> None:
    from regfix.report.text import error_line

    for problem in problems:
        sink.message(error_line(problem))


def _show(options: ClusterOptions, reports: Sequence[Report], sink: Sink) -> None:
    from regfix.report.cluster import cluster_pieces, summary_lines

    for piece in cluster_pieces(options.format, reports, terminal=sink.terminal):
        sink.result(piece)
    if not options.quiet:
        for line in summary_lines(reports):
            sink.message(line)
