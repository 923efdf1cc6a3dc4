"""Values that a template prints as they are: what is found without parsing is what the evaluator finds, too."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charts import write_tree
from regfix.chart.tree import load_chart
from regfix.reads.chart import chart_reads
from regfix.reads.printed import printed_paths
from regfix.run.printed import PrintedValues

CHART = "apiVersion: v2\nname: top\nversion: 1.0.0\n"


def printed(text: str) -> list[str]:
    return [".".join(path) for path in printed_paths(text)]


@pytest.mark.parametrize(
    "action",
    [
        "{{ .Values.a.b }}",
        "{{.Values.a.b}}",
        "{{- .Values.a.b -}}",
        "{{ $.Values.a.b | quote }}",
        '{{ .Values.a.b | default "}}" | trunc 63 }}',
        "{{ .Values.a.b | default .Chart.AppVersion }}",
        "{{ toYaml .Values.a.b | nindent 8 }}",
        "{{ if .Values.c }}x{{ else if .d }}{{ .Values.a.b }}{{ end }}",
        "{{ with .Values.c }}{{ $.Values.a.b }}{{ end }}",
        "{{ define `x` }}{{ end }}{{ .Values.a.b }}",
    ],
)
def test_what_is_printed_is_found(action: str) -> None:
    assert printed(f"a: 1\n{action}\n") == ["a.b"]


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ("{{/* {{ .Values.a.b }} */}}", "a comment"),
        ('{{ "{{ .Values.a.b }}" }}', "a text"),
        (".Values.a.b", "no action"),
        ("{{ with .c }}{{ .Values.a.b }}{{ end }}", "the dot is another one"),
        ("{{ range .c }}{{ if .d }}{{ .Values.a.b }}{{ end }}{{ end }}", "the dot is another one"),
        ("{{ if .c }}{{ else with .d }}{{ .Values.a.b }}{{ end }}", "the dot is another one"),
        ('{{ define "x" }}{{ .Values.a.b }}{{ $.Values.a.b }}{{ end }}', "perhaps nobody includes it"),
        ('{{ block "x" .c }}{{ $.Values.a.b }}{{ end }}', "what it is given is another one"),
        ("{{ $x := .Values.a.b }}", "perhaps nobody prints the variable"),
        ("{{ if .Values.a.b }}{{ end }}", "it is not printed"),
        ("{{ .Values.a.b | empty }}", "only whether it is there"),
        ("{{ $x.Values.a.b }}{{ (.c).Values.a.b }}", "of something else"),
    ],
)
def test_what_may_not_be_read_is_not_found(action: str, why: str) -> None:
    assert printed(action) == [], why


ACTIONS = [f"{{{{{open_}{value}{tail}{close}}}}}" for open_, close in ((" ", " "), ("- ", " -"), ("", ""))
           for value in (".Values.a.b", "$.Values.a.c", "toYaml .Values.d", "$x.Values.e", "$x := .Values.f", "$x")
           for tail in ("", ' | default "x"', " | quote", " | empty", ' | printf "%s"')]  # fmt: skip
HEADS = ["if .Values.g", "with .Values.h", "range .Values.i", 'define "x"', 'define "y"', 'block "z" .Values.k']


def block(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    middle = st.sampled_from(["", "{{ else }}", "{{ else if .l }}", "{{ else with .m }}", "{{/* {{ end }} */}}"])
    parts = st.tuples(st.sampled_from(HEADS), inner, middle, inner)
    return parts.map(lambda found: f"{{{{ {found[0]} }}}}{found[1]}{found[2]}{found[3]}{{{{ end }}}}")


TEMPLATES = st.recursive(
    st.sampled_from([*ACTIONS, '{{ include "x" . }}', '{{ template "y" .Values.a }}', '{{ "{{ end }}" }}']),
    lambda inner: st.one_of(block(inner), st.lists(inner, max_size=4).map("\n".join)),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=TEMPLATES)
def test_what_is_found_is_read(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_tree(Path(folder), {"Chart.yaml": CHART, "templates/a.yaml": "{{ $x := .Values.o }}" + text})
        reads = chart_reads(load_chart(folder))
    assert all(reads.is_read(path) for path in printed_paths(text)), text


def test_templates_of_a_folder_that_is_left_out_print_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path, {"Chart.yaml": CHART, "templates/a.yaml": "{{ .Values.a.b }}"})
    folder = f"{tmp_path}/"
    assert PrintedValues(folder, ())(("a", "b", "c"))
    assert not PrintedValues(folder, ())(("a", "c"))
    assert not PrintedValues(folder, ["templates/"])(("a", "b"))
    (tmp_path / ".helmignore").write_text("t*/\n")
    assert not PrintedValues(folder, ())(("a", "b"))


@given(TEMPLATES)
def test_a_simple_template_is_read_like_any_other(text: str) -> None:
    """A raw text makes a template one that has to be lexed; it says nothing itself."""
    assert printed(text) == printed(f"{text}{{{{ `x` }}}}")
