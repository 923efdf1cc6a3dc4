"""The command line of `regfix bulk`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from regfix.cli.options import (
    ACCESS,
    ANSWERS,
    CATALOGUE,
    HELM,
    PRESETS,
    RULES,
    argument,
    choice,
    command,
    flag,
    output,
    value,
)

if TYPE_CHECKING:
    from regfix.cli.options import Words


@command(
    argument("plan", "PLAN", "A list of git URLs and checkouts, one a line (- for standard input), or settings for "
             "each (.yaml)."),
    RULES, PRESETS, CATALOGUE,
    flag("dry_run", "--dry-run", "-n", help="Clone and tell what would change; commit nothing."),
    flag("push", "--push", help="Push the branches. Without it nothing leaves this machine."),
    choice("request", "--pull-request", words=("none", "gh", "glab", "command"), help="Open pull requests for what is "
           "pushed: by gh, by glab, or by the command in the plan."),
    value("branch", "--branch", metavar="NAME", help="The branch for the commits (regfix/move-images)."),
    flag("prove", "--prove", help="Write a chart only if Helm's renders prove the change."),
    flag("verify", "--verify", help="Move only images that the registries confirm."),
    *ANSWERS, *ACCESS,
    value("folder", "--folder", metavar="FOLDER", help="Where clones and states are kept (regfix-bulk)."),
    flag("again", "--again", help="Begin anew with projects that are done."),
    value("jobs", "--jobs", "-j", metavar="NUMBER", help="Most projects at the same time (twice the processors)."),
    value("per_host", "--per-host", metavar="NUMBER", help="Most of them that talk to one host (4)."),
    value("attempts", "--attempts", metavar="NUMBER", help="How often to try what the network may have spoilt (3)."),
    value("timeout", "--timeout", metavar="SECONDS", help="Time for each call of git or another program (600)."),
    value("shard", "--shard", metavar="I/N", help="Do the I-th of N parts, from 1; N alone takes it from "
          "JOB_COMPLETION_INDEX."),
    value("dask", "--dask", metavar="ADDRESS", help="Do the projects on the Dask cluster of this scheduler."),
    HELM,
    output("text", "jsonl", "markdown"),
    value("overview", "--overview", metavar="FILE", help="Write the overview of all projects, in Markdown."),
    flag("quiet", "--quiet", "-q", help="Print no accounting."),
)  # fmt: skip
def bulk(
    *, plan: str, rule: Words, preset: Words, catalogue: Words, dry_run: bool, push: bool, request: str,
    branch: str | None, prove: bool, verify: bool, folder: str | None, again: bool, jobs: str | None,
    per_host: str | None, attempts: str | None, timeout: str | None, shard: str | None, dask: str | None,
    helm: str | None, output: str, overview: str | None, quiet: bool, **asking: Any,
) -> int:  # fmt: skip
    """Rewrite many projects: clone, rewrite, commit, push.

    Each gets one commit on a branch. A run that was stopped goes on where it was; a project that fails does not stop
    the others.
    """
    from regfix.cli.console import Console
    from regfix.commands.bulk import BulkOptions
    from regfix.commands.bulk import bulk as run
    from regfix.commands.bulk_project import Rules
    from regfix.errors import UsageError
    from regfix.projects.plan import is_branch
    from regfix.projects.work import How

    if request != "none" and not push:
        raise UsageError("--pull-request needs --push", hint="a pull request is for a branch at the server")
    if branch is not None and not is_branch(branch):
        raise UsageError("it is not a name of a branch", where=f"--branch {branch}")
    rules = Rules(rule, preset, catalogue, helm=helm)
    if prove:
        from regfix.commands.proving import ProveOptions

        rules = rules._replace(prove=ProveOptions())
    if verify or any(asking.values()):
        from regfix.cli.registries import manner

        rules = rules._replace(verify=verify, manner=manner(**asking, timeout=None))
    how = How(
        os.path.abspath(folder or "regfix-bulk"), dry_run=dry_run, again=again, push=push,
        request=request.removeprefix("none"), timeout=float(_number("--timeout", timeout, 600)),
        attempts=_number("--attempts", attempts, 3),
    )  # fmt: skip
    options = BulkOptions(
        plan, how, rules, branch or "", _shard(shard), _number("--jobs", jobs, 2 * (os.cpu_count() or 1)),
        _number("--per-host", per_host, 4), dask, output, overview, quiet,
    )  # fmt: skip
    return run(options, Console())


def _number(option: str, said: str | None, default: int) -> int:
    """Return a number from 1; raises UsageError."""
    if said is None:
        return default
    if not (said.isascii() and said.isdecimal() and len(said) < 6 and int(said)):
        from regfix.errors import UsageError

        raise UsageError("it is a number, from 1", where=f"{option} {said}")
    return int(said)


def _shard(said: str | None) -> tuple[int, int]:
    """Return which part to do, from 0, and of how many; raises UsageError."""
    if said is None:
        return 0, 1
    from regfix.errors import UsageError

    first, slash, second = said.rpartition("/")
    count = _number("--shard", second, 1)
    if slash:
        index = _number("--shard", first, 1) - 1
    else:
        named = os.environ.get("JOB_COMPLETION_INDEX", "")
        if not (named.isascii() and named.isdecimal()):
            raise UsageError("which part it is is not known", where=f"--shard {said}",
                             hint="write I/N, or run in a Job with completionMode: Indexed")  # fmt: skip
        index = int(named)
    if index >= count:
        raise UsageError(f"there is no part {index + 1} of {count}", where=f"--shard {said}",
                         hint=f"they count from 1 to {count}; N alone is for all of a Job")  # fmt: skip
    return index, count
