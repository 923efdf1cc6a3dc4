"""Where a project is: the URLs and paths that git takes, those that are refused, and what is secret in them. Pure.

Sources: "GIT URLS" in git-clone(1), "TRANSPORTS" in gitremote-helpers(7), RFC 3986.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import NamedTuple

_SCHEMES = ("https", "http", "ssh", "git", "file")
_PORTS = {"https": "443", "http": "80", "ssh": "22", "git": "9418"}
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:(?P<user>[^/]*)@)?(?P<host>[^/@]*)(?P<path>/.*)?", re.S)
_HOST = re.compile(r"([^:]+|\[[0-9A-Fa-f:.%]+\])(:[0-9]+)?")
_SCP = re.compile(r"(?:(?P<user>[^/:@]+)@)?(?P<host>[^/:@]+|\[[^]/]*\]):(?P<path>(?!:).*)", re.S)


class BadAddress(ValueError):
    """A text is no address of a project that regfix would give to git."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class Address(NamedTuple):
    """Where a project is.

    `url` is what git is given and keeps, without secrets; `secret` is the same with them, empty where there are none.
    `host` is empty for a path, `identity` the same for all ways to write one project, `name` for people.
    """

    url: str
    host: str
    identity: str
    name: str
    secret: str = ""

    @property
    def slug(self) -> str:
        """A name for files that no other project has."""
        last = self.identity.rpartition("/")[2].removesuffix(".git")
        word = re.sub(r"[^A-Za-z0-9_-]+", "-", last).strip("-")[:40] or "project"
        return f"{word}-{hashlib.sha256(self.identity.encode('utf-8', 'surrogateescape')).hexdigest()[:10]}"


def parse_address(text: str, folder: str) -> Address:
    """Return the address that a text is; a path is below `folder` if it is relative. Raises BadAddress."""
    if not text or text != text.strip() or not text.isprintable():
        raise BadAddress("an address is text without blanks at its ends and control characters")
    if text.startswith("-"):
        raise BadAddress("an address does not begin with -", "git would take it for an option; write ./ in front")
    if re.match(r"[A-Za-z0-9+.-]+::", text):
        raise BadAddress("helpers of transports are not used", f"one of: {', '.join(_SCHEMES)}, or a path")
    if found := _URL.fullmatch(text):
        return _of_url(text, found, folder)
    if (found := _SCP.fullmatch(text)) and not os.path.exists(os.path.join(folder, text)):
        if found["path"][:1].isspace():
            raise BadAddress("no address has a blank behind its host", "YAML is for a plan whose name ends in .yaml")
        return _of_host(text, text, "ssh", found["user"], found["host"], found["path"])
    return _of_path(text, folder)


def _of_url(text: str, found: re.Match[str], folder: str) -> Address:
    scheme = found["scheme"].lower()
    if scheme not in _SCHEMES:
        raise BadAddress(f"no project is behind {scheme}://", f"one of: {', '.join(_SCHEMES)}, or a path")
    if scheme == "file":
        return _of_path(found["path"] or "", folder)._replace(url=text)
    if not found["host"] or not (found["path"] or "").strip("/"):
        raise BadAddress("an address has a host and a path", "as in https://git.example.com/team/app.git")
    if _HOST.fullmatch(found["host"]) is None:
        raise BadAddress("the host of an address is not one", "a / in a password is written %2F")
    user = found["user"] or ""
    kept = user.partition(":")[0] if scheme == "ssh" else ""
    bare = f"{scheme}://{kept + '@' if kept else ''}{found['host']}{found['path']}"
    return _of_host(text, bare, scheme, user, found["host"], found["path"])


def _of_host(text: str, bare: str, scheme: str, user: str | None, host: str, path: str) -> Address:
    host = host.lower().removesuffix(f":{_PORTS[scheme]}")
    if host.startswith("-") or (user or "").startswith("-") or not path.strip("/"):
        raise BadAddress("an address has a host and a path", "as in https://git.example.com/team/app.git")
    identity = f"{host}/{path.partition('?')[0].strip('/').removesuffix('.git').rstrip('/')}"
    return Address(bare, host, identity, identity, "" if bare == text else text)


def _of_path(text: str, folder: str) -> Address:
    if not text:
        raise BadAddress("an address has a path")
    real = os.path.realpath(os.path.join(folder, text))
    identity = os.path.dirname(real) if os.path.basename(real) == ".git" else real
    return Address(identity, "", identity, text)
