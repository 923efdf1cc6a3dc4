"""Two renders compared: every difference has its cause."""

from __future__ import annotations

import base64

import pytest

from regfix.image.rule import Rule, RuleSet
from regfix.locate.hosts import HostFinder
from regfix.prove.compare import Cause, Difference, compare, without_random
from regfix.prove.naming import Namer
from regfix.prove.render import Document

RULES = RuleSet([Rule.parse("docker.io=harbor.corp/hub"), Rule.parse("quay.io=harbor.corp/quay"),
                 Rule.parse("k8s.gcr.io=registry.k8s.io")])  # fmt: skip
NAMER = Namer(RULES, HostFinder(RULES))
POD = "kind: Pod\nmetadata: {{name: p{0}}}\nspec:\n  containers:\n    - image: {1}\n      args: [{2}]\n"
IMAGE, ARGUMENT = ("spec", "containers", 0, "image"), ("spec", "containers", 0, "args", 0)


def documents(*texts: str) -> list[Document]:
    return [Document("top/templates/x.yaml", text) for text in texts]


def differences(before: str, after: str) -> list[Difference]:
    return compare(documents(before), documents(after), NAMER)


def causes(before: str, after: str) -> dict[tuple[str | int, ...], Cause]:
    return {one.key_path: one.cause for one in differences(before, after)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("quay.io/x/y:1", "harbor.corp/quay/x/y:1"),
        ("nginx", "harbor.corp/hub/library/nginx"),
        ("docker.io/nginx:1", "harbor.corp/hub/library/nginx:1"),
        ("bitnami/redis@sha256:" + "a" * 64, "harbor.corp/hub/bitnami/redis@sha256:" + "a" * 64),
        ('"k8s.gcr.io/pause:3.2"', "registry.k8s.io/pause:3.2"),
    ],
)
def test_an_image_that_a_rule_moves_is_named(old: str, new: str) -> None:
    (one,) = differences(POD.format("", old, "x"), POD.format("", new, "x"))
    assert (one.cause, one.key_path, one.document) == (Cause.REFERENCE, IMAGE, "Pod p")
    assert [change.after for change in one.changes] == [new]
    assert str(one.changes[0].rule) in {str(rule) for rule in RULES.rules}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("quay.io/x/y:1", "harbor.corp/quay/x/y:2"),
        ("quay.io/x/y:1", "harbor.corp/other/x/y:1"),
        ("quay.io/x/y:1", "harbor.corp/hub/x/y:1"),
        ("nginx", "harbor.corp/hub/nginx"),
        ("harbor.corp/quay/x/y:1", "quay.io/x/y:1"),
        ("ghcr.io/x/y:1", "harbor.corp/quay/x/y:1"),
        ("quay.io/x/y:1", ""),
    ],
)
def test_an_image_that_no_rule_moves_there_is_not(old: str, new: str) -> None:
    assert causes(POD.format("", old, "x"), POD.format("", new, "x")) == {IMAGE: Cause.OTHER}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("--image=quay.io/x/y:1", "--image=harbor.corp/quay/x/y:1"),
        ("--init=busybox:1 --side=nginx", "--init=harbor.corp/hub/library/busybox:1 --side=nginx"),
        ("docker://quay.io/x/y", "docker://harbor.corp/quay/x/y"),
        ("--registry=quay.io", "--registry=harbor.corp/quay"),
        ("--registry=bitnami", "--registry=harbor.corp/hub/bitnami"),
        ("a quay.io/x/y b quay.io/x/z", "a harbor.corp/quay/x/y b quay.io/x/z"),
    ],
)
def test_references_in_a_text_may_move_one_by_one(old: str, new: str) -> None:
    before, after = (POD.format("", "quay.io/a/b", f'"{text}"') for text in (old, new))
    assert causes(before, after) == {ARGUMENT: Cause.REFERENCE}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("--image=quay.io/x/y:1 --debug", "--image=harbor.corp/quay/x/y:1 --trace"),
        ("--mirror=harbor.corp/quay.io/x", "--mirror=harbor.corp/harbor.corp/quay/x"),
        ("--pull=Always", "--pull=Never"),
    ],
)
def test_a_text_with_another_difference_is_not_named(old: str, new: str) -> None:
    before, after = (POD.format("", "quay.io/a/b", f'"{text}"') for text in (old, new))
    assert causes(before, after) == {ARGUMENT: Cause.OTHER}


def test_a_reference_in_several_keys_is_named() -> None:
    before = "kind: Thing\nspec: {image: {registry: docker.io, repository: nginx, tag: 1}}\n"
    after = "kind: Thing\nspec: {image: {registry: harbor.corp/hub, repository: library/nginx, tag: 1}}\n"
    found = causes(before, after)
    assert set(found.values()) == {Cause.REFERENCE}
    assert len(found) == 2


def test_a_document_within_a_text_is_looked_into() -> None:
    before = "kind: ConfigMap\ndata:\n  pod.yaml: |\n    image: nginx\n    other: quay.io/x/y\n"
    after = before.replace("image: nginx", "image: harbor.corp/hub/library/nginx")
    assert causes(before, after) == {("data", "pod.yaml"): Cause.REFERENCE}


def test_the_text_of_a_secret_is_decoded() -> None:
    def secret(text: str, kind: str = "Secret") -> str:
        return f"kind: {kind}\ndata: {{config: {base64.b64encode(text.encode()).decode()}}}\n"

    before, after = "image=quay.io/x/y", "image=harbor.corp/quay/x/y"
    assert causes(secret(before), secret(after)) == {("data", "config"): Cause.REFERENCE}
    assert causes(secret(before), secret(after + " -v")) == {("data", "config"): Cause.OTHER}
    assert causes(secret(before, "ConfigMap"), secret(after, "ConfigMap")) == {("data", "config"): Cause.OTHER}


NOTED = "kind: Pod\nmetadata: {{annotations: {{{0}: {1}}}}}\nspec: {{image: {2}}}\n"


@pytest.mark.parametrize(
    ("key", "old", "new", "cause"),
    [
        ("checksum/config", "a" * 64, "b" * 64, Cause.DERIVED),
        ("checksum/config", "3141592653", "2718281828", Cause.DERIVED),
        ("config-hash", "1234567", "76543210", Cause.DERIVED),
        ("version", "a" * 40, "b" * 40, Cause.DERIVED),
        ("version", "a" * 40, "b" * 39, Cause.OTHER),
        ("version", "one", "two", Cause.OTHER),
    ],
)
def test_a_checksum_follows_from_what_moves(key: str, old: str, new: str, cause: Cause) -> None:
    path = ("metadata", "annotations", key)
    with_image = causes(NOTED.format(key, f'"{old}"', "quay.io/x"), NOTED.format(key, f'"{new}"', "harbor.corp/quay/x"))
    assert with_image == {path: cause, ("spec", "image"): Cause.REFERENCE}
    alone = causes(NOTED.format(key, f'"{old}"', "quay.io/x"), NOTED.format(key, f'"{new}"', "quay.io/x"))
    assert alone == {path: Cause.OTHER}, "nothing moved that it could follow from"


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("config-3f2a91bc", "config-77ab01de", Cause.DERIVED),
        ("job-3f2a91bc-x", "job-77ab01de-x", Cause.DERIVED),
        ("job-3f2a91bc-x", "job-77ab01de-y", Cause.OTHER),
        ("job-3f2a91bc", "job-77ab01dez", Cause.OTHER),
        ("store-facade", "store-decade", Cause.OTHER),
        ("quay.io/x:3f2a91bc", "quay.io/x:77ab01de", Cause.OTHER),
        ("v1.12345", "v1.54321", Cause.OTHER),
    ],
)
def test_a_checksum_may_be_a_part_of_a_name(old: str, new: str, cause: Cause) -> None:
    text = "kind: Job\nmetadata: {{name: {0}}}\nspec: {{image: {1}}}\n"
    found = causes(text.format(old, "quay.io/x"), text.format(new, "harbor.corp/quay/x"))
    assert found == {("metadata", "name"): cause, ("spec", "image"): Cause.REFERENCE}


@pytest.mark.parametrize("place", ["metadata: {name: V}", "metadata: {labels: {app: V}}",
                                   "spec: {selector: {matchLabels: {app: V}}}", "spec: {selector: {app: V}}"])  # fmt: skip
def test_a_reference_in_a_name_or_label_is_no_reference(place: str) -> None:
    before, after = (f"kind: Pod\n{place.replace('V', text)}\n" for text in ("quay.io/x/y", "harbor.corp/quay/x/y"))
    assert set(causes(before, after).values()) == {Cause.OTHER}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1", "a: '1'"),
        ("a: 1", "a: 2"),
        ("a: [x]", "a: [x, y]"),
        ("a: {b: c}", "a: {}"),
        ("a: {}", "a: {b: quay.io/x}"),
        ("a: {b: c}", "a: c"),
        ("a: true", "a:"),
    ],
)
def test_structure_and_types_count(before: str, after: str) -> None:
    assert set(causes(f"kind: X\n{before}\n", f"kind: X\n{after}\n").values()) == {Cause.OTHER}


def test_how_a_value_is_written_does_not_count() -> None:
    assert differences("kind: X\na: 'b'\n", 'kind:   X\n# said\na: "b"\n') == []


def test_a_document_more_or_less_is_told_by_its_name() -> None:
    one, two = "kind: Pod\nmetadata: {name: one}\n", "kind: Pod\nmetadata: {name: two, namespace: n}\n"
    (gone,) = compare(documents(one, two), documents(one), NAMER)
    assert (gone.cause, gone.document) == (Cause.OTHER, "Pod n/two of top/templates/x.yaml")
    assert compare(documents(one), documents(one, one), NAMER)[0].cause is Cause.OTHER


def test_what_differs_anyway_is_random() -> None:
    text = "kind: Secret\ndata: {{password: {0}}}\nstringData: {{image: {1}}}\n"
    before, again = documents(text.format("abc", "quay.io/x")), documents(text.format("def", "quay.io/x"))
    found = compare(before, documents(text.format("ghi", "ghcr.io/x")), NAMER)
    told = {one.key_path: one.cause for one in without_random(found, before, again)}
    assert told == {("data", "password"): Cause.RANDOM, ("stringData", "image"): Cause.OTHER}


def test_a_random_number_of_documents_proves_nothing() -> None:
    pod = POD.format("", "x", "x")
    found = compare(documents(pod), documents(pod, pod), NAMER)
    told = without_random(found, documents(pod), documents(pod, pod))
    assert {one.cause for one in told} == {Cause.OTHER}


def test_what_cannot_be_read_is_a_difference() -> None:
    deep = "a: " + "[" * 300 + "]" * 300
    assert {one.cause for one in differences("a: b\n", deep)} == {Cause.OTHER}
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert {one.cause for one in differences("a: b\n", bomb)} == {Cause.OTHER}
