"""Templates: literals, actions with their strings, comments (R18)."""

from __future__ import annotations

import time

import pytest

from regfix import Action, rewrite_text
from regfix.syntax.template import TokenKind, lex_template

SHORT = {TokenKind.LITERAL: "L", TokenKind.CODE: "C", TokenKind.STRING: "S", TokenKind.COMMENT: "#"}
RULES = ["k8s.gcr.io=registry.k8s.io"]
IMAGE = "k8s.gcr.io/pause:3.2"


def parts(text: str) -> list[tuple[str, str]]:
    return [(SHORT[token.kind], text[token.start : token.end]) for token in lex_template(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a: b\n", [("L", "a: b\n")]),
        ("a{{ .x }}b", [("L", "a"), ("C", "{{ .x }}"), ("L", "b")]),
        ("{{- .x -}}", [("C", "{{- .x -}}")]),
        ('{{ f "s" }}', [("C", "{{ f "), ("S", '"s"'), ("C", " }}")]),
        ("{{ f `s` }}", [("C", "{{ f "), ("S", "`s`"), ("C", " }}")]),
        ("{{ `a\nb` }}", [("C", "{{ "), ("S", "`a\nb`"), ("C", " }}")]),
        ('{{ "}}" }}x', [("C", "{{ "), ("S", '"}}"'), ("C", " }}"), ("L", "x")]),
        ("{{ `}}` }}x", [("C", "{{ "), ("S", "`}}`"), ("C", " }}"), ("L", "x")]),
        ('{{ "{{" }}x', [("C", "{{ "), ("S", '"{{"'), ("C", " }}"), ("L", "x")]),
        (r'{{ "a\"}}" }}', [("C", "{{ "), ("S", r'"a\"}}"'), ("C", " }}")]),
        (r'{{ "a\\" }}x"', [("C", "{{ "), ("S", r'"a\\"'), ("C", " }}"), ("L", 'x"')]),
        ("{{ `a\\` }}x", [("C", "{{ "), ("S", "`a\\`"), ("C", " }}"), ("L", "x")]),
        ("{{ 'x' }}", [("C", "{{ "), ("S", "'x'"), ("C", " }}")]),
        ("{{ '\"' }}\"", [("C", "{{ "), ("S", "'\"'"), ("C", " }}"), ("L", '"')]),
        ("{{/* c */}}x", [("#", "{{/* c */"), ("C", "}}"), ("L", "x")]),
        ("{{- /* c */ -}}x", [("#", "{{- /* c */"), ("C", " -}}"), ("L", "x")]),
        ('{{/* }} " ` */}}x', [("#", '{{/* }} " ` */'), ("C", "}}"), ("L", "x")]),
        ("{{/*\n{{ x }}\n*/}}y", [("#", "{{/*\n{{ x }}\n*/"), ("C", "}}"), ("L", "y")]),
        ("a }} b", [("L", "a }} b")]),
        ("a { { b } }", [("L", "a { { b } }")]),
        ("${{ x }}", [("L", "$"), ("C", "{{ x }}")]),
        ("{{{ x }}}", [("C", "{{{ x }}"), ("L", "}")]),
        ("{{ a", [("C", "{{ a")]),
        (
            "{% if x == 'a' %}b{% endif %}",
            [("C", "{% if x == "), ("S", "'a'"), ("C", " %}"), ("L", "b"), ("C", "{% endif %}")],
        ),
        ("{# c %} }} #}x", [("#", "{# c %} }} #}"), ("L", "x")]),
        ("{%- if '%}' -%}x", [("C", "{%- if "), ("S", "'%}'"), ("C", " -%}"), ("L", "x")]),
        ("{% x", [("L", "{% x")]),
        ("{% x {% y %}", [("L", "{% x "), ("C", "{% y %}")]),
        ("{%{{ x }}", [("L", "{%"), ("C", "{{ x }}")]),
        ("{% set a = {'b': 1} %}x", [("C", "{% set a = {"), ("S", "'b'"), ("C", ": 1} %}"), ("L", "x")]),
        ("{# x", [("L", "{# x")]),
        ("{#}", [("L", "{#}")]),
        ("{##}{# x", [("#", "{##}"), ("L", "{# x")]),
        ("{{ x }}%}{{ y }}", [("C", "{{ x }}"), ("L", "%}"), ("C", "{{ y }}")]),
    ],
)
def test_tokens(text: str, expected: list[tuple[str, str]]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    "before",
    [
        "image: {}\n",
        "image: '{}'\n",
        "# image: {}\n",
        "{{{{/* {} */}}}}\n",
        "{{{{- /* {} */ -}}}}\n",
        'image: {{{{ .Values.image | default "{}" }}}}\n',
        "image: {{{{ `{}` }}}}\n",
        'image: {{{{ default "{}" .Values.image | quote }}}}\n',
        "{{{{- if .x }}}}\nimage: {}\n{{{{- else }}}}\nimage: {}\n{{{{- end }}}}\n",
        "{{{{- if .x }}}}image: {}{{{{ end }}}}\n",
        "args: [{{{{ .x }}}}, --image={}]\n",
        "- {{{{ .x }}}} {} {{{{ .y }}}}\n",
        '{{{{ printf "%s {}" .x }}}}\n',
        "image: {} {{{{/* now */}}}}\n",
        "{{% if x %}}image: {}{{% endif %}}\n",
        "{{# {} #}}\n",
        '{{{{ "\\"" }}}}\nimage: {}\n',
        "{{{{ '`' }}}}\nimage: {}\n{{{{ `'` }}}}\n",
    ],
)
def test_references_in_literals_strings_and_comments_move(before: str) -> None:
    text = before.format(*[IMAGE] * before.count("{}"))
    expected = text.replace("k8s.gcr.io", "registry.k8s.io")
    assert rewrite_text(text, RULES, kind="template").text == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("image: k8s.gcr.io/{{ .name }}:{{ .tag }}\n", "image: registry.k8s.io/{{ .name }}:{{ .tag }}\n"),
        ("image: k8s.gcr.io/pause:{{ .tag }}\n", "image: registry.k8s.io/pause:{{ .tag }}\n"),
        ("image: k8s.gcr.io/pause-{{ .arch }}:1\n", "image: registry.k8s.io/pause-{{ .arch }}:1\n"),
        ("image: k8s.gcr.io/{{- .name }}\n", "image: registry.k8s.io/{{- .name }}\n"),
        ("image: k8s.gcr.io/${NAME}:1\n", "image: registry.k8s.io/${NAME}:1\n"),
        ("image: k8s.gcr.io/$(NAME)\n", "image: registry.k8s.io/$(NAME)\n"),
        (
            'image: {{ .registry | default "k8s.gcr.io" }}/pause\n',
            'image: {{ .registry | default "registry.k8s.io" }}/pause\n',
        ),
        ("image: {{ `k8s.gcr.io` }}/pause\n", "image: {{ `registry.k8s.io` }}/pause\n"),
        ('image: {{ printf "k8s.gcr.io/%s" .name }}\n', 'image: {{ printf "registry.k8s.io/%s" .name }}\n'),
    ],
)
def test_the_surely_written_start_moves(before: str, after: str) -> None:
    assert rewrite_text(before, RULES, kind="template").text == after


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("image: {{ .hub }}k8s.gcr.io/pause\n", "dynamic"),
        ("image: {{ .hub }}/k8s.gcr.io/pause\n", "other-host"),
        ("image: k8s.gcr.io{{ .suffix }}/pause\n", "dynamic"),
        ("{{ k8s.gcr.io/pause }}\n", "markup"),
        ("{{ .Values.k8s.gcr.io }}\n", None),
        ("# from k8s.gcr.io, mostly\n", "prose"),
        ("url: https://k8s.gcr.io/v2/{{ .name }}\n", "url"),
        ('{{ if regexMatch "^k8s\\\\.gcr\\\\.io/" .image }}\n', None),
        ('{{ regexMatch "^k8s.gcr.io/.*" .image }}\n', "pattern"),
        ("image: ${HUB}k8s.gcr.io/pause\n", "dynamic"),
        ("image: notk8s.gcr.io/{{ .name }}\n", None),
        ("image: k8s.gcr.io.example.com/{{ .name }}\n", None),
        ("{{/* regfix: ignore */}}\nimage: k8s.gcr.io/{{ .name }}\n", "ignored"),
    ],
)
def test_what_must_stay_in_a_template(text: str, reason: str | None) -> None:
    result = rewrite_text(text, RULES, kind="template")
    assert result.text == text
    assert [str(f.reason) for f in result.findings if f.action is Action.LEAVE] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        (["gcr.io/google-containers=registry.k8s.io"], "image: gcr.io/{{ .project }}/app\n"),
        (["gcr.io/google-containers=registry.k8s.io"], "image: gcr.io/google-{{ .project }}/app\n"),
        (["gcr.io/a=b.io", "gcr.io=c.io"], "image: gcr.io/{{ .project }}/app\n"),
        (["docker.io/library=b.io"], "image: docker.io/{{ .name }}\n"),
        (["docker.io=b.io"], "image: docker.io/{{ .name }}\n"),
    ],
)
def test_what_a_placeholder_may_decide_stays(texts: list[str], text: str) -> None:
    result = rewrite_text(text, texts, kind="template")
    assert result.text == text
    assert [str(finding.reason) for finding in result.findings] == ["dynamic"]


def test_a_placeholder_may_lead_to_the_rules_own_target() -> None:
    text = "image: m.com/oss/{{ .path }}:1\n"
    assert rewrite_text(text, ["m.com/oss=m.com/oss/v2"], kind="template").text == text


GO_ONLY = [
    "a: {#fff}\n",
    "a: '{%'\n",
    "a: {% x\n",
    "log_format: '{#'\n",
    "a: '{% it' b's %}'\n",
    "a: '{%' # {% x\n",
    "a: {%`%}\n",
]


@pytest.mark.parametrize("line", GO_ONLY)
def test_openings_of_jinja_mean_nothing_in_helm(line: str) -> None:
    text = f"{line}name: {{{{ .name }}}}\nimage: {IMAGE}\nsidecar:\n  image: nginx\n"
    result = rewrite_text(text, [*RULES, "docker.io=ghcr.io/hub"], kind="template")
    assert "image: registry.k8s.io/pause:3.2\n" in result.text
    assert "image: ghcr.io/hub/library/nginx\n" in result.text


@pytest.mark.parametrize("opening", ["{%", "{#", "{% '", '{% "', "{% x %"])
def test_time_is_linear_in_openings_that_nothing_closes(opening: str) -> None:
    begun = time.perf_counter()
    assert len(lex_template(opening * 100_000 + "\n{{ x }}")) == 2
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    "text",
    ["image: k8s.gcr.io/pause\n", "a: [\nimage: k8s.gcr.io/pause\n", "- k8s.gcr.io/pause\n\tb\n"],
)
def test_a_template_without_actions_is_yaml_where_it_can_be(text: str) -> None:
    assert rewrite_text(text, RULES, kind="template").text == text.replace("k8s.gcr.io", "registry.k8s.io")
