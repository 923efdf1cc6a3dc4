"""Fields of the user's own, named by JSONPaths in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regfix.errors import SettingsError
from regfix.image.prefix import parse_prefix
from regfix.image.rule import Rule, RuleSet
from regfix.locate.fields import FieldFinder
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import Kind
from regfix.rewriting import rewrite_source
from regfix.settings.load import load_settings
from regfix.settings.model import Field, FieldUse
from regfix.text.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from regfix.outcome import Outcome

RULES = RuleSet(
    [Rule(parse_prefix(old), parse_prefix(new), "test") for old, new in (("docker.io", "h.io"), ("k8s.gcr.io", "r.io"))]
)


def rewritten(text: str, *fields: Field) -> Outcome:
    """Return what becomes of a text."""
    finder = FieldFinder(fields)
    return rewrite_source(Source("a.yaml", text), Kind.YAML, RULES, HostFinder(RULES, finder))


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        (Field("$.a.b", FieldUse.REFERENCE), "a: {b: nginx, c: nginx}\n", "a: {b: h.io/library/nginx, c: nginx}\n"),
        (Field("a[1]", FieldUse.REFERENCE), "a: [nginx, 'x/y']\n", "a: [nginx, 'h.io/x/y']\n"),
        (Field("$..ref", FieldUse.REFERENCE), "a: [{ref: nginx}, {b: {ref: x/y}}]\n", "a: [{ref: h.io/library/nginx}, {b: {ref: h.io/x/y}}]\n"),
        (
            Field("$.a[?(@.t==\"i\")].ref", FieldUse.REFERENCE),
            "a:\n- {t: i, ref: x/y}\n- {t: f, ref: x/y}\n",
            "a:\n- {t: i, ref: h.io/x/y}\n- {t: f, ref: x/y}\n",
        ),
        (Field("$.a[?(@.n>3)].r", FieldUse.REFERENCE), "a: [{n: 4, r: x/y}, {n: 3, r: x/y}]\n", "a: [{n: 4, r: h.io/x/y}, {n: 3, r: x/y}]\n"),
        (Field("$.a", FieldUse.REFERENCE, kind="K"), "kind: K\na: x/y\n---\nkind: L\na: x/y\n", "kind: K\na: h.io/x/y\n---\nkind: L\na: x/y\n"),
        (Field("$.a", FieldUse.REFERENCE, api_version="v2"), "apiVersion: v2\na: x/y\n", "apiVersion: v2\na: h.io/x/y\n"),
        (Field("$.host", FieldUse.REGISTRY), "host: k8s.gcr.io\nb: k8s.gcr.io\n", "host: r.io\nb: k8s.gcr.io\n"),
        (Field("$.a", FieldUse.REPOSITORY), "a: x/y\n", "a: h.io/x/y\n"),
        (Field("$.a", FieldUse.DOCUMENT), "a: |\n  image: nginx\n", "a: |\n  image: h.io/library/nginx\n"),
        (Field("$.a", FieldUse.DOCUMENT), "a: 'image: nginx'\n", "a: 'image: h.io/library/nginx'\n"),
        (Field("$.z", FieldUse.REFERENCE), "x.yaml: |\n  z: x/y\n  image: nginx\n", "x.yaml: |\n  z: h.io/x/y\n  image: h.io/library/nginx\n"),
    ],
)  # fmt: skip
def test_what_a_field_names_moves(field: Field, before: str, after: str) -> None:
    outcome = rewritten(before, field)
    assert outcome.error is None
    assert outcome.after == after


def test_two_fields_of_a_mapping_are_one_name() -> None:
    host, path = Field("$.a.host", FieldUse.REGISTRY), Field("$.a.path", FieldUse.REPOSITORY)
    outcome = rewritten("a: {host: docker.io, path: x/y}\nb: {host: ghcr.io, path: x/y}\n", host, path)
    assert outcome.after == "a: {host: h.io, path: x/y}\nb: {host: ghcr.io, path: x/y}\n"


@pytest.mark.parametrize(
    "text", ["a: {image: nginx}\n", "a: k8s.gcr.io/x\n", "a: [{image: nginx}]\n", "a: |\n  k8s.gcr.io/x\n"]
)
def test_what_is_ignored_stays_and_is_told(text: str) -> None:
    outcome = rewritten(text, Field("$.a", FieldUse.IGNORE))
    assert outcome.after is None
    assert [str(finding.reason) for finding in outcome.findings] == ["ignored"]


@pytest.mark.parametrize(
    "text", ["a: {b: 1}\n", "a: [1, 2]\n", "a: 17\n", "a: 'two words'\n", "- a\n", "a\n", "a: *x\n"]
)
def test_what_is_no_name_stays(text: str) -> None:
    assert rewritten(text, Field("$.a", FieldUse.REFERENCE), Field("$.a[?(@.x>1)].b", FieldUse.REFERENCE)).after is None


def test_fields_that_match_nothing_are_known() -> None:
    there, nowhere = Field("$.image", FieldUse.REFERENCE), Field("$.imgae", FieldUse.REFERENCE)
    finder = FieldFinder([there, nowhere])
    rewrite_source(Source("a.yaml", "image: nginx\n"), Kind.YAML, RULES, HostFinder(RULES, finder))
    assert list(finder.unmatched) == [nowhere]


@pytest.mark.parametrize(
    ("path", "caret"), [("$.a[?(@.k==]", 11), ("$.a[", 4), ("$..a b", 5), ("$.a;b", 3), ("$.a[?(@.b=='x]", 14)]
)
def test_a_path_that_does_not_parse_is_an_error_with_a_caret(path: str, caret: int) -> None:
    with pytest.raises(SettingsError, match="a path is no JSONPath") as caught:
        FieldFinder([Field(path, FieldUse.REFERENCE, where="s.yaml:3:9")])
    assert caught.value.where == "s.yaml:3:9"
    assert caught.value.excerpt == (path, caret)


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("fields: 1\n", "1:1", "fields are a list"),
        ("fields:\n- x\n", "2:3", "a field is a mapping"),
        ("fields:\n- path: $.a\n  paht: b\n", "3:3", "unknown key 'paht' of a field"),
        ("fields:\n- kind: K\n", "2:3", "a field has a path"),
        ("fields:\n- path: $.a\n  as: image\n", "3:3", "a field is no 'image'"),
        ("fields:\n- path: 1\n", "2:3", "path is text"),
        ("fields:\n- path: $.a\n  ignore: x\n", "3:3", "ignore is true or false"),
        ("fields:\n- path: $.a\n  as: registry\n  ignore: true\n", "3:3", "a field that is ignored is nothing else"),
    ],
)
def test_malformed_fields_are_errors_with_their_place(tmp_path: Path, text: str, where: str, what: str) -> None:
    path = tmp_path / ".regfix.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(str(path))
    assert (caught.value.where, caught.value.what) == (f"{path}:{where}", what)
