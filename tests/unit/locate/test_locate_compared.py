"""Strings of templates that are compared or looked for (decision 11): they stay, and are told."""

from __future__ import annotations

import time

import pytest

from regfix import Action, rewrite_text

RULES = ["k8s.gcr.io=registry.k8s.io"]


@pytest.mark.parametrize(
    "text",
    [
        '{{- if eq .Values.registry "k8s.gcr.io" }}\n',
        '{{- if ne "k8s.gcr.io" .Values.registry }}\n',
        "{{- if eq .Values.registry `k8s.gcr.io` }}\n",
        '{{- if and .x (eq .Values.registry "k8s.gcr.io") }}\n',
        '{{- else if contains "k8s.gcr.io/pause" .Values.image }}\n',
        '{{- if not (contains "k8s.gcr.io/pause" .Values.image) }}\n',
        '{{ .Values.image | replace "k8s.gcr.io" "mirror.example.com" }}\n',
        '{{ .Values.image | trimPrefix "k8s.gcr.io/" | quote }}\n',
        '{{ $isOld := hasPrefix "k8s.gcr.io" .Values.image }}\n',
        '{{ $isOld = hasPrefix "k8s.gcr.io" .Values.image }}\n',
        '{{ regexReplaceAll "^x" .Values.image "k8s.gcr.io/" }}\n',
        '{{ "k8s.gcr.io" | eq .Values.registry }}\n',
        '{{ .b | default "k8s.gcr.io" | eq .c }}\n',
        '{{ if eq .a (.b | default "k8s.gcr.io") }}\n',
        '{{ list "k8s.gcr.io/a" "b" | has .Values.image }}\n',
        '{{ if has .Values.image (list "k8s.gcr.io/a") }}\n',
        '{{ if eq\n   .Values.registry\n   "k8s.gcr.io" }}\n',
        '{% if registry == "k8s.gcr.io" %}\n',
        '{% if "k8s.gcr.io" != registry %}\n',
        "{% if 'k8s.gcr.io' in image %}\n",
        "{% if image in ['k8s.gcr.io/a'] %}\n",
        "{% if image in ['x', 'k8s.gcr.io/a'] %}\n",
        "{% if image.startswith('k8s.gcr.io') %}\n",
        "{{ image | regex_replace('k8s.gcr.io', 'x') }}\n",
        '{{ image.replace("k8s.gcr.io/", "") }}\n',
    ],
)
def test_operands_of_comparisons_stay(text: str) -> None:
    result = rewrite_text(text, RULES, kind="template")
    assert result.text == text
    assert [str(f.reason) for f in result.findings if f.action is Action.LEAVE] == ["compared"]


@pytest.mark.parametrize(
    "text",
    [
        '{{ ternary "k8s.gcr.io" .b (eq .a "x") }}/pause\n',
        '{{ $r := default "k8s.gcr.io" .Values.registry }}\n',
        '{{ printf "%s/%s" "k8s.gcr.io" (.x | trimPrefix "v") }}\n',
        "{{ registry | default('k8s.gcr.io') }}/pause\n",
        '{{ "k8s.gcr.io" if x == "y" else z }}/pause\n',
        '{{ .Values.registry | default "k8s.gcr.io" | trimSuffix "/" }}/pause\n',
        '{{ (printf "%s/x" (default "k8s.gcr.io" .r)) | quote }}\n',
        '{{ if eq .a "b" }}{{ default "k8s.gcr.io" .r }}{{ end }}\n',
        '{{ if eq .a "b" }}image: k8s.gcr.io/x{{ end }}\n',
        '{{ include "eq" (dict "image" "k8s.gcr.io/x") }}\n',
        '{{ equal "k8s.gcr.io/x" }}\n',
        '{% for name, x in ["k8s.gcr.io/x", "k8s.gcr.io/y"] %}\n',
        '{{ range $x := list "k8s.gcr.io/x" }}\n',
    ],
)
def test_other_strings_of_actions_move(text: str) -> None:
    assert rewrite_text(text, RULES, kind="template").text == text.replace("k8s.gcr.io", "registry.k8s.io")


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("a: '{{ if eq .x \"k8s.gcr.io/a\" }}b{{ end }}'\n", False),
        ('a: \'{{ .x | replace "k8s.gcr.io" "b" }}\'\n', False),
        ("a: '{{ default \"k8s.gcr.io/a\" .x }}'\n", True),
        ('a: eq .x "k8s.gcr.io/a"\n', True),
    ],
)
def test_actions_in_values(text: str, moves: bool) -> None:
    result = rewrite_text(text, RULES)
    assert (result.text != text) == moves
    assert moves or [str(f.reason) for f in result.findings if f.action is Action.LEAVE] == ["compared"]


@pytest.mark.parametrize("code", ["(", ")", "| x ", '"', "(eq "])
def test_time_is_linear_in_what_stands_before(code: str) -> None:
    begun = time.perf_counter()
    rewrite_text("{{ " + code * 20_000 + '"k8s.gcr.io/a" ' * 2_000 + "}}\n", RULES, kind="template")
    assert time.perf_counter() - begun < 10
