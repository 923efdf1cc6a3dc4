"""`regfix cluster` with the real kubectl, against a replay of the API on loopback."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from kubernetes import TYPES, Json, Replay, pod_spec, serving, template, thing
from support import Run, environment, regfix

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OLD = "k8s.gcr.io"
DIGEST = "sha256:" + "a" * 64


def everything() -> list[Json]:
    """Return one of each case."""
    web = thing("Deployment", "web", template(f"{OLD}/web:1"))
    web_set = thing("ReplicaSet", "web-1", template(f"{OLD}/web:1"), owner=web)
    status = {"containerStatuses": [{"name": "c0", "image": "registry.k8s.io/web:1",
                                     "imageID": f"registry.k8s.io/web@{DIGEST}"}]}  # fmt: skip
    pods = [thing("Pod", f"web-1-{at}", pod_spec(f"{OLD}/web:1"), owner=web_set, status=status) for at in range(3)]
    hook = thing("Job", "admission-create", template(f"{OLD}/hook:1", suspend=False),
                 metadata={"annotations": {"helm.sh/hook": "pre-install"}})  # fmt: skip
    nightly = thing("CronJob", "nightly", {"suspend": True, "jobTemplate": {"spec": template(f"{OLD}/nightly:1")}})
    zero = thing("StatefulSet", "zero", template(f"{OLD}/zero:1", replicas=0))
    alone = thing("Pod", "alone", {
        **pod_spec("registry.k8s.io/fine:1"), "initContainers": [{"name": "first", "image": f"{OLD}/init:1"}],
        "ephemeralContainers": [{"name": "debug", "image": f"{OLD}/debug:1"}],
        "volumes": [{"name": "models", "image": {"reference": f"{OLD}/models:1"}}],
    }, metadata={"annotations": {"sidecar.example.com/image": f"{OLD}/sidecar:1"}})  # fmt: skip
    args = thing("DaemonSet", "args", {"template": {"spec": {"containers": [
        {"name": "a", "image": "registry.k8s.io/a:1", "args": [f"--image={OLD}/arg:1"],
         "env": [{"name": "RUNNER_IMAGE", "value": f"{OLD}/env:1"}]}]}}})  # fmt: skip
    old = thing("ReplicationController", "old", template(f"{OLD}/rc:1"))
    custom = thing("Prometheus", "main", {"image": f"{OLD}/prom:1"}, version="monitoring.coreos.com/v1")
    return [web, web_set, *pods, hook, nightly, zero, alone, args, old, custom]


KINDS = {**TYPES, "Prometheus": ("monitoring.coreos.com/v1", "prometheuses")}


@pytest.fixture
def replay() -> Iterator[Replay]:
    with serving(Replay(everything(), KINDS)) as served:
        yield served


def cluster(replay: Replay, kubectl: str, folder: Path, *arguments: str) -> Run:
    """Run the command against a replay."""
    config = replay.kubeconfig(folder)
    return regfix("cluster", "--kubectl", kubectl, "--kubeconfig", str(config), *arguments, cwd=folder,
                  env=environment(HOME=str(folder)))  # fmt: skip


def hits(run: Run) -> list[dict[str, Any]]:
    """Return all hits of a run in JSON."""
    return [hit for one in json.loads(run.stdout)["clusters"] for hit in one["hits"]]


def names(run: Run) -> set[str]:
    """Return which references are in use, without their registry."""
    return {hit["reference"].removeprefix(f"{OLD}/") for hit in hits(run) if hit["concerned"]}


ALL = {"web:1", "hook:1", "nightly:1", "zero:1", "init:1", "debug:1", "models:1", "sidecar:1", "arg:1", "env:1", "rc:1",
       "prom:1"}  # fmt: skip


def test_all_that_runs_and_would_run_is_listed(kubectl: str, replay: Replay, project: Path) -> None:
    run = cluster(replay, kubectl, project, "--format", "json")
    assert run.code == 0, run.err
    assert names(run) == ALL
    found = {hit["reference"]: hit for hit in hits(run)}
    assert found[f"{OLD}/nightly:1"]["condition"] == "suspended"
    assert found[f"{OLD}/zero:1"]["condition"] == "scaled to zero"
    assert found[f"{OLD}/debug:1"]["container"] == "debug"


def test_the_usual_listing_of_pods_misses_what_does_not_run(kubectl: str, replay: Replay, project: Path) -> None:
    config = replay.kubeconfig(project)
    path = "jsonpath={.items[*].spec['initContainers','containers'][*].image}"
    listed = subprocess.run(
        [kubectl, f"--kubeconfig={config}", "get", "pods", "-A", "-o", path], capture_output=True, text=True, check=True,
        env=environment(HOME=str(project)), timeout=60,
    ).stdout  # fmt: skip
    assert f"{OLD}/web:1" in listed
    missed = {"hook:1", "nightly:1", "zero:1"}
    assert not [name for name in missed if name in listed]
    assert missed <= names(cluster(replay, kubectl, project, "--format", "json"))


def test_a_controller_and_its_pods_are_counted_once(kubectl: str, replay: Replay, project: Path) -> None:
    run = cluster(replay, kubectl, project, "--format", "json", "--all")
    web = [hit for hit in hits(run) if hit["reference"] == f"{OLD}/web:1"]
    assert [(hit["object"]["kind"], hit["object"]["name"]) for hit in web] == [("Deployment", "web")]


def test_what_was_pulled_from_elsewhere_is_shown(kubectl: str, replay: Replay, project: Path) -> None:
    run = cluster(replay, kubectl, project, "--format", "json")
    pulled = [hit for hit in hits(run) if hit["origin"] == "status"]
    assert [(hit["reference"], hit["specification"], hit["copies"]) for hit in pulled] == [
        (f"registry.k8s.io/web@{DIGEST}", f"{OLD}/web:1", 3)
    ]
    assert [owner["kind"] for owner in pulled[0]["owners"]] == ["ReplicaSet", "Deployment"]


def test_only_get_and_list_are_asked(kubectl: str, replay: Replay, project: Path) -> None:
    cluster(replay, kubectl, project)
    assert {method for method, _ in replay.asked} == {"GET"}
    assert [path for _, path in replay.asked if "/secrets" in path or "watch" in path] == []


def test_check_ends_with_1(kubectl: str, replay: Replay, project: Path) -> None:
    assert cluster(replay, kubectl, project, "--check").code == 1
    replay.objects = [thing("Pod", "fine", pod_spec("registry.k8s.io/fine:1"))]
    assert cluster(replay, kubectl, project, "--check").code == 0


def test_pages_are_followed_and_a_token_that_is_too_old_starts_again_once(
    kubectl: str, replay: Replay, project: Path
) -> None:
    replay.objects = [thing("Pod", f"p{at}", pod_spec(f"{OLD}/p{at}:1")) for at in range(1203)]
    replay.expire = 1
    run = cluster(replay, kubectl, project, "--format", "json")
    assert run.code == 0, run.err
    assert len(hits(run)) == 1203
    assert json.loads(run.stdout)["clusters"][0]["objects"] == 1203
    assert sum("/pods?" in path for _, path in replay.asked) == 5


def test_a_forbidden_namespace_is_told_and_the_rest_goes_on(kubectl: str, replay: Replay, project: Path) -> None:
    spaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in ("shop", "vault")]
    replay.objects = [*everything(), *spaces, thing("Pod", "hidden", pod_spec(f"{OLD}/hidden:1"), "vault")]
    replay.forbidden = frozenset({("pods", ""), ("pods", "vault")})
    run = cluster(replay, kubectl, project, "--format", "json")
    assert run.code == 2
    assert "pods in namespace vault: may not be listed" in run.err
    assert names(run) == ALL
