"""Sets of entries: a second run changes nothing, and the order has no meaning, whatever tags and classes say."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regfix import Rule, RuleError
from regfix.image.entry import MOVING, Entry, Kind, TagChange, Tags
from regfix.image.prefix import parse_prefix
from regfix.image.rule import RuleSet

PREFIXES = ["a.io", "a.io/x", "a.io/x/y", "b.io", "b.io/x", "docker.io/x", "docker.io", "c.io"]
TAGS = [None, "latest", "1.0", "v2.1", "prod-3", "2.0-debian-10"]
CONDITIONS = [None, Tags(at_least="2"), Tags(below="2"), Tags(only=("v*",)), Tags(excepted=("latest", "*-debian-10"))]
CHANGES = [None, None, TagChange(remove_prefix="prod-"), TagChange(add_prefix="v")]


@st.composite
def entries(draw: st.DrawFn) -> Rule:
    source, kind = parse_prefix(draw(st.sampled_from(PREFIXES))), draw(st.sampled_from(list(Kind)))
    target = parse_prefix(draw(st.sampled_from(PREFIXES)))
    if kind in (Kind.GONE, Kind.UNAFFECTED):
        target = source
    change = draw(st.sampled_from(CHANGES)) if kind in (Kind.RENAMED, Kind.OPTIONAL) else None
    return Rule(source, target, "test", Entry(kind, tags=draw(st.sampled_from(CONDITIONS)), tag=change))


def rule_set(rules: list[Rule]) -> RuleSet | None:
    try:
        return RuleSet(rules)
    except RuleError:
        return None


@settings(max_examples=300)
@given(
    st.lists(entries(), min_size=1, max_size=6, unique_by=lambda rule: rule.source), st.randoms(use_true_random=False)
)
def test_a_second_run_changes_nothing(rules: list[Rule], random: object) -> None:
    known = rule_set(rules)
    assume(known is not None)
    assert known is not None
    shuffled = list(rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = rule_set(shuffled)
    assert again is not None
    for name in ("a.io/x/y/z", "a.io/q/r", "b.io/x/y", "docker.io/x/y", "c.io/q/r"):
        host, *path = name.split("/")
        for tag in TAGS:
            move = known.resolve(host, tuple(path), tag)
            assert again.resolve(host, tuple(path), tag) == move
            if move is None:
                continue
            assert all(rule.entry is not None and rule.entry.kind in MOVING for rule in move.rules)
            assert known.held(host, tuple(path), tag) is None
            there, *rest = (*move.target.split("/"), *path[move.consumed :])
            assert known.resolve(there, tuple(rest), move.tag) is None
