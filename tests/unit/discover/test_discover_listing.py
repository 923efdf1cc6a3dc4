"""A folder is asked about as a whole: where the answer is no, no rule leaves out any of its entries."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from regfix.discover.glob import FOLDER
from regfix.discover.ignore import git_lines, git_rules, helm_lines, helm_rules
from regfix.discover.matcher import Listing

WORDS = st.text(st.sampled_from("ab.*?[]!/\\-"), min_size=1, max_size=6)
NAMES = st.sets(st.text(st.sampled_from("ab.-*"), min_size=1, max_size=4), min_size=1, max_size=5)


@given(st.lists(WORDS, max_size=4), NAMES, st.sampled_from(["/", "/a/", "/a/b/"]))
def test_no_for_all_is_no_for_each(lines: list[str], names: set[str], place: str) -> None:
    data = "\n".join(lines).encode()
    git, helm = git_rules(git_lines(data)), helm_rules(helm_lines(data))
    listing = Listing.of(sorted(names))
    for name in names:
        for mark in (name, name + FOLDER):
            if not git.may_match(listing):
                assert git.verdict(mark, place + mark, 1) is None
            if not helm.may_match(listing):
                assert not helm.ignores(mark, place + mark, 1)
