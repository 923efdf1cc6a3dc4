"""From the objects of a cluster to its hits: owners before what they own, and nothing counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.cluster.hits import hits_of
from regfix.cluster.managers import is_application, managers_of
from regfix.cluster.model import Report
from regfix.cluster.objects import identity, owner_of
from regfix.cluster.releases import Releases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from regfix.cluster.charts import Charts
    from regfix.cluster.hits import Spot
    from regfix.cluster.locating import Locator
    from regfix.cluster.model import ApiObject, ClusterError, Hit, Identity, Objects

MAX_OWNERS = 16
"""Longer chains of owners are cut: real ones have three or four links."""


def collect(
    objects: Objects,
    locator: Locator,
    progress: Callable[[int], None] = lambda _: None,
    *,
    releases: bool = True,
    alone: bool = True,
    charts: Charts | None = None,
) -> Report:
    """Return what the workloads of a cluster name, object by object; what cannot be read is a problem of the report.

    With `releases` those of Helm are read, and with `alone` what only they declare is a hit, too. `charts` are those at
    hand.
    """
    gathered = _Gathered(objects.name, locator)
    for one in objects.workloads():
        gathered.add(one)
        progress(gathered.objects)
    kept = Releases(objects.name, locator, gathered.hits, charts)
    for count, one in enumerate(objects.releases() if releases else (), gathered.objects + 1):
        kept.add(one)
        progress(count)
    problems = (*objects.problems, *gathered.problems, *kept.problems)
    return Report(objects.name, kept.hits(alone=alone), gathered.objects, problems, len(kept.found))


class _Seen(NamedTuple):
    """An object that was seen: who owns it, and who brings it."""

    who: Identity
    owner: Identity | None = None
    managers: tuple[Identity, ...] = ()


class _Gathered:
    """The hits so far, by top controller and spot; and the owner of each object that was seen."""

    def __init__(self, cluster: str, locator: Locator) -> None:
        self.hits: dict[tuple[Identity, Spot], Hit] = {}
        self.objects = 0
        self.problems: list[ClusterError] = []
        self._cluster = cluster
        self._locator = locator
        self._seen: dict[str, _Seen] = {}
        self._applications: set[str] = set()

    def add(self, one: ApiObject) -> None:
        """Take notice of an object; its owners were here before."""
        self.objects += 1
        who = identity(self._cluster, one)
        owner = owner_of(one, who)
        managers = managers_of(one, self._cluster, self._applications)
        if is_application(who):
            self._applications.add(who.name)
        if who.uid and who.kind != "Pod":
            self._seen[who.uid] = _Seen(who, owner, managers)
        above = tuple(self._chain(owner))
        owners = tuple(seen.who for seen in above)
        managers = next((found for found in (managers, *(seen.managers for seen in above)) if found), ())
        for spot, found in hits_of(one, who, owners, self._locator, self.problems.append):
            hit = found._replace(managers=managers)
            known = self.hits.get((hit.top, spot))
            self.hits[hit.top, spot] = hit if known is None else known._replace(
                copies=known.copies + (hit.object.kind == known.object.kind and hit.object != known.object)
            )  # fmt: skip

    def _chain(self, owner: Identity | None) -> Iterator[_Seen]:
        """Yield the owners from the nearest to the top, as far as they are known."""
        for _ in range(MAX_OWNERS):
            if owner is None:
                return
            known = self._seen.get(owner.uid) or _Seen(owner)
            yield known
            owner = known.owner
