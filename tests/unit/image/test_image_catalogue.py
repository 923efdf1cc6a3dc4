"""The catalogue's facts: well-formed, dated, sourced, and free of contradictions."""

from __future__ import annotations

import re
from datetime import date

import pytest

from regfix.errors import RuleError
from regfix.image.catalogue import DEFAULT_PRESET, PRESETS, Entry, preset
from regfix.image.reference import Reference
from regfix.image.rule import Rule, RuleSet

ENTRIES = [entry for preset in PRESETS.values() for entry in preset.entries]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.source)
def test_entries_are_rules_with_a_date_and_a_source(entry: Entry) -> None:
    assert Rule.parse(f"{entry.source}={entry.target}")
    assert date(2015, 1, 1) < date.fromisoformat(entry.since) < date(2027, 1, 1)
    assert re.fullmatch(r"https://\S+", entry.url)
    assert entry.note


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_set_of_rules(name: str) -> None:
    known = preset(name)
    rules = RuleSet(known.rules())
    assert [str(rule) for rule in known.rules()] == [f"{entry.source}={entry.target}" for entry in known.entries]
    assert len(rules.rules) == len(known.entries)
    assert all(name in rule.origin for rule in rules.rules)


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
    rules = RuleSet(preset(DEFAULT_PRESET).rules())
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
    rules = RuleSet(preset(DEFAULT_PRESET).rules())
    reference = Reference.parse(name)
    assert rules.resolve(reference.host, tuple(reference.repository.split("/"))) is None


def test_an_unknown_preset_is_refused_with_those_there_are() -> None:
    with pytest.raises(RuleError, match=r"there is no preset 'kuberntes' \(one of: .*kubernetes"):
        preset("kuberntes")
