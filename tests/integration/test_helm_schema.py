"""Real Helm judges the schemas of values: what it took before a run, it takes after."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from charts import helm_template, write_tree
from support import HUB, regfix

if TYPE_CHECKING:
    from pathlib import Path

CHART = "apiVersion: v2\nname: lighthouse\nversion: 1.0.0\n"
TEMPLATE = "a: {{ toJson .Values }}\n"
HOST, NEW = "k8s.gcr.io", "registry.k8s.io"


class Case(NamedTuple):
    """The schema of `image`, the values, and the reasons of what is left; whether the values move."""

    image: dict[str, Any]
    values: str
    left: tuple[str, ...] = ()
    moves: bool = True
    options: tuple[str, ...] = ()


def of(**registry: Any) -> dict[str, Any]:
    return {"properties": {"registry": {"type": "string", **registry}}}


SPLIT = f"image:\n  registry: {HOST}\n  repository: a/b\n"
WHOLE = f"image: {HOST}/a/b:1\n"
CASES = {
    "default": Case(of(default=HOST, examples=[HOST, "quay.io"]), SPLIT),
    "enum": Case(of(enum=["quay.io", HOST]), SPLIT),
    "enum with both": Case(of(enum=[HOST, NEW]), SPLIT, ("duplicate",)),
    "enum without the new one, by another name": Case(of(enum=[HOST + "/", HOST]), SPLIT),
    "const": Case(of(const=HOST), SPLIT),
    "pattern of the host": Case(of(pattern=r"^k8s\.gcr\.io$"), SPLIT, ("schema",), moves=False),
    "pattern of any host": Case(of(pattern=r"^[a-z0-9.-]+(:[0-9]+)?$"), SPLIT),
    "pattern that is too much": Case(of(pattern=r"^([a-z0-9]+)(\.[a-z0-9]+)*(\.[a-z]+)*$"), SPLIT),
    "a length": Case(of(maxLength=10), SPLIT, ("schema",), moves=False),
    "a description": Case(of(description=f"As {HOST}, or {HOST}/a/b."), SPLIT, ("prose",)),
    "any of": Case(of(anyOf=[{"enum": [HOST]}, {"pattern": "^quay"}]), SPLIT),
    "one of, none takes it": Case(of(oneOf=[{"pattern": "^k8s"}, {"const": "quay.io"}]), SPLIT, ("schema",),
                                  moves=False),
    "a whole reference": Case({"type": "string", "default": f"{HOST}/a/b:1", "enum": [f"{HOST}/a/b:1"]}, WHOLE),
    "a pattern of references": Case({"pattern": r"^k8s\.gcr\.io/"}, WHOLE, ("schema",), moves=False),
    "an ignored value keeps the enum": Case(
        of(enum=[HOST]), SPLIT.replace("o\n", "o  # regfix: ignore\n", 1), ("ignored", "schema"), moves=False),
    "an ignored value keeps the const": Case(
        of(const=HOST), SPLIT.replace("o\n", "o  # regfix: ignore\n", 1), ("ignored", "schema"), moves=False),
    "a short name": Case({"properties": {"repository": {"enum": ["nginx"]}}},
                         "image: {repository: nginx, tag: '1'}\n", ("schema",), moves=False, options=HUB),
    "a short name that is free": Case({"properties": {"repository": {"pattern": "^[a-z/.:]+$"}}},
                                      "image: {repository: nginx, tag: '1'}\n", options=HUB),
}  # fmt: skip


def written(folder: Path, image: dict[str, Any], values: str, **files: str) -> Path:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"image": image}}
    return write_tree(folder / "chart", {
        "Chart.yaml": CHART, "values.yaml": values, "values.schema.json": json.dumps(schema, indent=2) + "\n",
        "templates/a.yaml": TEMPLATE, **files,
    })  # fmt: skip


def left(folder: Path, *options: str) -> list[str]:
    run = regfix("rewrite", "chart", "--format", "json", *options, cwd=folder)
    assert run.code == 0, run.said
    return sorted({f["reason"] for s in json.loads(run.stdout)["sources"] for f in s["findings"] if f["reason"]})


@pytest.mark.parametrize("name", sorted(CASES))
def test_values_stay_valid(name: str, helm: str, tmp_path: Path) -> None:
    case = CASES[name]
    chart = written(tmp_path, case.image, case.values)
    helm_template(helm, chart)
    dry = left(tmp_path, "--dry-run", *case.options)
    assert left(tmp_path, *case.options) == dry == sorted(case.left)
    helm_template(helm, chart)
    assert subprocess.run([helm, "lint", str(chart)], capture_output=True, check=False).returncode == 0
    assert ((chart / "values.yaml").read_text("utf-8") != case.values) == case.moves
    assert left(tmp_path, "--check", *case.options) == sorted(case.left)


@pytest.mark.parametrize(
    ("registry", "moves"), [({"enum": [HOST]}, False), ({"enum": [HOST, NEW]}, True), ({"pattern": "^k8s"}, False)]
)
def test_an_override_that_a_subchart_refuses_is_not_made(
    registry: dict[str, Any], moves: bool, helm: str, tmp_path: Path
) -> None:
    inner = written(tmp_path / "sub", of(**registry), SPLIT)
    listed = "dependencies: [{name: lamp, version: 1.0.0, repository: 'https://charts.example.com'}]\n"
    chart = write_tree(tmp_path / "chart", {"Chart.yaml": CHART + listed, "values.yaml": "a: 1\n",
                                            "templates/a.yaml": TEMPLATE})  # fmt: skip
    (chart / "charts").mkdir()
    inner.rename(chart / "charts" / "lamp")
    write_tree(chart, {"charts/lamp/Chart.yaml": CHART.replace("lighthouse", "lamp")})
    before = helm_template(helm, chart)
    assert ("schema" in left(tmp_path)) is not moves
    after = helm_template(helm, chart)
    assert (after != before) is moves
    printed = regfix("overrides", "chart", cwd=tmp_path)
    assert ("[schema]" in printed.err) is not moves


@pytest.mark.parametrize("ignored", [True, False])
def test_values_files_beside_count_for_the_schema(ignored: bool, helm: str, tmp_path: Path) -> None:
    mark = "  # regfix: ignore" if ignored else ""
    chart = written(tmp_path, of(enum=[HOST]), "image: {}\n",
                    **{"values-prod.yaml": f"image:\n  registry: {HOST}{mark}\n  repository: a/b\n"})  # fmt: skip
    over = ("-f", str(chart / "values-prod.yaml"))
    helm_template(helm, chart, *over)
    assert ("schema" in left(tmp_path)) is ignored
    assert (NEW in helm_template(helm, chart, *over)) is not ignored


@pytest.mark.parametrize("text", ["", "[", "{}", '{"$ref": "#"}', '{"properties": {"image": {"$ref": "#/properties"}}}',
                                  '{"allOf": [{"$ref": "#"}, {"$ref": "#"}]}'])  # fmt: skip
def test_odd_schemas_end(text: str, tmp_path: Path) -> None:
    chart = written(tmp_path, {}, SPLIT)
    (chart / "values.schema.json").write_text(text, "utf-8")
    assert regfix("rewrite", "chart", cwd=tmp_path).code == 0
    assert NEW in (chart / "values.yaml").read_text("utf-8")
