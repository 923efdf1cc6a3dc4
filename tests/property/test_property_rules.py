"""Sets of rules against a reference implementation that tries everything (R31, R33, R63)."""

from __future__ import annotations

from itertools import product

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles import Name, normal, normal_prefix, steps, target_of

from regfix import Rule, RuleError, rewrite_text
from regfix.image.rule import Ambiguous, RuleSet

HOSTS = ("a.io", "b.io", "docker.io", "a.io:5000")
COMPONENTS = ("x", "y", "library")

PREFIXES = [
    host + "".join(f"/{c}" for c in path)
    for host in HOSTS
    for size in range(3)
    for path in product(COMPONENTS, repeat=size)
]
NAMES = [
    f"{host}/{'/'.join(path)}"
    for host in HOSTS
    for size in (1, 2, 3, 4)
    for path in product((*COMPONENTS, "z"), repeat=size)
]

Rules = list[tuple[str, str]]


prefixes = st.sampled_from(PREFIXES)
rule_lists: st.SearchStrategy[Rules] = st.lists(st.tuples(prefixes, prefixes), min_size=1, max_size=5)


def rule_set(rules: Rules) -> RuleSet | None:
    """Return the rules as regfix takes them, or None where it refuses them."""
    try:
        return RuleSet(Rule.parse(f"{old}={new}") for old, new in rules)
    except RuleError:
        return None


def result(rules: RuleSet, name: str) -> Name:
    """Return where regfix moves a complete name."""
    host, *path = name.split("/")
    move = rules.resolve(host, tuple(path))
    return normal(name) if move is None else normal("/".join((move.target, *path[move.consumed :])))


def is_ordinary(rules: Rules, name: str) -> bool:
    """Leave out rules that lead to no repository: what would be left is no image."""
    return all(len(there) > 1 for _, there in steps(rules, normal(name)))


def comes_back(rules: Rules, name: Name) -> bool:
    """Tell whether following the rules from a name leads to a rule for the second time, by way of another one."""
    sources = [source for source, _ in steps(rules, name)]
    return any(source in sources[:at] and source != sources[at - 1] for at, source in enumerate(sources))


@settings(max_examples=300)
@given(rule_lists, st.lists(st.sampled_from(NAMES), min_size=20, max_size=20))
def test_a_name_ends_where_the_longest_rules_lead(rules: Rules, names: list[str]) -> None:
    known = rule_set(rules)
    assume(known is not None)
    assert known is not None
    for name in names:
        if is_ordinary(rules, name):
            assert result(known, name) == target_of(rules, normal(name)), name


@settings(max_examples=100)
@given(rule_lists, st.randoms(use_true_random=False))
def test_the_order_of_rules_has_no_meaning(rules: Rules, random: object) -> None:
    known = rule_set(rules)
    shuffled = list(rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = rule_set(shuffled)
    assert (known is None) == (again is None)
    if known is not None and again is not None:
        for name in NAMES[::7]:
            assert result(known, name) == result(again, name), name


@settings(max_examples=200)
@given(rule_lists)
def test_nothing_that_was_moved_moves_again(rules: Rules) -> None:
    known = rule_set(rules)
    assume(known is not None)
    assert known is not None
    for name in NAMES[::9]:
        if not is_ordinary(rules, name):
            continue
        there = result(known, name)
        assert result(known, "/".join(there)) == there, name


@settings(max_examples=300)
@given(rule_lists)
def test_rules_that_lead_in_a_circle_are_refused(rules: Rules) -> None:
    """Soundness: no set is accepted in which a name comes back to a rule. More may be refused (decision 3)."""
    if rule_set(rules) is not None:
        for name in NAMES[::3]:
            assert not is_ordinary(rules, name) or not comes_back(rules, normal(name)), name


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(PREFIXES[:8]), st.sampled_from(PREFIXES[:8])), min_size=1, max_size=3))
def test_rules_that_cannot_meet_are_accepted(rules: Rules) -> None:
    """No set is refused for a circle where no target lies below or above the source of another rule."""
    sources = [normal_prefix(old) for old, _ in rules]
    targets = [normal_prefix(new) for _, new in rules]
    assume(len(set(sources)) == len(sources))
    meet = any(
        i != j and (t[: len(s)] == s or s[: len(t)] == t) for i, t in enumerate(targets) for j, s in enumerate(sources)
    )
    assume(not meet)
    assert rule_set(rules) is not None


@settings(max_examples=300)
@given(
    rule_lists,
    st.sampled_from(HOSTS),
    st.lists(st.sampled_from(COMPONENTS), max_size=3),
    st.sampled_from(["", "x", "li", "z", "q-"]),
)
def test_a_start_is_decided_only_where_every_end_moves_alike(
    rules: Rules, host: str, path: list[str], partial: str
) -> None:
    """A placeholder may stand for anything: at least one component behind what is written."""
    known = rule_set(rules)
    assume(known is not None)
    assert known is not None
    said = known.resolve_start(host, tuple(path), partial)
    if isinstance(said, Ambiguous):
        return
    for end in product((*COMPONENTS, "z", "zz"), repeat=2):
        rest = [partial + end[0], *end[1:]]
        written = "/".join([host, *path, *rest])
        if not is_ordinary(rules, written):
            continue
        wanted = target_of(rules, normal(written))
        got = normal(written if said is None else "/".join([said.target, *path[said.consumed :], *rest]))
        assert got == wanted, (said, rest)


@settings(max_examples=150)
@given(rule_lists, st.lists(st.sampled_from(NAMES), min_size=1, max_size=6))
def test_a_text_is_moved_as_its_names_are(rules: Rules, names: list[str]) -> None:
    assume(rule_set(rules) is not None and all(is_ordinary(rules, name) for name in names))
    texts = [f"{old}={new}" for old, new in rules]
    before = "".join(f"- image: {name}:1\n" for name in names)
    after = rewrite_text(before, texts).text
    found = [normal(line[len("- image: ") : -len(":1")]) for line in after.splitlines()]
    assert found == [target_of(rules, normal(name)) for name in names]
    assert rewrite_text(after, texts).text == after
