"""What templates read of their values: nothing is missed, and what is surely not read is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from charts import write_tree
from regfix.chart.tree import load_chart
from regfix.errors import SourceError
from regfix.reads.chart import ReadValues, chart_reads
from regfix.syntax.goaction import MAX_NESTING
from snippets import LEAVES, SNIPPETS, Snippet, written

if TYPE_CHECKING:
    from pathlib import Path

    from regfix.reads.chart import ChartReads

CHART = "apiVersion: v2\nname: top\nversion: 1.0.0\n"


def reads(folder: Path, files: dict[str, str]) -> ChartReads:
    write_tree(folder, {"Chart.yaml": CHART, "values.yaml": "", **files})
    return chart_reads(load_chart(str(folder)))


def is_read(found: ChartReads, path: str) -> bool:
    return found.is_read(tuple(path.split(".")))


def sub(name: str, text: str = "", values: str = "", **files: str) -> dict[str, str]:
    below = f"charts/{name}/"
    return {below + "Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n",
            below + "templates/a.yaml": text, below + "values.yaml": values,
            **{below + path: data for path, data in files.items()}}  # fmt: skip


@pytest.mark.parametrize("number", range(len(SNIPPETS)), ids=[snippet.text for snippet in SNIPPETS])
def test_every_way_to_read(number: int, tmp_path: Path) -> None:
    snippet: Snippet = SNIPPETS[number]
    text, helpers, values = written(number, snippet)
    found = reads(tmp_path, {"templates/a.yaml": text, "templates/_h.tpl": helpers, "values.yaml": values})
    told = {leaf for leaf in LEAVES if is_read(found, f"k{number}.{leaf}")}
    assert told >= set(snippet.reads)
    assert told == set(snippet.reads) or not snippet.exact


def test_subcharts_have_their_values_below_their_keys(tmp_path: Path) -> None:
    found = reads(tmp_path, {
        "Chart.yaml": CHART + "dependencies: [{name: a, version: '*', alias: b}, {name: a, version: '*', alias: c}]\n",
        "templates/a.yaml": "{{ .Values.c.only }}{{ .Subcharts.b.Values.also }}",
        **sub("a", "{{ .Values.image.registry }}{{ .Values.global.hub }}"),
    })  # fmt: skip
    assert all(is_read(found, path) for path in ("b.image.registry", "c.image.registry", "c.only", "b.also"))
    assert not any(is_read(found, path) for path in ("image.registry", "a.image.registry", "b.only", "c.also"))
    assert all(is_read(found, path) for path in ("global.hub", "b.global.hub", "c.global.hub"))
    assert not is_read(found, "hub")


def test_named_templates_are_known_to_all_charts(tmp_path: Path) -> None:
    found = reads(tmp_path, {
        "templates/a.yaml": '{{ include "a.image" (dict "image" .Values.mine) }}',
        **sub("a", '{{ define "a.image" }}{{ .image.registry }}{{ end }}{{ include "top.x" . }}'),
        "templates/_x.tpl": '{{ define "top.x" }}{{ .Values.hub }}{{ end }}',
    })  # fmt: skip
    assert is_read(found, "mine.registry")
    assert not is_read(found, "mine.repository")
    assert is_read(found, "a.hub")
    assert not is_read(found, "hub")


def test_imported_values_are_read_where_the_parent_reads_them(tmp_path: Path) -> None:
    entry = "{name: a, version: '*', import-values: [{child: img, parent: up.here}, data]}"
    found = reads(tmp_path, {
        "Chart.yaml": CHART + f"dependencies: [{entry}]\n",
        "templates/a.yaml": "{{ .Values.up.here.registry }}{{ .Values.hub }}", **sub("a", "x"),
    })  # fmt: skip
    assert is_read(found, "a.img.registry")
    assert is_read(found, "a.exports.data.hub")
    assert not is_read(found, "a.img.repository")


def test_conditions_and_tags_are_read_by_helm(tmp_path: Path) -> None:
    entry = "{name: a, version: '*', condition: 'a.image.on,x.image', tags: [image]}"
    found = reads(tmp_path, {"Chart.yaml": CHART + f"dependencies: [{entry}]\n", **sub("a", "x")})
    assert all(is_read(found, path) for path in ("a.image.on", "x.image", "tags.image"))
    assert not is_read(found, "tags.other")


def test_templates_among_the_values_may_be_run(tmp_path: Path) -> None:
    values = "note: 'from {{ .Values.registry }}'\nhub: x\n"
    assert is_read(reads(tmp_path / "a", {"templates/a.yaml": "{{ tpl .Values.note . }}", "values.yaml": values}),
                   "registry")  # fmt: skip
    quiet = reads(tmp_path / "b", {"templates/a.yaml": "{{ .Values.note }}", "values.yaml": values})
    assert not is_read(quiet, "registry")


def test_templates_in_other_files_may_be_run(tmp_path: Path) -> None:
    files = {"conf/app.conf": "{{ .Values.registry }}", "values.yaml": "registry: x\n"}
    run = {"templates/a.yaml": '{{ tpl (.Files.Get "conf/app.conf") . }}', **files}
    assert is_read(reads(tmp_path / "a", run), "registry")
    glob = {"templates/a.yaml": '{{ tpl ((.Files.Glob "conf/*").AsConfig) . }}', **files}
    assert is_read(reads(tmp_path / "b", glob), "registry")
    assert not is_read(reads(tmp_path / "c", {"templates/a.yaml": "a", **files}), "registry")


def test_a_template_by_its_path(tmp_path: Path) -> None:
    found = reads(tmp_path, {
        "templates/a.yaml": '{{ include (print $.Template.BasePath "/b/c.yaml") . | sha256sum }}',
        "templates/b/c.yaml": "{{ .Values.registry }}",
        "templates/_x.tpl": '{{ define "x" }}{{ toYaml . }}{{ end }}',
    })  # fmt: skip
    assert is_read(found, "registry")
    assert not is_read(found, "hub")


def test_notes_and_tests_are_templates(tmp_path: Path) -> None:
    found = reads(tmp_path, {"templates/NOTES.txt": "{{ .Values.a.image }}",
                             "templates/tests/t.yaml": "{{ .Values.b.image }}"})  # fmt: skip
    assert is_read(found, "a.image")
    assert is_read(found, "b.image")


@pytest.mark.parametrize(
    "text",
    [
        "{{ include .Values.name . }}", '{{ include "nowhere" . }}', "{{ toYaml . }}", "{{ if }}", "{{ .Values.a",
        "{{ end }}", "{{ .Values.kube-x }}", "{{ if " + "(" * 200 + ")" * 200 + "}}",
        "{{ .Values" + ".a" * 500 + " }}", "{{ if 1 }}" * 200 + "{{ end }}" * 200,
    ],
)  # fmt: skip
def test_what_cannot_be_followed_reads_all(text: str, tmp_path: Path) -> None:
    found = reads(tmp_path, {"templates/a.yaml": text, "templates/b.yaml": '{{ define "x" }}{{ toYaml . }}{{ end }}'})
    assert is_read(found, "image.registry")


def test_a_template_of_a_subchart_that_fails_says_nothing_of_others(tmp_path: Path) -> None:
    found = reads(tmp_path, {"templates/a.yaml": "x", **sub("a", "{{ if }}")})
    assert is_read(found, "a.image.registry")
    assert not is_read(found, "image.registry")


def test_recursion_ends(tmp_path: Path) -> None:
    helpers = (
        '{{ define "r" }}{{ include "r" .next }}{{ include "r" (dict "next" . "x" .x) }}{{ .registry }}{{ end }}'
        '{{ define "s" }}{{ include "s" (list .) }}{{ end }}'
    )
    found = reads(tmp_path, {"templates/_h.tpl": helpers,
                             "templates/a.yaml": '{{ include "r" .Values.a }}{{ include "s" . }}'})  # fmt: skip
    assert is_read(found, "a.next.next.registry")
    assert not is_read(found, "b.registry")


def test_hostile_templates_end(tmp_path: Path) -> None:
    chained = "{{ $a := dict }}" + "{{ $b := merge (dict) $a }}{{ $a = merge (dict) $b }}" * 500
    found = reads(tmp_path, {"templates/a.yaml": chained + "{{ $a.x }}" + "{{ if 1 }}" * MAX_NESTING})
    assert is_read(found, "anything")  # it is no template


@pytest.mark.parametrize("files", [{"charts/b.tgz": "no archive"}, {}])
def test_where_the_charts_are_not_whole_all_counts_as_read(files: dict[str, str], tmp_path: Path) -> None:
    write_tree(tmp_path, {"Chart.yaml": CHART, "values.yaml": "a: 1\n", **files})
    chart = load_chart(str(tmp_path))
    assert ReadValues(chart)(("registry",))
    gone = chart._replace(files=None)
    with pytest.raises(SourceError):
        chart_reads(gone)
    assert ReadValues(gone)(("registry",))


def test_a_chart_that_is_missing_may_read_what_is_for_it_and_globals(tmp_path: Path) -> None:
    write_tree(tmp_path, {"Chart.yaml": CHART + "dependencies: [{name: far, version: 1.0.0, repository: 'https://c'}]\n",
                          "values.yaml": "", "templates/a.yaml": "x"})  # fmt: skip
    values = ReadValues(load_chart(str(tmp_path)))
    assert values(("far", "registry"))
    assert values(("global", "registry"))
    assert not values(("registry",))
