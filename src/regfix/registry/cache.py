"""Answers kept on disk for some time, so that a second run asks little. Whatever lies there does no harm.

One file for each registry, as JSON: what was asked, when, and the answer. No login, token or address of a redirect is
in it, and nothing that was denied or not answered.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from regfix.registry.answer import Answer, State, Wanted, is_digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

MAX_BYTES = 16 * 1024 * 1024
"""The largest file of the cache that is read, and written."""

DIGEST_SECONDS, TAG_SECONDS, MISSING_SECONDS = 7 * 24 * 3600, 3600, 300
"""How long it counts that a digest is there, where a tag leads, and that something is missing, in seconds."""

_FORMAT = 2


def cache_folder(env: Mapping[str, str]) -> str | None:
    """Return the folder of the cache (XDG Base Directory); None where the environment names no place for it."""
    base = env.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        home = env.get("HOME", "")
        base = f"{home}/.cache" if os.path.isabs(home) else ""
    return f"{base}/regfix/registry" if base else None


class Cache:
    """The answers of former runs; without a folder it knows nothing and keeps nothing."""

    def __init__(self, folder: str | None, *, plain: Collection[str] = (), offline: bool = False) -> None:
        """Take the folder; `offline` lets answers of any age count, since there are no others.

        What hosts in `plain` say without TLS is kept apart: anybody on the way could have said it.
        """
        self._folder = folder
        self._plain = plain
        self._offline = offline
        self._hosts: dict[str, dict[str, Any]] = {}

    def get(self, wanted: Wanted, *, whole: bool = False) -> Answer | None:
        """Return an answer that still counts; with `whole` one that knows the platforms."""
        found = _answer(self._of(wanted.host).get(_key(wanted)))
        if found is None or (whole and found[1].state is State.FOUND and not found[1].whole):
            return None
        made, answer = found
        age = time.time() - made
        return answer if age >= 0 and (self._offline or age < _lifetime(wanted, answer)) else None

    def put(self, answers: Iterable[tuple[Wanted, Answer]]) -> None:
        """Keep answers as far as they are worth it, on disk too; a disk that takes nothing is no error."""
        changed = set()
        for wanted, answer in answers:
            if answer.state in (State.FOUND, State.MISSING):
                self._of(wanted.host)[_key(wanted)] = _entry(answer)
                changed.add(wanted.host)
        for host in changed if self._folder else ():
            with suppress(OSError):
                self._write(host)

    def _of(self, host: str) -> dict[str, Any]:
        if host not in self._hosts:
            self._hosts[host] = _read(self._path(host), self._name(host)) if self._folder else {}
        return self._hosts[host]

    def _path(self, host: str) -> str:
        return f"{self._folder}/{hashlib.sha256(self._name(host).encode()).hexdigest()[:32]}.json"

    def _name(self, host: str) -> str:
        return f"http://{host}" if not {host, host.partition(":")[0]}.isdisjoint(self._plain) else host

    def _write(self, host: str) -> None:
        path = self._path(host)
        entries = {**_read(path, self._name(host)), **self._hosts[host]}  # another run may have written since
        alive = {key: entry for key, entry in entries.items() if _is_young(entry)}
        data = json.dumps({"format": _FORMAT, "host": self._name(host), "answers": alive}).encode()
        if len(data) > MAX_BYTES:
            return
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        _sweep(os.path.dirname(path))
        temporary = f"{path}.{os.getpid()}"
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        try:
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(data)
            os.replace(temporary, path)
        except BaseException:  # a full disk, a signal
            with suppress(OSError):
                os.unlink(temporary)
            raise


def _sweep(folder: str) -> None:
    """Remove what runs left behind that were killed while they wrote; nobody writes for an hour."""
    with os.scandir(folder) as entries:
        old = [one.path for one in entries if one.name.rpartition(".json.")[2].isdecimal()
               and one.stat(follow_symlinks=False).st_mtime < time.time() - 3600]  # fmt: skip
    for path in old:
        with suppress(OSError):
            os.unlink(path)


def _key(wanted: Wanted) -> str:
    return f"{wanted.repository}@{wanted.version}"


def _lifetime(wanted: Wanted, answer: Answer) -> int:
    if answer.state is State.MISSING:
        return MISSING_SECONDS
    return DIGEST_SECONDS if ":" in wanted.version else TAG_SECONDS


def _entry(answer: Answer) -> dict[str, Any]:
    return {"at": int(time.time()), "state": str(answer.state), "digest": answer.digest, "whole": answer.whole,
            "platforms": answer.platforms}  # fmt: skip


def _is_young(entry: object) -> bool:
    found = _answer(entry)
    return found is not None and 0 <= time.time() - found[0] < DIGEST_SECONDS


def _answer(entry: object) -> tuple[float, Answer] | None:
    """Return when an answer was kept, and the answer; None for whatever is not one of ours."""
    if not isinstance(entry, dict):
        return None
    made, state, digest, named = (entry.get(key) for key in ("at", "state", "digest", "platforms"))
    if type(made) is not int or state not in (State.FOUND, State.MISSING) or not (digest == "" or is_digest(digest)):
        return None
    if named is not None and not (isinstance(named, dict) and all(map(is_digest, named.values()))):
        return None
    return made, Answer(State(state), str(digest), whole=entry.get("whole") is True, platforms=named)


def _read(path: str, host: str) -> dict[str, Any]:
    """Return the answers of a host in a file; none if it is not a file of this user and host, or not understood."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_size > MAX_BYTES:
                return {}
            content = json.loads(file.read(MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    known = isinstance(content, dict) and (content.get("format"), content.get("host")) == (_FORMAT, host)
    answers = content.get("answers") if known else None
    return answers if isinstance(answers, dict) else {}
