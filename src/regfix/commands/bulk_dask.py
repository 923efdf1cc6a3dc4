"""`regfix bulk --dask`: the projects are done by the workers of a Dask cluster that is there already.

The workers need regfix, git and a folder of the same path; what they share of it decides whether a project that a lost
worker had begun goes on where it was, or begins anew. Dask gives a lost worker's projects to the others.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from regfix.errors import UsageError
from regfix.program import Programs
from regfix.projects.model import Project, ProjectError, Record, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.commands.bulk_project import Rules
    from regfix.projects.work import How


def done_by_dask(
    scheduler: str, projects: Sequence[Project], how: How, rules: Rules, per_host: int
) -> Iterator[Record]:  # fmt: skip
    """Yield the records of projects as they are done. Raises UsageError if there is no cluster."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise UsageError(
            "--dask needs distributed, which is not installed", hint="pip install 'regfix[dask]'"
        ) from None
    try:
        client = Client(scheduler, set_as_default=False)
    except (OSError, ValueError) as failed:
        why = str(failed) or type(failed).__name__
        raise UsageError("no Dask scheduler answers", where=f"--dask {scheduler}", why=why) from None
    with client:
        waiting = {
            client.submit(_project_on_worker, project, how, rules, per_host, pure=False): project
            for project in projects
        }
        for future in as_completed(waiting, loop=client.loop):
            try:
                record = future.result()
            except Exception as lost:  # whatever Dask raises where too many workers went, or the scheduler did
                record = _lost(waiting[future], lost)
            yield record
            future.release()


def _lost(project: Project, error: BaseException) -> Record:
    why = f"{type(error).__name__}: {error}"
    told = ProjectError("the cluster could not do it", why=why, hint="run again, it goes on where it was")
    return Record(project, Status.FAILED, error=told)


def _project_on_worker(project: Project, how: How, rules: Rules, per_host: int) -> Record:
    """Do one project; this is what runs on the workers."""
    from regfix.commands.bulk import one_project

    return one_project(project, how, rules, Programs(), _HostsOfCluster(per_host))


class _HostsOfCluster:
    """The limits for hosts, the same for all workers."""

    def __init__(self, most: int) -> None:
        self._most = most

    def one_of(self, host: str) -> AbstractContextManager[object]:
        """Wait for a place at a host."""
        if not host:
            return nullcontext()
        from distributed import Semaphore

        room: AbstractContextManager[object] = Semaphore(max_leases=self._most, name=f"regfix-{host}")
        return room
