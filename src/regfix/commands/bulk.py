"""`regfix bulk`: many projects, each cloned, rewritten, committed on a branch, and pushed if that is asked for."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NamedTuple

from regfix.commands.bulk_project import Rules, rewrite_project
from regfix.commands.rules_in_force import Choice, in_force
from regfix.commands.sink import ExitCode
from regfix.errors import UsageError
from regfix.program import ProgramError, Programs
from regfix.projects.git import environment
from regfix.projects.model import Status
from regfix.projects.network import HostLimits
from regfix.projects.plan import read_plan
from regfix.projects.work import How, prepare_folder, work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.commands.sink import Sink
    from regfix.projects.model import Accounting, Project, Record
    from regfix.projects.network import Hosts


class BulkOptions(NamedTuple):
    """The options of `bulk`. `branch` is empty where the plan decides.

    `shard` is which part of the projects to do, from 0, and of how many. `jobs` and `per_host` are the most projects
    at the same time, in all and at one host. `dask` is the address of a scheduler. `format` is text, jsonl or markdown;
    `overview` is a file for the overview in Markdown.
    """

    plan: str
    how: How
    rules: Rules = Rules()
    branch: str = ""
    shard: tuple[int, int] = (0, 1)
    jobs: int = 4
    per_host: int = 4
    dask: str | None = None
    format: str = "text"
    overview: str | None = None
    quiet: bool = False


def bulk(options: BulkOptions, sink: Sink) -> int:
    """Run the command and return its exit code. Raises RegfixError for what concerns all projects."""
    projects = _projects(options)
    how = _ready(options.how)
    records: dict[Project, Record] = {}
    for record in _done(projects, how, options):
        records[record.project] = record
        _tell(record, options, sink)
        if not options.quiet:
            sink.progress(len(records), f"of {len(projects)} projects")
    in_order = [records[project] for project in projects]
    _report(in_order, options, sink)
    if any(record.error is not None or record.accounting.failed for record in in_order):
        return ExitCode.FAILED
    return ExitCode.FINDINGS if any(record.accounting.short for record in in_order) else ExitCode.DONE


def _projects(options: BulkOptions) -> list[Project]:
    """Return the projects to do, with what the command line says about them; raises RegfixError."""
    index, count = options.shard
    found = [project._replace(branch=options.branch or project.branch) for project in read_plan(options.plan)]
    rules = options.rules
    ours = bool(rules.rules or rules.presets)
    choices = {(rules.rules, rules.presets) if ours else (one.rules, one.presets) for one in found}
    for each in choices:  # rules that do not hold are told at once
        in_force(Choice((os.devnull,), *each, None, rules.catalogue, origin="--rule" if ours else options.plan))
    if options.how.request == "command":
        from regfix.projects.request import require_template

        for project in found:
            require_template(project.request, project)
    return [
        one._replace(rules=rules.rules, presets=rules.presets) if rules.rules or rules.presets else one
        for one in found[index::count]
    ]


def _ready(how: How) -> How:
    """Make the folder, and find out who commits; raises UsageError."""
    if shutil.which("git") is None:
        raise UsageError("git is not on the PATH", hint="install git 2.30 or newer")
    if how.request in ("gh", "glab") and shutil.which(how.request) is None:
        raise UsageError(f"{how.request} is not on the PATH", hint="install it, or write a command into the plan")
    try:
        prepare_folder(how.folder)
    except OSError as error:
        raise UsageError("no place to work", where=f"--folder {how.folder}", why=error.strerror or str(error)) from None
    return how._replace(author=_who("AUTHOR"), committer=_who("COMMITTER"))


def _who(role: str) -> str:
    """Return the name and address that git would write into a commit."""
    try:
        done = Programs().run(["git", "var", f"GIT_{role}_IDENT"], env=environment(), timeout=20)
    except ProgramError as error:
        raise UsageError("git cannot be asked who commits", why=error.why or error.what) from None
    if done.code:
        raise UsageError("git does not know who commits", hint="set user.name and user.email with git config --global")
    return done.stdout.decode("utf-8", "replace").rpartition(">")[0].replace("\n", " ") + ">"


def _done(projects: Sequence[Project], how: How, options: BulkOptions) -> Iterator[Record]:
    if options.dask is not None:
        from regfix.commands.bulk_dask import done_by_dask

        return done_by_dask(options.dask, projects, how, options.rules, options.per_host)
    return _done_here(projects, how, options)


def _done_here(projects: Sequence[Project], how: How, options: BulkOptions) -> Iterator[Record]:
    """Yield the records of the projects as they are done, by threads: most of the time goes into git."""
    from concurrent.futures import ThreadPoolExecutor, as_completed

    _import_all()
    programs, hosts = Programs(), HostLimits(options.per_host)
    pool = ThreadPoolExecutor(options.jobs)
    try:
        waiting = [pool.submit(one_project, project, how, options.rules, programs, hosts) for project in projects]
        for future in as_completed(waiting):
            yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        programs.stop()


def _import_all() -> None:
    """Use what is imported late before there are threads: the first use of such a module is not made for them."""
    from regfix.syntax.yamlevents import fast_events

    for _ in fast_events("a: b").stream:
        pass


def one_project(project: Project, how: How, rules: Rules, programs: Programs, hosts: Hosts) -> Record:
    """Do one project; nothing is raised."""

    def rewriter(folder: str, project: Project, *, write: bool) -> Accounting:
        return rewrite_project(folder, project, rules, write=write)

    return work(project, how, rewriter, programs, hosts)


def _tell(record: Record, options: BulkOptions, sink: Sink) -> None:
    """Tell at once what became of a project."""
    from regfix.report.bulk import record_line
    from regfix.report.json import encode

    if options.format == "jsonl":
        from regfix.report.bulk import record_object

        sink.result(encode(record_object(record, dry=options.how.dry_run)) + "\n")
    if record.status is Status.FAILED or (not options.quiet and (record.accounting.notes or record.accounting.short)):
        sink.message(record_line(record))


def _report(records: Sequence[Record], options: BulkOptions, sink: Sink) -> None:
    from regfix.report import bulk as report

    dry = options.how.dry_run
    if options.format == "text":
        for line in report.record_table(records):
            sink.result(line + "\n")
    elif options.format == "markdown":
        sink.result(report.overview(records, dry=dry))
    if options.overview is not None:
        try:
            with open(options.overview, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                file.write(report.overview(records, dry=dry))
        except OSError as error:
            why = error.strerror or str(error)
            raise UsageError("the overview was not written", where=options.overview, why=why) from None
    if not options.quiet:
        sink.message(report.total_line(records, dry=dry))
