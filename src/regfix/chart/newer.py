"""The first newer version of a chart of which something is true, found with few questions. Pure.

Whether a version is clean can only be told by a look into it, which costs a download. So first the newest version of
the range is looked at, then the newest of all; from the one that is clean the search goes down by halves, through the
major, the minor and the patch versions. That finds the first one if what is clean stays clean. It need not: so the
versions below are looked at too, the newest first, until all are known or enough was asked. A version that is told was
looked at itself.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from regfix.chart.version import Version, admits_pre_releases, parse_version


class EnoughAsked(Exception):
    """No further version may be looked at."""


class Candidates(Protocol):
    """The versions of a chart. Each question may raise EnoughAsked, and what the source of the versions raises."""

    def newest(self, wanted: str) -> str | None:
        """Return the newest version in a range, None where there is none."""

    def is_clean(self, version: str) -> bool:
        """Tell whether what is looked for is true of a version."""


class Newer(NamedTuple):
    """What a search came to: the first clean version that was found, the newest one of all and in the range.

    `update_is_clean` tells that the newest in the range is clean; `complete` that no version between is unknown.
    """

    first: str | None = None
    newest: str | None = None
    update_is_clean: bool = False
    complete: bool = True


def first_clean(at_hand: str, wanted: str, candidates: Candidates) -> Newer:
    """Return the first version above `at_hand` that is clean; `wanted` is the range that is preferred.

    Pre-releases count if the range or `at_hand` is about them.
    """
    base = parse_version(at_hand)
    if base is None:
        return Newer(complete=False)
    return _Search(base, wanted, candidates).result()


class _Search:
    def __init__(self, base: Version, wanted: str, candidates: Candidates) -> None:
        self._base = base
        self._wanted = wanted
        self._ask = candidates
        self._terms = [f">{_text(base)}"]
        if base.pre or admits_pre_releases(wanted):
            self._terms.append(">=0.0.0-0")  # one such term lets its whole group take pre-releases
        self._found = Newer()

    def result(self) -> Newer:
        """Search, and return what was found by then."""
        try:
            self._search()
        except EnoughAsked:
            self._found = self._found._replace(complete=False)
        return self._found

    def _search(self) -> None:
        newest = self._newest()
        self._found = Newer(newest=newest)
        if newest is None:
            return
        update = self._newest(within=self._wanted)
        if update is not None and self._is_clean(update):
            self._found = self._found._replace(update_is_clean=True)
            self._narrow(update, self._wanted)
        elif self._is_clean(newest):
            self._narrow(newest, "")
        self._sweep(self._found.first or newest)

    def _newest(self, *terms: str, within: str = "") -> str | None:
        parts = within.split("||") if within else [""]
        groups = (", ".join(filter(None, (part.strip(), *self._terms, *terms))) for part in parts)
        return self._ask.newest(" || ".join(groups))

    def _is_clean(self, version: str) -> bool:
        clean = self._ask.is_clean(version)
        if clean:
            self._found = self._found._replace(first=version)
        return clean

    def _narrow(self, clean: str, within: str) -> None:
        """Go down from a clean version, by halves of its major, then its minor, then its patch number."""
        top = parse_version(clean)
        for size in range(3):
            top = top and self._halved(top.numbers, size, within)

    def _halved(self, top: tuple[int, ...], size: int, within: str) -> Version | None:
        """Return the last version that was found clean while its number at `size` was brought down."""
        kept, base, last = top[:size], self._base.numbers, None
        low, high = base[size] if kept == base[:size] else 0, top[size]
        while low < high:
            middle = (low + high) // 2
            found = self._newest(self._below((*kept, middle + 1, 0, 0)[:3]), within=within)
            parsed = parse_version(found) if found is not None else None
            if found is not None and parsed and parsed.numbers[:size] == kept and self._is_clean(found):
                last, high = parsed, parsed.numbers[size]
            else:
                low = middle + 1
        return last or Version(top[0], top[1], top[2])

    def _below(self, numbers: tuple[int, ...]) -> str:
        """Return what excludes a version and, where pre-releases count, those of it."""
        return f"<{'.'.join(map(str, numbers))}" + ("-0" if len(self._terms) > 1 else "")

    def _sweep(self, top: str) -> None:
        """Look at each version below, the newest first."""
        below: str | None = top
        while below is not None:
            parsed = parse_version(below)
            below = self._newest(f"<{_text(parsed)}") if parsed is not None else None
            if below is not None:
                self._is_clean(below)


def _text(version: Version) -> str:
    return ".".join(map(str, version.numbers)) + ("-" + ".".join(version.pre) if version.pre else "")
