"""The locator for text that is no manifest (README, shell, Dockerfile, Go): only complete references."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.locate.occurrence import find_occurrences
from regfix.locate.site import Context, Reason, Site, occurrence_site
from regfix.text.span import line_start

if TYPE_CHECKING:
    from regfix.locate.hosts import HostFinder
    from regfix.locate.site import Occurrence

_MODULES = ("go.mod", "go.sum", "go.work", "go.work.sum", "modules.txt")
"""Files of Go that name modules and no images (https://go.dev/ref/mod)."""


def _incomplete(found: Occurrence) -> Reason | None:
    if found.path:
        return None
    return Reason.DYNAMIC if found.open_ended else Reason.PROSE


@cache
def _import() -> re.Pattern[str]:
    # In Go a text alone in its line, without a comma, is the path of a package (https://go.dev/ref/spec).
    return re.compile(r"[ \t]*(?:import[ \t]+)?(?:[\w.]+[ \t]+)?\"[^\"\n]*\"[ \t;]*(?://.*)?\r?$", re.MULTILINE)


def _is_package(text: str, found: Occurrence, name: str) -> bool:
    """Tell whether a name is that of a Go package or module, which may lie on the host of a registry."""
    if name.endswith(_MODULES):
        return True
    return name.endswith(".go") and _import().match(text, line_start(text, found.start)) is not None


def locate_text(text: str, hosts: HostFinder, name: str = "") -> list[Site]:
    """Return the sites of a text; a host without a repository is prose. `name` is that of the file."""
    sites = []
    for found in find_occurrences(text, hosts):
        blocker = found.blocker or _incomplete(found)
        if blocker is None and _is_package(text, found, name):
            blocker = Reason.URL
        sites.append(occurrence_site(text, found, Context.TEXT, blocker))
    return sites
