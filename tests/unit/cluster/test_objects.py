"""API objects as plain data: who they are, what state they are in, which places are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from regfix.cluster.dump import flat
from regfix.cluster.model import Condition, Identity
from regfix.cluster.objects import compact, condition, is_release, named_path, owner_of
from regfix.cluster.pulled import pulled_otherwise

if TYPE_CHECKING:
    from regfix.cluster.model import ApiObject

WHO = Identity("c", "v1", "Pod", "shop", "p")
OF_A_DEPLOYMENT = {"ownerReferences": [{"kind": "Deployment", "name": "web"}]}


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        ({"kind": "CronJob", "spec": {"suspend": True}}, Condition.SUSPENDED),
        ({"kind": "Deployment", "spec": {"replicas": 0}}, Condition.ZERO),
        ({"kind": "Deployment", "spec": {"replicas": False}}, Condition.ZERO),
        ({"kind": "Deployment", "spec": {"replicas": None}}, Condition.NONE),
        ({"kind": "ReplicaSet", "spec": {"replicas": 0}}, Condition.ZERO),
        ({"kind": "ReplicaSet", "spec": {"replicas": 0}, "metadata": OF_A_DEPLOYMENT}, Condition.OLD),
        ({"kind": "ReplicaSet", "spec": {"replicas": 1}, "metadata": OF_A_DEPLOYMENT}, Condition.NONE),
        ({"kind": "Job", "status": {"completionTime": "2026-01-01T00:00:00Z"}}, Condition.FINISHED),
        ({"kind": "Job", "status": {"conditions": [{"type": "Failed", "status": "True"}]}}, Condition.FINISHED),
        ({"kind": "Job", "status": {"conditions": [{"type": "Failed", "status": "False"}]}}, Condition.NONE),
        ({"kind": "Pod", "status": {"phase": "Succeeded"}}, Condition.FINISHED),
        ({"kind": "Pod", "status": {"phase": "Running"}}, Condition.NONE),
        ({"kind": "Pod", "status": [], "spec": "x", "metadata": 7}, Condition.NONE),
    ],
)  # fmt: skip
def test_conditions(one: ApiObject, expected: Condition) -> None:
    assert condition(one) is expected


def test_the_owner_is_the_controller_and_never_a_node() -> None:
    def owned(*references: Any) -> Identity | None:
        return owner_of({"metadata": {"ownerReferences": [*references]}}, WHO)

    first, controller = {"kind": "A", "name": "a"}, {"kind": "B", "name": "b", "controller": True}
    assert owned(first, controller) == Identity("c", "", "B", "shop", "b")
    assert owned("x", first) == Identity("c", "", "A", "shop", "a")
    assert owned({"kind": "Node", "name": "n"}) is None
    assert owned() is None


def test_a_template_and_its_pod_share_places_by_the_names_of_containers() -> None:
    of_template = {"spec": {"template": {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}}}
    of_pod = {"spec": {"containers": [{"name": "injected"}, {"name": "a"}, {"name": "b"}]}}
    one = named_path(of_template, ("spec", "template", "spec", "containers", 1, "image"))
    other = named_path(of_pod, ("spec", "containers", 2, "image"))
    assert one == other == ("b", ("containers", "b", "image"))
    assert named_path({}, ("spec", "containers", 2, "image")) == ("", ("containers", 2, "image"))


def test_what_differs_from_pod_to_pod_is_no_part_of_the_specification() -> None:
    def pod(number: int) -> ApiObject:
        volume = {"name": f"kube-api-access-abcd{number}"}
        spec = {"nodeName": f"n{number}", "volumes": [volume], "containers": [{"volumeMounts": [volume]}]}
        metadata = {"name": f"p{number}", "annotations": {"ip": str(number)}}
        return {"kind": "Pod", "metadata": metadata, "spec": spec, "status": {"x": number}}

    (one, notes), (other, other_notes) = (tuple(compact(pod(number))) for number in (1, 2))
    assert one == other
    assert notes != other_notes


def test_what_helm_keeps_is_known_by_type_label_and_name() -> None:
    named = {"name": "sh.helm.release.v1.web.v1", "labels": {"owner": "helm"}}
    assert is_release({"kind": "Secret", "type": "helm.sh/release.v1"})
    assert is_release({"kind": "ConfigMap", "metadata": named})
    assert not is_release({"kind": "ConfigMap", "metadata": {**named, "name": "mine"}})
    assert not is_release({"kind": "ConfigMap", "metadata": {**named, "labels": None}})
    assert not is_release({"kind": "Secret", "type": "Opaque", "metadata": named})


def test_lists_in_lists_are_flat_and_typed_lists_give_their_type() -> None:
    pods = {"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {}}, 7, {"kind": "Own"}]}
    assert [one["kind"] for one in flat({"kind": "List", "items": [pods, {"kind": "Job"}]})] == ["Pod", "Own", "Job"]
    assert [*flat({"kind": "List", "items": 7})] == [{"kind": "List", "items": 7}]


DIGESTS = tuple(f"sha256:{letter * 64}" for letter in "ab")


@pytest.mark.parametrize(
    ("asked", "status", "pulled"),
    [
        ("a.io/x:1", {"image": "a.io/x:1", "imageID": f"a.io/x@{DIGESTS[0]}"}, None),
        ("a.io/x:1", {"image": "b.io/x:1", "imageID": f"b.io/x@{DIGESTS[0]}"}, f"b.io/x@{DIGESTS[0]}"),
        ("a.io/x:1", {"imageID": f"docker-pullable://b.io/x@{DIGESTS[0]}"}, f"b.io/x@{DIGESTS[0]}"),
        ("nginx", {"imageID": f"docker.io/library/nginx@{DIGESTS[0]}"}, None),
        (f"a.io/x@{DIGESTS[0]}", {"imageID": f"a.io/x@{DIGESTS[1]}"}, f"a.io/x@{DIGESTS[1]}"),
        ("a.io/x:1", {"image": "b.io/x:1", "imageID": DIGESTS[0]}, "b.io/x:1"),
        ("a.io/x:1", {"image": "", "imageID": ""}, None),
        ("a.io/x:1", {"image": 7, "imageID": []}, None),
        ("", {"image": "b.io/x:1"}, None),
    ],
)  # fmt: skip
def test_what_was_pulled_otherwise(asked: str, status: ApiObject, pulled: str | None) -> None:
    pod = {"spec": {"containers": [{"name": "c", "image": asked}]},
           "status": {"containerStatuses": [{"name": "c", **status}]}}  # fmt: skip
    assert [one.reference for one in pulled_otherwise(pod)] == ([] if pulled is None else [pulled])
