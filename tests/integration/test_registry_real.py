"""Side by side with skopeo on real registries: the same tags, the same digests, for every authentication."""

from __future__ import annotations

import hashlib
import json
import stat
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest

from images import HTPASSWD, LOGIN, PASSWORD, USER, copy, digest_of, layout, skopeo, token_server
from repository import Registry, registry
from support import environment, grow, regfix

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAYS = ("plain", "htpasswd", "token", "tls")


class Place(NamedTuple):
    """A registry with images in it: how it authenticates, how skopeo and regfix get in, and the digests."""

    way: str
    running: Registry
    env: dict[str, str]
    options: tuple[str, ...]
    digests: dict[str, str]

    @property
    def host(self) -> str:
        return self.running.host


@contextmanager
def opened(way: str, folder: Path) -> Iterator[Registry]:
    with ExitStack() as stack:
        auth = stack.enter_context(token_server(folder / "tokens"))[1] if way == "token" else ""
        passwords = HTPASSWD if way == "htpasswd" else ""
        yield stack.enter_context(registry(folder / "registry", passwords, tls=way == "tls", auth=auth))


@pytest.fixture(scope="module", params=WAYS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp(request.param)
    with opened(request.param, folder) as running:
        auths = folder / "auth.json"
        auths.write_text(json.dumps({"auths": {running.host: {"auth": LOGIN}}}))
        env = {"REGISTRY_AUTH_FILE": str(auths), "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
        one = layout(folder / "one", "pear")
        many = layout(folder / "many", "plum", ("linux/amd64", "linux/arm64"))
        copy(one, running, "fruit/pear:1.0", "fruit/pear:1.10", "fruit/pear:1.9", "a/b/c/pear:x", **env)
        other = layout(folder / "other", "prune", ("linux/amd64", "linux/s390x"))
        copy(one, running, "old/pear:1.0", "old/pear:1.1", "new/pear:1.0", "new/pear:1.10", "new/pear:1.2", **env)
        copy(many, running, "old/plum:2", "new/plum:2", "old/quince:1", **env)
        copy(other, running, "new/quince:1", **env)
        copy(many, running, "fruit/plum:2", f"fruit/pear:sha256-{'0' * 64}.sig", **env)
        options = ("--ca", str(running.certificate)) if request.param == "tls" else ()
        digests = {"pear": digest_of(one), "plum": digest_of(many), "prune": digest_of(other)}
        yield Place(request.param, running, env, options, digests)


def test_the_same_tags_as_skopeo(place: Place, project: Path) -> None:
    repository = f"{place.host}/fruit/pear"
    run = regfix("tags", repository, "--format", "json", *place.options, cwd=project, env=environment(**place.env))
    assert run.code == 0, run.said
    theirs = skopeo("list-tags", "--tls-verify=false", f"docker://{repository}", **place.env).stdout
    ours, peers = json.loads(run.out), json.loads(theirs)
    assert {**ours, "Tags": sorted(ours["Tags"])} == {**peers, "Tags": sorted(peers["Tags"])}
    assert sorted(run.out) == sorted(theirs), "the same layout, whatever the order"


def test_natural_order_and_signatures_apart(place: Place, project: Path) -> None:
    env = environment(**place.env)
    run = regfix("tags", f"{place.host}/fruit/pear", *place.options, cwd=project, env=env)
    assert run.out.split() == ["1.0", "1.9", "1.10"]
    assert "1 tag of signatures and attestations not shown" in run.err
    run = regfix("tags", f"{place.host}/fruit/pear", "--all", "--filter", "*0*", *place.options, cwd=project, env=env)
    assert run.out.split() == ["1.0", "1.10", f"sha256-{'0' * 64}.sig"]


def test_a_repository_that_is_not_there(place: Place, project: Path) -> None:
    run = regfix("tags", f"{place.host}/fruit/nut", *place.options, cwd=project, env=environment(**place.env))
    assert (run.code, run.out) == (1, "")
    assert f"{place.host}/fruit/nut: missing" in run.err


def test_without_a_login_it_is_denied(place: Place, project: Path, tmp_path: Path) -> None:
    env = environment(**{**place.env, "REGISTRY_AUTH_FILE": str(tmp_path / "none.json")})
    run = regfix("tags", f"{place.host}/fruit/pear", *place.options, cwd=project, env=env)
    theirs = skopeo("list-tags", "--tls-verify=false", f"docker://{place.host}/fruit/pear", check=False,
                    **{**place.env, "REGISTRY_AUTH_FILE": str(tmp_path / "none.json")})  # fmt: skip
    assert (run.code == 0) == (theirs.returncode == 0) == (place.way in ("plain", "tls"))
    if run.code:
        assert "denied" in run.err


def test_a_wrong_password_is_denied_and_shown_nowhere(place: Place, project: Path, tmp_path: Path) -> None:
    if place.way in ("plain", "tls"):
        pytest.skip("nothing is asked for here")
    (tmp_path / "auth.json").write_text(
        json.dumps({"auths": {place.host: {"username": USER, "password": "wr0ng-Pa55"}}})
    )
    env = environment(**{**place.env, "REGISTRY_AUTH_FILE": str(tmp_path / "auth.json")})
    run = regfix("tags", f"{place.host}/fruit/pear", *place.options, cwd=project, env=env)
    assert run.code == 2
    assert "denied" in run.err
    assert "wr0ng" not in run.said


@pytest.mark.parametrize("kept", ["docker", "podman", "helper", "store", "namespace", "identity"])
def test_every_place_of_logins(place: Place, kept: str, project: Path, tmp_path: Path) -> None:
    if place.way in ("plain", "tls") or (kept == "identity") > (place.way == "token"):
        pytest.skip("nothing to log in to here")
    changes: dict[str, str | None] = {
        **place.env,
        "REGISTRY_AUTH_FILE": None,
        "HOME": str(tmp_path),
        "DOCKER_CONFIG": None,
    }
    entry = {"auths": {place.host: {"auth": LOGIN}}}
    path = tmp_path / ".docker" / "config.json"
    if kept == "podman":
        path = tmp_path / ".config" / "containers" / "auth.json"
        changes["XDG_CONFIG_HOME"] = changes["XDG_RUNTIME_DIR"] = None
    elif kept in ("helper", "store"):
        _make_helper(tmp_path / "bin", place.host)
        changes["PATH"] = f"{tmp_path / 'bin'}:/usr/bin:/bin"
        entry = (
            {"credHelpers": {place.host: "test"}}
            if kept == "helper"
            else {"credsStore": "test", "auths": {place.host: {}}}
        )  # type: ignore[dict-item]
    elif kept == "namespace":
        entry = {"auths": {f"{place.host}/fruit": {"auth": LOGIN}, place.host: {"auth": "eDp5"}}}
    elif kept == "identity":
        entry = {"auths": {place.host: {"identitytoken": PASSWORD}}}
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(entry))
    run = regfix("tags", f"{place.host}/fruit/plum", cwd=project, env=environment(**changes))
    assert (run.code, run.out) == (0, "2\n"), run.said
    assert PASSWORD not in run.said


def _make_helper(folder: Path, host: str) -> None:
    folder.mkdir()
    program = folder / "docker-credential-test"
    program.write_text(
        f'#!/bin/sh\nread server\n[ "$1 $server" = "get {host}" ] || exit 1\n'
        f'echo \'{{"ServerURL": "{host}", "Username": "{USER}", "Secret": "{PASSWORD}"}}\'\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def digest_by_skopeo(place: Place, name: str) -> str:
    """The digest that skopeo works out, empty where it finds nothing."""
    done = skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{place.host}/{name}", check=False, **place.env)
    return "sha256:" + hashlib.sha256(done.stdout.encode()).hexdigest() if done.returncode == 0 else ""


def test_the_same_verdicts_as_skopeo(place: Place, project: Path) -> None:
    pin = place.digests["plum"]
    names = ["pear:1.0", "pear:1.1", "plum:2", "quince:1", "nut:1", f"plum:2@{pin}", f"pear@{pin}"]
    grow(project, {"a.yaml": "".join(f"- image: {place.host}/old/{name}\n" for name in names)})
    rule = ("--rule", f"{place.host}/old={place.host}/new")
    argv = ("verify", *rule, "--no-cache", *place.options, "--format", "json")
    run = regfix(*argv, cwd=project, env=environment(**place.env))
    assert run.code == 1, run.said
    images = {one["image"].partition("/new/")[2]: one for one in json.loads(run.out)["images"]}
    said = {name: one["verdict"] for name, one in images.items()}
    assert said == {"pear:1.0": "same", "pear:1.1": "missing", "plum:2": "same", "quince:1": "different", "nut:1": "missing",
                    f"plum@{pin}": "same", f"pear@{pin}": "missing"}  # fmt: skip
    for name, one in images.items():
        assert (one["digest"] or "") == digest_by_skopeo(place, f"new/{name}")
        assert (one["old"]["digest"] or "") == digest_by_skopeo(place, f"old/{name}")
    assert images["pear:1.1"]["nearestTags"] == ["1.0", "1.2", "1.10"]
    differ = {one["platform"]: bool(one["old"] and one["new"]) for one in images["quince:1"]["platforms"]}
    assert differ == {"linux/amd64": True, "linux/arm64": False, "linux/s390x": False}


def test_the_text_tells_what_is_wrong_and_where(place: Place, project: Path) -> None:
    text = f"a:\n  image: {{registry: '{place.host}', repository: old/pear, tag: '1.1'}}\nb: {place.host}/old/plum:2\n"
    grow(project, {"a.yaml": text + f"c: {place.host}/old/plum:2\n"})
    rule = ("--rule", f"{place.host}/old={place.host}/new")
    run = regfix("verify", *rule, "--no-cache", *place.options, cwd=project, env=environment(**place.env))
    assert run.code == 1
    assert run.out.splitlines() == [
        f"missing: {place.host}/new/pear:1.1",
        f"  its old home {place.host}/old/pear:1.1: found ({place.digests['pear']})",
        "  nearest tags: 1.0, 1.2, 1.10", "  ./a.yaml:2:22",
        f"same: {place.host}/new/plum:2 ({place.digests['plum']})",
    ]  # fmt: skip
    assert run.err == "2 images in 3 references: 1 missing, 1 same\n"
    table = regfix("verify", *rule, "--no-cache", "--format", "markdown", *place.options, cwd=project,
                   env=environment(**place.env))  # fmt: skip
    assert f"| missing | `{place.host}/new/pear:1.1`" in table.out


def test_the_hosts_that_pulling_needs(place: Place, project: Path) -> None:
    grow(project, {"a.yaml": f"image: {place.host}/new/plum:2\nb: {{image: {place.host}/new/pear:1.0}}\n"})
    run = regfix("verify", "--hosts", "--all", *place.options, cwd=project, env=environment(**place.env))
    assert run.code == 0, run.said
    uses = {line.split("\t")[1].split(" of ")[0] for line in run.out.splitlines()}
    assert uses == {"registry", "token service"} if place.way == "token" else {"registry"}


def test_own_certificates_are_not_trusted_by_themselves(tmp_path: Path, project: Path) -> None:
    with registry(tmp_path / "registry") as running:
        run = regfix("tags", f"{running.host}/a/b", cwd=project, env=environment(XDG_CACHE_HOME=str(tmp_path)))
        assert run.code == 2
        assert "its certificate is not trusted" in run.err
        env = environment(XDG_CACHE_HOME=str(tmp_path), SSL_CERT_FILE=str(running.certificate))
        run = regfix("tags", f"{running.host}/a/b", cwd=project, env=env)
        assert (run.code, "missing" in run.err) == (1, True)
