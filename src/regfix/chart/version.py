"""Version ranges as far as a chart tree needs them: does a vendored chart's version lie in a dependency's range.

Source: https://github.com/Masterminds/semver (the ranges that Helm takes): `||`, blanks or commas for "and",
hyphen ranges, `^`, `~`, comparisons, `x` and `*`; pre-releases match only where the range names one.
"""

from __future__ import annotations

import re
from functools import cache

Version = tuple[int, int, int, tuple[str, ...]]


@cache
def _version() -> re.Pattern[str]:
    return re.compile(r"v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


@cache
def _term() -> re.Pattern[str]:
    return re.compile(r"(=|==|!=|>=|=>|<=|=<|>|<|~|~>|\^)?\s*(" + _version().pattern + r")")


def in_range(version: str, wanted: str) -> bool:
    """Tell whether `version` lies in the range `wanted`; an empty range takes every version that is no pre-release.

    What neither reads as a version nor as a range is no match, as in Helm.
    """
    found = _version().fullmatch(version.strip())
    if found is None:
        return False
    parsed = _numbers(found, 0)
    if not wanted.strip():
        return not parsed[3]
    return any(_all_of(parsed, part) for part in wanted.split("||"))


def _all_of(version: Version, wanted: str) -> bool:
    wanted = re.sub(r"(\S+)\s+-\s+(\S+)", r">=\1 <=\2", wanted.strip())
    terms = list(_term().finditer(wanted))
    rest = _term().sub("", wanted).replace(",", "").strip()
    return bool(terms) and not rest and all(_holds(version, term) for term in terms)


def _numbers(found: re.Match[str], first: int) -> Version:
    """Return the version that groups of a match say; a wildcard or a missing part counts as 0."""
    major, minor, patch, pre = found.group(first + 1, first + 2, first + 3, first + 4)
    numbers = [int(part) if part and part.isdecimal() else 0 for part in (major, minor, patch)]
    return numbers[0], numbers[1], numbers[2], tuple((pre or "").split(".")) if pre else ()


def _holds(version: Version, term: re.Match[str]) -> bool:
    low = _numbers(term, 2)
    if version[3] and not low[3]:
        return False
    given = [part for part in term.group(3, 4, 5) if part and part.isdecimal()]
    operator = term.group(1) or "="
    if operator in ("=", "==") and len(given) < 3:
        operator = "~" if given else ">="
    high = _next(low, len(given), operator)
    order, above = _order(version), _order(version) >= _order(high)
    return {
        "=": order == _order(low), "==": order == _order(low), "!=": order != _order(low),
        ">": order > _order(low) if len(given) == 3 else above, "<": order < _order(low),
        ">=": order >= _order(low), "=>": order >= _order(low),
        "<=": order <= _order(low) if len(given) == 3 else not above,
        "=<": order <= _order(low) if len(given) == 3 else not above,
    }.get(operator, order >= _order(low) and not above)  # fmt: skip


def _next(low: Version, given: int, operator: str) -> Version:
    """Return the first version above a range: of `^` the next breaking one, else the next of the last part given."""
    major, minor, patch, _ = low
    if given == 0:
        return 2**62, 0, 0, ()
    if operator == "^":
        fixed = 1 if major or given == 1 else 2 if minor or given == 2 else 3
    else:
        fixed = 1 if given == 1 else 2
    if fixed == 1:
        return major + 1, 0, 0, ()
    return (major, minor + 1, 0, ()) if fixed == 2 else (major, minor, patch + 1, ())


def _order(version: Version) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
    """Return a key to compare versions by (https://semver.org, 11): a pre-release lies before its release."""
    parts = tuple((not p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in version[3])
    return version[0], version[1], version[2], not version[3], parts
