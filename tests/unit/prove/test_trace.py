"""What a value has to be so that an image is another one, and which switches a message names."""

from __future__ import annotations

import pytest

from regfix.prove.model import Left
from regfix.prove.render import Document
from regfix.prove.switch import switches
from regfix.prove.trace import candidates, overlaid, trace
from regfix.syntax.yamltree import Data, Scalar, load_mapping

WANTED = {"quay.io/a/b:1": "harbor.corp/quay/a/b:1", "nginx": "harbor.corp/hub/library/nginx"}


def left(reference: str) -> Left:
    return Left("", 0, "Pod a", "top/templates/a.yaml", ("image",), reference, WANTED[reference])


def solved(
    template: str, values: str, reference: str, asked: tuple[tuple[str, ...], ...] = ()
) -> dict[str, str | None]:
    """Trace a reference through a template in which `{key}` stands for a value; return what each key would have to be."""

    def render(data: dict[str, Data]) -> list[Document]:
        texts = {key: value.value for key, value in data.items() if isinstance(value, Scalar)}
        return [Document("top/templates/a.yaml", f'image: "{template.format(**texts)}"\n')]

    known = load_mapping(values, "values.yaml")
    found = candidates(known, asked, [left(reference)])
    feeds = trace(found, known, render(known), [left(reference)], lambda over: render({**known, **over}))
    return {str(feed.candidate.path[0]): feed.value for feed in feeds}


@pytest.mark.parametrize(
    ("template", "values", "reference", "expected"),
    [
        ("{where}/a/b:1", "where: quay.io", "quay.io/a/b:1", {"where": "harbor.corp/quay"}),
        ("{where}a/b:1", "where: quay.io/", "quay.io/a/b:1", {"where": "harbor.corp/quay/"}),
        ("{what}:{tag}", "what: quay.io/a/b\ntag: '1'", "quay.io/a/b:1", {"what": "harbor.corp/quay/a/b"}),
        ("{what}", "what: nginx", "nginx", {"what": "harbor.corp/hub/library/nginx"}),
        ("--x={what} -y", "what: nginx", "nginx", {"what": "harbor.corp/hub/library/nginx"}),
        ("{args}", "args: --side=quay.io/a/b:1 -y", "quay.io/a/b:1", {"args": "--side=harbor.corp/quay/a/b:1 -y"}),
        ("{host}.io/a/b:1", "host: quay", "quay.io/a/b:1", {"host": None}),
        ("quay.io/{what}:1", "what: a/b", "quay.io/a/b:1", {}),
        ("quay.io/a/b:1", "what: quay.io", "quay.io/a/b:1", {}),
    ],
)
def test_the_value_that_a_reference_begins_with(
    template: str, values: str, reference: str, expected: dict[str, str | None]
) -> None:
    assert solved(template, values, reference) == expected


def test_a_value_that_breaks_the_chart_is_found_by_halves() -> None:
    known = load_mapping("kind: q\nwhere: quay.io\nother: quay\n", "values.yaml")

    def render(over: dict[str, Data]) -> list[Document] | None:
        kind, where = (over.get(key, known[key]) for key in ("kind", "where"))
        assert isinstance(kind, Scalar)
        assert isinstance(where, Scalar)
        return None if kind.value != "q" else [Document("t", f"image: {where.value}/a/b:1\n")]

    one = left("quay.io/a/b:1")
    feeds = trace(candidates(known, (), [one]), known, render({}) or [], [one], render)
    assert [(feed.candidate.path, feed.value) for feed in feeds] == [(("where",), "harbor.corp/quay")]


def test_what_is_laid_over_holds_lists_whole() -> None:
    values = load_mapping("a:\n  b:\n    - {c: x, d: y}\n    - z\n  e: f\n", "values.yaml")
    over = overlaid({}, values, ("a", "b", 0, "c"), Scalar("new"))
    inner = over["a"]
    assert isinstance(inner, dict)
    assert list(inner) == ["b"]
    items = inner["b"]
    assert isinstance(items, list)
    assert items[1] == Scalar("z", plain=True)
    assert items[0] == {"c": Scalar("new"), "d": Scalar("y", plain=True)}


VALUES = "a: {insecure: false, on: true}\nglobal: {security: {allow: false}}\nsub: {b: {c: false}, global: {d: {e: false}}}\n"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("set 'a.insecure' to true", ["a.insecure"]),
        ("set .Values.a.insecure", ["a.insecure"]),
        ("see global.security.allow.", ["global.security.allow"]),
        ("in the chart sub: b.c must be set, or sub.b.c", ["sub.b.c"]),
        ("global.d.e", ["global.d.e"]),
        ("a.on", []),
        ("https://example.com/a.insecure and x/a.insecure", []),
        ("a.missing b e", []),
    ],
)
def test_switches_are_values_that_are_false_and_named(said: str, expected: list[str]) -> None:
    found = switches(said, load_mapping(VALUES, "values.yaml"), [("sub",)])
    assert [".".join(map(str, setting.path)) for setting in found] == expected
