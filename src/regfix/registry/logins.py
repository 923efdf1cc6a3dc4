"""Logins, as Docker and Podman keep them: in `auths` of a file, or with a program that keeps secrets.

Sources: https://docs.docker.com/reference/cli/docker/login/ (config.json, credsStore, credHelpers),
containers-auth.json(5)
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from regfix.errors import UsageError
from regfix.image.host import DOCKER_HUB, DOCKER_HUB_HOSTS
from regfix.registry.challenge import is_token
from regfix.registry.helper import Helpers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_BYTES = 1024 * 1024
"""The largest file with logins that is read."""

_LINE_ENDS = {ord("\r"): None, ord("\n"): None}

_HUB = "https://index.docker.io/v1/"
"""The name under which Docker keeps the login of Docker Hub."""


class Login(NamedTuple):
    """A user with a password, or a token that is exchanged (`identity`) or sent (`bearer`); it is never shown."""

    user: str = ""
    password: str = ""
    identity: str = ""
    bearer: str = ""

    def __repr__(self) -> str:
        return "Login(...)"

    @property
    def basic(self) -> str:
        """The header for a user and a password (RFC 7617)."""
        said = f"{self.user}:{self.password}".encode("utf-8", "surrogateescape")  # as it was kept
        return "Basic " + base64.b64encode(said).decode("ascii")


def login_files(env: Mapping[str, str]) -> list[str]:
    """Return the files that may hold logins, in the order in which they are looked into."""
    if named := env.get("REGISTRY_AUTH_FILE"):
        return [named]
    home = env.get("HOME", "")
    runtime, config, docker = env.get("XDG_RUNTIME_DIR"), env.get("XDG_CONFIG_HOME"), env.get("DOCKER_CONFIG")
    return [
        *([f"{runtime}/containers/auth.json"] if runtime else []),
        *([f"{config or home + '/.config'}/containers/auth.json"] if config or home else []),
        *([f"{docker or home + '/.docker'}/config.json"] if docker or home else []),
    ]


class Logins:
    """The logins that the user has; files are read, and programs asked, when a registry wants one."""

    def __init__(self, files: list[str]) -> None:
        self._files = files
        self._read: list[dict[str, Any]] | None = None
        self._helpers = Helpers()

    def close(self) -> None:
        """End the programs that are still asked."""
        self._helpers.close()

    async def of(self, host: str, repository: str) -> Login | None:
        """Return the login for a repository; raises UsageError for a broken file, HelperFailed for a program."""
        if self._read is None:
            self._read = [content for path in self._files if (content := _content(path)) is not None]
        for content in self._read:
            found = await _login_in(content, host, repository, self._helpers)
            if found is not None:
                return found
        return None


async def _login_in(content: Mapping[str, Any], host: str, repository: str, programs: Helpers) -> Login | None:
    helpers, store = content.get("credHelpers"), content.get("credsStore")
    for key in _keys(host, repository):
        program = helpers.get(key) if isinstance(helpers, dict) else None
        if isinstance(program, str) and program:
            return _of_helper(await programs.ask(program, _server(key, host)))
    if isinstance(store, str) and store and (kept := _of_helper(await programs.ask(store, _server(host, host)))):
        return kept
    entries = content.get("auths")
    return _of_entries(entries, host, repository) if isinstance(entries, dict) else None


def _of_entries(entries: Mapping[str, Any], host: str, repository: str) -> Login | None:
    by_name = {_plain_key(key): entry for key, entry in reversed(list(entries.items()))}
    for key in _keys(host, repository):
        entry = entries.get(key) or by_name.get(key)
        if isinstance(entry, dict) and (found := _of_entry(entry)) is not None:
            return found
    return None


def _keys(host: str, repository: str) -> Iterator[str]:
    """Yield the names under which a login may be kept, the narrowest first."""
    steps = repository.split("/")
    for size in range(len(steps), -1, -1):
        yield "/".join((host, *steps[:size]))
    if host == DOCKER_HUB:
        yield _HUB
        yield from sorted(DOCKER_HUB_HOSTS)


def _plain_key(key: str) -> str:
    """Return the host in a key that is a URL, as old versions of Docker wrote it, with or without its scheme."""
    host, _, rest = key.partition("://")[2 if "://" in key else 0].partition("/")
    return host if "://" in key or rest in ("", "v1/", "v2/") else key


def _server(key: str, host: str) -> str:
    return _HUB if host == DOCKER_HUB else key


def _of_helper(answer: tuple[str, str] | None) -> Login | None:
    if answer is None:
        return None
    user, secret = answer
    user, secret = _text(user), _text(secret)
    return Login(identity=secret) if user == "<token>" else Login(user, secret)


def _text(word: str) -> str:
    """Return a word of JSON with a question mark for each half of a character, which no encoding has."""
    return word.encode("utf-8", "replace").decode("utf-8")


def _of_entry(entry: Mapping[str, Any]) -> Login | None:
    """Return the login in an entry of `auths`; an empty one stands for a login that a program keeps."""
    words = {key: _text(word) for key, word in entry.items() if isinstance(word, str) and word}
    user, password = words.get("username", ""), words.get("password", "")
    if "auth" in words:
        try:
            wrapped = words["auth"].translate(_LINE_ENDS)  # as `base64` puts them into what is long
            decoded = base64.b64decode(wrapped, validate=True).decode("utf-8", "surrogateescape")
        except (binascii.Error, ValueError):
            decoded = ""
        user, _, password = decoded.partition(":")
        password = password.strip("\0")
    if "identitytoken" in words:
        return Login(user, identity=words["identitytoken"])
    if "registrytoken" in words:
        return Login(bearer=words["registrytoken"]) if is_token(words["registrytoken"]) else None
    return Login(user, password) if user else None


def _content(path: str) -> dict[str, Any] | None:
    """Return what a file says, None where there is no file; raises UsageError. What is in it is never shown."""
    hint = "mend it, or name another with REGISTRY_AUTH_FILE"
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(
            "the file with logins cannot be read", where=path, why=error.strerror or "", hint=hint
        ) from None
    try:
        found = json.loads(data or b"{}") if len(data) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError("the file with logins is not understood", where=path, why="no JSON object", hint=hint)
    return found
