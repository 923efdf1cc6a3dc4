"""The locator for text that is no manifest (README, shell, Dockerfile, Go): only complete references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.occurrence import find_occurrences
from regfix.locate.site import Context, Reason, Site, occurrence_site

if TYPE_CHECKING:
    from regfix.locate.hosts import HostFinder
    from regfix.locate.site import Occurrence


def _incomplete(found: Occurrence) -> Reason | None:
    if found.path:
        return None
    return Reason.DYNAMIC if found.open_ended else Reason.PROSE


def locate_text(text: str, hosts: HostFinder) -> list[Site]:
    """Return the sites of a text; a host without a repository is prose."""
    return [
        occurrence_site(text, found, Context.TEXT, found.blocker or _incomplete(found))
        for found in find_occurrences(text, hosts)
    ]
