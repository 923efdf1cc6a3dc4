"""From the objects of a cluster to its hits: owners before what they own, and nothing counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cluster.model import ClusterError, Condition, Hit, Origin, Report
from regfix.cluster.objects import LAST_APPLIED, compact, condition, identity, named_path, owner_of
from regfix.cluster.pulled import pulled_otherwise
from regfix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from regfix.cluster.locating import Locator
    from regfix.cluster.model import ApiObject, Identity, Objects
    from regfix.finding import Finding

MAX_OWNERS = 16
"""Longer chains of owners are cut: real ones have three or four links."""


def collect(objects: Objects, locator: Locator, progress: Callable[[int], None] = lambda _: None) -> Report:
    """Return what the workloads of a cluster name, object by object; what cannot be read is a problem of the report."""
    gathered = _Gathered(objects.name, locator)
    for one in objects.workloads():
        gathered.add(one)
        progress(gathered.objects)
    problems = (*objects.problems, *gathered.problems)
    return Report(objects.name, tuple(gathered.hits.values()), gathered.objects, problems)


class _Gathered:
    """The hits so far, by top controller, place and reference; and the owner of each object that was seen."""

    def __init__(self, cluster: str, locator: Locator) -> None:
        self.hits: dict[tuple[object, ...], Hit] = {}
        self.objects = 0
        self.problems: list[ClusterError] = []
        self._cluster = cluster
        self._locator = locator
        self._seen: dict[str, tuple[Identity, Identity | None]] = {}

    def add(self, one: ApiObject) -> None:
        """Take notice of an object; its owners were here before."""
        self.objects += 1
        who = identity(self._cluster, one)
        owner = owner_of(one, who)
        if who.uid and who.kind != "Pod":
            self._seen[who.uid] = who, owner
        owners = tuple(self._chain(owner))
        for key, hit in self._hits(one, who, owners):
            whole = (hit.top[1:], *key)
            known = self.hits.get(whole)
            self.hits[whole] = hit if known is None else known._replace(
                copies=known.copies + (hit.object.kind == known.object.kind and hit.object != known.object)
            )  # fmt: skip

    def _chain(self, owner: Identity | None) -> Iterator[Identity]:
        """Yield the owners from the nearest to the top, as far as they are known."""
        for _ in range(MAX_OWNERS):
            if owner is None:
                return
            known, above = self._seen.get(owner.uid, (owner, None))
            yield known
            owner = above

    def _findings(self, one: ApiObject, who: Identity) -> Iterator[Finding]:
        try:
            for text in compact(one):
                yield from self._locator.findings(text, str(who))
        except (SourceError, RecursionError) as error:
            why = (error.why or error.what) if isinstance(error, SourceError) else "it is nested too deeply"
            self.problems.append(ClusterError("an object cannot be read", where=f"{self._cluster}: {who}", why=why))

    def _hits(
        self, one: ApiObject, who: Identity, owners: tuple[Identity, ...]
    ) -> Iterator[tuple[tuple[object, ...], Hit]]:
        """Yield the hits of an object, each with what tells it apart from others below one top."""
        findings = [*self._findings(one, who)]
        state = condition(one) if findings else Condition.NONE
        direct = {finding.reference for finding in findings if LAST_APPLIED not in finding.key_path}
        for finding in findings:
            if LAST_APPLIED in finding.key_path and finding.reference in direct:
                continue  # the copy that kubectl keeps of what it applied
            container, place = named_path(one, finding.key_path)
            hit = Hit(who, finding.key_path, finding, container, owners, state)
            yield (Origin.SPEC, place, finding.reference), hit
        for pulled in pulled_otherwise(one) if who.kind == "Pod" else ():
            verdict = self._locator.verdict(pulled.reference)
            if verdict is not None:
                hit = Hit(who, pulled.key_path, verdict, pulled.container, owners, Condition.NONE, Origin.STATUS,
                          pulled.spec)  # fmt: skip
                yield (Origin.STATUS, pulled.container, pulled.reference, pulled.spec), hit
