"""Logins as people and programs write them, and programs that keep them: each asked once."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from images import LOGIN, PASSWORD, USER, Asked, Says, body_of, fake
from regfix.registry import helper
from regfix.registry.answer import State, Wanted
from regfix.registry.asking import Manner, registries
from regfix.registry.logins import Login, Logins

if TYPE_CHECKING:
    from pathlib import Path

HOST = "reg.example.com:5000"


def login(home: Path, content: object, host: str = HOST, repository: str = "team/app") -> Login | None:
    path = home / "auth.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return asyncio.run(Logins([str(path)]).of(host, repository))


@pytest.mark.parametrize(
    "key",
    [HOST, f"{HOST}/", f"{HOST}/v1/", f"{HOST}/v2/", f"https://{HOST}", f"https://{HOST}/v2/", f"http://{HOST}/v1/",
     f"{HOST}/team", f"{HOST}/team/app"],
)  # fmt: skip
def test_every_spelling_of_a_registry(key: str, home: Path) -> None:
    assert login(home, {"auths": {key: {"auth": LOGIN}}}) == Login(USER, PASSWORD)


@pytest.mark.parametrize(
    "key",
    ["reg.example.com", f"x{HOST}", f"{HOST}/teams", f"{HOST}/team/app/more", f"{HOST}/other/", f"{HOST}@evil.org"],
)
def test_logins_of_others(key: str, home: Path) -> None:
    assert login(home, {"auths": {key: {"auth": LOGIN}}}) is None


@pytest.mark.parametrize("key", ["docker.io", "https://index.docker.io/v1/", "index.docker.io/v1/", "registry-1.docker.io",
                                 "https://registry-1.docker.io/v2/"])  # fmt: skip
def test_every_name_of_docker_hub(key: str, home: Path) -> None:
    assert login(home, {"auths": {key: {"auth": LOGIN}}}, "docker.io", "library/nginx") == Login(USER, PASSWORD)


def test_a_long_login_may_be_wrapped(home: Path) -> None:
    """`base64` breaks lines after 76 characters; Docker takes them."""
    wrapped = LOGIN[:9] + "\r\n" + LOGIN[9:] + "\n"
    assert login(home, {"auths": {HOST: {"auth": wrapped}}}) == Login(USER, PASSWORD)


def test_a_password_is_sent_as_it_was_kept(home: Path) -> None:
    kept = base64.b64encode(b"u:p\xe9\xff").decode()
    found = login(home, {"auths": {HOST: {"auth": kept}}})
    assert found is not None
    assert found.basic == f"Basic {kept}"


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b'{"auths": NaN}', {"auths": [1]}, {"auths": {HOST: None}}, {"auths": {HOST: {"auth": 3}}},
     {"auths": {HOST: {"auth": "!"}}}, {"credHelpers": [], "credsStore": 3}],
)  # fmt: skip
def test_files_without_a_login(content: object, home: Path) -> None:
    assert login(home, content) is None


def test_half_a_character_can_be_sent(home: Path) -> None:
    found = login(home, b'{"auths": {"%s": {"username": "a\\ud800", "password": "b"}}}' % HOST.encode())
    assert found == Login("a?", "b")
    assert found.basic


def program(home: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program that keeps secrets on the PATH, and let it be asked about every registry."""
    path = home / "docker-credential-odd"
    path.write_text(f"#!/bin/sh\necho >> {home}/calls\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:/usr/bin:/bin")
    (home / ".docker").mkdir()
    (home / ".docker" / "config.json").write_text('{"credsStore": "odd"}')


def locked(one: Asked) -> Says:
    if one.headers.get("Authorization") != f"Basic {LOGIN}":
        return Says(401, "", {"WWW-Authenticate": 'Basic realm="x"'})
    return Says(200, body_of("a"))


def test_a_program_is_asked_once_for_a_registry(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(home, monkeypatch, f"""echo '{{"Username": "{USER}", "Secret": "{PASSWORD}"}}'""")
    with fake(locked) as running, registries(Manner((running.host,), cached=False)) as asked:
        answers = asked.answers([Wanted(running.host, f"app{n}", "1") for n in range(20)])
    assert {answer.state for answer in answers.values()} == {State.FOUND}
    assert (home / "calls").read_text() == "\n"


def test_a_program_that_hangs_holds_up_its_registry_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(home, monkeypatch, "sleep 60")
    monkeypatch.setattr(helper, "TIMEOUT", 1.0)
    with ExitStack() as stack:
        hung = stack.enter_context(fake(locked)).host
        other = stack.enter_context(fake(lambda one: Says(200, body_of("a")))).host
        asked = stack.enter_context(registries(Manner((hung, other), cached=False, seconds=10)))
        answers = asked.answers([Wanted(host, f"app{n}", "1") for host in (hung, other) for n in range(30)])
    assert {(one.host, answer.state) for one, answer in answers.items()} == {(hung, State.DENIED), (other, State.FOUND)}
    assert (home / "calls").read_text() == "\n"


def test_one_token_is_enough_for_all_tags_of_a_repository() -> None:
    def answer(one: Asked) -> Says:
        if "Authorization" not in one.headers:
            return Says(401, "", {"WWW-Authenticate": f'Bearer realm="http://{tokens.host}/token"'})
        return Says(200, body_of("a"))

    with fake(lambda one: Says(200, '{"token": "t0ken"}')) as tokens, fake(answer) as running:
        with registries(Manner((running.host,), cached=False)) as asked:
            answers = asked.answers([Wanted(running.host, f"app{n % 2}", str(n)) for n in range(20)])
        assert {one.state for one in answers.values()} == {State.FOUND}
        assert len(tokens.asked) == 2
