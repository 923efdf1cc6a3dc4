"""What a registry wants before it answers: the challenges of RFC 9110, section 11.6.1. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple


class Challenge(NamedTuple):
    """A way to authenticate: its scheme in small letters, and its parameters."""

    scheme: str
    parameters: dict[str, str]


@cache
def _piece() -> re.Pattern[str]:
    # A word is looked at once, from its start: what is long must not be tried from each of its letters.
    return re.compile(r'(?<![A-Za-z_-])(?:([A-Za-z_-]{1,64})=(?:"([^"]*)"|([^\s,"]+))|([A-Za-z]{1,64})(?=\s|,|$))')


def challenges(header: str) -> list[Challenge]:
    """Return the challenges in a `WWW-Authenticate` header, in order; what is not understood is passed over."""
    found: list[Challenge] = []
    for piece in _piece().finditer(header[:8192]):
        key, quoted, plain, scheme = piece.groups()
        if scheme:
            found.append(Challenge(scheme.lower(), {}))
        elif found:
            found[-1].parameters.setdefault(key.lower(), quoted if quoted is not None else plain)
    return found


def token_in(answer: object) -> str:
    """Return the token in the answer of a token service; empty where there is none that a header can hold."""
    if not isinstance(answer, dict):
        return ""
    token = answer.get("token") or answer.get("access_token")
    return token if isinstance(token, str) and is_token(token) else ""


def is_token(text: str) -> bool:
    """Tell whether a header can hold a text as a token."""
    return re.fullmatch(r"[\x21-\x7e]+", text) is not None
