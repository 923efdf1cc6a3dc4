"""Which value feeds an image: the longest that the image begins with, in the values or in a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regfix.chart.tree import load_chart
from regfix.cluster.locating import Locator
from regfix.cluster.tracing import MAX_IMAGES, MAX_KEYS, MAX_TEMPLATES, NOTHING, Tracer
from regfix.image.rule import Rule, RuleSet
from regfix.overrides.needed import always
from releases import write_chart

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = "k8s.gcr.io", "registry.k8s.io"
LOCATOR = Locator(RuleSet([Rule.parse(f"{OLD}={NEW}")]))


def tracer(folder: Path, values: str, template: str = "", given: str = "{}") -> Tracer:
    chart = write_chart(folder, {"Chart.yaml": "name: web\nversion: 1.0.0\n", "values.yaml": values,
                                 "templates/t.yaml": template})  # fmt: skip
    return Tracer(load_chart(str(chart)), given, LOCATOR, always)


def keys(one: Tracer, reference: str) -> dict[str, str]:
    return {".".join(key.path): key.value for key in one.trace(reference, "web/templates/t.yaml").keys}


def test_the_value_that_the_image_begins_with(tmp_path: Path) -> None:
    one = tracer(tmp_path, f"image: {{registry: {OLD}, repository: a/web}}\nother: {OLD}/a/webhook:1\n")
    assert keys(one, f"{OLD}/a/web:7") == {"image.registry": NEW}
    assert keys(one, f"{OLD}/a/webhook:1") == {"other": f"{NEW}/a/webhook:1"}
    assert keys(one, f"{OLD}/a/we:1") == {}


def test_the_same_image_of_another_tag(tmp_path: Path) -> None:
    assert keys(tracer(tmp_path, f"image: {OLD}/web:1\n"), f"{OLD}/web:2") == {"image": f"{NEW}/web:1"}


def test_an_image_in_a_template_is_not_fed_by_a_registry_that_it_happens_to_be_at(tmp_path: Path) -> None:
    template = f"image: {OLD}/hard:1\nother: {{{{ .Values.global.imageRegistry }}}}/soft\n"
    one = tracer(tmp_path, f"global: {{imageRegistry: {OLD}}}\n", template)
    assert keys(one, f"{OLD}/soft:1") == {"global.imageRegistry": NEW}
    assert one.trace(f"{OLD}/hard:1", "web/templates/t.yaml") == ((), str(tmp_path / "templates/t.yaml"), 1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (f'{{"image": "{OLD}/mine:2"}}', {"image": f"{NEW}/mine:2"}),
        (f'{{"image": {{"registry": "{OLD}", "repository": "mine"}}}}', {"image.registry": NEW}),
    ],
)
def test_what_the_installer_set_is_to_be_set_by_the_installer(
    given: str, expected: dict[str, str], tmp_path: Path
) -> None:
    one = tracer(tmp_path, f"image: {OLD}/web:1\n", given=given)
    assert keys(one, f"{OLD}/mine:2") == expected
    assert {key.file for key in one.trace(f"{OLD}/mine:2", "").keys} == {""}


def test_many_values_of_one_image_are_cut(tmp_path: Path) -> None:
    one = tracer(tmp_path, "".join(f"a{number}: {{image: {OLD}/web:1}}\n" for number in range(20)))
    assert len(keys(one, f"{OLD}/web:1")) == MAX_KEYS


def test_a_chart_that_cannot_be_read_hides_no_image(tmp_path: Path) -> None:
    assert tracer(tmp_path, f"image: [{OLD}/web:1\n").trace(f"{OLD}/web:1", "x") == NOTHING
    assert tracer(tmp_path, "", given="[7]").trace(f"{OLD}/web:1", "x") == NOTHING


def test_what_is_looked_into_is_bounded(tmp_path: Path) -> None:
    one = tracer(tmp_path, f"image: {OLD}/web:1\n")
    found = [one.trace(f"{OLD}/web:{number}", "x") for number in range(MAX_IMAGES + 2)]
    assert [bool(trace.keys) for trace in found] == [True] * MAX_IMAGES + [False] * 2
    large = tracer(tmp_path, "", f"image: {OLD}/hard:1\n" + "# {{ x }}\n" * (MAX_TEMPLATES // 10))
    assert large.trace(f"{OLD}/hard:1", "web/templates/t.yaml") == NOTHING
