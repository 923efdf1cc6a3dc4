"""For each dependency of a chart: what its defaults hold that moves, and the first newer version that holds nothing."""

from __future__ import annotations

import os
import re
import shlex
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.files import FolderFiles
from regfix.chart.newer import Newer, first_clean
from regfix.chart.origin import FILE
from regfix.chart.tree import chart_of
from regfix.chart.version import in_range, parse_version
from regfix.errors import SourceError
from regfix.helm.candidates import ChartCandidates, Looks
from regfix.helm.fetch import HelmFetcher, not_fetched
from regfix.helm.run import HelmError
from regfix.overrides.held import held_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.chart.model import Chart, Dependency, Subchart
    from regfix.helm.downloads import Downloads
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.overrides.model import Claim


class State(StrEnum):
    """How a dependency stands: it holds nothing, a newer version does not, none that was found, not known."""

    CLEAN = "clean"
    UPGRADE = "upgrade"
    NONE = "none"
    FAILED = "failed"


class Upgrade(NamedTuple):
    """What is known of a dependency; `key` are its keys from the chart, with dots, `at_hand` the version that is used.

    `held` are the references in its defaults that move, `in_range` tells whether the first clean version is in the
    range of the dependency, `write` what is to be done. `looked` are the versions that were looked at, and what was
    seen: clean, not clean, or why that is not known.
    """

    key: str
    dependency: Dependency
    at_hand: str
    held: tuple[Claim, ...] = ()
    newer: Newer = Newer()
    in_range: bool = False
    write: str = ""
    looked: tuple[tuple[str, bool | SourceError], ...] = ()
    error: SourceError | None = None

    @property
    def state(self) -> State:
        """How it stands."""
        if self.error is not None:
            return State.FAILED
        if not self.held:
            return State.CLEAN
        return State.NONE if self.newer.first is None else State.UPGRADE


def upgrades(
    chart: Chart, downloads: Downloads, rules: RuleSet, hosts: HostFinder, most: int
) -> Iterator[Upgrade | SourceError]:
    """Yield the dependencies of a chart, and those of the charts in it that come from nowhere else.

    At most `most` newer versions are downloaded for each. What is not vendored is fetched. Errors are of charts of
    which nothing is known. Raises nothing.
    """
    looks = Looks(downloads, lambda other: bool(held_by(other, rules, hosts)))
    return _Finder(looks, HelmFetcher(downloads), rules, hosts, most).of(chart, ())


class _Finder:
    def __init__(self, looks: Looks, fetcher: HelmFetcher, rules: RuleSet, hosts: HostFinder, most: int) -> None:
        self._looks = looks
        self._fetcher = fetcher
        self._rules = rules
        self._hosts = hosts
        self._most = most
        self._told: set[str] = set()

    def of(self, chart: Chart, chain: tuple[str, ...]) -> Iterator[Upgrade | SourceError]:
        """Yield the dependencies of a chart that `chain` leads to."""
        chart = self._fetcher.fetched(chart).chart
        for error in chart.failures:
            if str(error) not in self._told:  # those of charts in it are among its own, too
                self._told.add(str(error))
                yield error
        for sub in chart.subcharts:
            dependency, keys = sub.dependency, (*chain, sub.key)
            if dependency is not None and dependency.is_fetched and not _is_local(chart, sub):
                yield self._upgrade(chart, sub.chart, dependency, ".".join(keys))
            elif not sub.only_helm_3:
                yield from self.of(sub.chart, keys)

    def _upgrade(self, parent: Chart, chart: Chart, dependency: Dependency, key: str) -> Upgrade:
        found = Upgrade(key, dependency, chart.metadata.version)
        candidates = ChartCandidates(dependency, self._looks, self._most)
        try:
            found = found._replace(held=held_by(chart, self._rules, self._hosts))
            if not found.held:
                return found
            if dependency.repository.startswith(FILE):
                return self._of_folder(parent, found)
            newer = first_clean(found.at_hand, dependency.version, candidates)
        except (HelmError, SourceError) as error:
            return found._replace(error=not_fetched(parent, dependency, error.why or error.what))
        fits = newer.first is not None and in_range(newer.first, dependency.version)
        found = found._replace(newer=newer, in_range=fits, looked=tuple(candidates.looked.items()))
        return found._replace(write=_what_to_write(parent, found))

    def _of_folder(self, parent: Chart, found: Upgrade) -> Upgrade:
        """Return what is known of a copy whose source is a folder; raises SourceError."""
        path = found.dependency.repository.removeprefix(FILE)
        files = FolderFiles(parent.path).local(path) if os.path.isdir(parent.path or ".") else None
        if files is None:
            raise SourceError("no such chart", where=path, why="no chart is there")
        source = chart_of(files)
        version = source.metadata.version
        clean = not held_by(source, self._rules, self._hosts)
        newer = Newer(version if clean else None, version, update_is_clean=clean)
        fits = in_range(version, found.dependency.version)
        found = found._replace(newer=newer, in_range=clean and fits, looked=((version, clean),))
        write = _what_to_write(parent, found) if clean else f"regfix rewrite {shlex.quote(files.path)}"
        return found._replace(write=write)


def _is_local(parent: Chart, sub: Subchart) -> bool:
    """Tell whether a subchart is the folder that `file://` leads to, and no copy of it."""
    if not os.path.isdir(parent.path or "."):
        return False
    vendored = os.path.join(parent.path, "charts") + os.sep
    repository = sub.dependency.repository if sub.dependency is not None else ""
    return repository.startswith(FILE) and not sub.chart.path.startswith(vendored)


def _what_to_write(parent: Chart, found: Upgrade) -> str:
    """Return the new version range, or the command where the range is right as it is; empty where nothing helps."""
    first = found.newer.first
    if first is None:
        return ""
    if found.in_range and found.newer.update_is_clean:
        return f"helm dependency update {shlex.quote(parent.path.rstrip('/') or '.')}"
    return f"version: {_range_from(found.dependency.version, first, kept=found.in_range)}"


def _range_from(wanted: str, first: str, *, kept: bool) -> str:
    """Return a range that begins with a version, in the manner of an old one; `kept` where only that one is right."""
    wanted = wanted.strip()
    if kept or parse_version(wanted) is not None:
        return first
    return ("~" if re.match(r"~[^|, ]*$", wanted) else "^") + first
