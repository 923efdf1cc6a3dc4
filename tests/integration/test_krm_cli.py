"""The KRM function: as kustomize and kpt call it, in the real kustomize where there is one, and in the real kubectl."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import Run, grow, regfix

ITEM = """\
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: lamp # the lamp
    namespace: light
    annotations:
      internal.config.kubernetes.io/path: 'a/lamp.yaml'
      internal.config.kubernetes.io/index: '1'
  spec: {template: {spec: {containers: [{name: a, image: "k8s.gcr.io/lamp:2.0"}]}}}
"""
CONFIG = "functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  data: {rules: k8s.gcr.io=harbor.corp}\n"
HEAD = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"


def krm(text: str, folder: Path, *arguments: str) -> Run:
    return regfix("krm", *arguments, cwd=folder, stdin=None, input=text.encode())


def results(run: Run) -> list[dict[str, Any]]:
    assert run.code == 0, run.err
    return list(yaml.safe_load(run.out).get("results") or [])


def test_items_move_in_place_and_results_say_where(project: Path) -> None:
    text = f"# head\n{HEAD}items: # these\n{ITEM}{CONFIG}"
    run = krm(text, project)
    before, _, told = run.out.partition("results:\n")
    assert before == text.replace('"k8s.gcr.io/lamp', '"harbor.corp/lamp')
    assert told
    assert results(run) == [
        {
            "message": "k8s.gcr.io/lamp:2.0 moves to harbor.corp/lamp:2.0",
            "severity": "info",
            "field": {"path": "spec.template.spec.containers[0].image", "currentValue": "k8s.gcr.io/lamp:2.0",
                      "proposedValue": "harbor.corp/lamp:2.0"},
            "tags": {"regfix": "move"},
            "resourceRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "lamp", "namespace": "light"},
            "file": {"path": "a/lamp.yaml", "index": 1},
        }
    ]  # fmt: skip
    again = krm(before, project)
    assert (again.code, again.out) == (0, before)


FORMS = {
    "before the items": HEAD + CONFIG + "items:\n" + ITEM,
    "no line end": HEAD + CONFIG + "items:\n" + ITEM.rstrip("\n"),
    "indented": "  " + (HEAD + CONFIG + "items:\n" + ITEM).replace("\n", "\n  ").rstrip(" "),
    "a comment at the end": HEAD + CONFIG + "items:\n" + ITEM + "# the end\n",
    "JSON": '{"kind": "ResourceList", "items": [{"image": "k8s.gcr.io/lamp:2.0"}], "functionConfig": {"spec": {"rules": ["k8s.gcr.io=harbor.corp"]}}}',
    "two items": HEAD + "items:\n" + ITEM.replace("k8s.gcr.io", "quay.io").replace("lamp:", "x:") + ITEM + CONFIG,
    "results before": HEAD + "results:\n- message: old\n  severity: info\nitems:\n" + ITEM + CONFIG,
    "results in brackets": HEAD + "results: [{message: old}]\nitems:\n" + ITEM + CONFIG,
    "no results yet": HEAD + "items:\n" + ITEM + CONFIG + "results: []\n",
    "null": HEAD + "items:\n" + ITEM + CONFIG + "results:\n",
    "a block scalar": HEAD + "items:\n" + ITEM + CONFIG + "results:\n- message: |\n    old\n",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_forms_of_the_list(project: Path, text: str) -> None:
    run = krm(text, project)
    before, after = yaml.safe_load(text), yaml.safe_load(run.out)
    old = before.pop("results", None) or []
    new = after.pop("results")
    assert new[: len(old)] == old
    assert [one["field"]["proposedValue"] for one in new[len(old) :]] == ["harbor.corp/lamp:2.0"]
    assert after["functionConfig"] == before["functionConfig"]
    assert yaml.safe_dump(after["items"]) == yaml.safe_dump(before["items"]).replace("k8s.gcr.io", "harbor.corp")


def test_what_is_left_is_told(project: Path) -> None:
    text = HEAD + "items:\n- kind: ConfigMap\n  data: {a: 'see k8s.gcr.io'}\n"
    (result,) = results(krm(text, project))
    assert (result["severity"], result["tags"]) == ("info", {"regfix": "prose"})
    assert "left" in result["message"]


@pytest.mark.parametrize("text", [HEAD, HEAD + "items: []\n", HEAD + "items:\n- {image: quay.io/a}\n"])
def test_nothing_to_tell_is_nothing_to_change(project: Path, text: str) -> None:
    run = krm(text, project)
    assert (run.code, run.out) == (0, text)


def test_rules_of_settings_and_of_the_command_line(project: Path) -> None:
    grow(project, {".regfix.yaml": "rules: {k8s.gcr.io: settings.corp}\n"})
    text = HEAD + "items:\n" + ITEM
    assert "settings.corp/lamp" in krm(text, project).out
    assert "option.corp/lamp" in krm(text + CONFIG, project, "--rule", "k8s.gcr.io=option.corp").out
    lines = text + "functionConfig: {kind: ConfigMap, data: {rules: 'quay.io=x.corp,  k8s.gcr.io=many.corp'}}\n"
    assert "many.corp/lamp" in krm(lines, project).out
    pairs = text + "functionConfig: {spec: {rules: {quay.io: x.corp, k8s.gcr.io: pairs.corp}}}\n"
    assert "pairs.corp/lamp" in krm(pairs, project).out


BAD = {
    "no list": "kind: Pod\n",
    "two documents": HEAD + "---\n" + HEAD,
    "not YAML": HEAD + "items: [\n",
    "an unknown key": HEAD + "functionConfig: {spec: {rule: [a.corp=b.corp]}}\n",
    "a bad rule": HEAD + "functionConfig: {spec: {rules: [a.corp]}}\n",
    "rules of lists": HEAD + "functionConfig: {spec: {rules: [[a.corp=b.corp]]}}\n",
    "odd results": HEAD + "items:\n" + ITEM + "results: x\n",
    "nothing": "",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_bad_lists_are_errors(project: Path, text: str) -> None:
    run = krm(text, project)
    assert (run.code, run.out, run.err.startswith("error: ")) == (2, "", True)


@pytest.mark.parametrize(
    "rules", ["[a.corp]", "['http://a.corp=b.corp']", "[a.corp=b.corp, b.corp=a.corp]", "{a.corp: 'B b'}"]
)
def test_bad_rules_are_those_of_the_configuration(project: Path, rules: str) -> None:
    run = krm(HEAD + f"functionConfig: {{spec: {{rules: {rules}}}}}\n", project)
    assert (run.code, run.out) == (2, "")
    assert "functionConfig" in run.err
    assert "--rule" not in run.err
    assert "--rule x" in krm(HEAD, project, "--rule", "x=y z").err


def program() -> str:
    found = Path(sys.executable).with_name("regfix-krm")
    if not found.exists():
        pytest.skip("regfix is not installed beside this Python")
    return str(found)


MANIFEST = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - image: k8s.gcr.io/pause:3.2\n    name: a\n"
FUNCTION = (
    "apiVersion: regfix.dev/v1\nkind: Regfix\nmetadata:\n  name: move\nspec:\n  rules: [k8s.gcr.io=harbor.corp]\n"
)
KUSTOMIZATION = "resources: [pod.yaml]\ntransformers: [regfix.yaml]\n"


def test_the_real_kubectl_runs_it_as_a_plugin(project: Path, kubectl: str) -> None:
    """It has no --enable-exec, and passes over functions without a word; plugins of the old kind it runs."""
    grow(project, {"pod.yaml": MANIFEST, "regfix.yaml": FUNCTION, "kustomization.yaml": KUSTOMIZATION})
    place = project / "plugins" / "regfix.dev" / "v1" / "regfix"
    place.mkdir(parents=True)
    (place / "Regfix").symlink_to(program())
    argv = [kubectl, "kustomize", "--enable-alpha-plugins", str(project)]
    env = {**os.environ, "KUSTOMIZE_PLUGIN_HOME": str(project / "plugins")}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, MANIFEST.replace("k8s.gcr.io", "harbor.corp")), done.stderr


def test_the_real_kustomize_runs_it_as_a_function(project: Path) -> None:
    kustomize = os.environ.get("REGFIX_KUSTOMIZE") or shutil.which("kustomize")
    if kustomize is None:
        pytest.skip("no kustomize: set REGFIX_KUSTOMIZE")
    note = f"  annotations:\n    config.kubernetes.io/function: |\n      exec:\n        path: {program()}\n"
    function = FUNCTION.replace("  name: move\n", "  name: move\n" + note)
    grow(project, {"pod.yaml": MANIFEST, "regfix.yaml": function, "kustomization.yaml": KUSTOMIZATION})
    argv = [kustomize, "build", "--enable-alpha-plugins", "--enable-exec", str(project)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, MANIFEST.replace("k8s.gcr.io", "harbor.corp")), done.stderr
