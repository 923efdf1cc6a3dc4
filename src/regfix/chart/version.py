"""Versions and ranges as Helm reads them: which versions lie in the range of a dependency, which is newer. Pure.

Sources: version.go and constraints.go of https://github.com/Masterminds/semver, version 3.4 (Helm 3.19 and 4.3);
https://semver.org for the order. Its oddities are kept: `~0.0.0` takes everything, `^*` next to nothing.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Version(NamedTuple):
    """The parts of a version that its order depends on; what is behind a `+` is no such part."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[int, int, int]:
        """The version without what makes it a pre-release."""
        return self.major, self.minor, self.patch

    @property
    def order(self) -> tuple[object, ...]:
        """A key to compare versions by (https://semver.org, 11): a pre-release lies before its release."""
        parts = tuple((not p.isdecimal(), len(p) if p.isdecimal() else 0, p) for p in self.pre)
        return self.major, self.minor, self.patch, not self.pre, parts


class _Term(NamedTuple):
    """One comparison of a range: the operator, the version, and how many of its three numbers are given."""

    operator: str
    version: Version
    given: int


MAX_LENGTH = 1000
"""Versions and ranges with more characters are none: the time to read a range grows with the square of its length."""

_NUMBER = "[0-9]{1,19}"
_REST = r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
_BOUND = rf"v?({_NUMBER}|[xX*])(?:\.({_NUMBER}|[xX*]))?(?:\.({_NUMBER}|[xX*]))?{_REST}"


@cache
def _version() -> re.Pattern[str]:
    return re.compile(rf"v?({_NUMBER})(?:\.({_NUMBER}))?(?:\.({_NUMBER}))?{_REST}")


@cache
def _term() -> re.Pattern[str]:
    return re.compile(rf"(!=|>=|=>|<=|=<|~>|[=<>~^]?)\s*{_BOUND}(?=[\s,]|$)")


@cache
def _hyphen() -> re.Pattern[str]:
    return re.compile(rf"({_BOUND})\s+-\s+({_BOUND})")


def parse_version(text: str) -> Version | None:
    """Return what a text says as a version, None for what is none. Missing numbers count as 0, as in Helm."""
    found = _version().fullmatch(text.strip()) if len(text) <= MAX_LENGTH else None
    if found is None:
        return None
    major, minor, patch, pre = found.groups()
    parts = tuple(pre.split(".")) if pre else ()
    if any(part.isdecimal() and part[0] == "0" and part != "0" for part in parts):
        return None
    return Version(int(major), int(minor or 0), int(patch or 0), parts)


def newest(versions: Iterable[str], wanted: str) -> str | None:
    """Return the newest of some versions that lies in a range; None where none does."""
    found = ((parsed.order, text) for text in versions if (parsed := parse_version(text)) and in_range(text, wanted))
    return max(found, default=((), None), key=lambda pair: pair[0])[1]


def in_range(version: str, wanted: str) -> bool:
    """Tell whether `version` lies in the range `wanted`.

    What neither reads as a version nor as a range is no match, as in Helm: so in an empty range lies nothing.
    """
    parsed = parse_version(version)
    groups = _groups(wanted)
    return parsed is not None and any(_all_of(parsed, group) for group in groups or ())


def admits_pre_releases(wanted: str) -> bool:
    """Tell whether a range takes pre-releases somewhere: only where one of its versions is one."""
    return any(term.version.pre for group in _groups(wanted) or () for term in group)


@cache
def _groups(wanted: str) -> list[list[_Term]] | None:
    """Return the comparisons of a range: one group has to hold wholly; None where it is no range."""
    groups: list[list[_Term]] = []
    if len(wanted) > MAX_LENGTH:
        return None
    for part in _hyphen().sub(r">=\1, <=\6 ", wanted).split("||"):
        terms = list(_terms(part))
        if not terms or any(term is None for term in terms):
            return None
        groups.append([term for term in terms if term is not None])
    return groups


def _terms(part: str) -> Iterator[_Term | None]:
    """Yield the comparisons of a group, None where it cannot be read on."""
    at = len(part) - len(part.lstrip())
    while at < len(part):
        found = _term().match(part, at)
        yield None if found is None else _as_term(found)
        if found is None:
            return
        between = re.compile(r"\s*(,\s*)?").match(part, found.end())
        at = between.end() if between is not None else found.end()
        if between is not None and between.group(1) and at == len(part):
            yield None  # a comma at the end


def _as_term(found: re.Match[str]) -> _Term | None:
    operator, *numbers, pre = found.groups()
    given = next((i for i, number in enumerate(numbers) if number is None or not number.isdecimal()), 3)
    shown = ".".join([*numbers[:given], *["0"] * (3 - given)])
    version = parse_version(shown + (f"-{pre}" if pre else ""))
    return None if version is None else _Term(operator or "=", version, given)


def _all_of(version: Version, group: list[_Term]) -> bool:
    if version.pre and not any(term.version.pre for term in group):
        return False
    return all(_holds(version, term) for term in group)


def _holds(version: Version, term: _Term) -> bool:
    low, given = term.version, term.given
    same = version[:given] == low[:given] if given else version.major == 0
    match term.operator:
        case "=":
            return _is_near(version, term) if given < 3 else version.order == low.order
        case "!=":
            return version.order != low.order if given in (0, 3) else _differs(version, term)
        case ">":
            return version.order > low.order and (given in (0, 3) or not same)
        case "<":
            return version.order < low.order
        case ">=" | "=>":
            return version.order >= low.order
        case "<=" | "=<":
            size = 1 if given == 1 else 2
            return version.order <= low.order if given == 3 else version[:size] <= low[:size]
        case "^":
            return version.order >= low.order and _is_compatible(version, term)
        case _:
            return _is_near(version, term)


def _is_near(version: Version, term: _Term) -> bool:
    """Tell what `~` does: the same major version, and the same minor one if that is given."""
    low, given = term.version, term.given
    if version.order < low.order:
        return False
    if low[:3] == (0, 0, 0) and given in (0, 3):
        return True
    size = 1 if given == 1 else 2
    return version[:size] == low[:size]


def _is_compatible(version: Version, term: _Term) -> bool:
    """Tell what `^` does: the first number that is not 0 stays as it is."""
    low, given = term.version, term.given
    if low.major or given == 1:
        return version.major == low.major
    if low.minor or given == 2:
        return version[:2] == low[:2]
    return version[:3] == low[:3]


def _differs(version: Version, term: _Term) -> bool:
    """Tell what `!=` does with numbers left open: a pre-release of what is excluded may still count."""
    low, given = term.version, term.given
    if version[:given] != low[:given]:
        return True
    return given == 2 and version.pre != low.pre
