"""What `regfix cluster` says of where an image comes from, and which line of which file is to be changed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from charts import pack
from kubernetes import TYPES, Json, Replay, pod_spec, serving, template, thing
from releases import installed, kept, write_chart
from support import Run, environment, regfix

OLD, NEW = "k8s.gcr.io", "registry.k8s.io"

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n"
                  "dependencies:\n- {name: redis, version: '>=0.1.0', alias: cache}\n",
    "values.yaml": f"image:\n  registry: {OLD}\n  repository: web\n  tag: '1'\nhook:\n  image: {OLD}/hook:1\n",
    "templates/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"
                          "      containers:\n      - name: c0\n        image: {{ .Values.image.registry }}/"
                          "{{ .Values.image.repository }}:{{ .Values.image.tag }}\n      - name: c1\n"
                          f"        image: {OLD}/hard:1\n",
    "templates/hook.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: admission-create\n"
                           "  annotations: {helm.sh/hook: pre-install}\nspec: {template: {spec: {restartPolicy: Never, "
                           'containers: [{name: create, image: "{{ .Values.hook.image }}"}]}}}\n',
    "charts/redis/Chart.yaml": "apiVersion: v2\nname: redis\nversion: 0.1.0\n",
    "charts/redis/values.yaml": f"# the image\nimage:\n  repository: {OLD}/redis\n  tag: '7'\n",
    "charts/redis/templates/redis.yaml": "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: redis}\n"
                                         "spec: {template: {spec: {containers: [{name: r, image: "
                                         '"{{ .Values.image.repository }}:{{ .Values.image.tag }}"}]}}}\n',
}  # fmt: skip
VALUES = f"# of production\nhook:\n  image: {OLD}/hook:3\n"


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the chart."""
    folder = tmp_path_factory.mktemp("charts")
    write_chart(folder / "web", CHART)
    (folder / "values-production.yaml").write_text(VALUES)
    return folder


@pytest.fixture(scope="session")
def release(helm: str, charts: Path) -> Json:
    """A release of the chart."""
    with serving(Replay()) as replay:
        values = str(charts / "values-production.yaml")
        return installed(helm, replay, charts / "web", "web", "--values", values, "--set-string", "image.tag=2")


def read(objects: list[Json], folder: Path, *arguments: str, form: str = "json") -> Run:
    """Run the command on a dump of objects."""
    (folder / "d.json").write_text(json.dumps({"kind": "List", "items": objects}))
    return regfix("cluster", "--from-file", "d.json", "--format", form, *arguments, cwd=folder)


def origins(run: Run) -> dict[str, list[tuple[Any, ...]]]:
    """Return what is told of each image: who says it, the file with its line, the key and its value."""
    found = [hit for one in json.loads(run.stdout)["clusters"] for hit in one["hits"]]
    return {
        hit["reference"].removeprefix(f"{OLD}/"): [
            (one["by"], f"{one['path']}:{one['line']}" if one["path"] else one["what"], one["key"], one["value"])
            for one in hit["provenance"]
        ]
        for hit in found
    }  # fmt: skip


def told(template: str, chart: str = "web 1.2.3", more: str = "") -> str:
    """Return what is told of a release."""
    return f"release shop/web, chart {chart}, template web/{template}{more}"


def test_a_release_says_which_values_are_to_be_set(release: Json, project: Path) -> None:
    found = origins(read([kept(release)], project))
    assert found == {
        "web:2": [("helm", told("templates/web.yaml"), "image.registry", NEW)],
        "hard:1": [("helm", told("templates/web.yaml", more=", hard-coded at web/templates/web.yaml:11"), None, None)],
        "redis:7": [
            ("helm", told("charts/cache/templates/redis.yaml"), "cache.image.repository", f"{NEW}/redis")
        ],
        "hook:3": [("helm", told("templates/hook.yaml", more=", hook pre-install"), "hook.image", f"{NEW}/hook:3")],
    }  # fmt: skip


def test_json_with_releases_is_what_the_schema_says(release: Json, charts: Path, project: Path) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs/reference/cluster.schema.json").read_text("utf-8"))
    (project / "values.yaml").write_text(VALUES)
    run = read([kept(release)], project, "--charts", str(charts), "--source", "values.yaml", "--all")
    assert run.code == 0, run.err
    assert [error.message for error in Draft202012Validator(schema).iter_errors(json.loads(run.stdout))] == []


@pytest.mark.parametrize("packed", [False, True])
def test_charts_at_hand_say_which_line(packed: bool, release: Json, charts: Path, project: Path) -> None:
    place = project / "charts"
    write_chart(place / "web", CHART)
    if packed:
        pack(place / "web")
    where = "charts/web-1.0.0.tgz!web" if packed else "charts/web"
    found = origins(read([kept(release)], project, "--charts", "charts"))
    assert found["web:2"][0] == ("chart", f"{where}/values.yaml:2", "image.registry", NEW)
    assert found["hard:1"][0] == ("chart", f"{where}/templates/web.yaml:11", None, None)
    assert found["redis:7"][0] == (
        "chart", f"{where}/charts/redis/values.yaml:3", "cache.image.repository", f"{NEW}/redis")  # fmt: skip
    assert [by for by, *_ in found["hook:3"]] == ["helm"]  # the installer set it: the chart's line changes nothing


def test_values_files_say_which_line(release: Json, project: Path) -> None:
    (project / "env").mkdir()
    (project / "env/production.yaml").write_text(VALUES)
    (project / "env/other.yaml").write_text(f"hook:\n  image: {OLD}/another:1\n")
    found = origins(read([kept(release)], project, "--source", "env"))
    assert [one for one in found["hook:3"] if one[0] == "source"] == [
        ("source", "env/production.yaml:3", "hook.image", f"{NEW}/hook:3")
    ]


def test_the_file_that_declares_an_object_is_told_with_its_line(project: Path) -> None:
    (project / "a.yaml").write_text(
        f"# two documents\nkind: Service\napiVersion: v1\nmetadata: {{name: web}}\n---\napiVersion: extensions/v1beta1\n"
        f"kind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n"
        f"      - {{name: c1, image: '{OLD}/web:1'}}\n      - name: c0\n        image: {OLD}/web:1\n"
    )
    (project / "b.yaml").write_text(
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: other}}\n"
        f"spec: {{template: {{spec: {{containers: [{{name: c0, image: '{OLD}/web:1'}}]}}}}}}\n"
    )
    web = thing("Deployment", "web", template(f"{OLD}/web:1"))
    pods = thing("ReplicaSet", "web-1", template(f"{OLD}/web:1", f"{OLD}/other:1"), owner=web)
    found = origins(read([web, pods], project, "--source", "."))
    key = "spec.template.spec.containers[1].image"
    assert found["web:1"] == [("source", "./a.yaml:16", key, f"{NEW}/web:1")]
    assert found["other:1"] == [("source", "./a.yaml:6", None, None)]
    run = read([web, pods], project, "--source", ".")
    assert "declares Deployment shop/web, without this image" in run.out


def test_an_image_of_a_kustomization_is_told_with_its_line(project: Path) -> None:
    (project / "deployment.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
        "spec: {template: {spec: {containers: [{name: c0, image: web}]}}}\n"
    )
    (project / "kustomization.yaml").write_text(
        f"resources: [deployment.yaml]\nimages:\n- name: web\n  newName: {OLD}/web\n  newTag: '2'\n"
    )
    found = origins(read([thing("Deployment", "web", template(f"{OLD}/web:2"))], project, "--source", "."))
    assert [one[:2] for one in found["web:2"]] == [("source", "./kustomization.yaml:4")]


def labelled(labels: Json | None = None, annotations: Json | None = None) -> Json:
    metadata = {"labels": labels or {}, "annotations": annotations or {}}
    return thing("Deployment", "web", template(f"{OLD}/web:1"), metadata=metadata)


@pytest.mark.parametrize(
    ("web", "by", "what"),
    [
        (labelled(annotations={"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}), "argo-cd",
         "Application shop"),
        (labelled(annotations={"argocd.argoproj.io/tracking-id": "team_shop:apps/Deployment:shop/web"}), "argo-cd",
         "Application team/shop"),
        (labelled({"argocd.argoproj.io/instance": "shop"}), "argo-cd", "Application shop"),
        (labelled({"app.kubernetes.io/instance": "known"}), "argo-cd", "Application known"),
        (labelled({"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}),
         "flux", "Kustomization flux-system/apps"),
        (labelled({"helm.toolkit.fluxcd.io/name": "web", "helm.toolkit.fluxcd.io/namespace": "shop"}), "flux",
         "HelmRelease shop/web"),
        (labelled(annotations={"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop"}), "helm",
         "release shop/web"),
    ],
)  # fmt: skip
def test_who_brings_an_object_is_told_by_its_labels(web: Json, by: str, what: str, project: Path) -> None:
    application = thing("Application", "known", {}, "argocd", version="argoproj.io/v1alpha1")
    pods = thing("ReplicaSet", "web-1", template(f"{OLD}/injected:1"), owner=web)
    found = origins(read([application, web, pods], project))
    assert found == {image: [(by, what, None, None)] for image in ("web:1", "injected:1")}


def test_the_common_label_of_charts_is_no_application(project: Path) -> None:
    assert origins(read([labelled({"app.kubernetes.io/instance": "web"})], project)) == {"web:1": []}


def test_the_values_in_a_helm_release_of_flux_are_told_with_their_line(release: Json, project: Path) -> None:
    (project / "release.yaml").write_text(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\n"
        f"spec:\n  values:\n    hook:\n      image: {OLD}/hook:3\n"
    )
    labels = {"helm.toolkit.fluxcd.io/name": "web", "helm.toolkit.fluxcd.io/namespace": "shop"}
    job = thing("Job", "admission-create", {"template": {"spec": {"containers": [
        {"name": "create", "image": f"{OLD}/hook:3"}]}}}, metadata={"labels": labels})  # fmt: skip
    found = origins(read([job, kept(release)], project, "--source", "."))
    assert found["hook:3"][0] == ("source", "./release.yaml:7", "spec.values.hook.image", f"{NEW}/hook:3")
    assert [by for by, *_ in found["hook:3"]] == ["source", "helm", "flux"]


def test_what_cannot_be_read_beside_the_cluster_is_told(release: Json, project: Path) -> None:
    (project / "bad.yaml").write_text(f"image: [{OLD}/web:1\n")
    (project / "good.yaml").write_text(VALUES)
    (project / "charts/broken").mkdir(parents=True)
    (project / "charts/broken/Chart.yaml").write_text("name: [\n")
    (project / "charts/web").mkdir()
    (project / "charts/web/Chart.yaml").write_text(CHART["Chart.yaml"])
    (project / "charts/web/values.yaml").write_text("image: [\n")
    (project / "jinja.yaml").write_text(
        f"kind: Pod\nmetadata: {{name: web}}\nimage: {OLD}/web:1\nspec: {{{{ spec }}}}\n"
    )
    (project / "named.yaml").write_text("kind: [web\n")
    sources = [word for name in ("bad", "good", "jinja", "named") for word in ("--source", f"{name}.yaml")]
    run = read([kept(release)], project, *sources, "--charts", "charts", "--charts", "nowhere")
    assert run.code == 2
    errors = [line for line in run.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 4
    for name in ("bad.yaml", "charts/broken/Chart.yaml", "charts/web/values.yaml", "nowhere"):
        assert any(name in line for line in errors), name
    assert origins(run)["hook:3"][0][1] == "good.yaml:3"


@pytest.mark.parametrize("form", ["text", "csv", "markdown"])
def test_every_format_has_the_line_to_change(form: str, project: Path) -> None:
    (project / "pod.yaml").write_text(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: c0\n    image: {OLD}/p:1\n"
    )
    run = read([thing("Pod", "p", pod_spec(f"{OLD}/p:1"))], project, "--source", "pod.yaml", form=form)
    assert f"pod.yaml:7 spec.containers[0].image={NEW}/p:1 (source: declares Pod shop/p)" in run.out


def test_what_pods_do_not_show_is_listed_with_the_line_to_change(
    kubectl: str, release: Json, charts: Path, project: Path
) -> None:
    """The hook Job that is gone, the suspended CronJob, the workload at zero; the usual one-liner misses them."""
    (project / "env.yaml").write_text(VALUES)
    nightly = {"suspend": True, "jobTemplate": {"spec": template(f"{OLD}/nightly:1")}}
    for kind, version, name, spec in (
        ("CronJob", "batch/v1", "nightly", nightly),
        ("StatefulSet", "apps/v1", "zero", template(f"{OLD}/zero:1", replicas=0)),
    ):
        manifest = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}
        (project / f"{name}.json").write_text(json.dumps(manifest, indent=1))
    web = thing("Deployment", "web", template(f"{OLD}/web:2", f"{OLD}/hard:1"))
    pod = thing("Pod", "web-1", pod_spec(f"{OLD}/web:2", f"{OLD}/hard:1"), owner=web)
    objects = [web, pod, thing("CronJob", "nightly", nightly), kept(release),
               thing("StatefulSet", "zero", template(f"{OLD}/zero:1", replicas=0))]  # fmt: skip
    env = environment(HOME=str(project))
    with serving(Replay(objects, TYPES)) as replay:
        config = str(replay.kubeconfig(project))
        path = "jsonpath={.items[*].spec['initContainers','containers'][*].image}"
        listed = subprocess.run([kubectl, f"--kubeconfig={config}", "get", "pods", "-A", "-o", path], text=True,
                                capture_output=True, check=True, env=env, timeout=60).stdout  # fmt: skip
        run = regfix("cluster", "--kubectl", kubectl, "--kubeconfig", config, "--format", "json", "--source", ".",
                     "--charts", str(charts), "--check", cwd=project, env=env)  # fmt: skip
    assert run.code == 1, run.err
    found = origins(run)
    assert f"{OLD}/web:2" in listed
    for missed, line in (("hook:3", "env.yaml:3"), ("nightly:1", "nightly.json:"), ("zero:1", "zero.json:")):
        assert f"{OLD}/{missed}" not in listed
        assert found[missed][0][0] == "source"
        assert line in found[missed][0][1]
        named, number = found[missed][0][1].rsplit(":", 1)
        assert missed in (project / named).read_text().splitlines()[int(number) - 1]
