"""`regfix cluster` with the real kubectl, against a replay of the API on loopback."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from kubernetes import TYPES, Json, Replay, certified, pod_spec, serving, template, thing
from regfix.cluster.kinds import CUSTOM
from support import Run, environment, regfix

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    assert [path for _, path in replay.asked if "watch" in path] == []
    secrets = [path for _, path in replay.asked if "/secrets" in path]
    assert len(secrets) == 1
    assert "fieldSelector=type%3Dhelm.sh%2Frelease.v1" in secrets[0]
    replay.asked.clear()
    cluster(replay, kubectl, project, "--no-releases")
    assert [path for _, path in replay.asked if "/secrets" in path or "/configmaps" in path] == []


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


def dump(path: Path, objects: list[Json]) -> Path:
    """Write a dump as kubectl prints it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}), "utf-8")
    return path


def test_a_folder_of_dumps_is_one_cluster_each(project: Path) -> None:
    dump(project / "dumps/east.json", everything())
    dump(project / "dumps/west.json", [thing("Pod", "west", pod_spec(f"{OLD}/west:1"))])
    run = regfix("cluster", "--from-file", "dumps", "--format", "json", cwd=project)
    assert run.code == 0, run.err
    assert [one["cluster"] for one in json.loads(run.stdout)["clusters"]] == ["east", "west"]
    assert names(run) == ALL | {"west:1"}
    assert "east: 12 objects read; 12 references" in run.err
    assert "west: 1 object read; 1 reference" in run.err


def test_a_dump_that_kubectl_printed_says_what_the_cluster_says(kubectl: str, replay: Replay, project: Path) -> None:
    config = replay.kubeconfig(project)
    kinds = "cronjobs,deployments,replicasets,statefulsets,daemonsets,replicationcontrollers,jobs,pods,prometheuses"
    done = subprocess.run(
        [kubectl, f"--kubeconfig={config}", "get", kinds, "-A", "-o", "json"], capture_output=True, check=True,
        env=environment(HOME=str(project)), timeout=60,
    )  # fmt: skip
    (project / "replay.json").write_bytes(done.stdout)
    live = cluster(replay, kubectl, project, "--format", "json", "--all")
    read = regfix("cluster", "--from-file", "replay.json", "--format", "json", "--all", cwd=project)
    assert json.loads(read.stdout) == json.loads(live.stdout)


def test_save_leaves_nothing_of_secrets_and_is_read_again(kubectl: str, replay: Replay, project: Path) -> None:
    replay.objects = [*everything(), thing("Secret", "login", {}, type="Opaque", data={"password": "aHVudGVyMg=="})]
    live = cluster(replay, kubectl, project, "--format", "json", "--all", "--save", "kept")
    assert live.code == 0, live.err
    assert [path.name for path in (project / "kept").iterdir()] == ["replay.json"]
    saved = project / "kept/replay.json"
    assert saved.stat().st_mode & 0o777 == 0o600
    assert "aHVudGVyMg" not in saved.read_text("utf-8")
    assert "managedFields" not in saved.read_text("utf-8")
    read = regfix("cluster", "--from-file", "kept", "--format", "json", "--all", cwd=project)
    assert json.loads(read.stdout) == json.loads(live.stdout)


def test_several_contexts_are_one_run(kubectl: str, replay: Replay, project: Path) -> None:
    config = replay.kubeconfig(project, "arn:aws:eks:x/a", "-n", "$(touch pwned)")
    run = regfix("cluster", "--kubectl", kubectl, "--kubeconfig", str(config), "--all-contexts", "--format", "json",
                 "--save", "kept", cwd=project, env=environment(HOME=str(project)))  # fmt: skip
    assert run.code == 0, run.err
    found = json.loads(run.stdout)["clusters"]
    assert sorted(one["cluster"] for one in found) == ["$(touch pwned)", "-n", "arn:aws:eks:x/a"]
    assert {one["references"] for one in found} == {12}
    assert len([*(project / "kept").iterdir()]) == 3
    read = regfix("cluster", "--from-file", "kept", "--format", "json", cwd=project)
    assert {one["cluster"] for one in json.loads(read.stdout)["clusters"]} == {one["cluster"] for one in found}
    assert not (project / "pwned").exists()


def test_namespaces_and_labels_narrow(kubectl: str, replay: Replay, project: Path) -> None:
    replay.objects = [
        thing("Pod", name, pod_spec(f"{OLD}/{name}:1"), space, metadata={"labels": {"app": name}})
        for name, space in (("a", "one"), ("b", "two"), ("c", "three"))
    ]
    assert names(cluster(replay, kubectl, project, "-n", "one", "-n", "two", "--format", "json")) == {"a:1", "b:1"}
    assert names(cluster(replay, kubectl, project, "-l", "app=c", "--format", "json")) == {"c:1"}


def test_custom_resources_are_named_by_option_or_by_settings(kubectl: str, replay: Replay, project: Path) -> None:
    replay.types = {**TYPES, "Database": ("example.com/v1", "databases"), "Engine": ("other.com/v1", "engines")}
    replay.objects = [
        thing("Database", "db", {"runtime": f"{OLD}/db:1"}, version="example.com/v1"),
        thing("Engine", "e", {"image": f"{OLD}/engine:1"}, version="other.com/v1"),
    ]
    assert names(cluster(replay, kubectl, project, "--format", "json")) == set()
    option = cluster(replay, kubectl, project, "--format", "json", "--resource", "engines.other.com")
    assert names(option) == {"engine:1"}
    field = "fields:\n- {path: $.spec.runtime, apiVersion: example.com/v1, kind: Database}\n"
    (project / ".regfix.yaml").write_text(field)
    assert names(cluster(replay, kubectl, project, "--format", "json")) == {"db:1"}
    absent = cluster(replay, kubectl, project, "--resource", "wrong")
    assert absent.code == 2
    assert "--resource wrong: the cluster has no such resource" in absent.err


@pytest.mark.parametrize("form", ["text", "json", "csv", "markdown", "openmetrics"])
def test_hostile_names_reach_no_output_raw(form: str, project: Path) -> None:
    name = 'x\x1b]0;owned\x07"\n# EOF\n|</code>'
    evil = thing("Pod", name, pod_spec(f"{OLD}/a:1", f"{OLD}/b:1\u202e"), name)
    evil["spec"]["containers"][0]["name"] = name
    dump(project / "d.json", [evil])
    run = regfix("cluster", "--from-file", "d.json", "--format", form, cwd=project)
    assert run.code == 0, run.err
    assert not [char for char in ("\x1b", "\x07", "\u202e") if char in run.said]
    if form == "openmetrics":
        assert run.out.splitlines().count("# EOF") == 1
        assert run.out.endswith("\n# EOF\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"apiVersion":"v1","kind":"List","items":[{"kind":"Pod","meta', "the dump is cut off"),
        (b'{"apiVersion":"v1","kind":"List","items":[', "the dump is cut off"),
        (b"", "the dump is cut off"),
        (b"apiVersion: v1\nkind: Pod\n", "the dump is not JSON"),
        (b"[1, 2]", "not an object of the Kubernetes API"),
        (b"\xff\xfe{\0}\0", "not UTF-8"),
        (b"[" * 100_000, "the dump is not JSON"),
    ],
)
def test_a_dump_that_is_none_is_told_and_the_rest_goes_on(content: bytes, said: str, project: Path) -> None:
    (project / "dumps").mkdir()
    (project / "dumps/a.json").write_bytes(content)
    dump(project / "dumps/b.json", everything())
    run = regfix("cluster", "--from-file", "dumps", "--format", "json", cwd=project)
    assert run.code == 2
    assert "dumps/a.json" in run.err
    assert said in run.err
    assert names(run) == ALL


def test_objects_of_any_form_are_read(project: Path) -> None:
    parts: list[Any] = [None, 7, "x", [], [7, None], {"a": 7}, {"name": ["x"]}]
    whole = thing("Pod", "odd", pod_spec(f"{OLD}/odd:1"), status={"containerStatuses": [{"name": []}]})
    odd = [{**whole, field: part} for field in ("metadata", "spec", "status", "kind") for part in parts]
    dump(project / "d.json", [*odd, *everything()])
    run = regfix("cluster", "--from-file", "d.json", "--format", "json", cwd=project)
    assert run.code == 0, run.err
    assert names(run) == ALL | {"odd:1"}


def test_no_kubectl_no_context_no_connection(kubectl: str, replay: Replay, project: Path) -> None:
    env = environment(HOME=str(project), PATH="/nowhere", KUBERNETES_SERVICE_HOST=None)
    missing = regfix("cluster", cwd=project, env=env)
    assert (missing.code, "kubectl is not on the PATH" in missing.err) == (2, True)
    empty = regfix("cluster", "--kubectl", kubectl, cwd=project, env=env)
    assert (empty.code, "current-context is not set" in empty.err) == (2, True)
    wrong = cluster(replay, kubectl, project, "--context", "nowhere", "--context", "replay", "--format", "json")
    assert (wrong.code, 'context "nowhere" does not exist' in wrong.err) == (2, True)
    assert names(wrong) == ALL
    replay.url = "http://127.0.0.1:1"
    refused = cluster(replay, kubectl, project)
    assert (refused.code, "refused" in refused.err, refused.err.count("error:")) == (2, True, 1)


def test_an_expired_login_is_told_once(kubectl: str, replay: Replay, project: Path) -> None:
    replay.token = "good"
    run = cluster(replay, kubectl, project)
    assert run.code == 2
    assert run.err.count("error:") == 1
    assert "log in again" in run.err


def test_an_answer_that_is_no_json_is_told(kubectl: str, replay: Replay, project: Path) -> None:
    replay.answers["/apis/apps/v1/deployments"] = b'{"kind":"DeploymentList","items":[{'
    run = cluster(replay, kubectl, project, "--format", "json")
    assert run.code == 2
    assert "deployments.apps: cannot be listed" in run.err
    assert names(run) >= ALL - {"web:1"}


def test_a_login_by_a_plugin_over_tls(kubectl: str, project: Path) -> None:
    authority, context = certified(project)
    plugin = project / "login"
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": "good"},
    }
    plugin.write_text(f"#!/bin/sh\necho '{json.dumps(credential)}'\n")
    plugin.chmod(0o755)
    user = {
        "exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin), "interactiveMode": "Never"}
    }
    with serving(Replay(everything(), KINDS, token="good"), context) as replay:
        config = replay.kubeconfig(project, user=user, **{"certificate-authority": authority})
        run = regfix("cluster", "--kubectl", kubectl, "--kubeconfig", str(config), "--format", "json", cwd=project,
                     env=environment(HOME=str(project)))  # fmt: skip
    assert run.code == 0, run.err
    assert names(run) == ALL


def test_kubectl_runs_it_as_a_plugin(kubectl: str, replay: Replay, project: Path) -> None:
    programs = f"{Path(kubectl).parent}:{Path(sys.executable).parent}:/usr/bin:/bin"
    env = environment(HOME=str(project), PATH=programs, KUBECONFIG=str(replay.kubeconfig(project)))
    done = subprocess.run([kubectl, "regfix", "--check", "-q"], cwd=project, env=env, capture_output=True, text=True,
                          check=False, timeout=60)  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert f"{OLD}/nightly:1" in done.stdout


def test_json_is_what_the_schema_says(project: Path) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs/reference/cluster.schema.json").read_text("utf-8"))
    dump(project / "d.json", everything())
    (project / "e.json").write_text("{")
    run = regfix("cluster", "--from-file", "d.json", "--from-file", "e.json", "--all", "--format", "json", cwd=project)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(json.loads(run.stdout))] == []


def test_what_is_no_image_is_listed_and_fails_no_check(project: Path) -> None:
    notes = {"note": f"was at {OLD} once", "docs": f"https://{OLD}/v2/", "via": f"mirror.corp/{OLD}/pause:3.2"}
    fine = thing("Pod", "fine", pod_spec("registry.k8s.io/fine:1"), metadata={"annotations": notes})
    own = thing("Own", "x", {"kept": f"{OLD}/kept:1"}, version="example.com/v1")
    dump(project / "d.json", [fine, own])
    (project / ".regfix.yaml").write_text("fields:\n- {path: $.spec.kept, kind: Own, ignore: true}\n")
    run = regfix("cluster", "--from-file", "d.json", "--check", "--format", "json", cwd=project)
    assert run.code == 0, run.err
    assert {hit["reason"] for hit in hits(run)} >= {"prose", "url", "other-host", "ignored"}


def test_without_the_right_to_list_namespaces_that_of_the_context_is_read(
    kubectl: str, replay: Replay, project: Path
) -> None:
    replay.objects = [thing("Pod", name, pod_spec(f"{OLD}/{name}:1"), name) for name in ("default", "other")]
    replay.forbidden = frozenset({("pods", ""), ("namespaces", "")})
    run = cluster(replay, kubectl, project, "--format", "json")
    assert (run.code, names(run)) == (2, {"default:1"})
    assert "namespaces is forbidden" in run.err


def test_old_revisions_and_images_of_webhooks_are_hits_of_their_own(project: Path) -> None:
    web = thing("Deployment", "web", template("registry.k8s.io/web:2"))
    old = thing("ReplicaSet", "web-1", template(f"{OLD}/web:1", replicas=0), owner=web)
    now = thing("ReplicaSet", "web-2", template("registry.k8s.io/web:2"), owner=web)
    pod = thing("Pod", "web-2-x", pod_spec("registry.k8s.io/web:2"), owner=now)
    pod["spec"]["containers"].insert(0, {"name": "injected", "image": f"{OLD}/proxy:1"})
    dump(project / "d.json", [pod, now, old, web])
    run = regfix("cluster", "--from-file", "d.json", "--all", "--format", "json", cwd=project)
    found = [(hit["object"]["name"], hit["reference"], hit["condition"]) for hit in hits(run)]
    assert found == [("web", "registry.k8s.io/web:2", None), ("web-1", f"{OLD}/web:1", "old revision"),
                     ("web-2-x", f"{OLD}/proxy:1", None)]  # fmt: skip


def test_the_copy_of_kubectl_apply_counts_where_it_differs(project: Path) -> None:
    key = "kubectl.kubernetes.io/last-applied-configuration"
    for applied, expected in ((f"{OLD}/a:1", ["a:1"]), (f"{OLD}/b:1", ["a:1", "b:1"])):
        copy = json.dumps({"spec": pod_spec(applied)})
        dump(project / "d.json", [thing("Pod", "p", pod_spec(f"{OLD}/a:1"), metadata={"annotations": {key: copy}})])
        run = regfix("cluster", "--from-file", "d.json", "--format", "json", cwd=project)
        assert sorted(names(run)) == expected
        assert len(hits(run)) == len(expected)


def test_the_page_lists_the_custom_resources_that_are_read() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/cli.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z0-9.-]+\.[a-z]+)` \| ([A-Za-z0-9, ]+) \|$", page, re.MULTILINE)
    assert {group: set(kinds.split(", ")) for group, kinds in rows} == CUSTOM
