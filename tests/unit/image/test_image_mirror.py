"""Mirrors: templates for every layout, names that a target cannot take, two that would be one, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regfix.commands.rules_in_force import Choice, in_force
from regfix.errors import RegfixError, RuleError, SettingsError
from regfix.image.mirror import Mirror, mirror_rules, require_template
from regfix.image.prefix import parse_prefix
from regfix.image.reference import Reference
from regfix.image.rule import Rule, RuleSet

if TYPE_CHECKING:
    from pathlib import Path


def moved(mirror: Mirror, text: str, *others: str) -> str | None:
    """Return where the rules of a mirror move a reference that was found, without its tag."""
    reference = Reference.parse(text)
    own = [Rule.parse(other) for other in others]
    rules = RuleSet((*own, *mirror_rules(mirror, {reference: "a.yaml:1:1"}, own)))
    path = tuple(reference.repository.split("/"))
    move = rules.resolve(reference.host, path, reference.tag or None)
    return None if move is None else "/".join((move.target, *path[move.consumed :]))


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("h.corp/{registry}/{repository}", "h.corp/quay.io/a/b"),
        ("h.corp:5000/{registry_path}/{repository}", "h.corp:5000/quay-io/a/b"),
        ("{registry_path}.h.corp/{repository}", "quay-io.h.corp/a/b"),
        ("h.corp/{repository}", "h.corp/a/b"),
        ("h.corp/m/{registry}/{repository_path}", "h.corp/m/quay.io/a-b"),
        ("h.corp/m/{registry_path}-{repository_path}", "h.corp/m/quay-io-a-b"),
        ("h.corp/m/{name}", "h.corp/m/b"),
    ],
)
def test_layouts(template: str, wanted: str) -> None:
    require_template(template, "")
    mirror = Mirror(template)
    assert moved(mirror, "quay.io/a/b:1") == wanted
    assert moved(mirror, wanted + ":1") is None, "what is at the target stays"


def test_docker_hub_has_its_library() -> None:
    assert moved(Mirror("h.corp/{registry}/{repository}"), "nginx") == "h.corp/docker.io/library/nginx"
    assert moved(Mirror("h.corp/{repository_path}"), "nginx") == "h.corp/library-nginx"
    assert moved(Mirror("h.corp/{name}"), "index.docker.io/library/nginx") == "h.corp/nginx"


def test_names_of_registries() -> None:
    mirror = Mirror("h.corp/{registry}/{repository}", {"docker.io": "hub", "r.lab:5000": "lab/x"})
    assert moved(mirror, "r.lab:5000/a") == "h.corp/lab/x/a"
    assert moved(mirror, "acme/a") == "h.corp/hub/acme/a"
    assert moved(mirror, "quay.io/a/b") is None


@pytest.mark.parametrize("text", ["quay.io/ours/a", "ghcr.io/x/a", "localhost:5000/a", "localhost/a", "h.corp/x/a"])
def test_what_stays(text: str) -> None:
    exclude = (parse_prefix("quay.io/ours"), parse_prefix("ghcr.io"))
    assert moved(Mirror("h.corp/{registry}/{repository}", exclude=exclude), text) is None
    assert moved(Mirror("h.corp/{repository_path}", exclude=exclude), text) is None


def test_other_rules_come_first() -> None:
    mirror = Mirror("h.corp/{registry}/{repository}")
    assert moved(mirror, "k8s.gcr.io/pause:1", "k8s.gcr.io=registry.k8s.io") == "h.corp/registry.k8s.io/pause"
    assert moved(mirror, "docker.io/old/a", "docker.io/old=docker.io/new") == "h.corp/docker.io/new/a"
    assert moved(mirror, "quay.io/a/b", "quay.io/a=ours.example.com/a") == "ours.example.com/a/b", "is no source then"
    flat = Mirror("h.corp/{registry_path}-{repository_path}")
    assert moved(flat, "docker.io/old/a", "docker.io/old=docker.io/new") == "h.corp/docker-io-new-a"


def refused(mirror: Mirror, *texts: str) -> str:
    with pytest.raises(RuleError) as caught:
        mirror_rules(mirror, {Reference.parse(text): f"{n}.yaml:1:8" for n, text in enumerate(texts)}, ())
    return str(caught.value)


def test_two_sources_on_one_target() -> None:
    said = refused(Mirror("h.corp/{repository}", where="s:2:3"), "quay.io/a/b:1", "ghcr.io/a/b:2")
    assert "s:2:3: " in said
    assert "ghcr.io/a/b at 1.yaml:1:8: h.corp/a/b is that of quay.io/a/b at 0.yaml:1:8" in said
    assert "redis" in refused(Mirror("h.corp/{name}"), "bitnami/redis", "redis")
    assert mirror_rules(Mirror("h.corp/{name}"), {Reference.parse(t): "" for t in ("redis:1", "redis:2")}, ())


def test_names_that_the_target_cannot_take() -> None:
    deep = Mirror("h.corp/{registry}/{repository}", max_depth=3)
    assert "4 components, more than 3" in refused(deep, "quay.io/a/b", "quay.io/a/b/c")
    assert "more than 9" in refused(Mirror("h.corp/{repository}", max_length=9), "quay.io/abcd/efghi")
    assert "more than 255" in refused(Mirror("h.corp/" + "x" * 240 + "/{repository}"), "quay.io/abcdefgh/ijklmnop")
    assert "grammar" in refused(Mirror("h.corp/{registry}/{repository}"), "r.lab:5000/a"), "a port is no part of a path"


@pytest.mark.parametrize(
    "template",
    ["", "h.corp", "h.corp/{registry}", "h.corp/{host}/{repository}", "https://h.corp/{repository}", "h.corp/{repository}/x",
     "h.corp/x-{repository}", "{name}.h.corp/x", "h.corp/X/{repository}", "h.corp/{repository", "h.corp/{}/{repository}",
     "hub/{repository}", "h.corp/{repository}:1"],
)  # fmt: skip
def test_templates_that_are_none(template: str) -> None:
    with pytest.raises(RuleError, match="no template"):
        require_template(template, "")


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("mirror: [a]", ":1:9", "template, or a mapping"),
        ("mirror: h.corp", ":1:9", "no template"),
        ("mirror:\n  goal: x", ":2:3", "unknown key 'goal'"),
        ("mirror:\n  exclude: []", ":2:3", "has a target"),
        ("mirror:\n  target: 'h.corp/{x}'", ":2:11", "no template"),
        ("mirror:\n  target: 'h.corp/{name}'\n  exclude: quay.io", ":3:3", "list of registries"),
        ("mirror:\n  target: 'h.corp/{name}'\n  exclude: ['https://x']", ":3:", "prefix"),
        ("mirror:\n  target: 'h.corp/{name}'\n  registries: [quay.io/x]", ":3:", "no registry"),
        ("mirror:\n  target: 'h.corp/{name}'\n  registries: {quay.io: A}", ":3:", "prefix"),
        ("mirror:\n  target: 'h.corp/{name}'\n  max-depth: no", ":3:3", "max-depth is a number"),
    ],
)
def test_settings_that_do_not_hold(tmp_path: Path, text: str, place: str, what: str) -> None:
    file = tmp_path / ".regfix.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=what) as caught:
        in_force(Choice((str(tmp_path),)))
    assert caught.value.where.startswith(str(file) + place)


def test_a_tree_that_the_mirror_cannot_take_is_told_with_places(tmp_path: Path) -> None:
    (tmp_path / ".regfix.yaml").write_text("mirror: 'h.corp/{repository}'\n")
    (tmp_path / "a.yaml").write_text("image: quay.io/a/b\n---\nargs: [--image=ghcr.io/a/b]\n")
    with pytest.raises(RegfixError, match=r"a\.yaml:3:16: h\.corp/a/b is that of quay\.io/a/b at .*a\.yaml:1:8"):
        in_force(Choice((str(tmp_path),)))


def test_a_flat_mirror_tells_what_stays(tmp_path: Path) -> None:
    """A repository that cannot move gets a rule as well: else nobody would hear of it."""
    settings = tmp_path / ".regfix.yaml"
    settings.write_text("mirror: 'h.corp/{repository_path}'\n")
    (tmp_path / "values.yaml").write_text("global: {imageRegistry: quay.io}\nother: {image: redis:7}\n")
    force = in_force(Choice((str(tmp_path),)))
    assert [str(rule) for rule in force.rules.rules] == ["docker.io/library/redis=h.corp/library-redis"]
