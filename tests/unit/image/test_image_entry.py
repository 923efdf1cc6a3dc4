"""Conditions on tags, what becomes of tags, and what an entry says of a tag that is not known."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from regfix.image.deadline import days_left, state
from regfix.image.entry import Entry, Kind, TagChange, Tags, matches, numbers
from regfix.image.prefix import parse_prefix
from regfix.image.rule import Held, Rule, RuleSet


@pytest.mark.parametrize(
    ("tag", "version"),
    [("1.2.3", (1, 2, 3)), ("v1.20.0", (1, 20)), ("1.20", (1, 20)), ("V2", (2,)), ("7.0.4-debian-11-r2", (7, 0, 4)), ("0", ()),
     ("latest", None), ("prod-1.2", None), ("", None), ("v", None)],
)  # fmt: skip
def test_the_numbers_of_a_version(tag: str, version: tuple[int, ...] | None) -> None:
    assert numbers(tag) == version


@pytest.mark.parametrize(
    ("tags", "yes", "no"),
    [
        (Tags(at_least="1.9.8"), ["1.9.8", "v1.10.0", "2", "v1.9.8-rc.1"], ["1.9.7", "v1.9", "latest", "main"]),
        (Tags(below="1.19"), ["v1.18.9", "1"], ["1.19", "v1.19.0", "1.20", "latest"]),
        (Tags(at_least="1.2", below="2"), ["1.2.0", "1.99"], ["1.1", "2.0.0"]),
        (Tags(only=("v*", "edge")), ["v1", "v", "edge"], ["1", "edge2", "xedge"]),
        (Tags(excepted=("latest", "*-debian-10*")), ["7.0-debian-11-r2", "latest-1"], ["latest", "6.2-debian-10-r1"]),
    ],
)
def test_a_condition_on_tags(tags: Tags, yes: list[str], no: list[str]) -> None:
    assert [tag for tag in (*yes, *no) if tag in tags] == yes


def test_patterns_match_as_their_stars_say() -> None:
    """Against the definition: every way to cut the text at the stars."""

    def slow(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return any(slow(pattern[1:], text[at:]) for at in range(len(text) + 1))
        return text[:1] == pattern[0] and slow(pattern[1:], text[1:])

    patterns = ["".join(letters) for size in range(5) for letters in product("ab*", repeat=size)]
    texts = ["".join(letters) for size in range(5) for letters in product("ab", repeat=size)]
    assert all(matches(pattern, text) == slow(pattern, text) for pattern in patterns for text in texts)


def test_what_becomes_of_a_tag() -> None:
    change = TagChange(remove_prefix="prod-")
    assert [change.of(tag) for tag in ("prod-1.2", "1.2", "prod-", "prod--x")] == ["1.2", "1.2", "", ""]
    assert TagChange(add_prefix="v").of("1.2") == "v1.2"


def rule(old: str, new: str, kind: Kind = Kind.RENAMED, tags: Tags | None = None, tag: TagChange | None = None) -> Rule:
    return Rule(parse_prefix(old), parse_prefix(new), "test", Entry(kind, tags=tags, tag=tag))


def said(rules: RuleSet, name: str, tag: str | None) -> str:
    host, *path = name.split("/")
    move, held = rules.resolve(host, tuple(path), tag), rules.held(host, tuple(path), tag)
    assert move is None or held is None
    if move is not None:
        return "/".join((move.target, *path[move.consumed :])) + (f":{move.tag}" if move.tag else "")
    return held.why if isinstance(held, Held) else "none"


CHAIN = RuleSet([
    rule("a.io", "b.io/x"), rule("b.io/x", "c.io", tags=Tags(at_least="2")), rule("c.io/gone", "c.io/gone", Kind.GONE),
    rule("c.io/next", "d.io/after", Kind.SUCCESSOR), rule("c.io/stays", "c.io/stays", Kind.UNAFFECTED),
    rule("c.io", "e.io", tag=TagChange("prod-", "v")), rule("c.io/old", "c.io/old", Kind.GONE, Tags(at_least="3")),
])  # fmt: skip


@pytest.mark.parametrize(
    ("name", "tag", "expected"),
    [
        ("a.io/app", "2.0", "e.io/app:v2.0"),  # to the end, with the tag of the end
        ("a.io/app", "1.0", "b.io/x/app:1.0"),  # a condition that does not hold ends the way
        ("a.io/app", None, "b.io/x/app"),  # and so does one that nobody can tell
        ("a.io/gone", "2.0", "c.io/gone:2.0"),  # and what does not move
        ("a.io/next", "2.0", "c.io/next:2.0"),
        ("a.io/stays", "2.0", "c.io/stays:2.0"),
        ("b.io/x/app", "1.0", "other-tag"),
        ("b.io/x/app", None, "unknown-tag"),
        ("c.io/gone", None, "gone"),
        ("c.io/next", "1", "successor"),
        ("c.io/stays/below", "1", "kept"),
        ("c.io/app", "prod-1.2", "e.io/app:v1.2"),
        ("c.io/app", None, "unknown-tag"),
        ("c.io/old", "3.1", "gone"),
        ("c.io/old", "2.9", "none"),  # not concerned, and the shorter entry is not asked
        ("f.io/app", "1", "none"),
    ],
)
def test_where_a_way_ends(name: str, tag: str | None, expected: str) -> None:
    assert said(CHAIN, name, tag) == expected


def test_a_place_for_charts_does_not_make_a_registry_of_images_ambiguous() -> None:
    charts = rule("a.io/rel/charts", "b.io/charts")
    assert charts.entry is not None
    images = RuleSet([rule("a.io/rel", "c.io/app"), charts._replace(entry=charts.entry._replace(charts=True))])
    assert "c.io/app" in str(images.resolve_start("a.io", ("rel",)))
    assert said(images, "a.io/rel/charts/base", "1") == "b.io/charts/base:1"


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("", "2026-12-08", "due in 13 days"), ("2026", "2026-12-08", "due in 13 days"), ("", "2026-11-26", "due in 1 day"),
        ("", "2026-11-25", "past"), ("", "2026-11", "past"), ("", "2026-12", "due in 6 days"), ("2020", "", "past"),
        ("2027-01", "", "planned"), ("2027-01", "2027-06", "due in 188 days"), ("", "", "undated"),
    ],
)  # fmt: skip
def test_the_state_on_a_day(since: str, until: str, expected: str) -> None:
    entry = Entry(Kind.RENAMED, since=since, until=until)
    assert state(entry, date(2026, 11, 25)) == expected
    assert (days_left(entry, date(2026, 11, 25)) is None) == (not until)


@pytest.mark.parametrize("count", [10, 10_000])
def test_looking_a_name_up_does_not_try_the_entries(count: int) -> None:
    """R66: the number of prefixes that are asked for depends on the name, not on the number of entries."""
    rules = RuleSet([rule(f"a{n}.io/x", f"b{n}.io/x", tags=Tags(at_least="1")) for n in range(count)])
    asked: list[object] = []

    class Counting(dict):  # type: ignore[type-arg]
        def get(self, key: object, default: object = None) -> object:
            asked.append(key)
            return super().get(key, default)

    rules._by_source = Counting(rules._by_source)
    assert said(rules, "a7.io/x/y/z", "1.0") == "b7.io/x/y/z:1.0"
    assert len(asked) <= 20
