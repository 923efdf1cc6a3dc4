"""Where a dependency comes from, after the text of its `repository`; and such texts without what is secret. Pure.

Sources: resolveRepoNames in pkg/downloader/manager.go of https://github.com/helm/helm (`@name`, `alias:name`);
RFC 3986 for the parts of a URL.
"""

from __future__ import annotations

import re
from functools import cache

OCI = "oci://"
FILE = "file://"


@cache
def _url() -> re.Pattern[str]:
    return re.compile(r"""([A-Za-z][A-Za-z0-9+.-]*://)([^\s"'<>?]*)(\?[^\s"'<>]*)?""")


def redacted(text: str) -> str:
    """Return a text without the secrets in its URLs: what stands before an `@`, and the query.

    A digest behind an `@` is no secret. A password may hold a slash that should have been escaped.
    """
    return _url().sub(_without_secrets, text)


def _without_secrets(found: re.Match[str]) -> str:
    scheme, rest, query = found.groups()
    head, at, digest = rest.rpartition("@sha256:")
    secret, before, place = (head if at else rest).rpartition("@")
    shown = ("***@" if before and secret else before) + place
    return scheme + shown + at + (digest if at else "") + ("?***" if query else "")


def repository_name(repository: str) -> str:
    """Return the name in the user's Helm configuration that a repository is given by; empty for a URL."""
    for mark in ("alias:", "@"):
        if repository.startswith(mark):
            return repository.removeprefix(mark)
    return ""


def same_repository(one: str, other: str) -> bool:
    """Tell whether two URLs mean the same chart repository: a slash at the end makes no difference to Helm."""
    return one.rstrip("/") == other.rstrip("/")
