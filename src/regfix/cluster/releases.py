"""What the Helm releases of a cluster declare, laid beside what is there: nothing is counted twice.

A hook that is gone, and what was changed by hand, are in the release alone; the rest is there, and gets its origin.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from regfix.cluster.declared import parts_of
from regfix.cluster.hits import hits_of
from regfix.cluster.managers import managers_of
from regfix.cluster.model import ClusterError, Condition, Hit, Identity, Origin
from regfix.cluster.objects import identity, json_text
from regfix.cluster.origin import Origins
from regfix.cluster.recorded import values_of
from regfix.cluster.release import Kept, kept_in, release_in
from regfix.errors import SourceError
from regfix.image.reference import starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from regfix.cluster.charts import Charts
    from regfix.cluster.declared import Part
    from regfix.cluster.hits import Spot
    from regfix.cluster.locating import Locator
    from regfix.cluster.model import ApiObject, Declared, Provenance
    from regfix.cluster.release import Release

    Key = tuple[Identity, Spot]
    Place = tuple[str, str, str]


RELEASE = "helm.sh/v1"
"""Stands for a type of the API where a hit is of the values of a release, which are of no object."""


class _Found(NamedTuple):
    """What the best revision of a release so far declares: hits of its own, and what it says of hits that are there."""

    rank: tuple[bool, int]
    own: tuple[Hit, ...] = ()
    there: Mapping[Key, Hit] = MappingProxyType({})


class Releases:
    """Takes the objects of Helm one by one; of each release only the last revision that was deployed counts."""

    def __init__(self, cluster: str, locator: Locator, live: Mapping[Key, Hit], charts: Charts | None = None) -> None:
        self.found: dict[tuple[str, str], _Found] = {}
        self._cluster = cluster
        self._locator = locator
        self._live = live
        self._charts = charts
        self._errors: dict[tuple[str, str], tuple[ClusterError, ...]] = {}
        self._places: dict[Place, list[Key]] = {}
        for key, hit in live.items():
            for who in (hit.object, *hit.owners):
                self._places.setdefault(_place(who), []).append(key)

    @property
    def problems(self) -> Iterator[ClusterError]:
        """What could not be read of the revisions that count."""
        return (error for errors in self._errors.values() for error in errors)

    def add(self, one: ApiObject) -> None:
        """Take notice of a revision of a release."""
        kept = kept_in(one)
        known = self.found.get(kept[:2])
        if kept.is_past or (known is not None and known.rank >= kept.rank):
            return
        self.found[kept[:2]], self._errors[kept[:2]] = self._read(one, kept)

    def hits(self, *, alone: bool) -> tuple[Hit, ...]:
        """Return the hits that are there, with what releases say of them, and those of releases `alone`."""
        there = dict(self._live)
        for found in self.found.values():
            there.update(found.there)
        return (*there.values(), *(hit for found in self.found.values() for hit in found.own if alone))

    def _read(self, one: ApiObject, kept: Kept) -> tuple[_Found, tuple[ClusterError, ...]]:
        try:
            release = release_in(one, self._cluster)
            origins = Origins(release, self._locator, self._charts)
            reader = _Reader(release, self._cluster, self._locator, origins, self._live, self._places)
            reader.read()
        except ClusterError as error:
            return _Found(kept.rank), (error,)
        except RecursionError:  # JSON may be nested so that it can be read and just not be written
            where = f"{self._cluster}: {identity(self._cluster, one)}"
            why = "it is nested too deeply"
            return _Found(kept.rank), (ClusterError("the Helm release cannot be read", where=where, why=why),)
        return _Found(kept.rank, tuple(reader.own), reader.there), tuple(reader.problems())


def _place(who: Identity) -> Place:
    return who.kind, who.namespace, who.name


class _Reader:
    """Reads one release."""

    def __init__(
        self,
        release: Release,
        cluster: str,
        locator: Locator,
        origins: Origins,
        live: Mapping[Key, Hit],
        places: Mapping[Place, list[Key]],
    ) -> None:
        self.own: list[Hit] = []
        self.there: dict[Key, Hit] = {}
        self._release = release
        self._cluster = cluster
        self._locator = locator
        self._origins = origins
        self._live = live
        self._places = places
        self._shown: set[str] = set()
        self._failed: list[SourceError | ClusterError] = []

    def read(self) -> None:
        """Read the manifest and the hooks, then the values that none of them shows."""
        for part in parts_of(self._release, self._locator.is_worth, self._failed.append):
            self._take(part)
        self._take_values()

    def problems(self) -> Iterator[ClusterError]:
        """Yield the first thing that could not be read, which speaks for the others of the release."""
        for error in self._failed[:1]:
            more = len(self._failed) - 1
            why = f"{error.why or error.what}{f', and {more} more' if more else ''}"
            where = f"{self._cluster}: {self._release.declared}: {error.where}"
            yield ClusterError("a part of a Helm release cannot be read", where=where, why=why)

    def _take(self, part: Part) -> None:
        who = identity(self._cluster, part.object)
        keys = self._places.get(_place(who)) or self._places.get(_place(who._replace(namespace=""))) or []
        for key in keys:
            self._note(key, part.declared, exactly=False)
        for spot, hit in hits_of(part.object, who, (), self._locator, self._failed.append):
            self._shown.add(hit.finding.reference)
            same = [key for key in keys if key[1] == spot and self._is_it(self._live[key], who)]
            for key in same:
                self._note(key, part.declared, exactly=True)
            if not same:
                state = Condition.HOOK if part.declared.events else hit.condition
                self.own.append(hit._replace(
                    origin=Origin.RELEASE, condition=state, release=part.declared,
                    provenance=self._origin(hit, part.declared),
                    managers=managers_of(part.object, self._cluster),
                ))  # fmt: skip

    def _is_it(self, hit: Hit, who: Identity) -> bool:
        """Tell whether a hit is of the object itself, or of one that it owns and that is in use."""
        itself = (hit.object.kind, hit.object.name) == (who.kind, who.name)
        return itself or hit.condition is not Condition.OLD

    def _note(self, key: Key, declared: Declared, *, exactly: bool) -> None:
        hit = self.there.get(key, self._live[key])
        self._shown.add(hit.spec or hit.finding.reference)
        if exactly:
            state = Condition.HOOK if declared.events else hit.condition
            hit = hit._replace(release=declared, condition=state)
        self.there[key] = hit._replace(provenance=self._origin(hit, declared))

    def _origin(self, hit: Hit, declared: Declared) -> tuple[Provenance, ...]:
        return self._origins.of(hit.spec or hit.finding.reference, declared, concerned=hit.concerned)

    def _take_values(self) -> None:
        """Take the references in the values that no object of the release shows."""
        declared = self._release.declared
        who = Identity(self._cluster, RELEASE, "Release", declared.namespace, declared.release)
        try:
            text = json_text(values_of(self._release, self._failed.append))
            findings = self._locator.findings(text, f"{who} values")
        except SourceError as error:
            self._failed.append(error)
            return
        shown = {start for reference in self._shown for start in starts(reference)}
        for finding in findings:
            if finding.reference not in shown:
                hit = Hit(who, finding.key_path, finding, condition=Condition.VALUES, origin=Origin.RELEASE,
                          release=declared, place=finding.key_path)  # fmt: skip
                self.own.append(hit._replace(provenance=self._origin(hit, declared)))
