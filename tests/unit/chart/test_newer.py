"""The search for the first clean version: what it finds is right, and it asks little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regfix.chart.newer import EnoughAsked, Newer, first_clean
from regfix.chart.version import in_range, newest, parse_version


class Known:
    """Candidates of which everything is known; counts those that were looked into."""

    def __init__(self, clean: dict[str, bool], most: int = 10_000) -> None:
        self.clean = clean
        self.most = most
        self.looked: set[str] = set()

    def newest(self, wanted: str) -> str | None:
        return newest(self.clean, wanted)

    def is_clean(self, version: str) -> bool:
        if version not in self.looked and len(self.looked) >= self.most:
            raise EnoughAsked
        self.looked.add(version)
        return self.clean[version]


def above(versions: list[str], at_hand: str) -> list[str]:
    """Return the releases above a version, in order."""
    parsed = {v: p for v in versions if (p := parse_version(v)) and not p.pre}
    base = parse_version(at_hand)
    assert base is not None
    return sorted((v for v, p in parsed.items() if p.order > base.order), key=lambda v: parsed[v].order)


NUMBERS = st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 6))
VERSIONS = st.lists(NUMBERS, min_size=1, max_size=30, unique=True).map(
    lambda found: [".".join(map(str, one)) for one in found]
)
WANTED = st.sampled_from(["*", "^1.0.0", "~1.2", ">=0.5 <3", "1.x || 3.x", "1.0 - 2.3", "9", "no range", "2.1.1"])


@given(versions=VERSIONS, at_hand=NUMBERS, wanted=WANTED, data=st.data())
def test_with_time_enough_the_first_is_found(
    versions: list[str], at_hand: tuple[int, ...], wanted: str, data: st.DataObject
) -> None:
    base = ".".join(map(str, at_hand))
    clean = {version: data.draw(st.booleans()) for version in versions}
    found = first_clean(base, wanted, Known(clean))
    newer = above(versions, base)
    first = next((version for version in newer if clean[version]), None)
    update = [version for version in newer if in_range(version, wanted)]
    assert found == Newer(first, newer[-1] if newer else None, bool(update) and clean[update[-1]], True)


@given(versions=VERSIONS, wanted=WANTED, most=st.integers(1, 8), data=st.data())
def test_with_a_limit_what_is_told_is_true(versions: list[str], wanted: str, most: int, data: st.DataObject) -> None:
    clean = {version: data.draw(st.booleans()) for version in versions}
    known = Known(clean, most)
    found = first_clean("1.0.0", wanted, known)
    assert len(known.looked) <= most
    assert found.first is None or (clean[found.first] and found.first in known.looked)
    newer = above(versions, "1.0.0")
    if found.complete:
        assert found.first == next((version for version in newer if clean[version]), None)
    elif found.first is None:
        assert not any(clean[version] for version in known.looked)


@pytest.mark.parametrize("cut", range(30, 900, 37))
def test_few_downloads_are_enough_for_many_versions(cut: int) -> None:
    versions = [f"{major}.{minor}.{patch}" for major in range(1, 10) for minor in range(10) for patch in range(10)]
    known = Known({version: index >= cut for index, version in enumerate(versions)}, most=14)
    found = first_clean("1.0.0", "^1", known)
    assert found.first == versions[cut]
    assert found.newest == versions[-1]
    assert not found.complete


def test_a_fix_on_the_line_of_the_range_is_preferred() -> None:
    clean = {"1.0.0": False, "1.1.0": False, "1.1.1": True, "2.0.0": False, "2.1.0": True}
    known = Known(clean, most=2)
    assert first_clean("1.0.0", "^1.0.0", known).first == "1.1.1"


@pytest.mark.parametrize(("at_hand", "wanted", "first"), [
    ("1.0.0", "^1", "1.1.0"), ("1.0.0", "^1.0.0-0", "1.1.0-rc.1"), ("1.0.0-rc.1", "*", "1.0.0"), ("2.0.0", "*", None),
    ("odd", "*", None),
])  # fmt: skip
def test_pre_releases_count_where_they_are_meant(at_hand: str, wanted: str, first: str | None) -> None:
    clean = dict.fromkeys(["1.0.0-rc.1", "1.0.0", "1.1.0-rc.1", "1.1.0", "2.0.0-rc.1", "odd"], True)
    assert first_clean(at_hand, wanted, Known(clean)).first == first
