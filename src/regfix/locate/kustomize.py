"""Kustomizations: `name` under `images` selects what the manifests hold, so it moves only where these move too.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.locate.site import Reason
from regfix.syntax.yamlevents import ALIAS, END, MAPPING, SCALAR, SEQUENCE, fast_events

if TYPE_CHECKING:
    from regfix.locate.site import Site
    from regfix.locate.yamldoc import Located
    from regfix.syntax.keypath import KeyPath


_SOURCES = frozenset({"resources", "bases", "components"})
_INFLATED = frozenset({"helmCharts", "helmChartInflationGenerator", "generators"})
"""Keys that bring manifests which are in no file of the tree."""

ELSEWHERE = "://"
"""Stands for manifests that are in no file of the tree."""


@cache
def _remote() -> re.Pattern[str]:
    # What kustomize clones or downloads: URLs, git addresses, and the short form of GitHub's.
    return re.compile(r"[a-z+]+://|[a-z]+::|git@|github\.com/|\S*\?ref=|://")


def sources_of(text: str) -> list[str]:
    """Return what a kustomization is made of, files and folders and addresses; none where it is not YAML."""
    found: list[str] = []
    depth, key, expects_key = 0, "", True
    events = fast_events(text)
    try:
        for event in events.stream:
            kind = events.kinds[event.__class__]
            if depth == 1 and kind in (SCALAR, ALIAS, MAPPING, SEQUENCE):
                expects_key = not expects_key
                if not expects_key:
                    key = event.value if kind == SCALAR else ""
                    found += [ELSEWHERE] if key in _INFLATED else []
            elif depth == 2 and kind == SCALAR and key in _SOURCES:
                found.append(event.value)
            depth += (kind in (MAPPING, SEQUENCE)) - (kind == END)
            expects_key = expects_key or depth == 0
    except events.errors:
        return []
    return found


def is_remote(source: str) -> bool:
    """Tell whether kustomize fetches this from elsewhere."""
    return _remote().match(source) is not None


def with_selectors(text: str, located: Located, *, elsewhere: bool) -> Located:
    """Leave the selectors of a kustomization whose manifests are not all here."""
    if not elsewhere and not any(is_remote(source) for source in sources_of(text)):
        return located
    return located._replace(sites=[_left(site) for site in located.sites])


def _left(site: Site) -> Site:
    return site._replace(blocker=Reason.SELECTOR) if is_selector(site.key_path) else site


def is_selector(path: KeyPath) -> bool:
    """Tell whether a key path is that of the name of an entry of `images`."""
    return len(path) == 3 and path[0] == "images" and isinstance(path[1], int) and path[2] == "name"
