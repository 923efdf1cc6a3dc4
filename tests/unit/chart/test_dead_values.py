"""Values of charts that no template reads: told with the key that works, in every format, whatever is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from charts import case, names, write_tree
from support import regfix

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = {
    "story-old": ("state-exporter: {registry: registry.k8s.io}\n", "state-exporter.image.repository"),
    "story-new": ("state-exporter: {registry: registry.k8s.io}\n", "state-exporter.image.registry"),
    "alias-twice": ("\nsouth: {registry: registry.k8s.io}\n", "south.image.repository"),
    "nested": ("west: {signals: {registry: registry.k8s.io}}\n", "west.signals.image.repository"),
    "archived": ("    registry: registry.k8s.io\n", "state-exporter.image.registry"),
}
"""What a guide tells people to write, for each case where it is of no use, and the key that works."""

CHART = "apiVersion: v2\nname: lighthouse\nversion: 1.0.0\n"
POD = "image: {{ .Values.image.repository }}:{{ .Values.image.tag }}\n"


def findings(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [f for source in found["sources"] for f in source["findings"] if f["reason"] == "dead-value"]


def dead(*arguments: str, cwd: Path, command: str = "rewrite") -> dict[str, list[str]]:
    """Return the dead values of a run with the keys that work in their place; the exit code says nothing of them."""
    run = regfix(command, "chart", "--format", "json", *arguments, cwd=cwd)
    assert run.code == 0, run.said
    report = json.loads(run.stdout)
    told = findings(report)
    assert report["summary"]["dead"] == len(told)
    return {f["keyPath"]: f.get("instead", []) for f in told}


def chart(folder: Path, values: str, templates: str = POD, **files: str) -> Path:
    files = {name.replace("__", "/"): text for name, text in files.items()}
    return write_tree(folder / "chart", {"Chart.yaml": CHART, "values.yaml": values, "templates/pod.yaml": templates,
                                         **files})  # fmt: skip


@pytest.mark.parametrize("name", sorted(GUIDE))
def test_what_the_guide_says_does_nothing(name: str, tmp_path: Path) -> None:
    values = case(name, tmp_path).chart / "values.yaml"
    added, instead = GUIDE[name]
    text = values.read_text("utf-8").replace("south: {}\n", "")
    values.write_text(
        text.replace("\n# the end", added + "\n# the end") if "the end" in text else text + added, "utf-8"
    )
    told = dead(cwd=tmp_path)
    assert list(told.values()) == [[instead]], told
    assert all(key.endswith("registry") for key in told)
    assert dead(cwd=tmp_path) == told
    assert list(dead(cwd=tmp_path, command="scan")) == list(told)


@pytest.mark.parametrize("name", names())
def test_cases_have_the_dead_values_that_they_name(name: str, tmp_path: Path) -> None:
    settings = case(name, tmp_path).settings
    found = json.loads(regfix("rewrite", "chart", "--format", "json", cwd=tmp_path).stdout)
    told = {f["keyPath"]: " ".join(f.get("instead", [])) for f in findings(found)}
    assert told == settings.get("dead", {})


def test_the_place_is_that_in_the_file_after_the_run(tmp_path: Path) -> None:
    chart(tmp_path, "a: [k8s.gcr.io/a/b:1]\nimage:\n  repository: k8s.gcr.io/c/d\n  registry: 'registry.k8s.io'\n",
          POD + "{{ .Values.a }}")  # fmt: skip
    for options in (["--dry-run"], [], []):
        run = regfix("rewrite", "chart", *options, cwd=tmp_path)
        assert "  chart/values.yaml:4:14: registry.k8s.io (image.registry does nothing; " in run.err, run.err
        assert "image.repository works)" in run.err


def test_a_dead_value_with_an_old_registry_is_rewritten_and_told(tmp_path: Path) -> None:
    folder = chart(tmp_path, "image: {repository: k8s.gcr.io/c/d, tag: '1', registry: k8s.gcr.io}\n")
    assert dead("--dry-run", cwd=tmp_path) == {"image.registry": ["image.repository"]}
    assert dead(cwd=tmp_path) == {"image.registry": ["image.repository"]}
    assert "k8s.gcr.io" not in (folder / "values.yaml").read_text("utf-8")


def test_other_registries_are_told_by_scan_only(tmp_path: Path) -> None:
    chart(tmp_path, "image: {repository: k8s.gcr.io/c/d, tag: '1', registry: quay.io}\n")
    assert dead(cwd=tmp_path) == {}
    assert dead(cwd=tmp_path, command="scan") == {"image.registry": ["image.repository"]}


def test_check_does_not_fail_for_dead_values(tmp_path: Path) -> None:
    chart(tmp_path, "image: {repository: registry.k8s.io/c/d, tag: '1', registry: registry.k8s.io}\n")
    run = regfix("rewrite", "chart", "--check", cwd=tmp_path)
    assert (run.code, run.out) == (0, "")
    assert "1 dead: a value that no template reads [dead-value]\n" in run.err


@pytest.mark.parametrize("form", ["sarif", "github", "markdown"])
def test_reports_show_a_warning_with_the_key_that_works(form: str, tmp_path: Path) -> None:
    chart(tmp_path, "image: {repository: registry.k8s.io/c/d, tag: '1', registry: registry.k8s.io}\n")
    out = regfix("rewrite", "chart", "--check", "--format", form, cwd=tmp_path).out
    assert "image.registry does nothing; image.repository works" in out
    assert "dead-value" in out
    if form == "sarif":
        log = json.loads(out)["runs"][0]
        assert [(r["ruleId"], r["level"]) for r in log["results"]] == [("dead-value", "warning")]
    if form == "github":
        assert out.startswith("::warning file=chart/values.yaml,line=1,col=")


def test_values_of_an_installer(tmp_path: Path) -> None:
    case("story-old", tmp_path)
    (tmp_path / "mine.yaml").write_text("state-exporter: {registry: registry.k8s.io, image: {tag: v2}}\n", "utf-8")
    run = regfix("overrides", "chart", "-f", "mine.yaml", cwd=tmp_path)
    assert run.code == 0
    told = (
        "mine.yaml:1:28: registry.k8s.io (state-exporter.registry does nothing; state-exporter.image.repository works)"
    )
    assert told in run.err
    assert "registry: registry" not in run.out


@pytest.mark.parametrize("name", ["values-prod.yaml", "ci/test-values.yaml", "values/prod.yaml"])
def test_values_files_beside_are_judged_too(name: str, tmp_path: Path) -> None:
    chart(tmp_path, "image: {repository: registry.k8s.io/c/d, tag: '1'}\n", **{name: "registry: registry.k8s.io\n"})
    run = regfix("rewrite", "chart", cwd=tmp_path)
    assert f"chart/{name}:1:11: registry.k8s.io (registry does nothing; image.repository works)" in run.err


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ("registry: &hub registry.k8s.io\nimage: {repository: *hub, tag: 1}\n", "its anchor is used"),
        ("base: &base {registry: registry.k8s.io}\nimage: {<<: *base, repository: a, tag: 1}\n", "its anchor is used"),
        ("vm: {image: registry.k8s.io/a}\n", "no container"),
        ("registry: https://registry.k8s.io\n", "a URL"),
        ("registry: ''\n", "nothing"),
        ("registryCredentials: registry.k8s.io\nimagePullSecrets: [{name: registry.k8s.io}]\n", "no registry"),
        ("repository: registry.k8s.io/charts\n", "nothing speaks of an image"),
        ("no yaml: [\n", "it fails"),
        ("a: {registry: registry.k8s.io}\n---\nb: 1\n", "several documents"),
    ],
)
def test_what_is_not_judged(values: str, why: str, tmp_path: Path) -> None:
    chart(tmp_path, values)
    run = regfix("rewrite", "chart", cwd=tmp_path)
    assert "dead" not in run.err, why


@pytest.mark.parametrize(
    "files",
    [
        {"templates/pod.yaml": "{{ if"},
        {"templates/pod.yaml": "{{ toYaml .Values }}"},
        {"charts/broken.tgz": "no archive"},
        {"Chart.yaml": CHART + "type: library\n"},
        {"Chart.yaml": CHART + "dependencies: [{name: far, version: 1.0.0, repository: 'https://charts.example.com'}]\n",
         "values.yaml": "far: {registry: registry.k8s.io}\n"},
    ],
)  # fmt: skip
def test_where_not_all_is_known_nothing_is_judged(files: dict[str, str], tmp_path: Path) -> None:
    chart(tmp_path, "registry: registry.k8s.io\n", **files)
    assert "dead" not in regfix("rewrite", "chart", cwd=tmp_path).err


def test_a_chart_without_templates_is_not_judged(tmp_path: Path) -> None:
    write_tree(tmp_path / "chart", {"Chart.yaml": CHART, "values.yaml": "registry: registry.k8s.io\n"})
    assert dead(cwd=tmp_path) == {}


def test_names_from_charts_do_not_reach_the_terminal_raw(tmp_path: Path) -> None:
    chart(tmp_path, '"a\\e[31m":\n  registry: registry.k8s.io\n')
    run = regfix("rewrite", "chart", cwd=tmp_path)
    assert "does nothing" in run.err
    assert "\x1b" not in run.said
