"""The catalogue's facts: well-formed, dated, sourced, and free of contradictions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

import regfix
from regfix.errors import RuleError
from regfix.image.catalogue import DEFAULT_PRESET, PRESETS, Preset, packaged, preset, preset_rules, whole_catalogue
from regfix.image.entries import BadEntry, read_preset
from regfix.image.entry import Kind
from regfix.image.reference import Reference
from regfix.image.rule import Rule, RuleSet

FOLDER = Path(regfix.__file__).parent / "catalogue"
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "reference" / "catalogue.schema.json").read_text("utf-8"))
ALL = whole_catalogue()
RULES = [rule for one in ALL for rule in one.rules]


def data(name: str) -> dict[str, object]:
    found = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_every_file_is_a_preset() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(PRESETS)
    assert len(set(PRESETS)) == len(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_the_form_that_is_published(name: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(data(name))
    assert packaged(name).name == data(name)["name"] == name
    assert packaged(name).summary


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.origin} {rule.source}")
def test_an_entry_tells_why_and_where_that_is_said(rule: Rule) -> None:
    entry = rule.entry
    assert entry is not None
    assert entry.note
    assert entry.sources
    assert all(re.fullmatch(r"https://\S+", source) for source in entry.sources)
    assert not (entry.since and entry.until) or entry.since <= entry.until + "-99"
    assert rule.moves == (entry.kind in (Kind.MIRROR, Kind.RENAMED, Kind.OPTIONAL))


def test_no_source_is_in_two_presets() -> None:
    sources = [rule.source.normalized for rule in RULES]
    assert len(set(sources)) == len(sources)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_preset_is_a_set_of_rules(one: Preset) -> None:
    rules = RuleSet(one.rules)
    assert len(rules.rules) == len(one.rules)
    assert all(one.name in rule.origin for rule in rules.rules)


def test_all_presets_together_are_a_set_of_rules() -> None:
    """No cycles, no conflicts: RuleSet refuses both."""
    assert len(RuleSet(RULES).rules) == len(RULES)


def test_the_default_is_the_same_without_its_file() -> None:
    """A start does not read it."""
    quick, full = preset_rules(DEFAULT_PRESET), packaged(DEFAULT_PRESET).rules
    assert quick == tuple(rule._replace(entry=None) for rule in full)
    assert {rule.entry.kind for rule in full if rule.entry} == {Kind.MIRROR}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("k8s.gcr.io/pause", "registry.k8s.io/pause"),
        ("k8s.gcr.io/sig-storage/csi-attacher", "registry.k8s.io/sig-storage/csi-attacher"),
        ("gcr.io/google-containers/pause", "registry.k8s.io/pause"),
        ("gcr.io/google_containers/pause-amd64", "registry.k8s.io/pause-amd64"),
        ("gcr.io/k8s-artifacts-prod/etcd/etcd", "registry.k8s.io/etcd/etcd"),
        ("us.gcr.io/k8s-artifacts-prod/dns/k8s-dns-kube-dns", "registry.k8s.io/dns/k8s-dns-kube-dns"),
        ("asia.gcr.io/k8s-artifacts-prod/x", "registry.k8s.io/x"),
        ("eu.gcr.io/k8s-artifacts-prod/x", "registry.k8s.io/x"),
    ],
)
def test_the_default_moves_images_of_kubernetes(old: str, new: str) -> None:
    rules = RuleSet(preset_rules(DEFAULT_PRESET))
    reference = Reference.parse(old)
    move = rules.resolve(reference.registry, tuple(reference.repository.split("/")))
    assert move is not None
    rest = reference.repository.split("/")[move.consumed :]
    assert "/".join([move.target, *rest]) == new


@pytest.mark.parametrize(
    "name",
    ["gcr.io/distroless/static", "gcr.io/kaniko-project/executor", "staging-k8s.gcr.io/pause", "gcr.io/k8s-staging-etcd/etcd",
     "registry.k8s.io/pause", "eu.gcr.io/gardener-project/x", "us.gcr.io/google-containers/x", "quay.io/coreos/etcd",
     "gcr.io/google.com/cloudsdktool/x", "docker.io/bitnami/redis", "nginx", "gcr.io/google-containers-mirror/x"],
)  # fmt: skip
def test_the_default_leaves_all_others(name: str) -> None:
    rules = RuleSet(preset_rules(DEFAULT_PRESET))
    reference = Reference.parse(name)
    assert rules.resolve(reference.host, tuple(reference.repository.split("/"))) is None


def test_an_unknown_preset_is_refused_with_those_there_are() -> None:
    with pytest.raises(RuleError, match=r"there is no preset 'kuberntes' \(one of: .*kubernetes"):
        preset("kuberntes")


GOOD = {"from": "a.io/x", "to": "b.io/x", "class": "renamed"}
BAD = {
    "no mapping": ("text", (), "an entry is a mapping"),
    "unknown key": ({**GOOD, "form": "a.io"}, ("form",), "unknown key 'form'"),
    "no from": ({"to": "b.io", "class": "mirror"}, (), "from is text"),
    "no class": ({"from": "a.io", "to": "b.io"}, (), "class is text"),
    "other class": ({**GOOD, "class": "moved"}, ("class",), "'moved' is no class"),
    "no target": ({"from": "a.io", "class": "mirror"}, (), "says where to"),
    "target of gone": ({**GOOD, "class": "gone"}, ("to",), "leads nowhere"),
    "same sides": ({**GOOD, "to": "a.io/x"}, ("to",), "both sides are the same"),
    "no prefix": ({**GOOD, "from": "a.io/X"}, ("from",), "not a registry prefix"),
    "tag in prefix": ({**GOOD, "to": "b.io/x:1"}, ("to",), "names no tag"),
    "number for a date": ({**GOOD, "since": 2025}, ("since",), "since is text"),
    "no day": ({**GOOD, "until": "2025-02-30"}, ("until",), "is no date"),
    "day first": ({**GOOD, "until": "30-02-2025"}, ("until",), "is no date"),
    "condition is a list": ({**GOOD, "tags": ["v1"]}, ("tags",), "is a mapping"),
    "empty condition": ({**GOOD, "tags": {}}, ("tags",), "is empty"),
    "number for a version": ({**GOOD, "tags": {"at-least": 1.2}}, ("tags", "at-least"), "is text"),
    "no version": ({**GOOD, "tags": {"below": "x"}}, ("tags", "below"), "is no version"),
    "text for a list": ({**GOOD, "tags": {"only": "v*"}}, ("tags", "only"), "is a list"),
    "no pattern": ({**GOOD, "tags": {"except": ["v1", "a b"]}}, ("tags", "except", 1), "is not a tag"),
    "change of a mirror": ({**GOOD, "class": "mirror", "tag": {"add-prefix": "v"}}, ("tag",), "do not change"),
    "no tag": ({**GOOD, "tag": {"add-prefix": "a:b"}}, ("tag", "add-prefix"), "cannot be in a tag"),
    "empty change": ({**GOOD, "tag": {}}, ("tag",), "is empty"),
    "no address": ({**GOOD, "sources": ["http://x"]}, ("sources", 0), "is not an address"),
    "text for a flag": ({**GOOD, "charts": "yes"}, ("charts",), "true or false"),
    "null": ({**GOOD, "note": None}, ("note",), "is text"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_malformed_entry_is_refused_with_its_place(case: str) -> None:
    entry, at, what = BAD[case]
    with pytest.raises(BadEntry) as caught:
        read_preset({"name": "mine", "entries": [GOOD | {"from": "c.io"}, entry]})
    assert caught.value.at == ("entries", 1, *at)
    assert what in caught.value.what
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid({"name": "mine", "entries": [entry]}) or case in (
        "same sides", "no day", "no prefix", "tag in prefix",
    )  # fmt: skip


@pytest.mark.parametrize(
    "whole", [[], {}, {"name": "x"}, {"name": "x", "entries": []}, {"name": "A b", "entries": [GOOD]}]
)
def test_what_is_no_preset_is_refused(whole: object) -> None:
    with pytest.raises(BadEntry):
        read_preset(whole)
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(whole)


def test_an_entry_that_is_there_twice_is_refused() -> None:
    with pytest.raises(BadEntry, match="already"):
        read_preset({"name": "mine", "entries": [GOOD, GOOD | {"to": "c.io"}]})
