"""`regfix rewrite --prove` with both majors of Helm: what is proven is written, what is not is left and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from charts import case, helm_template, names, pack, tree_bytes, write_tree
from repository import packed, publish, served
from support import Run, environment, regfix

META = "apiVersion: v2\nname: {}\nversion: 1.0.0\n"
NEEDS = "dependencies:\n  - {name: store, version: '*', repository: 'https://charts.example.com'}\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {0}}}
spec:
  containers:
    - {{name: a, image: {1}}}
"""
HUB = ("--rule", "docker.io=harbor.corp/hub")


def chart(folder: Path, files: dict[str, str]) -> Path:
    """A chart `top`, and `store` below it, which is from elsewhere; what is given is added."""
    base = {"Chart.yaml": META.format("top"), "values.yaml": "name: top\n"}
    if any(name.startswith("charts/store/") for name in files):
        base["Chart.yaml"] += NEEDS
        base["charts/store/Chart.yaml"] = META.format("store")
    return write_tree(folder / "top", base | files)


def prove(chart: Path, helm: str, *options: str, **more: str) -> Run:
    return regfix("rewrite", chart.name, "--prove", "--helm", helm, *options, cwd=chart.parent,
                  env=environment(**more))  # fmt: skip


def record_of(chart: Path, helm: str, *options: str) -> tuple[Run, dict[str, object]]:
    path = chart.parent / "record.json"
    run = prove(chart, helm, "--record", str(path), *options)
    (only,) = json.loads(path.read_text())["charts"]
    return run, only


@pytest.mark.parametrize("name", ["story-old", "story-new", "alias-twice", "nested", "archived"])
def test_the_story_is_proven(name: str, helm: str, tmp_path: Path) -> None:
    folder, _, expected = case(name, tmp_path)
    run, record = record_of(folder, helm)
    assert run.code == 0, run.said
    assert (record["verdict"], record["left"], record["set"], record["copies"]) == ("proven", [], [], [])
    assert record["images"]
    assert {image["rule"] for image in record["images"]} == {"k8s.gcr.io=registry.k8s.io"}
    assert all(image["places"] for image in record["images"])
    assert "k8s.gcr.io" not in helm_template(helm, folder)
    assert expected is None or (folder / "values.yaml").read_bytes() == expected


def test_what_describes_the_chart_is_not_where_an_image_was_moved(helm: str, tmp_path: Path) -> None:
    folder = case("story-old", tmp_path).chart
    lamp = "k8s.gcr.io/lighthouse/lamp:1.2"
    metadata = folder / "Chart.yaml"
    listed = f"annotations:\n  artifacthub.io/images: |\n    - image: {lamp}\n"
    metadata.write_text(metadata.read_text("utf-8") + listed, "utf-8")
    values = folder / "values.yaml"
    values.write_text(f"# image: {lamp}\n{values.read_text('utf-8')}", "utf-8")
    _, record = record_of(folder, helm)
    (found,) = (image for image in record["images"] if image["before"] == lamp)
    assert [(place["keyPath"], place["file"].rpartition("/")[2]) for place in found["places"]] == [
        ("image", "values.yaml")
    ]


@pytest.mark.parametrize("name", [name for name in names() if name.startswith(("refused", "no-values"))])
def test_what_cannot_be_overridden_is_left_and_named(name: str, helm: str, tmp_path: Path) -> None:
    folder = case(name, tmp_path).chart
    before = tree_bytes(folder)
    run = prove(folder, helm)
    assert run.code == 2
    assert "incomplete, 1 image left" in run.err
    assert "left: k8s.gcr.io/state-exporter/state-exporter:v1.9.8 (Pod release-name-state-exporter" in run.err
    assert tree_bytes(folder) == before


@pytest.mark.parametrize("mode", ["--dry-run", "--check"])
def test_nothing_is_written_without_being_asked_to(mode: str, helm: str, tmp_path: Path) -> None:
    folder = case("story-new", tmp_path).chart
    before = tree_bytes(folder)
    run = prove(folder, helm, mode)
    assert run.code == (1 if mode == "--check" else 0)
    assert "proven: chart: 2 images moved, nothing else changed" in run.err
    assert tree_bytes(folder) == before


def test_a_chart_that_would_change_otherwise_is_left(helm: str, tmp_path: Path) -> None:
    pod = POD.format("a", '"{{ .Values.image }}"') + '---\n{{ if hasPrefix "registry" .Values.image }}' + (
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: more}}\n{{ end }}\n")  # fmt: skip
    folder = chart(tmp_path, {"templates/pod.yaml": pod, "values.yaml": "image: k8s.gcr.io/a/b:1\n"})
    write_tree(tmp_path / "fine", {"Chart.yaml": META.format("fine"), "values.yaml": "image: k8s.gcr.io/a/b:1\n",
                                   "templates/pod.yaml": POD.format("a", "{{ .Values.image }}")})  # fmt: skip
    before = tree_bytes(folder)
    run = regfix("rewrite", ".", "--prove", "--helm", helm, cwd=tmp_path)
    assert run.code == 1
    assert "not proven: ./top: nothing of it was changed" in run.err
    assert "ConfigMap more of top/templates/pod.yaml: nothing became 'a document'" in run.err
    assert "[unproven]" in run.err
    assert "proven: ./fine: 1 image moved" in run.err
    assert tree_bytes(folder) == before
    assert "registry.k8s.io" in (tmp_path / "fine/values.yaml").read_text()


def test_a_label_made_of_the_image_speaks_against_it(helm: str, tmp_path: Path) -> None:
    pod = POD.format("a", "{{ .Values.image.repository }}").replace(
        "{name: a}", "{name: a, labels: {app: {{ .Values.image.repository }}}}"
    )
    folder = chart(tmp_path, {"templates/pod.yaml": pod, "values.yaml": "image: {repository: nginx}\n"})
    run = prove(folder, helm, *HUB)
    assert run.code == 1
    assert "Pod a, metadata.labels.app: 'nginx' became 'harbor.corp/hub/library/nginx'" in run.err
    assert (folder / "values.yaml").read_text() == "image: {repository: nginx}\n"


def test_what_is_random_and_what_follows_does_not_matter(helm: str, tmp_path: Path) -> None:
    pod = POD.format("a", "{{ .Values.image }}").replace(
        "{name: a}",
        "\n  name: a\n  annotations:\n    checksum/values: {{ .Values | toYaml | sha256sum }}\n"
        "    rollme: {{ randAlphaNum 5 | quote }}",
    )
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {p: {{ randAlphaNum 9 | b64enc | quote }}}\n"
    folder = chart(
        tmp_path, {"templates/a.yaml": pod, "templates/s.yaml": secret, "values.yaml": "image: k8s.gcr.io/a/b\n"}
    )
    run, record = record_of(folder, helm)
    assert run.code == 0, run.said
    assert record["derived"] == [{"document": "Pod a", "keyPath": 'metadata.annotations["checksum/values"]'}]
    assert record["random"] == 2


def test_hooks_and_tests_are_rendered(helm: str, tmp_path: Path) -> None:
    hook = POD.format("a", '"{{ .Values.what }}"').replace("{name: a}", "{name: a, annotations: {helm.sh/hook: test}}")
    folder = chart(tmp_path, {"templates/tests/a.yaml": hook, "values.yaml": "what: nginx:1\n"})
    run, record = record_of(folder, helm, *HUB)
    assert run.code == 0, run.said
    assert [image["after"] for image in record["images"]] == ["harbor.corp/hub/library/nginx:1"]


def test_values_files_beside_are_rendered(helm: str, tmp_path: Path) -> None:
    pod = POD.format("a", "{{ .Values.image }}") + "{{ .Values.more }}"
    files = {
        "templates/a.yaml": pod,
        "values.yaml": "image: k8s.gcr.io/a/b\n",
        "values-prod.yaml": "image: k8s.gcr.io/a/prod\n",
        "ci/one-values.yaml": "more: '{{ fail }}'\nimage: [\n",
        "ci/two-values.yaml": "image: k8s.gcr.io/a/two\n",
        "values/other.yaml": "image: k8s.gcr.io/a/other\n",
        "ignored-values.yaml": "image: k8s.gcr.io/a/ignored\n",
    }
    folder = chart(tmp_path, files)
    run, record = record_of(folder, helm)
    assert {image["after"] for image in record["images"]} == {
        f"registry.k8s.io/a/{name}" for name in ("b", "prod", "two", "other")
    }
    skipped = {value["file"] for value in record["values"] if value["skipped"]}
    assert {Path(file).name for file in skipped} == {"one-values.yaml"}
    assert "not rendered with top/ci/one-values.yaml" in run.err


def test_values_files_elsewhere_are_rendered_and_set(helm: str, tmp_path: Path) -> None:
    folder = chart(
        tmp_path, {"values.yaml": "what: quay.io/x\n", "templates/a.yaml": POD.format("a", "{{ .Values.what }}")}
    )
    (tmp_path / "prod.yaml").write_text("what: a/b\n")
    run, record = record_of(folder, helm, *HUB, "-f", "prod.yaml")
    assert run.code == 0, run.said
    assert (tmp_path / "prod.yaml").read_text() == "what: harbor.corp/hub/a/b\n"
    assert [value["file"] for value in record["values"]] == [None, "prod.yaml"]


def test_a_values_file_that_does_not_render_any_more_refuses(helm: str, tmp_path: Path) -> None:
    pod = POD.format("a", "{{ .Values.image }}") + (
        '{{ if and .Values.strict (not (hasPrefix "k8s" .Values.image)) }}{{ fail "only our own images" }}{{ end }}')  # fmt: skip
    folder = chart(tmp_path, {"templates/a.yaml": pod, "values.yaml": "image: k8s.gcr.io/a/b\nstrict: false\n",
                              "values-strict.yaml": "strict: true\n"})  # fmt: skip
    before = tree_bytes(folder)
    run = prove(folder, helm)
    assert run.code == 1
    assert "with top/values-strict.yaml: it does not render any more: " in run.err
    assert "only our own images" in run.err
    assert tree_bytes(folder) == before


TRACED = {
    "a key that says nothing of images": ("what: nginx:1\n", "{{ .Values.what }}", "what: harbor.corp/hub/library/nginx:1\n"),
    "a dead registry": (
        "image:\n  registry: docker.io\n  repository: a/b\n", "{{ .Values.image.repository }}",
        "image:\n  registry: harbor.corp/hub\n  repository: harbor.corp/hub/a/b\n",
    ),
    "an item of a list": (
        "them:\n- say: nothing\n- say: 'a/b'\n", "{{ (index .Values.them 1).say }}",
        "them:\n- say: nothing\n- say: 'harbor.corp/hub/a/b'\n",
    ),
    "an empty registry": (
        'global:\n  registry: ""  # none\n', '"{{ with .Values.global.registry }}{{ . }}/{{ end }}a/b:1"',
        'global:\n  registry: "harbor.corp/hub"  # none\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRACED)
def test_values_that_feed_an_image_are_found_and_set(name: str, helm: str, tmp_path: Path) -> None:
    values, image, after = TRACED[name]
    folder = chart(tmp_path, {"values.yaml": values, "templates/a.yaml": POD.format("a", image)})
    run, record = record_of(folder, helm, *HUB)
    assert run.code == 0, run.said
    assert (folder / "values.yaml").read_text() == after
    assert [setting["reason"] for setting in record["set"]] == ["traced"]
    assert "harbor.corp/hub/" in helm_template(helm, folder)
    again = prove(folder, helm, *HUB, "--check")
    assert again.code == 0, again.said


def test_a_value_of_a_subchart_is_set_from_above(helm: str, tmp_path: Path) -> None:
    files = {
        "charts/store/values.yaml": "db: {source: a/b}\nlist:\n  - {of: c/d}\n  - {of: quay.io/e}\n",
        "charts/store/templates/a.yaml": POD.format("a", "{{ .Values.db.source }}"),
        "charts/store/templates/b.yaml": POD.format("b", "{{ (index .Values.list 0).of }}"),
        "values.yaml": "name: top\nstore:\n  x: 1  # ours\n",
    }
    folder = chart(tmp_path, files)
    run, record = record_of(folder, helm, *HUB)
    assert run.code == 0, run.said
    text = (folder / "values.yaml").read_text()
    assert text.startswith("name: top\nstore:\n  x: 1  # ours\n")
    assert "source: harbor.corp/hub/a/b" in text
    assert "- of: harbor.corp/hub/c/d" in text
    assert "- of: quay.io/e" in text
    assert {setting["keyPath"] for setting in record["set"]} == {"store.db.source", "store.list[0].of"}
    assert (folder / "charts/store/values.yaml").read_text() == files["charts/store/values.yaml"]


def test_a_registry_that_is_not_there_is_set(helm: str, tmp_path: Path) -> None:
    image = '{{ (.Values.global).registry | default "docker.io" }}/a/b'
    folder = chart(tmp_path, {"charts/store/templates/a.yaml": POD.format("a", image)})
    run = prove(folder, helm, *HUB)
    assert run.code == 0, run.said
    assert (folder / "values.yaml").read_text() == "name: top\nglobal:\n  registry: harbor.corp/hub\n"


def test_a_value_in_a_file_beside_is_set_there(helm: str, tmp_path: Path) -> None:
    folder = chart(tmp_path, {"values.yaml": "what: quay.io/x\n", "values-prod.yaml": "what: a/b\n",
                              "templates/a.yaml": POD.format("a", "{{ .Values.what }}")})  # fmt: skip
    run = prove(folder, helm, *HUB)
    assert run.code == 0, run.said
    assert (folder / "values.yaml").read_text() == "what: quay.io/x\n"
    assert (folder / "values-prod.yaml").read_text() == "what: harbor.corp/hub/a/b\n"


def test_a_value_that_a_comment_protects_stays(helm: str, tmp_path: Path) -> None:
    values = "what: a/b  # regfix: ignore (the mirror lacks it)\n"
    folder = chart(tmp_path, {"values.yaml": values, "templates/a.yaml": POD.format("a", "{{ .Values.what }}")})
    run = prove(folder, helm, *HUB)
    assert run.code == 0, run.said
    assert "left: a/b (Pod a, spec.containers[0].image): fed by what, which is ignored by a comment" in run.err
    assert (folder / "values.yaml").read_text() == values


def test_one_value_for_images_that_move_apart_is_told(helm: str, tmp_path: Path) -> None:
    pods = POD.format("a", "{{ .Values.from }}/x") + "---\n" + POD.format("b", "{{ .Values.from }}/y/z")
    folder = chart(tmp_path, {"values.yaml": "from: docker.io\n", "templates/a.yaml": pods})
    run = prove(folder, helm, *HUB)
    assert run.code == 1
    assert "fed by from, which cannot be set for it alone" in run.err


def test_a_hard_coded_image_of_a_vendored_folder_is_rewritten_there(helm: str, tmp_path: Path) -> None:
    pod = POD.format("a", "busybox") + "    - {name: b, image: {{ .Values.image }}}\n"
    folder = chart(tmp_path, {"charts/store/templates/a.yaml": pod, "charts/store/values.yaml": "image: a/b\n",
                              "charts/store/templates/b.yaml": "{{ if .Values.x }}" + POD.format("b", "c/d") + "{{ end }}"})  # fmt: skip
    run, record = record_of(folder, helm, *HUB)
    assert run.code == 0, run.said
    after = (folder / "charts/store/templates/a.yaml").read_text()
    assert after == pod.replace("busybox", "harbor.corp/hub/library/busybox")
    assert "c/d" in (folder / "charts/store/templates/b.yaml").read_text(), "what is not rendered is not needed"
    place = {"file": "top/charts/store/templates/a.yaml", "line": 6, "keyPath": None}
    assert record["copies"] == [{"place": place, "reference": "busybox"}]
    assert "an update of the dependency undoes it" in run.err


@pytest.mark.parametrize("mode", ["ignore", "rewrite"])
def test_the_copy_is_the_users_choice(mode: str, helm: str, tmp_path: Path) -> None:
    folder = chart(tmp_path, {"charts/store/templates/a.yaml": POD.format("a", "busybox")})
    run = prove(folder, helm, *HUB, "--vendored", mode)
    assert run.code == (1 if mode == "ignore" else 0), run.said
    where = "top/charts/store/templates/a.yaml:6:24"
    assert (f"left: busybox (Pod a, spec.containers[0].image): hard-coded at {where}" in run.err) is (mode == "ignore")


@pytest.mark.parametrize("mode", ["override", "rewrite", "ignore"])
def test_a_hard_coded_image_of_an_archive(mode: str, helm: str, tmp_path: Path) -> None:
    folder = chart(tmp_path, {"charts/store/templates/a.yaml": POD.format("a", "busybox")})
    archive = pack(folder / "charts/store")
    before = archive.read_bytes()
    run, record = record_of(folder, helm, *HUB, "--vendored", mode)
    where = "top/charts/store-1.0.0.tgz!store/templates/a.yaml"
    if mode == "ignore":
        assert run.code == 1
        assert f"hard-coded at {where}:6:24" in run.err
        assert archive.read_bytes() == before
        return
    assert run.code == 0, run.said
    assert "image: harbor.corp/hub/library/busybox" in helm_template(helm, folder)
    copies = [{"place": {"file": where, "line": 6, "keyPath": None}, "reference": "busybox"}]
    assert record["copies"] == (copies if mode == "override" else [])


def test_an_archive_that_is_signed_stays(helm: str, tmp_path: Path) -> None:
    folder = chart(tmp_path, {"charts/store/templates/a.yaml": POD.format("a", "busybox")})
    archive = pack(folder / "charts/store")
    archive.with_name(archive.name + ".prov").write_text("signed")
    before = tree_bytes(folder)
    run = prove(folder, helm, *HUB)
    assert run.code == 1
    assert "incomplete, 1 image left" in run.err
    assert tree_bytes(folder) == before


def test_an_archive_in_an_archive(helm: str, tmp_path: Path) -> None:
    inner = "charts/store/charts/inner/"
    folder = chart(tmp_path, {f"{inner}Chart.yaml": META.format("inner"),
                              f"{inner}templates/a.yaml": POD.format("a", "busybox")})  # fmt: skip
    pack(folder / inner)
    archive = pack(folder / "charts/store")
    run = prove(folder, helm, *HUB)
    assert run.code == 0, run.said
    assert "image: harbor.corp/hub/library/busybox" in helm_template(helm, folder)
    assert f"top/charts/{archive.name}!store/charts/inner-1.0.0.tgz!inner/templates/a.yaml: 1 reference" in run.out


SWITCHED = """\
{{- if and (not (hasPrefix "docker.io" .Values.image.registry)) (not .Values.global.security.allowInsecureImages) }}
{{- fail "\\n\\nERROR: Original containers have been substituted for unrecognized ones (see example.com/charts).\\n\\n\
You can skip the verification by setting the global parameter 'global.security.allowInsecureImages' to true." }}
{{- end }}
"""


def test_a_switch_that_a_chart_asks_for_is_turned_on(helm: str, tmp_path: Path) -> None:
    values = "global:\n  security:\n    allowInsecureImages: false\nimage: {registry: docker.io, repository: a/b}\n"
    pod = POD.format("a", "{{ .Values.image.registry }}/{{ .Values.image.repository }}")
    folder = chart(tmp_path, {"charts/store/values.yaml": values, "charts/store/templates/a.yaml": pod,
                              "charts/store/templates/NOTES.txt": SWITCHED})  # fmt: skip
    run, record = record_of(folder, helm, *HUB)
    assert run.code == 0, run.said
    assert "set top/values.yaml: global.security.allowInsecureImages: true (the chart refuses other images" in run.err
    (setting,) = record["set"]
    assert (setting["keyPath"], setting["value"], setting["reason"]) == (
        "global.security.allowInsecureImages", "true", "switch")  # fmt: skip
    assert (folder / "values.yaml").read_text().endswith("global:\n  security:\n    allowInsecureImages: true\n")
    assert "harbor.corp/hub/a/b" in helm_template(helm, folder)


def test_a_raised_version_may_show(helm: str, tmp_path: Path) -> None:
    pod = POD.format("a", "{{ .Values.image }}").replace(
        "{name: a}", '{name: a, labels: {helm.sh/chart: "{{ .Chart.Name }}-{{ .Chart.Version }}"}}'
    )
    folder = chart(tmp_path, {"values.yaml": "image: k8s.gcr.io/a/b\n", "templates/a.yaml": pod})
    run = prove(folder, helm, "--bump", "patch")
    assert run.code == 0, run.said
    assert "version: 1.0.1" in (folder / "Chart.yaml").read_text()


def test_a_link_out_of_the_project_is_not_followed(helm: str, tmp_path: Path) -> None:
    pod = POD.format("a", "{{ .Values.image }}") + '{{ if hasPrefix "reg" .Values.image }}{{ .Files.Get "x" }}{{ end }}'
    folder = chart(tmp_path, {"values.yaml": "image: k8s.gcr.io/a/b\n", "templates/a.yaml": pod})
    (tmp_path / "secret").write_text("swordfish")
    (folder / "x").symlink_to("../secret")
    run = prove(folder, helm, "--record", "r.json")
    assert run.code == 1
    assert "top/x: not copied for the proof: the link leads out of the project" in run.err
    assert "swordfish" not in run.said + (tmp_path / "r.json").read_text()


def test_a_link_in_the_project_is_followed_and_its_target_done(helm: str, project: Path) -> None:
    folder = chart(project, {"templates/a.yaml": POD.format("a", "{{ .Values.image }}")})
    write_tree(project, {"common/values.yaml": "image: k8s.gcr.io/a/b\n"})
    (folder / "values.yaml").unlink()
    (folder / "values.yaml").symlink_to("../common/values.yaml")
    run = regfix("rewrite", ".", "--prove", "--helm", helm, cwd=project)
    assert "registry.k8s.io" in (project / "common/values.yaml").read_text(), run.said
    assert (folder / "values.yaml").is_symlink()


def test_dependencies_are_fetched_for_the_proof(helm: str, tmp_path: Path) -> None:
    store = packed(
        "store", "1.0.0", {"values.yaml": "what: a/b\n", "templates/a.yaml": POD.format("a", "{{ .Values.what }}")}
    )
    publish(tmp_path / "site", helm, ("store", "1.0.0", store))
    folder = chart(tmp_path, {})
    with served(tmp_path / "site") as site:
        needs = f"dependencies:\n  - {{name: store, version: 1.0.0, repository: '{site.url}'}}\n"
        (folder / "Chart.yaml").write_text(META.format("top") + needs)
        without = prove(folder, helm, *HUB, **{"HOME": str(tmp_path / "home")})
        run = prove(folder, helm, *HUB, "--fetch", **{"HOME": str(tmp_path / "home")})
    assert "--fetch brings dependencies that are not vendored" in without.err
    assert run.code == 0, run.said
    assert (folder / "values.yaml").read_text() == "name: top\nstore:\n  what: harbor.corp/hub/a/b\n"
    assert not (folder / "charts").exists()


def test_no_switch_no_change(helm: str, tmp_path: Path) -> None:
    values = "image: {registry: docker.io, repository: a/b}\nother: {thing: false}\n"
    pod = '{{ if hasPrefix "harbor" .Values.image.registry }}{{ fail "no, whatever other.thing says" }}{{ end }}' + (
        POD.format("a", "{{ .Values.image.registry }}/{{ .Values.image.repository }}"))  # fmt: skip
    folder = chart(tmp_path, {"values.yaml": values, "templates/a.yaml": pod})
    run = prove(folder, helm, *HUB)
    assert run.code == 1
    assert "it does not render any more" in run.err
    assert (folder / "values.yaml").read_text() == values


def test_a_chart_that_does_not_render_is_not_proven(helm: str, tmp_path: Path) -> None:
    folder = chart(
        tmp_path, {"values.yaml": "image: k8s.gcr.io/a/b\n", "templates/a.yaml": '{{ fail "set a password" }}'}
    )
    before = tree_bytes(folder)
    run = prove(folder, helm)
    assert run.code == 1
    assert "it does not render as it is" in run.err
    assert "set a password" in run.err
    assert tree_bytes(folder) == before


def test_a_chart_without_anything_to_move_needs_no_render(helm: str, tmp_path: Path) -> None:
    library = META.format("lib") + "type: library\n"
    folder = write_tree(tmp_path / "lib", {"Chart.yaml": library, "templates/_x.tpl": "x"})
    run = prove(folder, helm)
    assert run.code == 0
    assert "nothing to prove: lib" in run.err


def test_files_of_no_chart_are_written_as_ever(helm: str, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "plain", {"pod.yaml": "image: k8s.gcr.io/pause:3.2\n"})
    run = prove(folder, helm)
    assert run.code == 0
    assert (folder / "pod.yaml").read_text() == "image: registry.k8s.io/pause:3.2\n"


def test_a_named_file_of_a_chart_is_proven_with_the_chart(helm: str, tmp_path: Path) -> None:
    folder = chart(tmp_path, {"values.yaml": "image: k8s.gcr.io/a/b\nwhat: k8s.gcr.io/c\n",
                              "templates/a.yaml": POD.format("a", "{{ .Values.image }}"),
                              "templates/b.yaml": POD.format("b", "k8s.gcr.io/x/y")})  # fmt: skip
    run = regfix("rewrite", "top/values.yaml", "--prove", "--helm", helm, cwd=tmp_path)
    assert run.code == 1
    assert "left: k8s.gcr.io/x/y (Pod b" in run.err
    assert "registry.k8s.io/a/b" in (folder / "values.yaml").read_text()
    assert "k8s.gcr.io/x/y" in (folder / "templates/b.yaml").read_text()


def test_neither_plugins_nor_secrets_of_the_user_are_used(helm: str, tmp_path: Path) -> None:
    """A plugin would be found in HELM_PLUGINS; a cluster would be asked by `lookup`."""
    pod = (
        POD.format("a", "{{ .Values.image }}") + '{{ if lookup "v1" "Namespace" "" "" }}{{ fail "a cluster" }}{{ end }}'
    )
    folder = chart(tmp_path, {"values.yaml": "image: k8s.gcr.io/a/b\n", "templates/a.yaml": pod})
    write_tree(tmp_path / "home", {"plugins/p/plugin.yaml": "name: [broken\n", "repositories.yaml": "broken: ["})
    run = prove(folder, helm, HELM_PLUGINS=str(tmp_path / "home/plugins"), HELM_CONFIG_HOME=str(tmp_path / "home"),
                KUBECONFIG=str(tmp_path / "nowhere"), HELM_DEBUG="true")  # fmt: skip
    assert run.code == 0, run.said


def test_nothing_is_left_behind(helm: str, tmp_path: Path) -> None:
    folder = case("story-new", tmp_path).chart
    place = tmp_path / "place"
    place.mkdir()
    assert prove(folder, helm, TMPDIR=str(place)).code == 0
    assert list(place.iterdir()) == []


def test_a_missing_helm_is_a_usage_error(tmp_path: Path) -> None:
    folder = case("story-new", tmp_path).chart
    before = tree_bytes(folder)
    run = regfix("rewrite", ".", "--prove", cwd=folder, env=environment(PATH=str(tmp_path)))
    assert (run.code, "install Helm 3 or 4" in run.err) == (2, True)
    run = regfix("rewrite", ".", "--prove", "--helm", "nowhere", cwd=folder)
    assert (run.code, "no such program" in run.err) == (2, True)
    fake = tmp_path / "fake"
    fake.write_text("#!/bin/sh\necho v2.17.0\n")
    fake.chmod(0o755)
    run = regfix("rewrite", ".", "--prove", "--helm", str(fake), cwd=folder)
    assert (run.code, "not a Helm that can be used" in run.err) == (2, True)
    assert tree_bytes(folder) == before


@pytest.mark.parametrize("options", [("--record", "x.json"), ("--kube-version", "1.30.0")])
def test_what_means_nothing_without_a_proof_is_refused(options: tuple[str, str], tmp_path: Path) -> None:
    run = regfix("rewrite", *options, cwd=tmp_path)
    assert (run.code, f"{options[0]} means nothing here" in run.err) == (2, True)


@pytest.mark.parametrize("version", ["latest", "1.x", "", "1.30.0.1", "1.30 --post-renderer=x"])
def test_what_is_no_version_of_kubernetes_is_refused_before_the_work(version: str, helm: str, tmp_path: Path) -> None:
    folder = case("story-new", tmp_path).chart
    before = tree_bytes(folder)
    run = prove(folder, helm, "--kube-version", version)
    assert (run.code, run.out) == (2, "")
    assert run.err == f"error: --kube-version: {version!r} is not a version (write it as in 1.31.0)\n"
    assert tree_bytes(folder) == before


@pytest.mark.parametrize("version", ["1.30", "v1.30.2", "1.29.3-gke.100+x"])
def test_versions_of_kubernetes_that_helm_takes(version: str, helm: str, tmp_path: Path) -> None:
    run = prove(case("story-new", tmp_path).chart, helm, "--kube-version", version)
    assert run.code == 0, run.said


@pytest.mark.parametrize("record", ["record.txt", "nowhere/record.json", "folder.json"])
def test_a_record_that_cannot_be_written_is_told_before_the_work(record: str, helm: str, tmp_path: Path) -> None:
    folder = case("story-new", tmp_path).chart
    (folder / "folder.json").mkdir()
    before = tree_bytes(folder)
    run = regfix("rewrite", ".", "--prove", "--helm", helm, "--record", record, cwd=folder)
    assert run.code == 2
    assert tree_bytes(folder) == before


def test_the_record_in_markdown_goes_into_a_pull_request(helm: str, tmp_path: Path) -> None:
    folder = case("story-new", tmp_path).chart
    run = prove(folder, helm, "--record", "record.md", "--kube-version", "1.29.0")
    text = (tmp_path / "record.md").read_text()
    assert run.code == 0
    assert "## Proof by Helm" in text
    assert "Kubernetes 1.29.0" in text
    assert "| `k8s.gcr.io=registry.k8s.io` | `chart/values.yaml:" in text


def test_a_hostile_chart_reaches_no_terminal(helm: str, tmp_path: Path) -> None:
    pod = (
        POD.format("a", "{{ .Values.image }}")
        + '{{ if hasPrefix "reg" .Values.image }}{{ fail "\\u001b[2J\\u202e" }}{{ end }}'
    )
    folder = chart(tmp_path, {"values.yaml": "image: k8s.gcr.io/a/b\n", "templates/a.yaml": pod})
    run = prove(folder, helm, "--record", "r.md")
    assert run.code == 1
    assert not {"\x1b", "\u202e"} & set(run.said + (tmp_path / "r.md").read_text())


def test_a_chart_for_older_kubernetes_is_rendered_for_that(helm: str, tmp_path: Path) -> None:
    folder = chart(tmp_path, {"Chart.yaml": META.format("top") + 'kubeVersion: "<1.22-0"\n',
                              "values.yaml": "image: k8s.gcr.io/a/b\n",
                              "templates/a.yaml": POD.format("a", "{{ .Values.image }}")})  # fmt: skip
    run, record = record_of(folder, helm)
    assert run.code == 0, run.said
    assert record["kubernetes"] == "1.19.0"
