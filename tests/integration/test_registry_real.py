"""Side by side with skopeo on real registries: the same tags, the same digests, for every authentication."""

from __future__ import annotations

import json
import stat
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest

from images import HTPASSWD, LOGIN, PASSWORD, USER, copy, digest_of, layout, skopeo, token_server
from repository import Registry, registry
from support import environment, regfix

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
        copy(many, running, "fruit/plum:2", f"fruit/pear:sha256-{'0' * 64}.sig", **env)
        options = ("--ca", str(running.certificate)) if request.param == "tls" else ()
        digests = {"fruit/pear:1.0": digest_of(one), "fruit/plum:2": digest_of(many), "a/b/c/pear:x": digest_of(one)}
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


def test_own_certificates_are_not_trusted_by_themselves(tmp_path: Path, project: Path) -> None:
    with registry(tmp_path / "registry") as running:
        run = regfix("tags", f"{running.host}/a/b", cwd=project, env=environment(XDG_CACHE_HOME=str(tmp_path)))
        assert run.code == 2
        assert "its certificate is not trusted" in run.err
        env = environment(XDG_CACHE_HOME=str(tmp_path), SSL_CERT_FILE=str(running.certificate))
        run = regfix("tags", f"{running.host}/a/b", cwd=project, env=env)
        assert (run.code, "missing" in run.err) == (1, True)
