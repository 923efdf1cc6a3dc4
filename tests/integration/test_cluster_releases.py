"""Helm releases in `regfix cluster`: made by the real helm, kept as Helm keeps them, read by the real kubectl."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from kubernetes import Json, Replay, pod_spec, serving, template, thing
from releases import installed, kept, packed, write_chart
from support import Run, environment, regfix

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OLD = "k8s.gcr.io"

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n"
                  "dependencies:\n- {name: redis, version: '>=0.1.0', alias: cache}\n",
    "values.yaml": f"image:\n  registry: {OLD}\n  repository: web\n  tag: '1'\n"
                   f"hook:\n  image: {OLD}/hook:1\nunused:\n  image: {OLD}/unused:1\ncache:\n  image:\n    tag: '9'\n",
    "templates/web.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: c0
        image: {{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: hunter2}
""",
    "templates/hook.yaml": """\
apiVersion: batch/v1
kind: Job
metadata:
  name: admission-create
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: hook-succeeded}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: create, image: "{{ .Values.hook.image }}"}]}}}
""",
    "charts/redis/Chart.yaml": "apiVersion: v2\nname: redis\nversion: 0.1.0\n",
    "charts/redis/values.yaml": f"image:\n  repository: {OLD}/redis\n  tag: '7'\n",
    "charts/redis/templates/redis.yaml": """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis}
spec: {template: {spec: {containers: [{name: r, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"}]}}}
""",
}  # fmt: skip


@pytest.fixture
def replay() -> Iterator[Replay]:
    with serving(Replay()) as served:
        yield served


@pytest.fixture(scope="session")
def release(helm: str, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """A release of the chart, with a tag and a password that its installer set."""
    chart = write_chart(tmp_path_factory.mktemp("charts") / "web", CHART)
    with serving(Replay()) as replay:
        return installed(helm, replay, chart, "web", "--set-string", "image.tag=2,admin.password=hunter2")


def cluster(replay: Replay, kubectl: str, folder: Path, *arguments: str) -> Run:
    config = replay.kubeconfig(folder)
    return regfix("cluster", "--kubectl", kubectl, "--kubeconfig", str(config), "--format", "json", *arguments,
                  cwd=folder, env=environment(HOME=str(folder)))  # fmt: skip


def read(objects: list[Json], folder: Path, *arguments: str) -> Run:
    """Run the command on a dump of objects."""
    (folder / "d.json").write_text(json.dumps({"kind": "List", "items": objects}))
    return regfix("cluster", "--from-file", "d.json", "--format", "json", *arguments, cwd=folder)


def hits(run: Run) -> list[dict[str, Any]]:
    return [hit for one in json.loads(run.stdout)["clusters"] for hit in one["hits"]]


def counted(run: Run) -> list[str]:
    """Return the references that count, sorted, without their registry."""
    return sorted(hit["reference"].removeprefix(f"{OLD}/") for hit in hits(run) if hit["counts"])


def running() -> list[Json]:
    """Return what runs of the release: the Deployment with its pods, the StatefulSet; the hook is gone."""
    web = thing("Deployment", "web", template(f"{OLD}/web:2"))
    web_set = thing("ReplicaSet", "web-1", template(f"{OLD}/web:2"), owner=web)
    redis = {"template": {"spec": {"containers": [{"name": "r", "image": f"{OLD}/redis:9"}]}}}
    return [web, web_set, *(thing("Pod", f"web-1-{at}", pod_spec(f"{OLD}/web:2"), owner=web_set) for at in range(3)),
            thing("StatefulSet", "redis", redis)]  # fmt: skip


def test_helm_itself_reads_the_releases_of_these_tests(helm: str, release: Json, replay: Replay, project: Path) -> None:
    replay.objects = [kept(release)]
    config = replay.kubeconfig(project)
    done = subprocess.run([helm, f"--kubeconfig={config}", "list", "--all-namespaces", "--output=json"],
                          capture_output=True, check=True, timeout=60, env=environment(HOME=str(project)))  # fmt: skip
    assert [(one["name"], one["chart"]) for one in json.loads(done.stdout)] == [("web", "web-1.2.3")]


def test_a_hook_that_is_gone_is_listed_with_its_release(
    kubectl: str, release: Json, replay: Replay, project: Path
) -> None:
    replay.objects = [*running(), kept(release)]
    run = cluster(replay, kubectl, project)
    assert run.code == 0, run.err
    hook = next(hit for hit in hits(run) if hit["reference"] == f"{OLD}/hook:1")
    assert (hook["object"]["kind"], hook["object"]["name"], hook["object"]["namespace"]) == (
        "Job", "admission-create", "shop")  # fmt: skip
    assert (hook["origin"], hook["condition"], hook["container"], hook["counts"]) == ("release", "hook", "create", True)
    assert hook["release"] == {
        "namespace": "shop", "name": "web", "revision": 1, "chart": "web", "version": "1.2.3",
        "template": "web/templates/hook.yaml", "hook": ["pre-install", "pre-upgrade"],
    }  # fmt: skip
    assert "6 objects and 1 Helm release read" in run.err


def test_nothing_is_counted_twice_for_a_release_and_what_runs_of_it(release: Json, project: Path) -> None:
    run = read([*running(), kept(release)], project)
    assert counted(run) == ["hook:1", "redis:9", "web:2"]
    web = next(hit for hit in hits(run) if hit["reference"] == f"{OLD}/web:2")
    assert (web["origin"], web["object"]["kind"]) == ("spec", "Deployment")
    assert web["release"]["template"] == "web/templates/web.yaml"


def test_values_that_nothing_shows_are_told_apart(release: Json, project: Path) -> None:
    run = read([kept(release)], project)
    values = [hit for hit in hits(run) if hit["condition"] == "in values only"]
    assert [(hit["reference"], hit["keyPath"], hit["counts"]) for hit in values] == [
        (f"{OLD}/unused:1", ["unused", "image"], False)
    ]
    assert "1 more that nothing will pull" in run.err


def test_a_hook_job_that_is_still_there_is_one_hit_and_counts(release: Json, project: Path) -> None:
    spec = {"template": {"spec": {"containers": [{"name": "create", "image": f"{OLD}/hook:1"}]}}}
    job = thing("Job", "admission-create", spec, status={"completionTime": "2026-01-01T00:00:00Z"})
    run = read([*running(), job, kept(release)], project)
    assert [(hit["origin"], hit["condition"], hit["counts"]) for hit in hits(run) if "/hook:1" in hit["reference"]] == [
        ("spec", "hook", True)
    ]


def test_what_was_changed_by_hand_is_told_beside_what_the_next_upgrade_brings(release: Json, project: Path) -> None:
    web = thing("Deployment", "web", template("registry.k8s.io/web:2"))
    before = thing("ReplicaSet", "web-1", template(f"{OLD}/web:2", replicas=0), owner=web)
    run = read([web, before, kept(release)], project, "--all")
    found = {(hit["reference"], hit["origin"], hit["condition"], hit["counts"]) for hit in hits(run)
             if "/web" in hit["reference"]}  # fmt: skip
    assert found == {
        ("registry.k8s.io/web:2", "spec", None, False),
        (f"{OLD}/web:2", "spec", "old revision", False),
        (f"{OLD}/web:2", "release", None, True),
    }


@pytest.mark.parametrize("kind", ["Secret", "ConfigMap"])
def test_the_last_deployed_revision_counts(kind: str, release: Json, project: Path) -> None:
    def revision(number: int, status: str) -> Json:
        manifest = release["manifest"].replace("/web:2", f"/web:{number}")
        return kept({**release, "manifest": manifest, "hooks": [], "version": number, "info": {"status": status}},
                    kind=kind)  # fmt: skip

    assert counted(
        read(
            [
                revision(11, "failed"),
                revision(10, "deployed"),
                revision(2, "deployed"),
                revision(1, "superseded"),
            ],
            project,
        )
    ) == ["redis:9", "web:10"]
    assert counted(read([revision(3, "uninstalled"), revision(2, "superseded")], project)) == []
    assert counted(read([revision(1, "failed")], project)) == ["redis:9", "web:1"]


def test_past_revisions_are_not_even_asked_for(kubectl: str, release: Json, replay: Replay, project: Path) -> None:
    replay.objects = [kept(release, name=f"r{at}") for at in range(45)]
    cluster(replay, kubectl, project)
    asked = [path for _, path in replay.asked if "/secrets?" in path]
    assert len(asked) == 3
    assert all("status+notin+%28superseded%2Cuninstalled%29" in path and "limit=20" in path for path in asked)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (packed(b'{"manifest":"' + b" " * (64 << 20) + b'"}'), "it expands to more than 16 MiB"),
        (packed(b'{"name":"x"}', short=8), "it is cut off"),
        (base64.b64encode(base64.b64encode(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"x" * 40)).decode(), "invalid"),
        (base64.b64encode(base64.b64encode(b"PK\3\4 not gzip")).decode(), "it is neither gzip nor JSON"),
        ("%%%", "it is not base64, or cut off"),
        (packed(b"[" * 100_000), "nested too deeply"),
        (packed(b"[1]"), "it is no release"),
        (packed(b'{"version":' + b"9" * 10_000 + b"}"), "Exceeds the limit"),
        ("", "there is no release in it"),
    ],
    ids=["a bomb", "cut off", "not deflated", "not gzip", "not base64", "deep", "a list", "a large number", "nothing"],
)
def test_a_release_that_cannot_be_read_is_told_and_the_rest_goes_on(data: str, said: str, project: Path) -> None:
    broken = {"name": "broken", "namespace": "shop", "info": {"status": "deployed"}, "version": 1}
    one = kept(broken, data=data)
    if not data:
        del one["data"]
    run = read([*running(), one], project)
    assert run.code == 2
    assert "Secret shop/sh.helm.release.v1.broken.v1: the Helm release cannot be read" in run.err
    assert said in run.err
    assert counted(run) == ["redis:9", "web:2"]


def test_a_manifest_of_which_a_part_is_broken_gives_the_rest(project: Path) -> None:
    manifest = (f"---\n# Source: a/templates/bad.yaml\nkind: [{OLD}/bad:1\n"
                f"---\n# Source: a/templates/good.yaml\nkind: Pod\nmetadata: {{name: p}}\nspec:\n"
                f"  containers: [{{name: c, image: {OLD}/good:1}}]\n")  # fmt: skip
    one = {"name": "a", "namespace": "shop", "info": {"status": "deployed"}, "version": 1, "manifest": manifest}
    run = read([kept(one)], project)
    assert run.code == 2
    assert "a part of a Helm release cannot be read" in run.err
    assert counted(run) == ["good:1"]


def test_without_the_right_to_read_secrets_the_rest_is_told(
    kubectl: str, release: Json, replay: Replay, project: Path
) -> None:
    replay.objects = [*running(), kept(release)]
    replay.forbidden = frozenset({("secrets", "*")})
    run = cluster(replay, kubectl, project)
    assert (run.code, counted(run)) == (2, ["redis:9", "web:2"])
    assert "--no-releases leaves them out" in run.err
    assert cluster(replay, kubectl, project, "--no-releases").code == 0


def test_a_selector_is_for_objects_and_releases_say_where_they_are_from(
    kubectl: str, release: Json, replay: Replay, project: Path
) -> None:
    web, *_ = running()
    web["metadata"]["labels"] = {"app": "web"}
    replay.objects = [web, kept(release)]
    run = cluster(replay, kubectl, project, "-l", "app=web")
    assert counted(run) == ["web:2"]
    assert hits(run)[0]["release"]["name"] == "web"


def test_a_dump_keeps_the_workloads_of_a_release_and_no_secret(
    kubectl: str, release: Json, replay: Replay, project: Path
) -> None:
    replay.objects = [*running(), kept(release)]
    live = cluster(replay, kubectl, project, "--save", "kept")
    assert live.code == 0, live.err
    items = json.loads((project / "kept/replay.json").read_text("utf-8"))["items"]
    said = base64.b64decode(base64.b64decode(items[-1]["data"]["release"])).decode()
    assert "hunter2" not in said
    assert "hook:1" in said
    read = regfix("cluster", "--from-file", "kept", "--format", "json", cwd=project)
    assert (read.code, counted(read)) == (0, counted(live))
    hook, again = (next(hit for hit in hits(run) if hit["condition"] == "hook") for run in (live, read))
    assert {**again, "provenance": None} == {**hook, "provenance": None}
    assert (hook["provenance"][0]["key"], again["provenance"][0]["key"]) == ("hook.image", None)  # no values in dumps
