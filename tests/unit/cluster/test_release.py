"""Helm releases: decoded, their objects, the hits that they share with what runs."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from regfix.cluster.collect import collect
from regfix.cluster.declared import parts_of
from regfix.cluster.locating import Locator
from regfix.cluster.model import ClusterError, Condition, Origin
from regfix.cluster.reducing import reduced
from regfix.cluster.release import Release, kept_in, release_in
from regfix.image.rule import Rule, RuleSet
from releases import kept, packed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.cluster.declared import Part
    from regfix.cluster.model import ApiObject, Report

OLD = "k8s.gcr.io"
RULES = RuleSet([Rule.parse(f"{OLD}=registry.k8s.io")])


class Objects:
    """Objects in the order in which they are given."""

    def __init__(self, *objects: ApiObject, releases: tuple[ApiObject, ...] = ()) -> None:
        self.name = "c"
        self.problems: list[ClusterError] = []
        self._objects = objects
        self._releases = releases

    def workloads(self) -> Iterator[ApiObject]:
        """Yield the objects."""
        return iter(self._objects)

    def releases(self) -> Iterator[ApiObject]:
        """Yield the releases."""
        return iter(self._releases)


def release(manifest: str = "", version: int = 1, **more: Any) -> ApiObject:
    """Return a release as JSON has it."""
    chart = {"metadata": {"name": "web", "version": "1.2.3"}, "templates": [], "values": {}}
    return {"name": "web", "namespace": "shop", "version": version, "info": {"status": "deployed"}, "chart": chart,
            "manifest": manifest, **more}  # fmt: skip


def pod(image: str, name: str = "p", source: str = "") -> str:
    source = f"# Source: {source}\n" if source else ""
    return f"---\n{source}apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n" \
           f"  containers: [{{name: c, image: {image}}}]\n"  # fmt: skip


def collected(*objects: ApiObject, releases: tuple[ApiObject, ...]) -> Report:
    return collect(Objects(*objects, releases=releases), Locator(RULES))


@pytest.mark.parametrize("kind", ["Secret", "ConfigMap"])
@pytest.mark.parametrize("compressed", [True, False])
def test_a_release_is_read_as_helm_reads_it(kind: str, compressed: bool) -> None:
    text = json.dumps(release("x")).encode()
    plain = base64.b64encode(text) if kind == "ConfigMap" else base64.b64encode(base64.b64encode(text))
    one = kept(release("x"), kind=kind, data=packed(text, kind=kind) if compressed else plain.decode())
    found = release_in(one, "c")
    assert (found.manifest, found.declared.chart, found.declared.version) == ("x", "web", "1.2.3")


@pytest.mark.parametrize("hostile", [None, 7, [], "x", {"metadata": 7, "values": 7, "templates": 7}])
def test_a_release_of_any_form_is_read(hostile: Any) -> None:
    content = release(pod(f"{OLD}/a:1"), hooks=[hostile, {"events": hostile, "manifest": hostile}], chart=hostile,
                      config=hostile)  # fmt: skip
    report = collected(releases=(kept(content),))
    assert [hit.finding.reference for hit in report.hits] == [f"{OLD}/a:1"]
    assert report.problems == ()


@pytest.mark.parametrize("depth", [300, 930, *range(950, 1000, 5)])
@pytest.mark.parametrize("field", ["config", "chart"])
def test_a_release_of_any_depth_is_told_and_the_next_one_read(field: str, depth: int) -> None:
    nested = '{"a":' * depth + f'"{OLD}/deep:1"' + "}" * depth
    text = json.dumps({**release(pod(f"{OLD}/a:1")), "config": "?", "name": "deep"})
    text = text.replace('"values": {}', f'"values": {nested}') if field == "chart" else text.replace('"?"', nested)
    deep = kept({**release(), "name": "deep"}, data=packed(text.encode()))
    report = collected(releases=(deep, kept(release(pod(f"{OLD}/b:1")))))
    assert len(report.problems) == 1
    assert f"{OLD}/b:1" in [hit.finding.reference for hit in report.hits]


def test_labels_of_any_form_are_read() -> None:
    for version in ("", "x", "9" * 100, "\u0663", "-1", None, []):
        assert kept_in({"metadata": {"labels": {"version": version}}}).revision == 0
    assert kept_in({"metadata": 7}) == ("", "", 0, "")


def parts(text: str) -> list[Part]:
    failed: list[Exception] = []
    found = release_in(kept(release(text)), "c")
    return [*parts_of(found, lambda _: True, failed.append)]


def test_objects_have_their_template_and_namespace() -> None:
    text = pod("a", "one", "web/templates/a.yaml") + pod("b", "two")
    text += (
        "---\napiVersion: v1\nkind: List\nitems:\n- {kind: Pod, metadata: {namespace: far, name: three}}\n---\n# none\n"
    )
    found = [(part.object["metadata"]["name"], part.object["metadata"]["namespace"], part.declared.template)
             for part in parts(text)]  # fmt: skip
    assert found == [("one", "shop", "web/templates/a.yaml"), ("two", "shop", ""), ("three", "far", "")]


def test_numbers_and_switches_are_what_the_api_makes_of_them() -> None:
    (part,) = parts("kind: X\nspec: {a: 0, b: false, c: '0', d: null, e: 1.5, f: !!str 7, g: 99999999999999999999}\n")
    assert part.object["spec"] == {"a": 0, "b": False, "c": "0", "d": None, "e": "1.5", "f": "7",
                                   "g": "99999999999999999999"}  # fmt: skip


def test_a_workload_at_zero_in_a_manifest_is_known_as_such() -> None:
    text = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w}}\nspec:\n  replicas: 0\n" \
           f"  template: {{spec: {{containers: [{{name: c, image: {OLD}/w:1}}]}}}}\n"  # fmt: skip
    (hit,) = collected(releases=(kept(release(text)),)).hits
    assert (hit.condition, hit.counts) == (Condition.ZERO, True)


def live(kind: str, name: str, image: str, **more: Any) -> ApiObject:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop", "uid": f"{kind}{name}"},
            "spec": {"containers": [{"name": "c", "image": image}]}, **more}  # fmt: skip


def test_the_same_reference_at_another_place_is_a_hit_of_its_own() -> None:
    one = live("Pod", "p", f"{OLD}/a:1")
    one["spec"]["containers"][0]["name"] = "other"
    report = collected(one, releases=(kept(release(pod(f"{OLD}/a:1"))),))
    assert [(hit.origin, hit.container) for hit in report.hits] == [(Origin.SPEC, "other"), (Origin.RELEASE, "c")]


def test_an_object_that_is_over_counts_if_a_release_declares_it() -> None:
    job = live("Job", "p", f"{OLD}/a:1", status={"completionTime": "now"})
    alone = collected(job, releases=())
    declared = collected(job, releases=(kept(release(pod(f"{OLD}/a:1").replace("Pod", "Job"))),))
    assert [(hit.condition, hit.counts) for hit in alone.hits] == [(Condition.FINISHED, False)]
    assert [(hit.condition, hit.counts) for hit in declared.hits] == [(Condition.FINISHED, True)]


def test_a_later_revision_takes_the_place_of_an_earlier_one_in_any_order() -> None:
    revisions = [kept(release(pod(f"{OLD}/a:{number}"), number)) for number in (9, 10, 2)]
    for order in (revisions, revisions[::-1]):
        report = collected(live("Pod", "p", f"{OLD}/a:9"), releases=tuple(order))
        assert [(hit.finding.reference, hit.origin) for hit in report.hits] == [
            (f"{OLD}/a:9", Origin.SPEC), (f"{OLD}/a:10", Origin.RELEASE)
        ]  # fmt: skip
        assert report.hits[0].provenance[0].what.startswith("release shop/web")
        assert report.releases == 1


def test_a_value_is_shown_by_what_begins_with_it() -> None:
    values = {"image": {"registry": OLD, "repository": "a"}, "other": {"image": f"{OLD}/b:1"}}
    content = release(pod(f"{OLD}/a:1"), config=values)
    report = collected(releases=(kept(content),))
    assert [(hit.finding.reference, hit.condition) for hit in report.hits] == [
        (f"{OLD}/a:1", Condition.NONE), (f"{OLD}/b:1", Condition.VALUES)
    ]  # fmt: skip


def test_null_takes_a_value_of_the_chart_away() -> None:
    content = release(config={"image": None})
    content["chart"]["values"] = {"image": f"{OLD}/a:1"}
    assert collected(releases=(kept(content),)).hits == ()


def test_a_dump_keeps_no_values_no_templates_and_only_kinds_that_are_read() -> None:
    secret = "---\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2}\n"
    own = "---\nkind: Own\nmetadata: {name: s}\nspec: {kinds: [Pod], password: hunter3}\n"
    commented = pod(f"{OLD}/a:1").replace("kind: Pod", "kind: Pod  # hunter4")
    content = release(commented + secret + own, config={"password": "hunter5"},
                      hooks=[{"path": "h", "events": ["test"], "manifest": pod(f"{OLD}/h:1", "h")}])  # fmt: skip
    content["chart"]["templates"] = [{"name": "t", "data": base64.b64encode(b"hunter6").decode()}]
    content["info"]["notes"] = "hunter7"
    one = kept(content)
    one["metadata"]["annotations"] = {"x": "hunter8"}
    less = reduced(one, "c")
    found: Release = release_in(less, "c")
    assert "hunter" not in json.dumps(less) + found.manifest + json.dumps([found.config, found.chart])
    assert [hook.events for hook in found.hooks] == [("test",)]
    assert f"{OLD}/a:1" in found.manifest


def test_a_release_that_cannot_be_read_is_saved_without_its_data() -> None:
    assert "data" not in reduced(kept(release(), data="%"), "c")
