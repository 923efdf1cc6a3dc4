"""Pieces of templates that read values in every way that charts do, with what each of them reads.

`K` stands for a key whose value is SHAPE. Where nothing else is said, what is read is also printed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LEAVES = ("registry", "image.registry", "image.repository", "deep.image.registry", "list.0.registry")
"""The texts below a key, by their paths."""


def shape(key: str) -> str:
    """Return the values of a key as YAML: each text names itself."""
    return (
        f"{key}:\n  registry: {key}-0.example.com\n"
        f"  image: {{registry: {key}-1.example.com, repository: {key}-2.example.com/a}}\n"
        f"  deep: {{image: {{registry: {key}-3.example.com}}}}\n"
        f"  list: [{{registry: {key}-4.example.com}}]\n"
    )


class Snippet(NamedTuple):
    """A piece of a template, the leaves that it reads, and the named templates that it needs."""

    text: str
    reads: tuple[str, ...]
    helpers: str = ""
    printed: bool = True
    exact: bool = True  # whether nothing but these leaves counts as read


ALL = LEAVES
IMAGE = ("image.registry", "image.repository")
SNIPPETS = [
    Snippet("{{ .Values.K.registry }}", ("registry",)),
    Snippet("{{- $.Values.K.image.registry | quote -}}", ("image.registry",)),
    Snippet('{{ index .Values "K" "image" "registry" }}', ("image.registry",)),
    Snippet('{{ (index .Values.K.list 0).registry }}', ("list.0.registry",)),
    Snippet('{{ get .Values.K.image "registry" }}', ("image.registry",)),
    Snippet('{{ dig "image" "registry" "none" .Values.K.deep }}', ("deep.image.registry",)),
    Snippet('{{ dig "K" "image" "none" "none" (.Values | toYaml | fromYaml) }}', (), exact=False),
    Snippet("{{ toYaml .Values.K.image | nindent 2 }}", IMAGE),
    Snippet("{{ .Values.K }}", ALL),
    Snippet("{{ with .Values.K.image }}{{ .registry }}{{ end }}", ("image.registry",)),
    Snippet("{{ with .Values.K.none }}{{ .registry }}{{ else }}{{ .Values.K.registry }}{{ end }}", ("registry",)),
    Snippet("{{ if .Values.K.none }}{{ else if .Values.K.image }}{{ .Values.K.image.repository }}{{ end }}",
            ("image.repository",)),
    Snippet("{{ range .Values.K.list }}{{ .registry }}{{ end }}", ("list.0.registry",)),
    Snippet("{{ range $i, $v := .Values.K.image }}{{ $v }}{{ end }}", IMAGE),
    Snippet("{{ range $k, $v := .Values.K.deep }}{{ $v.registry }}{{ end }}", ("deep.image.registry",)),
    Snippet("{{ $image := .Values.K.image }}{{ $image.registry }}", ("image.registry",)),
    Snippet('{{ $x := "" }}{{ if true }}{{ $x = .Values.K.deep }}{{ end }}{{ $x.image.registry }}',
            ("deep.image.registry",)),
    Snippet('{{ .Values.K.none | default .Values.K.registry }}', ("registry",)),
    Snippet('{{ coalesce .Values.K.none .Values.K.image.repository }}', ("image.repository",)),
    Snippet('{{ ternary .Values.K.image .Values.K.none true | toJson }}', IMAGE),
    Snippet('{{ (.Values.K.none | default .Values.K.image).registry }}', ("image.registry",)),
    Snippet('{{ required "a message" .Values.K.registry }}', ("registry",)),
    Snippet('{{ printf "%s/x" .Values.K.image.registry }}', ("image.registry",)),
    Snippet('{{ if eq .Values.K.registry "x" }}a{{ else }}b{{ end }}', ("registry",), printed=False),
    Snippet('{{ if hasKey .Values.K.image "registry" }}a{{ end }}', ("image.registry",), printed=False),
    Snippet('{{ (merge (dict "a" 1) .Values.K.image).registry }}', ("image.registry",)),
    Snippet('{{ $d := dict }}{{ $_ := set $d "x" .Values.K.image }}{{ $d.x.repository }}', ("image.repository",)),
    Snippet('{{ $d := dict }}{{ $e := $d }}{{ $_ := set $d "x" .Values.K.deep }}{{ $e.x.image.registry }}',
            ("deep.image.registry",)),
    Snippet('{{ $_ := set .Values.K.deep "y" .Values.K.image }}{{ .Values.K.deep.y.registry }}', ("image.registry",)),
    Snippet('{{ $_ := mergeOverwrite .Values.K.deep .Values.K.image }}{{ .Values.K.deep.registry }}',
            ("image.registry",)),
    Snippet('{{ $l := list .Values.K.image }}{{ (first $l).registry }}', ("image.registry",)),
    Snippet('{{ $l := append (list) .Values.K.deep }}{{ range $l }}{{ .image.registry }}{{ end }}',
            ("deep.image.registry",)),
    Snippet('{{ range concat .Values.K.list (list) }}{{ .registry }}{{ end }}', ("list.0.registry",)),
    Snippet('{{ range values .Values.K.deep }}{{ .registry }}{{ end }}', ("deep.image.registry",)),
    Snippet('{{ range pluck "registry" .Values.K .Values.K.image }}{{ . }}{{ end }}', ("registry", "image.registry")),
    Snippet('{{ (pick .Values.K "registry").registry }}', ("registry",)),
    Snippet('{{ (omit .Values.K "image").deep.image.registry }}', ("deep.image.registry",)),
    Snippet('{{ (deepCopy .Values.K).image.repository }}', ("image.repository",)),
    Snippet('{{ $k := "registry" }}{{ index .Values.K.image $k }}', ("image.registry",)),
    Snippet('{{ index .Values.K.image (printf "%s" "repository") }}', ("image.repository",)),
    Snippet('{{ range tuple "registry" }}{{ index $.Values.K.image . }}{{ end }}', ("image.registry",), exact=False),
    Snippet('{{ include "K.image" . }}', ("image.registry",), '{{ define "K.image" }}{{ .Values.K.image.registry }}{{ end }}'),
    Snippet('{{ template "K.image" .Values.K.image }}', IMAGE,
            '{{ define "K.image" }}{{ .registry }}/{{ .repository }}{{ end }}'),
    Snippet('{{ include "K.any" (dict "root" .Values.K.image "top" .) }}', ("image.registry", "registry"),
            '{{ define "K.any" }}{{ .root.registry }}{{ .top.Values.K.registry }}{{ end }}'),
    Snippet('{{ include "K.any" (list . .Values.K.deep) }}', ("deep.image.registry", "registry"),
            '{{ define "K.any" }}{{ (index . 1).image.registry }}{{ (index . 0).Values.K.registry }}{{ end }}',
            exact=False),
    Snippet('{{ include "K.rec" .Values.K }}', ("registry",),
            '{{ define "K.rec" }}{{ with .none }}{{ include "K.rec" . }}{{ end }}{{ .registry }}{{ end }}'),
    Snippet('{{ $n := "K.dyn" }}{{ include $n .Values.K }}', ("registry",), '{{ define "K.dyn" }}{{ .registry }}{{ end }}'),
    Snippet('{{ block "K.block" .Values.K.image }}{{ .repository }}{{ end }}', ("image.repository",)),
    Snippet('{{ include "K.map" .Values.K.image | fromYaml | toJson }}', ("image.registry",),
            '{{ define "K.map" }}a: {{ .registry }}{{ end }}'),
    Snippet('{{ tpl "{{ .Values.K.registry }}" . }}', ("registry",)),
    Snippet('{{ tpl (printf "{{ .Values.K.%s }}" "registry") . }}', (), exact=False),
    Snippet('{{ $t := "{{ .image.registry }}" }}{{ tpl $t (merge (dict "image" .Values.K.image) .) }}',
            ("image.registry",)),
    Snippet("{{ `{{ .Values.K.registry }}` }}", ()),
    Snippet("{{/* .Values.K.registry */}}{{- /* {{ .Values.K.image }} */ -}}", ()),
    Snippet('{{ "a {{ .Values.K.registry }}" | quote }}', ()),
    Snippet("# {{ .Values.K.registry }}\n", ("registry",)),
    Snippet("${#array} {{ .Values.K.registry }} {# {{ .Values.K.image.registry }} {%", ("registry", "image.registry")),
    Snippet("{{ with .Values }}{{ .K.registry }}{{ with $.Values.K }}{{ $.Values.K.image.registry }}{{ end }}{{ end }}",
            ("registry", "image.registry")),
    Snippet("{{\n  .Values.K.image.registry\n    | upper\n}}", ("image.registry",), printed=False),
    Snippet("{{ not .Values.K.registry }}{{ empty .Values.K.image.registry }}", ("registry", "image.registry"),
            printed=False),
    Snippet("{{ len .Values.K.image }}", IMAGE, printed=False),
    Snippet("{{ keys .Values.K.image | sortAlpha }}", IMAGE, printed=False),
    Snippet('{{ kindIs "string" .Values.K.registry }}', ("registry",), printed=False),
    Snippet("{{ .Values.K.list | first | toYaml }}", ("list.0.registry",)),
    Snippet('{{ .Files.Get "K.txt" }}{{ lookup "v1" "Pod" .Values.K.registry "x" }}', ("registry",), printed=False),
    Snippet('{{ with $i := .Values.K.image }}{{ $i.registry }}{{ .repository }}{{ end }}', IMAGE),
    Snippet('{{ mustMergeOverwrite (dict) .Values.K.image | toYaml }}', IMAGE),
    Snippet('{{ or .Values.K.none .Values.K.registry }}', ("registry",)),
    Snippet('{{ $_ := unset .Values.K.image "registry" }}{{ .Values.K.image.repository }}', ("image.repository",)),
    Snippet('{{ (get . "Values").K.registry }}', ("registry",)),
    Snippet('{{ $c := . }}{{ range list 1 }}{{ $c.Values.K.registry }}{{ end }}', ("registry",)),
    Snippet('{{ $d := dict "a" (dict) }}{{ $_ := set $d.a "b" .Values.K.image }}{{ range $k, $v := $d }}'
            '{{ $v.b.registry }}{{ end }}', ("image.registry",)),
    Snippet('{{ range $k, $v := .Values.K }}{{ if kindIs "string" $v }}{{ $v }}{{ end }}{{ end }}', ("registry",),
            exact=False),
    Snippet('{{ regexReplaceAll "a" .Values.K.registry "a" }}', ("registry",)),
]  # fmt: skip
"""All of them; a key is read by one snippet only."""


def written(number: int, snippet: Snippet) -> tuple[str, str, str]:
    """Return the template, the helpers and the values of a snippet for its own key."""
    key = f"k{number}"
    text, helpers = (re.sub(r"\bK\b", key, part) for part in (snippet.text, snippet.helpers))
    return text, helpers, shape(key)
