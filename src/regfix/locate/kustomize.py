"""Kustomizations: `name` under `images` selects what the manifests hold, so it moves only where these move too.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.locate.site import Reason

if TYPE_CHECKING:
    from regfix.locate.site import Site
    from regfix.locate.yamldoc import Located
    from regfix.syntax.keypath import KeyPath


@cache
def _remote() -> re.Pattern[str]:
    # What kustomize clones or downloads: URLs, git addresses, and the short form of GitHub's.
    return re.compile(r"(?:^[ \t]*-|[\[,])[ \t]*[\"']?(?:[a-z+]+://|git@|github\.com/|\S*\?ref=)", re.MULTILINE)


def with_selectors(text: str, located: Located) -> Located:
    """Leave the selectors of a kustomization whose manifests are not all here."""
    if _remote().search(text) is None:
        return located
    return located._replace(sites=[_left(site) for site in located.sites])


def _left(site: Site) -> Site:
    return site._replace(blocker=Reason.SELECTOR) if is_selector(site.key_path) else site


def is_selector(path: KeyPath) -> bool:
    """Tell whether a key path is that of the name of an entry of `images`."""
    return len(path) == 3 and path[0] == "images" and isinstance(path[1], int) and path[2] == "name"
