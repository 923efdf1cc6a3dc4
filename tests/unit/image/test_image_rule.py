"""Rules: what may be written, which one counts, where chains end, what is refused (R31 to R33, R60, R63, R65, R66)."""

from __future__ import annotations

import time

import pytest

from regfix.errors import RuleError
from regfix.image.prefix import Prefix, parse_prefix
from regfix.image.rule import Ambiguous, Move, Rule, RuleSet


def rules(*texts: str) -> RuleSet:
    return RuleSet(Rule.parse(text) for text in texts)


def moved(known: RuleSet, name: str) -> str | None:
    """Return where a name with its registry written moves, or None."""
    host, *path = name.split("/")
    move = known.resolve(host, tuple(path))
    return None if move is None else "/".join((move.target, *path[move.consumed :]))


# --- what may be written ---


@pytest.mark.parametrize(
    ("text", "host", "path"),
    [
        ("k8s.gcr.io", "k8s.gcr.io", ()),
        ("k8s.gcr.io/", "k8s.gcr.io", ()),
        ("quay.io/team/sub", "quay.io", ("team", "sub")),
        ("quay.io/team/", "quay.io", ("team",)),
        ("localhost", "localhost", ()),
        ("localhost:5000/x", "localhost:5000", ("x",)),
        ("registry:5000", "registry:5000", ()),
        ("[::1]:5000/x", "[::1]:5000", ("x",)),
        ("10.0.0.1", "10.0.0.1", ()),
        ("index.docker.io/bitnami", "docker.io", ("bitnami",)),
        ("registry-1.docker.io", "docker.io", ()),
        ("HARBOR/x", "HARBOR", ("x",)),
        ("a.io/x__y/z--1/v.w", "a.io", ("x__y", "z--1", "v.w")),
    ],
)
def test_prefixes(text: str, host: str, path: tuple[str, ...]) -> None:
    assert parse_prefix(text) == Prefix(host, path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("https://k8s.gcr.io", "it has a scheme"),
        ("oci://k8s.gcr.io/x", "it has a scheme"),
        ("k8s.gcr.io/Pause", "a repository has no capital letters"),
        ("k8s.gcr.io/pause:3.2", "a rule names no tag or digest"),
        ("k8s.gcr.io/pause@sha256:" + "0" * 64, "a rule names no tag or digest"),
        ("k8s.gcr.io/a b", "grammar"),
        (" k8s.gcr.io", "grammar"),
        ("k8s.gcr.io\n", "grammar"),
        ("k8s.gcr.io/x\nevil", "grammar"),
        ("k8s.gcr.io/#x", "grammar"),
        ('k8s.gcr.io/"x"', "grammar"),
        ("k8s.gcr.io/'x'", "grammar"),
        ("k8s.gcr.io/{{ x }}", "grammar"),
        ("k8s.gcr.io/*", "grammar"),
        ("*.gcr.io", "grammar"),
        ("k8s.gcr.io//x", "grammar"),
        ("/x", "grammar"),
        ("k8s..gcr.io", "grammar"),
        ("k8s.gcr.io:", "grammar"),
        ("k8s.gcr.io:port", "grammar"),
        ("k8s.gcr.io\x00", "grammar"),
        ("k8s.gcr.io/\x1b[31m", "grammar"),
        ("k8s.gcr.io/\u202ex", "grammar"),
        ("k8s.gcr.io\\x", "grammar"),
        ("k8s.gcr.io/x\u0660", "grammar"),
        ("[::1%eth0]", "grammar"),
        ("registry", "neither a dot nor a port"),
        ("nginx/x", "neither a dot nor a port"),
    ],
)
def test_prefixes_are_strict_and_say_why(text: str, why: str) -> None:
    for rule in (f"{text}=registry.example.com", f"registry.example.com={text}"):
        with pytest.raises(RuleError) as caught:
            Rule.parse(rule, "--rule")
        assert why in str(caught.value)
        assert str(caught.value).startswith("--rule ")
        assert "(" in str(caught.value), "it says what to do"


def test_docker_hub_is_proposed_for_a_name_without_registry() -> None:
    with pytest.raises(RuleError, match=r"write docker\.io/bitnami if Docker Hub is meant"):
        Rule.parse("bitnami=docker.io/bitnamilegacy")


@pytest.mark.parametrize("text", ["", "k8s.gcr.io", "k8s.gcr.io registry.k8s.io", "k8s.gcr.io->registry.k8s.io"])
def test_a_rule_has_two_sides(text: str) -> None:
    with pytest.raises(RuleError, match=r"there is no '='.*write OLD=NEW"):
        Rule.parse(text)


@pytest.mark.parametrize("text", ["=", "a.io=", "=a.io", "a.io=b.io=c.io", "a.io==b.io"])
def test_two_sides_and_no_more(text: str) -> None:
    with pytest.raises(RuleError):
        Rule.parse(text)


def test_a_rule_reads_as_it_is_written() -> None:
    assert str(Rule.parse("k8s.gcr.io/=registry.k8s.io/x/")) == "k8s.gcr.io=registry.k8s.io/x"
    assert Rule.parse("a.io=a.io").keeps
    assert Rule.parse("index.docker.io/x=docker.io/x").keeps
    assert not Rule.parse("a.io=a.io/x").keeps


# --- which one counts ---


@pytest.mark.parametrize(
    ("texts", "name", "expected"),
    [
        (["a.io=b.io"], "a.io/x", "b.io/x"),
        (["a.io=b.io/y"], "a.io/x/z", "b.io/y/x/z"),
        (["a.io/x=b.io"], "a.io/x/z", "b.io/z"),
        (["a.io/x=b.io/y/z"], "a.io/x/w/v", "b.io/y/z/w/v"),
        (["a.io/x/y=b.io/z"], "a.io/x/y", "b.io/z"),
        (["a.io:5000=b.io"], "a.io:5000/x", "b.io/x"),
        (["[::1]:5000=b.io"], "[::1]:5000/x", "b.io/x"),
        (["a.io=b.io", "a.io/x=c.io"], "a.io/x/y", "c.io/y"),
        (["a.io=b.io", "a.io/x=c.io", "a.io/x/y=d.io"], "a.io/x/y/z", "d.io/z"),
        (["a.io=b.io", "a.io/x/y=d.io"], "a.io/x/z", "b.io/x/z"),
        (["docker.io=b.io"], "docker.io/nginx", "b.io/library/nginx"),
        (["docker.io=b.io"], "index.docker.io/nginx", "b.io/library/nginx"),
        (["registry-1.docker.io=b.io"], "docker.io/x/nginx", "b.io/x/nginx"),
        (["docker.io/library=b.io"], "docker.io/nginx", "b.io/nginx"),
        (["docker.io/library/nginx=b.io/n"], "docker.io/nginx", "b.io/n"),
        (["docker.io/nginx=b.io/n"], "docker.io/library/nginx", "b.io/n"),
        (["docker.io/nginx=b.io/n"], "docker.io/nginx/unit", "b.io/n/unit"),
    ],
)
def test_the_longest_match_moves(texts: list[str], name: str, expected: str) -> None:
    assert moved(rules(*texts), name) == expected
    assert moved(rules(*reversed(texts)), name) == expected


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["a.io=b.io"], "aa.io/x"),
        (["a.io=b.io"], "a.io:5000/x"),
        (["a.io:5000=b.io"], "a.io/x"),
        (["a.io:500=b.io"], "a.io:5000/x"),
        (["localhost=b.io"], "localhost:5000/x"),
        (["a.io/x=b.io"], "a.io/xy/z"),
        (["a.io/x=b.io"], "a.io/y/x"),
        (["a.io/x/y=b.io"], "a.io/x"),
        (["A.io=b.io"], "a.io/x"),
        (["a.io=b.io", "a.io/x=a.io/x"], "a.io/x/y"),
        (["docker.io=b.io"], "docker.io:443/nginx"),
        (["docker.io/library=b.io"], "docker.io/x/nginx"),
        (["docker.io/library=b.io"], "quay.io/library/nginx"),
        (["docker.io/nginx=b.io/n"], "docker.io/nginxinc/unit"),
    ],
)
def test_all_others_stay(texts: list[str], name: str) -> None:
    assert moved(rules(*texts), name) is None
    assert moved(rules(*reversed(texts)), name) is None


@pytest.mark.parametrize(
    ("texts", "name", "expected"),
    [
        (["m.com/oss=m.com/oss/v2"], "m.com/oss/x", "m.com/oss/v2/x"),
        (["m.com/oss=m.com/oss/v2"], "m.com/oss/v2/x", None),
        (["m.com/oss=m.com/oss/v2"], "m.com/oss/v20/x", "m.com/oss/v2/v20/x"),
        (["a.io=b.io", "b.io=c.io"], "a.io/x", "c.io/x"),
        (["a.io=b.io", "b.io/x=c.io"], "a.io/x/y", "c.io/y"),
        (["a.io=b.io", "b.io/x=c.io"], "a.io/z", "b.io/z"),
        (["a.io=b.io/x", "b.io=c.io"], "a.io/z", "c.io/x/z"),
        (["a.io/x=b.io", "b.io/y=c.io/w", "c.io=d.io"], "a.io/x/y/z", "d.io/w/z"),
        (["a.io=b.io", "b.io=b.io", "b.io/x=c.io"], "a.io/x/y", "c.io/y"),
        (["a.io=b.io", "b.io=b.io"], "a.io/x", "b.io/x"),
        (
            ["docker.io/bitnami=docker.io/bitnamilegacy", "docker.io=h.io/hub"],
            "docker.io/bitnami/redis",
            "h.io/hub/bitnamilegacy/redis",
        ),
        (["docker.io=h.io/hub", "h.io/hub/library=o.io"], "docker.io/nginx", "o.io/nginx"),
    ],
)
def test_chains_end_at_the_last_rule_and_never_repeat_one(texts: list[str], name: str, expected: str | None) -> None:
    known = rules(*texts)
    assert moved(known, name) == expected
    assert moved(known, expected or name) is None, "it moves no further"


def test_a_move_names_all_rules_on_the_way() -> None:
    move = rules("a.io=b.io", "b.io=c.io/x").resolve("a.io", ("y",))
    assert move is not None
    assert [str(rule) for rule in move.rules] == ["a.io=b.io", "b.io=c.io/x"]
    assert (move.target, move.consumed) == ("c.io/x", 0)


@pytest.mark.parametrize("name", ["docker.io/nginx", "docker.io/library/nginx"])
def test_a_rule_keeps_an_official_image(name: str) -> None:
    assert moved(rules("docker.io=b.io", "docker.io/nginx=docker.io/nginx"), name) is None


@pytest.mark.parametrize(
    ("texts", "name", "expected"),
    [
        (["b.io=docker.io", "docker.io/library=c.io"], "b.io/nginx", "c.io/nginx"),
        (["b.io=docker.io", "docker.io=c.io/hub"], "b.io/nginx", "c.io/hub/library/nginx"),
        (["b.io=docker.io", "docker.io=c.io/hub"], "b.io/library/nginx", "c.io/hub/library/nginx"),
        (["b.io=docker.io", "docker.io/nginx=c.io/n"], "b.io/nginx", "c.io/n"),
        (["b.io/x=docker.io", "docker.io/library=c.io"], "b.io/x/nginx", "c.io/nginx"),
        (["b.io=docker.io", "docker.io/library=c.io"], "b.io/x/nginx", "docker.io/x/nginx"),
        (["b.io=docker.io"], "b.io/nginx", "docker.io/nginx"),
    ],
)
def test_a_chain_goes_on_from_an_official_image(texts: list[str], name: str, expected: str) -> None:
    assert moved(rules(*texts), name) == expected


@pytest.mark.parametrize(
    ("texts", "name", "expected"),
    [
        (["a.io/x=a.io"], "a.io/x/x/y", None),
        (["a.io/x=a.io"], "a.io/x/y", "a.io/y"),
        (["b.io=a.io", "a.io/x=a.io"], "b.io/x/x/y", None),
        (["b.io=a.io", "a.io/x=a.io"], "b.io/x/y", "a.io/y"),
        (["a.io/x/y=a.io/x"], "a.io/x/y/y", None),
        (["docker.io/library=docker.io"], "docker.io/nginx", None),
        (["docker.io/library=docker.io"], "docker.io/library/nginx", None),
        (["docker.io/library/nginx=docker.io/nginx"], "docker.io/library/nginx", None),
        (["docker.io/nginx=docker.io/library/nginx"], "docker.io/nginx", None),
    ],
)
def test_what_would_move_again_stays(texts: list[str], name: str, expected: str | None) -> None:
    known = rules(*texts)
    host, *path = name.split("/")
    assert moved(known, name) == expected
    assert (known.held(host, tuple(path)) is None) == (expected is not None)
    assert expected is None or moved(known, expected) is None


# --- the start of a name ---


@pytest.mark.parametrize(
    ("texts", "host", "path", "partial", "expected"),
    [
        (["a.io=b.io"], "a.io", (), "", ("b.io", 0)),
        (["a.io=b.io"], "a.io", ("x",), "y-", ("b.io", 0)),
        (["a.io/x=b.io/z"], "a.io", ("x",), "", ("b.io/z", 1)),
        (["a.io=b.io", "a.io/x=c.io"], "a.io", ("y",), "", ("b.io", 0)),
        (["a.io=b.io", "a.io/x=c.io"], "a.io", (), "y", ("b.io", 0)),
        (["a.io=b.io", "b.io=c.io"], "a.io", (), "", ("c.io", 0)),
        (["docker.io/library=b.io"], "docker.io", ("library",), "", ("b.io", 1)),
    ],
)
def test_a_start_that_decides(
    texts: list[str], host: str, path: tuple[str, ...], partial: str, expected: tuple[str, int]
) -> None:
    said = rules(*texts).resolve_start(host, path, partial)
    assert isinstance(said, Move)
    assert (said.target, said.consumed) == expected


@pytest.mark.parametrize(
    ("texts", "host", "path", "partial"),
    [
        (["a.io/x=b.io"], "a.io", (), ""),
        (["a.io=b.io", "a.io/x=c.io"], "a.io", (), ""),
        (["a.io=b.io", "a.io/xy=c.io"], "a.io", (), "x"),
        (["a.io=b.io", "a.io/x/y=c.io"], "a.io", ("x",), ""),
        (["a.io=b.io", "a.io/x/y=c.io"], "a.io", (), "x"),
        (["a.io=b.io", "a.io/x=a.io/x"], "a.io", (), ""),
        (["docker.io/library=b.io"], "docker.io", (), ""),
    ],
)
def test_a_start_that_leaves_it_open(texts: list[str], host: str, path: tuple[str, ...], partial: str) -> None:
    assert isinstance(rules(*texts).resolve_start(host, path, partial), Ambiguous)


@pytest.mark.parametrize(
    ("texts", "path", "partial"),
    [
        (["m.com/oss=m.com/oss/v2"], ("oss",), ""),
        (["m.com/oss=m.com/oss/v2"], ("oss",), "v"),
        (["m.com/oss=m.com/oss/v2/w"], ("oss",), ""),
        (["m.com/oss=m.com/oss/v2/w"], ("oss", "v2"), ""),
        (["m.com=m.com/oss"], (), ""),
        (["m.com/x=m.com"], ("x",), ""),
        (["m.com=n.com", "n.com/x=o.com"], (), ""),
        (["m.com=n.com/x", "n.com/x/y=o.com"], (), "y"),
    ],
)
def test_a_start_above_a_target_leaves_it_open(texts: list[str], path: tuple[str, ...], partial: str) -> None:
    assert isinstance(rules(*texts).resolve_start("m.com", path, partial), Ambiguous)


@pytest.mark.parametrize(
    ("texts", "path", "partial", "expected"),
    [
        (["m.com/oss=m.com/oss/v2"], ("oss",), "w", ("m.com/oss/v2", 1)),
        (["m.com/oss=m.com/oss/v2"], ("oss", "x"), "", ("m.com/oss/v2", 1)),
        (["m.com/oss=m.com/oss/v2/w"], ("oss", "v2"), "x", ("m.com/oss/v2/w", 1)),
        (["m.com/x=m.com"], ("x",), "y", ("m.com", 1)),
        (["m.com=n.com", "n.com/x=o.com"], (), "y", ("n.com", 0)),
        (["m.com=n.com/x", "n.com/x/y=o.com"], (), "x", ("n.com/x", 0)),
    ],
)
def test_a_start_beside_a_target_decides(
    texts: list[str], path: tuple[str, ...], partial: str, expected: tuple[str, int]
) -> None:
    said = rules(*texts).resolve_start("m.com", path, partial)
    assert isinstance(said, Move)
    assert (said.target, said.consumed) == expected


@pytest.mark.parametrize(
    ("texts", "host", "path"),
    [
        (["a.io/x=b.io"], "a.io", ("y",)),
        (["a.io/x=b.io"], "a.io", ("xy",)),
        (["a.io=b.io"], "a.io:5000", ()),
        (["a.io=a.io"], "a.io", ()),
        (["m.com/oss=m.com/oss/v2"], "m.com", ("oss", "v2")),
    ],
)
def test_a_start_that_no_rule_concerns(texts: list[str], host: str, path: tuple[str, ...]) -> None:
    assert rules(*texts).resolve_start(host, path) is None


@pytest.mark.parametrize(
    ("texts", "name", "keeper"),
    [
        (["a.io=b.io", "a.io/x=a.io/x"], "a.io/x/y", "a.io/x=a.io/x"),
        (["m.com/oss=m.com/oss/v2"], "m.com/oss/v2/x", "m.com/oss=m.com/oss/v2"),
        (["a.io=b.io", "a.io/x=a.io/x"], "a.io/y", None),
        (["a.io=b.io"], "b.io/x", None),
        (
            ["docker.io=b.io", "docker.io/library=docker.io/library"],
            "docker.io/nginx",
            "docker.io/library=docker.io/library",
        ),
    ],
)
def test_the_rule_that_says_that_a_name_stays(texts: list[str], name: str, keeper: str | None) -> None:
    host, *path = name.split("/")
    found = rules(*texts).held(host, tuple(path))
    assert (None if found is None else str(found.rule)) == keeper


# --- what is refused ---


@pytest.mark.parametrize(
    "texts",
    [
        ["a.io=b.io", "a.io=c.io"],
        ["a.io=b.io", "a.io/=c.io"],
        ["a.io/x=b.io", "a.io/x=b.io/x"],
        ["a.io=b.io", "a.io=a.io"],
        ["docker.io=b.io", "index.docker.io=c.io"],
        ["docker.io/nginx=b.io", "docker.io/library/nginx=c.io"],
        ["docker.io/library/nginx=b.io", "docker.io/nginx=c.io"],
        ["registry-1.docker.io/nginx=b.io", "index.docker.io/library/nginx=c.io"],
    ],
)
def test_one_source_with_two_targets_is_a_conflict(texts: list[str]) -> None:
    with pytest.raises(RuleError, match=r"are in conflict.*one source has two targets"):
        rules(*texts)


@pytest.mark.parametrize(
    "texts",
    [
        ["a.io=b.io", "a.io=b.io"],
        ["a.io=b.io", "a.io/=b.io/"],
        ["docker.io/nginx=b.io", "docker.io/library/nginx=b.io"],
        ["docker.io/nginx=docker.io/nginx", "docker.io/library/nginx=docker.io/library/nginx"],
        ["index.docker.io=b.io", "docker.io=b.io"],
        ["a.io=b.io", "a.io/x=b.io"],
        ["a.io/x=b.io", "a.io/y=b.io"],
        ["docker.io/nginx=b.io", "docker.io/nginxinc=c.io"],
        ["a.io=c.io", "a.io:5000=b.io"],
    ],
)
def test_what_is_said_twice_or_differs_is_no_conflict(texts: list[str]) -> None:
    assert rules(*texts)


@pytest.mark.parametrize(
    "texts",
    [
        ["a.io=b.io", "b.io=a.io"],
        ["a.io=b.io", "b.io=c.io", "c.io=a.io"],
        ["a.io=b.io/x", "b.io=a.io"],
        ["a.io/x=b.io", "b.io/y=a.io"],
        ["a.io=b.io", "b.io/x=a.io"],
        ["docker.io=b.io", "b.io=index.docker.io"],
    ],
)
def test_cycles_are_refused_with_their_way(texts: list[str]) -> None:
    with pytest.raises(RuleError, match=r"the rules form a cycle: .+ -> .+ \(remove one of them\)"):
        rules(*texts)


@pytest.mark.parametrize(
    "texts",
    [
        ["a.io=a.io"],
        ["a.io=a.io/x"],
        ["a.io/x=a.io/y"],
        ["a.io=b.io", "b.io=b.io"],
        ["a.io/x=b.io/x", "b.io/y=a.io/y"],
        ["a.io=b.io", "b.io=c.io", "a.io/x=c.io"],
        ["a.io=b.io", "b.io/x=b.io/y"],
    ],
)
def test_what_comes_to_an_end_is_no_cycle(texts: list[str]) -> None:
    assert len(rules(*texts).rules) == len(texts)


def test_no_rules_are_a_set_too() -> None:
    assert not RuleSet()
    assert RuleSet().resolve("a.io", ("x",)) is None
    assert RuleSet().resolve_start("a.io", ()) is None


def test_ten_thousand_rules_take_no_longer_than_a_few() -> None:
    known = rules(
        *(f"h{n % 100}.io/p{n}=t.io/q{n}" for n in range(10_000)), *(f"c{n}.io=c{n + 1}.io" for n in range(300))
    )
    begun = time.perf_counter()
    for n in range(20_000):
        assert moved(known, f"h{n % 100}.io/p{n % 10_000}/x") == (f"t.io/q{n % 10_000}/x")
    assert moved(known, "c0.io/x") == "c300.io/x"
    assert time.perf_counter() - begun < 10
