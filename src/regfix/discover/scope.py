"""Which ignore rules are in force in which folder.

git: only inside a work tree, the nearest `.git` at or above the folder; every .gitignore from there down, the
deepest first, then `.git/info/exclude` (gitignore(5)). The user's own excludes (core.excludesFile) are not asked:
a run must do the same on every machine. A .gitignore that is a symbolic link is not followed, as in git.
Helm: the .helmignore of a chart, for all below it; but not that of a subchart in the `charts/` of another chart,
as Helm itself does not read that (pkg/chart/loader).
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from regfix.discover.found import Failed, SkipReason
from regfix.discover.glob import FOLDER
from regfix.discover.ignore import (
    GitRules,
    HelmRules,
    git_lines,
    git_rules,
    helm_lines,
    helm_rules,
    latin,
    read_rules,
)
from regfix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from regfix.discover.matcher import Listing

_Rules = TypeVar("_Rules")

DOT_GIT = ".git"
RULE_FILES = frozenset({DOT_GIT, ".gitignore", ".helmignore", "Chart.yaml"})
"""The names that bring rules into force in their folder."""

_GIT_FILES = frozenset({DOT_GIT, ".gitignore"})
_CACHED = 16


class Scope(NamedTuple):
    """The rules in force in one folder, each with the length of the path of the folder that it is relative to.

    `git` is None outside a work tree. `chart` tells whether the folder is a chart's, `charts` whether it holds
    the subcharts of one.
    """

    exclude: tuple[int, GitRules] | None = None
    git: tuple[tuple[int, GitRules], ...] | None = None
    helm: tuple[tuple[int, HelmRules], ...] = ()
    chart: bool = False
    charts: bool = False

    def is_silent(self, listing: Listing) -> bool:
        """Tell, fast, whether surely no rule in force leaves out any of the entries of a folder."""
        if (self.exclude or self.git) and not listing.text.isascii():
            return False  # git's rules are about bytes
        for rules in (self.git or (), self.helm, (self.exclude,) if self.exclude else ()):
            for _, each in rules:
                if each.may_match(listing):
                    return False
        return True

    def reason(self, place: str, name: str, *, folder: bool) -> SkipReason | None:
        """Return why the entry `name` of the folder at `place` (its real path) is left out; None if it is not.

        An exclude pattern comes first and can only leave out: with `!` it takes an earlier one back, but never
        lets in what an ignore file keeps out.
        """
        end = FOLDER if folder else ""
        if self.exclude or self.git:
            mark = latin(name) + end
            path = latin(place) + mark
            if self.exclude and self.exclude[1].verdict(mark, path, self.exclude[0]):
                return SkipReason.EXCLUDED
            if _git_ignores(self.git or (), mark, path):
                return SkipReason.GITIGNORE
        if self.helm:
            mark = name + end
            path = place + mark
            if any(rules.ignores(mark, path, start) for start, rules in self.helm):
                return SkipReason.HELMIGNORE
        return None


class RuleFiles:
    """Reads the ignore files of a run; with `active` false there are none."""

    def __init__(self, *, active: bool) -> None:
        self._active = active
        # Many charts hold the same .helmignore: a few parsed ones are kept, whatever the number of folders.
        self._git = lru_cache(_CACHED)(lambda data: git_rules(git_lines(data)))
        self._helm = lru_cache(_CACHED)(lambda data: helm_rules(helm_lines(data)))
        self._above = lru_cache(_CACHED)(self._read_above)
        self._told: set[str] = set()

    def above(self, real: str) -> tuple[Scope, list[Failed]]:
        """Return the rules that the folders above a folder (its real path) bring, and what could not be read."""
        if not self._active or real == "/":
            return Scope(), []
        parent = os.path.dirname(real.rstrip("/")).rstrip("/") + "/"
        scope, failures = self._above(parent, os.path.lexists(real + DOT_GIT))
        news = [failed for failed in failures if failed.path not in self._told]
        self._told.update(failed.path for failed in news)
        return scope, news

    def enter(self, scope: Scope, place: str, path: str, present: Collection[str]) -> tuple[Scope, Sequence[Failed]]:
        """Return the rules in force in a folder, given those of the folder above it, and what could not be read.

        `place` is the folder's real path with a slash behind it, `path` the one that the user knows; `present` holds
        the names in it, at least those of RULE_FILES.
        """
        if not self._active or not (scope.chart or scope.charts or not RULE_FILES.isdisjoint(present)):
            return scope, ()
        failures: list[Failed] = []
        git, helm, raw, real = scope.git, scope.helm, len(latin(place)), len(place)
        if DOT_GIT in present:
            git = self._rules(_info_exclude, os.path.join(path, DOT_GIT), self._git, raw, failures)
        if git is not None and ".gitignore" in present:
            git = self._rules(_gitignore, os.path.join(path, ".gitignore"), self._git, raw, failures) + git
        chart = "Chart.yaml" in present
        if chart and ".helmignore" in present and not scope.charts:
            helm += self._rules(_helmignore, os.path.join(path, ".helmignore"), self._helm, real, failures)
        charts = scope.chart and place.endswith("/charts/")
        return scope._replace(git=git, helm=helm, chart=chart, charts=charts), failures

    def _rules(
        self,
        read: Callable[[str], bytes | None],
        path: str,
        parse: Callable[[bytes], _Rules],
        start: int,
        failures: list[Failed],
    ) -> tuple[tuple[int, _Rules], ...]:
        """Return the rules of one file, relative to the folder whose path has the length `start`; none without it."""
        try:
            data = read(path)
        except SourceError as error:
            failures.append(Failed(error.where, error))
            return ()
        return () if data is None else ((start, parse(data)),)

    def _read_above(self, parent: str, in_tree: bool) -> tuple[Scope, list[Failed]]:
        """Go through the folders from the root of the file system down to `parent`.

        `in_tree`: a work tree begins below `parent`, so git's files at and above it do not count.
        """
        scope, failures = Scope(), list[Failed]()
        for folder, present in reversed(list(_upwards(parent, in_tree))):
            scope, more = self.enter(scope, folder, folder, present)
            failures += more
        return scope, failures


def _upwards(folder: str, in_tree: bool) -> Iterator[tuple[str, set[str]]]:
    """Yield each folder from `folder` upwards with its RULE_FILES, git's only up to the work tree's root."""
    while True:
        present = {name for name in RULE_FILES if os.path.lexists(folder + name)}
        yield folder, present - _GIT_FILES if in_tree else present
        if folder == "/":
            return
        in_tree = in_tree or DOT_GIT in present
        folder = os.path.dirname(folder[:-1]).rstrip("/") + "/"


def _git_ignores(levels: tuple[tuple[int, GitRules], ...], mark: str, path: str) -> bool:
    """Return what the first level that speaks of the entry says."""
    for start, rules in levels:
        verdict = rules.verdict(mark, path, start)
        if verdict is not None:
            return verdict
    return False


def _gitignore(path: str) -> bytes | None:
    return read_rules(path, follow=False)


def _helmignore(path: str) -> bytes | None:
    return read_rules(path, follow=True)


def _info_exclude(dot_git: str) -> bytes | None:
    """Read the exclude file of a repository by its `.git`: a folder, or a file that says where the folder is.

    A linked work tree has it in the main one's folder, which `commondir` names (gitrepository-layout(5)).
    """
    folder = dot_git
    if (link := read_rules(dot_git, follow=True)) is not None:
        target = os.fsdecode(link.removeprefix(b"gitdir:").strip())
        folder = os.path.join(os.path.dirname(dot_git), target)
    if (common := read_rules(os.path.join(folder, "commondir"), follow=True)) is not None:
        folder = os.path.join(folder, os.fsdecode(common.strip()))
    return read_rules(os.path.join(folder, "info", "exclude"), follow=True)
