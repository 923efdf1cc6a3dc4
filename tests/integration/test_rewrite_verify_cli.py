"""`regfix rewrite --verify`: what no registry confirms stays as a whole and is told; the rest moves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from charts import helm_template
from images import Says, body_of, dead_host, fake, registry_with
from repository import packed, publish, served
from support import contents, environment, grow, regfix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from images import Asked, Fake
    from support import Run

IMAGES = {
    "old/lamp:1": "a", "new/lamp:1": "a",
    "old/horn:1": "b",
    "old/bell:1": "c", "new/bell:1": "other",
    "new/buoy:1.2": "d",
}  # fmt: skip
"""A lamp that is at both homes, a horn at the old one only, a bell that differs, a buoy with another tag."""


@pytest.fixture
def old(request: pytest.FixtureRequest) -> Iterator[Fake]:
    with fake(registry_with(IMAGES)) as running:
        yield running


def verified(project: Path, host: str, *arguments: str, **env: str) -> Run:
    return regfix(
        "rewrite", "--verify", "--plain-http", host, "--rule", f"{host}/old={host}/new", *arguments, cwd=project,
        env=environment(HOME=str(project.parent), XDG_CACHE_HOME=str(project.parent / "cache"), REGISTRY_AUTH_FILE="/none", **env),
    )  # fmt: skip


def now(project: Path, host: str) -> dict[str, str]:
    return {
        name: data.decode().replace(host, "HOST") for name, data in contents(project).items() if ".git/" not in name
    }


def grown(project: Path, host: str, files: Mapping[str, str]) -> None:
    grow(project, {name: text.replace("HOST", host) for name, text in files.items()})


def test_what_is_missing_stays_and_the_others_move(old: Fake, project: Path) -> None:
    text = "a: {image: HOST/old/lamp:1}\nb: {image: HOST/old/horn:1}\nc: {image: HOST/old/bell:1}\nd: {image: HOST/old/buoy:1.1}\n"
    grown(project, old.host, {"a.yaml": text})
    dry = verified(project, old.host, "--dry-run")
    assert (dry.code, now(project, old.host)) == (1, {"a.yaml": text})
    check = verified(project, old.host, "--check")
    assert (check.code, now(project, old.host)) == (1, {"a.yaml": text})
    run = verified(project, old.host)
    assert run.code == 1
    assert now(project, old.host) == {
        "a.yaml": text.replace("old/lamp", "new/lamp").replace(
            "old/bell", "new/bell"
        ),  # a rule of the user's own promises nothing
    }
    said = run.err.replace(old.host, "HOST")
    assert "2 references in 1 file rewritten\n" in said
    assert "2 left: its registry does not confirm the new home (--verify) [unconfirmed]\n" in said
    assert "  ./a.yaml:2:12: HOST/old/horn:1 (HOST/new/horn:1 is missing)\n" in said
    assert "  ./a.yaml:4:12: HOST/old/buoy:1.1 (HOST/new/buoy:1.1 is missing; nearest tags: 1.2)\n" in said
    again = verified(project, old.host, "--check")
    assert (again.code, again.out) == (1, "")


def test_each_image_is_asked_for_once(old: Fake, project: Path) -> None:
    grown(project, old.host, {f"{n}.yaml": "image: HOST/old/lamp:1\n" for n in range(20)})
    assert verified(project, old.host).code == 0
    asked = [one.path for one in old.asked if "/manifests/" in one.path]
    assert sorted(asked) == ["/v2/new/lamp/manifests/1", "/v2/old/lamp/manifests/1"]


def test_nobody_is_asked_where_nothing_moves(old: Fake, project: Path) -> None:
    grown(project, old.host, {"a.yaml": "image: HOST/other/lamp:1\n"})
    assert (verified(project, old.host).code, old.asked) == (0, [])


@pytest.mark.parametrize("kind", ["mirror", "renamed"])
def test_another_image_stays_where_the_catalogue_promises_the_same(kind: str, old: Fake, project: Path) -> None:
    entry = f"{{from: HOST/old, to: HOST/new, class: {kind}, sources: ['https://example.com/']}}"
    grown(project, old.host, {"a.yaml": "image: HOST/old/bell:1\n", "p.yaml": f"name: ours\nentries: [{entry}]\n"})
    run = regfix("rewrite", "--verify", "--no-cache", "--plain-http", old.host, "--catalogue", "p.yaml", "--preset", "ours", "a.yaml",
                 cwd=project, env=environment(REGISTRY_AUTH_FILE="/none"))  # fmt: skip
    assert (run.code, ("another image than" in run.err)) == ((1, True) if kind == "mirror" else (0, False)), run.said


@pytest.mark.parametrize("rule", ["HOST/new=HOST/mine", "HOST/new/bell=HOST/mine/bell"])
def test_a_mirror_of_ones_own_behind_the_catalogue_promises_nothing(rule: str, project: Path) -> None:
    """The last rule of a chain is the user's, who may have built the image anew."""
    with fake(registry_with({"old/bell:1": "c", "mine/bell:1": "other"})) as running:
        entry = "{from: HOST/old, to: HOST/new, class: mirror, sources: ['https://example.com/']}"
        grown(
            project, running.host, {"a.yaml": "image: HOST/old/bell:1\n", "p.yaml": f"name: ours\nentries: [{entry}]\n"}
        )
        run = regfix("rewrite", "--verify", "--no-cache", "--plain-http", running.host, "--catalogue", "p.yaml", "--preset", "ours",
                     "--rule", rule.replace("HOST", running.host), "a.yaml", cwd=project, env=environment(REGISTRY_AUTH_FILE="/none"))  # fmt: skip
    assert (run.code, now(project, running.host)["a.yaml"]) == (0, "image: HOST/mine/bell:1\n"), run.said


def test_addresses_of_charts_are_no_images(project: Path) -> None:
    """Where a chart is, no image is; its name stands in another key."""
    texts = {
        "argo.yaml": "kind: Application\nspec:\n  source:\n    repoURL: HOST/old/charts\n    chart: redis\n    targetRevision: 1.2.3\n",
        "flux.yaml": "kind: HelmRepository\nspec:\n  type: oci\n  url: oci://HOST/old/charts\n",
        "helmfile.yaml": "repositories:\n  - name: ours\n    url: HOST/old/charts\n    oci: true\n",
        "image.yaml": "imageURL: HOST/old/lamp:1\n",
    }
    with fake(registry_with(IMAGES)) as running:
        grown(project, running.host, texts)
        run = verified(project, running.host)
        assert (run.code, "3 moved and not asked for" in run.err) == (0, True), run.said
        assert set(now(project, running.host).values()) == {text.replace("/old/", "/new/") for text in texts.values()}
        assert {path for path in running.paths() if "charts" in path} == set()


def test_a_registry_that_several_images_share_stays_with_the_one_that_is_missing(old: Fake, project: Path) -> None:
    text = "x: {image: {registry: &r HOST/old, repository: lamp, tag: '1'}}\ny: {image: {registry: *r, repository: horn, tag: '1'}}\n"
    apart = "x: {image: {registry: HOST/old, repository: lamp, tag: '1'}}\ny: {image: {registry: HOST/old, repository: horn, tag: '1'}}\n"
    grown(project, old.host, {"a.yaml": text, "b.yaml": apart})
    run = verified(project, old.host)
    assert run.code == 1
    assert now(project, old.host) == {"a.yaml": text, "b.yaml": apart.replace("HOST/old", "HOST/new", 1)}
    said = run.err.replace(old.host, "HOST")
    assert "HOST/old/lamp (it shares 'HOST/old' with HOST/old/horn: HOST/new/horn:1 is missing)" in said
    assert "HOST/old/horn (HOST/new/horn:1 is missing)" in said


def test_what_shares_one_part_with_what_stays_stays_with_its_others(project: Path) -> None:
    """The first two share a registry, the last two a repository that would have to change."""
    with fake(registry_with({"lib/lamp:1": "a", "lib/horn:1": "b"})) as running:
        text = (
            "a: {image: {registry: &r docker.io, repository: bell, tag: '1'}}\n"
            "b: {image: {registry: *r, repository: &lamp lamp, tag: '1'}}\n"
            "c: {image: {registry: docker.io, repository: *lamp, tag: '1'}}\n"
            "d: {image: {registry: docker.io, repository: horn, tag: '1'}}\n"
        )
        grow(project, {"a.yaml": text})
        rules = [
            word
            for name in ("bell", "lamp", "horn")
            for word in ("--rule", f"docker.io/library/{name}={running.host}/lib/{name}")
        ]
        run = regfix("rewrite", "--verify", "--no-cache", "--plain-http", running.host, "--timeout", "2", *rules, cwd=project,
                     env=environment(REGISTRY_AUTH_FILE="/none", HTTPS_PROXY="http://127.0.0.1:1"))  # fmt: skip
        moved = f"d: {{image: {{registry: {running.host}, repository: lib/horn, tag: '1'}}}}\n"
    assert run.code == 1
    assert (project / "a.yaml").read_text() == "".join(text.splitlines(True)[:3]) + moved, run.said


@pytest.mark.parametrize("dead", ["new", "old"])
def test_a_registry_that_does_not_answer_confirms_nothing(dead: str, project: Path) -> None:
    gone = dead_host()
    with fake(registry_with(IMAGES)) as running:
        homes = {"old": running.host, "new": running.host, dead: gone}
        text = f"image: {homes['old']}/old/lamp:1\n"
        grow(project, {"a.yaml": text})
        rule = f"{homes['old']}/old={homes['new']}/new"
        run = regfix("rewrite", "--verify", "--no-cache", "--plain-http", running.host, "--plain-http", gone, "--rule", rule,
                     cwd=project, env=environment(REGISTRY_AUTH_FILE="/none"))  # fmt: skip
    after = (project / "a.yaml").read_text()
    if dead == "new":
        assert (run.code, after) == (2, text)
        assert f"{gone}/new/lamp:1 is unreachable: Connection refused" in run.err
    else:
        assert (run.code, after) == (0, f"image: {running.host}/new/lamp:1\n"), "there is nothing to compare with"


def test_offline_without_answers_moves_nothing(old: Fake, project: Path) -> None:
    grown(project, old.host, {"a.yaml": "image: HOST/old/lamp:1\n"})
    assert verified(project, old.host, "--offline").code == 2
    assert old.asked == []
    assert verified(project, old.host, "--check").code == 1  # and keeps the answers
    asked = len(old.asked)
    assert verified(project, old.host, "--offline").code == 0
    assert (len(old.asked), now(project, old.host)) == (asked, {"a.yaml": "image: HOST/new/lamp:1\n"})


def test_names_that_go_on_elsewhere_move_as_ever(old: Fake, project: Path) -> None:
    grown(
        project,
        old.host,
        {
            "a.yaml": "a: {image: 'HOST/old/${NAME}'}\nb: {image: 'HOST/old/lamp:${TAG}'}\nc: {image: 'HOST/old/horn:${TAG}'}\n"
        },
    )
    run = verified(project, old.host)
    assert run.code == 1
    assert now(project, old.host)["a.yaml"].count("HOST/new") == 2
    said = run.err.replace(old.host, "HOST")
    assert "HOST/new/horn is missing" in said
    assert "1 moved and not asked for: a part of the name comes from elsewhere\n  ./a.yaml:1:13: HOST/new\n" in said
    assert "not asked for" not in verified(project, old.host, "--quiet").err


def test_a_report_tells_why(old: Fake, project: Path) -> None:
    grown(project, old.host, {"a.yaml": "image: HOST/old/horn:1\n"})
    run = verified(project, old.host, "--check", "--format", "json")
    assert run.code == 1
    (finding,) = json.loads(run.out)["sources"][0]["findings"]
    assert (finding["action"], finding["reason"], finding["edits"]) == ("leave", "unconfirmed", [])
    assert finding["why"] == f"{old.host}/new/horn:1 is missing"
    sarif = json.loads(verified(project, old.host, "--check", "--format", "sarif").out)
    (result,) = sarif["runs"][0]["results"]
    assert (result["ruleId"], result["message"]["text"].endswith("(" + finding["why"] + ")")) == ("unconfirmed", True)


CHART = {
    "Chart.yaml": "apiVersion: v2\nname: top\nversion: 1.0.0\n",
    "values.yaml": "name: top\n",
    "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
    "charts/sub/values.yaml": "lamp: {image: 'HOST/old/lamp:1'}\nhorn: {registry: HOST, repository: old/horn, tag: '1'}\n",
    "charts/sub/templates/pod.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: '{{ .Values.lamp.image }}'}, "
        "{name: b, image: '{{ .Values.horn.registry }}/{{ .Values.horn.repository }}:{{ .Values.horn.tag }}'}]}\n"
    ),
}


def test_no_override_is_inserted_for_what_is_missing(old: Fake, project: Path) -> None:
    grown(project, old.host, CHART)
    run = verified(project, old.host)
    assert run.code == 1
    assert now(project, old.host) == {**CHART, "values.yaml": "name: top\nsub:\n  lamp:\n    image: HOST/new/lamp:1\n"}
    assert run.err.count("[unconfirmed]") == 1
    assert "./charts/sub/values.yaml:2:18: HOST/old/horn (HOST/new/horn:1 is missing)" in run.err.replace(
        old.host, "HOST"
    )


def test_a_tag_that_the_parent_sets_is_the_one_that_is_asked_for(old: Fake, project: Path) -> None:
    """The subchart's own tag of the horn is nowhere, the one that its parent sets is; with the buoy it is the other way."""
    values = (
        "horn: {image: {repository: HOST/old/buoy, tag: '7'}}\nlamp: {image: {repository: HOST/old/lamp, tag: '1'}}\n"
    )
    parent = "sub:\n  horn: {image: {tag: '1.2'}}\n  lamp: {image: {tag: '9'}}\n"
    pod = "image: '{{ .Values.horn.image.repository }}:{{ .Values.horn.image.tag }} {{ .Values.lamp.image.repository }}:{{ .Values.lamp.image.tag }}'\n"
    files = {**CHART, "values.yaml": parent, "charts/sub/values.yaml": values, "charts/sub/templates/pod.yaml": pod}
    grown(project, old.host, files)
    run = verified(project, old.host)
    assert run.code == 1
    after = now(project, old.host)
    assert "HOST/new/buoy" in after["values.yaml"]
    assert "lamp: {image: {tag: '9'}}" in after["values.yaml"]
    assert after["values.yaml"].count("HOST/") == 1
    said = run.err.replace(old.host, "HOST")
    assert "1 left" in said
    assert "HOST/old/lamp (HOST/new/lamp:9 is missing" in said


def test_copies_and_archives_that_are_rewritten(old: Fake, project: Path) -> None:
    grown(project, old.host, CHART)
    run = verified(project, old.host, "--vendored", "rewrite")
    assert run.code == 1
    after = now(project, old.host)["charts/sub/values.yaml"]
    assert after == CHART["charts/sub/values.yaml"].replace("old/lamp", "new/lamp")


def test_the_proof_counts_it_as_left(old: Fake, project: Path, helm: str) -> None:
    grown(project, old.host, CHART)
    run = verified(project, old.host, "--prove", "--helm", helm)
    assert run.code == 1
    assert "HOST/new/horn:1 is missing" in run.err.replace(old.host, "HOST")
    rendered = helm_template(helm, project).replace(old.host, "HOST")
    assert ("HOST/new/lamp:1" in rendered, "HOST/old/horn:1" in rendered) == (True, True)


def test_the_proof_asks_for_images_that_only_a_render_shows(old: Fake, project: Path, helm: str) -> None:
    """A registry that stands alone would move, and with it an image that no file shows."""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: '{{ .Values.registry }}/NAME:1'}]}\n"
    grown(project, old.host, {
        **{f"lit/{k}": v for k, v in {"Chart.yaml": CHART["Chart.yaml"], "values.yaml": "registry: HOST/old\n", "templates/p.yaml": pod.replace("NAME", "lamp")}.items()},
        **{f"mute/{k}": v for k, v in {"Chart.yaml": CHART["Chart.yaml"], "values.yaml": "registry: HOST/old\n", "templates/p.yaml": pod.replace("NAME", "horn")}.items()},
    })  # fmt: skip
    run = verified(project, old.host, "--prove", "--helm", helm)
    assert run.code == 1, run.said
    after = now(project, old.host)
    assert after["lit/values.yaml"] == "registry: HOST/new\n"
    assert after["mute/values.yaml"] == "registry: HOST/old\n"


def test_names_that_a_kustomization_selects_move_together_or_not_at_all(old: Fake, project: Path) -> None:
    files = {
        "kustomization.yaml": "resources: [a.yaml, b.yaml]\nimages: [{name: HOST/old/lamp, newTag: '1'}]\n",
        "a.yaml": "kind: Pod\nspec: {containers: [{image: 'HOST/old/lamp:1'}]}\n",
        "b.yaml": "kind: Pod\nspec: {containers: [{image: 'HOST/old/lamp:0'}]}\n",
    }
    grown(project, old.host, files)
    run = verified(project, old.host)
    assert (run.code, now(project, old.host)) == (1, files)
    assert "a kustomization selects it with others: HOST/new/lamp:0 is missing" in run.err.replace(old.host, "HOST")


def test_what_comes_in_between_stays(project: Path) -> None:
    """A file that is written while registries are asked holds an image that nobody asked for."""
    images = registry_with(IMAGES)

    def answer(one: Asked) -> Says:
        if "/manifests/" in one.path:
            (project / "b.yaml").write_text(f"image: {one.headers['Host']}/old/horn:1\n")
        return images(one)

    with fake(answer) as running:
        grow(project, {"a.yaml": f"image: {running.host}/old/lamp:1\n"})
        run = verified(project, running.host)
        assert run.code == 1
        assert now(project, running.host) == {
            "a.yaml": "image: HOST/new/lamp:1\n",
            "b.yaml": "image: HOST/old/horn:1\n",
        }
        assert "it was not there when the registries were asked" in run.err


def test_a_lying_registry_moves_nothing(project: Path) -> None:
    with fake(lambda one: Says(200, body_of("b"), {"Docker-Content-Digest": "sha256:" + "a" * 64})) as running:
        grow(project, {"a.yaml": f"image: {running.host}/old/lamp@sha256:{'a' * 64}\n"})
        run = verified(project, running.host)
        assert (run.code, now(project, running.host)["a.yaml"].count("old/")) == (2, 1)


@pytest.mark.parametrize(
    "option", [("--plain-http", "x"), ("--offline",), ("--no-cache",), ("--ca", "x"), ("--timeout", "3")]
)
def test_options_that_mean_nothing_without_it(option: tuple[str, ...], project: Path) -> None:
    run = regfix("rewrite", *option, cwd=project)
    assert (run.code, f"{option[0]} means nothing here" in run.err) == (2, True)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-f", "../prod.yaml"),
        ("--vendored", "rewrite"),
        ("--vendored", "ignore"),
        ("--vendored", "rewrite", "-f", "../prod.yaml"),
    ],
    ids=" ".join,
)
def test_verify_asks_for_what_rewrite_would_write(options: tuple[str, ...], old: Fake, project: Path) -> None:
    grown(project, old.host, CHART | {"templates/pod.yaml": "image: HOST/old/lamp:2\n"})
    grown(project.parent, old.host, {"prod.yaml": "sub: {horn: {tag: '5'}}\nname: x\nimage: HOST/old/lamp:3\n"})
    rule = ("--plain-http", old.host, "--no-cache", "--rule", f"{old.host}/old={old.host}/new")
    shown = regfix(
        "verify", *rule, *options, "--format", "json", cwd=project, env=environment(REGISTRY_AUTH_FILE="/none")
    )
    images = {one["image"] for one in json.loads(shown.out)["images"]}
    dry = regfix("rewrite", "--dry-run", "--format", "json", *rule[3:], *options, cwd=project)
    results = {
        finding["result"]
        for source in json.loads(dry.out)["sources"]
        for finding in source["findings"]
        if finding["action"] == "rewrite"
    }
    assert {image.partition(":")[2].partition(":")[0] for image in images} == {
        result.partition(":")[2].partition(":")[0] for result in results
    }
    assert (f"{old.host}/new/lamp:3" in images) == ("-f" in options)
    assert (f"{old.host}/new/horn:1" in images) == ("ignore" not in options)


def test_images_of_dependencies_that_are_fetched(old: Fake, project: Path, helm: str) -> None:
    sub = {
        name.removeprefix("charts/sub/"): text.replace("HOST", old.host)
        for name, text in CHART.items()
        if "sub/" in name
    }
    publish(
        project / "site",
        helm,
        ("sub", "1.0.0", packed("sub", "1.0.0", {k: v for k, v in sub.items() if k != "Chart.yaml"})),
    )
    with served(project / "site") as site:
        needs = f"dependencies: [{{name: sub, version: 1.0.0, repository: '{site.url}'}}]\n"
        grow(project, {"top/Chart.yaml": CHART["Chart.yaml"] + needs, "top/values.yaml": "name: top\n"})
        rule = (
            "--plain-http",
            old.host,
            "--no-cache",
            "--rule",
            f"{old.host}/old={old.host}/new",
            "--fetch",
            "--helm",
            helm,
        )
        env = environment(REGISTRY_AUTH_FILE="/none", HOME=str(project.parent))
        run = regfix("verify", "top", *rule, cwd=project, env=env)
        assert f"same: {old.host}/new/lamp:1" in run.out
        assert f"missing: {old.host}/new/horn:1" in run.out
        written = regfix("rewrite", "--verify", "top", *rule, cwd=project, env=env)
    assert written.code == 1, written.said
    assert (project / "top/values.yaml").read_text().replace(
        old.host, "HOST"
    ) == "name: top\nsub:\n  lamp:\n    image: HOST/new/lamp:1\n"
    assert "HOST/new/horn:1 is missing" in written.err.replace(old.host, "HOST")
