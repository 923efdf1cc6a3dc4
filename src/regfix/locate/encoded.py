"""References in what is written in base64: told, never changed.

Sources: RFC 2397 (`data:` URLs, as in https://coreos.github.io/ignition/), RFC 4648, and keys such as KubeVirt's
`userDataBase64` (https://kubevirt.io/user-guide/user_workloads/startup_scripts/).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.locate.occurrence import find_occurrences
from regfix.locate.site import Context, Part, Reason, Site
from regfix.locate.words import Role
from regfix.syntax.places import places_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.locate.hosts import HostFinder
    from regfix.locate.yamldoc import Located
    from regfix.syntax.places import Place

HINT = "ase64"
"""What each text holds that has such a thing."""


@cache
def _in_text() -> re.Pattern[bytes]:
    return re.compile(rb";base64,([A-Za-z0-9+/_\s-]{8,})|[bB]ase64\\?[\"']?:([A-Za-z0-9+/_\s\"'|>-]{8,})")


@cache
def _in_url() -> re.Pattern[str]:
    return re.compile(r";base64,([A-Za-z0-9+/_\s-]{8,})")


def hides_in_base64(data: bytes, hosts: HostFinder) -> bool:
    """Tell whether bytes hold a host in base64."""
    return any(hosts.in_bytes(_decoded(found[1] or found[2])) for found in _in_text().finditer(data))


def _decoded(data: bytes) -> bytes:
    """Return what letters of base64 stand for; all others count for nothing."""
    from base64 import b64decode

    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data.replace(b"-", b"+").replace(b"_", b"/"))
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return b64decode(letters + b"=" * (-len(letters) % 4))


def with_encoded(text: str, located: Located, hosts: HostFinder) -> Located:
    """Add the references of a YAML text that are written in base64."""
    sites = [site for places in places_of(text) for place in places for site in _sites(place, hosts)]
    return located._replace(sites=[*located.sites, *sites]) if sites else located


def _sites(place: Place, hosts: HostFinder) -> Iterator[Site]:
    if place.path and str(place.path[-1]).lower().endswith("base64"):
        encoded = [place.value]
    else:
        encoded = [found[1] for found in _in_url().finditer(place.value)] if HINT in place.value else []
    for one in encoded:
        inner = _decoded(one.encode("ascii", "ignore")).decode("utf-8", "replace")
        for occurrence in find_occurrences(inner, hosts):
            part = Part(Role.REFERENCE, place.outer, place.value)
            yield Site((part,), Context.VALUE, place.path, occurrence, Reason.ENCODED)
