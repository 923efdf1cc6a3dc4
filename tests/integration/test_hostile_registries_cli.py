"""What registries, references, logins and proxies may hold that nobody would think of: told plainly, never a crash or a leak."""

from __future__ import annotations

import json
import os
import stat
import time
from typing import TYPE_CHECKING

import pytest

from images import LOGIN, Says, body_of, fake, seeded
from support import environment, grow, regfix

if TYPE_CHECKING:
    from pathlib import Path

    from images import Asked
    from support import Run

SECRET = "s3cret"


def verified(project: Path, text: str, *arguments: str, **env: str) -> Run:
    grow(project, {"a.yaml": text})
    home = {"HOME": str(project.parent), "REGISTRY_AUTH_FILE": "/none", **env}
    return regfix("verify", "--all", "--no-cache", "--timeout", "8", *arguments, cwd=project, env=environment(**home))


def test_hosts_that_cannot_be_stop_nothing(project: Path) -> None:
    hosts = ["127.0.0.1:99999", "127.0.0.1:0", "xn--a.example", f"{'a' * 64}.example", "0x7f.1:1"]
    with fake(lambda one: Says(200, body_of("a"))) as running:
        text = "---\n".join(f"image: {host}/app:1\n" for host in (*hosts, running.host))
        run = verified(project, text, HTTPS_PROXY="http://127.0.0.1:9", NO_PROXY="127.0.0.1")
    assert run.code == 2
    assert f"found: {running.host}/app:1" in run.out
    assert all(f"unreachable: {host}/app:1" in run.out for host in hosts)
    assert "unexpected" not in run.out


@pytest.mark.parametrize(
    "proxy",
    [
        f"garbage://user:{SECRET}@x",
        f"http://[bad:{SECRET}",
        f"socks5://u:{SECRET}@127.0.0.1:1",
        f"http://u:{SECRET}@127.0.0.1:99999",
        SECRET,
    ],
)
def test_proxies_that_are_none_are_told_without_their_passwords(proxy: str, project: Path) -> None:
    run = verified(project, "image: registry.invalid/app:1\n", HTTPS_PROXY=proxy, HTTP_PROXY=proxy, ALL_PROXY=proxy)
    assert (run.code, SECRET in run.said) == (2, False)


@pytest.mark.parametrize("token", [f"a b\r\nX: {SECRET}", f"é {SECRET}", f"\x00{SECRET}"])
def test_tokens_that_no_header_can_hold_are_not_sent_or_shown(token: str, project: Path, tmp_path: Path) -> None:
    def answer(one: Asked) -> Says:
        return Says(401, "", {"WWW-Authenticate": f'Bearer realm="http://{one.headers["Host"]}/token"'})

    with fake(answer) as running:
        (tmp_path / "auth.json").write_text(json.dumps({"auths": {running.host: {"registrytoken": token}}}))
        run = verified(project, f"image: {running.host}/app:1\n", REGISTRY_AUTH_FILE=str(tmp_path / "auth.json"))
        assert all("Authorization" not in one.headers for one in running.asked)
    assert (run.code, SECRET in run.said) == (2, False)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:99999/",
        "http://a:b@127.0.0.1/",
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "http:\\\\x",
        "https://xn--a.example/",
        "/" + "a" * 70000,
    ],
)
def test_redirects_that_nobody_follows(location: str, project: Path) -> None:
    with fake(lambda one: Says(200) if one.path == "/v2/" else Says(307, "", {"Location": location})) as running:
        run = verified(project, f"image: {running.host}/app:1\n")
    assert (run.code, "unexpected" in run.said) == (2, False)


@pytest.mark.parametrize(
    "link", ["http://[bad", "http://127.0.0.1:99999/", "https://xn--a.example/", "/" + "a" * 70000]
)
def test_next_pages_that_are_none(link: str, project: Path) -> None:
    def answer(one: Asked) -> Says:
        return Says(200, '{"tags": ["1"]}', {"Link": f'<{link}>; rel="next"'}) if "tags" in one.path else Says(404)

    with fake(answer) as running:
        run = verified(project, f"image: {running.host}/app:1\n")
    assert (run.code, "unexpected" in run.said) == (1, False)


@pytest.mark.parametrize("body", ["{}", "[]", '{"schemaVersion": "2"}', '{"errors": []}', "[" * 400_000, "<html>"])
def test_what_is_no_manifest_is_no_image(body: str, project: Path) -> None:
    """A portal that answers every question is no registry."""
    with fake(lambda one: Says(200, "" if one.path == "/v2/" else body)) as running:
        assert verified(project, f"image: {running.host}/app:1\n").code == 2


def test_an_answer_without_an_end_leaves_no_noise(project: Path) -> None:
    with fake(lambda one: Says(200, "" if one.path == "/v2/" else "[" * 9_000_000)) as running:
        run = verified(project, f"image: {running.host}/app:1\n")
    assert run.err == "1 image in 1 reference: 1 unreachable\n"


def test_what_is_told_of_an_image_is_bounded(project: Path) -> None:
    def answer(one: Asked) -> Says:
        digest = seeded("old" if "/old/" in one.path else "new")
        index = [
            {"platform": {"os": f"\x1b{number}", "architecture": "a" * 100}, "digest": digest} for number in range(9000)
        ]
        headers = {"ratelimit-limit": "9" * 50_000, "ratelimit-remaining": "many"}
        return Says(200, "" if one.path == "/v2/" else json.dumps({"schemaVersion": 2, "manifests": index}), headers)

    with fake(answer) as running:
        run = verified(
            project, f"image: {running.host}/old/app:1\n", "--rule", f"{running.host}/old={running.host}/new"
        )
    assert run.code == 1
    assert len(run.said) < 20_000
    assert "and 8970 more platforms" in run.out


HELPERS = {
    "hangs": "sleep 60", "garbage": "head -c 1000 /dev/urandom", "flood": f"yes {SECRET}", "fails": f"echo {SECRET}; exit 1",
    "list": "echo '[]'", "nulls": """echo '{"Username": null, "Secret": null}'""", "closed": "exec <&- >&-; sleep 60",
    "leaves a child": "setsid sleep 12 & exit 0",
}  # fmt: skip


@pytest.mark.parametrize("name", HELPERS)
def test_credential_helpers_that_do_not_help(name: str, project: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "docker-credential-odd").write_text(f"#!/bin/sh\n{HELPERS[name]}\n")
    (programs / "docker-credential-odd").chmod(0o755)
    (tmp_path / "auth.json").write_text('{"credsStore": "odd"}')
    with fake(lambda one: Says(401, "", {"WWW-Authenticate": "Basic"})) as running:
        began = time.monotonic()
        run = verified(
            project, f"image: {running.host}/app:1\n", "--timeout", "1", REGISTRY_AUTH_FILE=str(tmp_path / "auth.json"),
            PATH=f"{programs}:{os.environ['PATH']}",
        )  # fmt: skip
    assert (run.code, SECRET in run.said) == (2, False)
    assert time.monotonic() - began < 6


def test_answers_without_tls_are_not_taken_for_others(project: Path) -> None:
    """Whoever is on the way could have given them."""
    cache = project.parent / "cache"
    env = {"XDG_CACHE_HOME": str(cache), "HOME": str(project.parent), "REGISTRY_AUTH_FILE": "/none"}
    with fake(lambda one: Says(200, body_of("a"))) as running:
        grow(project, {"a.yaml": f"image: {running.host}/app:1\n"})
        options = ("verify", "--all", "--plain-http", running.host)
        assert regfix(*options, cwd=project, env=environment(**env)).code == 0
        assert regfix(*options, "--offline", cwd=project, env=environment(**env)).code == 0
        assert regfix("verify", "--all", "--offline", cwd=project, env=environment(**env)).code == 2
    (file,) = (cache / "regfix" / "registry").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_redirect_into_this_machine_is_for_this_machine_alone(project: Path) -> None:
    """A registry elsewhere must not make us ask services here."""
    from regfix.registry.address import Refused, Trust

    trust = Trust(frozenset({"registry.lan"}))
    with pytest.raises(Refused, match="this machine"):
        trust.redirect(trust.base("registry.lan"), "http://127.0.0.1:6379/")
    with pytest.raises(Refused, match="this machine"):
        trust.redirect(trust.base("registry.example.com"), "https://localhost/")
    assert str(trust.redirect(trust.base("registry.lan"), "http://registry.lan/x")) == "http://registry.lan/x"


@pytest.mark.parametrize(
    "realm",
    [
        "https://127.0.0.1@evil.example/",
        "//evil.example/t",
        "https://127.0.0.1%2eevil.example/",
        "http://2130706433:1/",
        "http://localhost:1/",
        "javascript:1",
        "http://127.0.0.1:99999/",
        "https://xn--a.example/",
    ],
)
def test_realms_that_get_no_login(realm: str, project: Path, tmp_path: Path) -> None:
    with fake(lambda one: Says(401, "", {"WWW-Authenticate": f'Bearer realm="{realm}",service="s"'})) as running:
        (tmp_path / "auth.json").write_text(json.dumps({"auths": {running.host: {"auth": LOGIN}}}))
        run = verified(project, f"image: {running.host}/app:1\n", REGISTRY_AUTH_FILE=str(tmp_path / "auth.json"))
    assert (run.code, "unexpected" in run.said) == (2, False)
    assert "token service" in run.out
