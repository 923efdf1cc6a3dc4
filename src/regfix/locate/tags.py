"""The tag of an image whose name does not hold it: the key for the tag beside the key of the name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.site import Part, Reason
from regfix.locate.words import Role, key_role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from regfix.locate.entry import Entry, Mapping
    from regfix.locate.site import Site

_NAMES = frozenset({Role.REFERENCE, Role.REPOSITORY, Role.NAME, Role.REGISTRY})
_OF_KUSTOMIZE = ("new",)
"""The word by which kustomize's `newTag` is the tag of `name`, too."""


def with_tags(sites: Sequence[Site], mappings: Iterable[Mapping]) -> Sequence[Site]:
    """Give each site the tag that a key beside its name says; none where two keys say it."""
    found = {start: part for mapping in mappings for start, part in _tags(mapping.entries)}
    if not found:
        return sites
    tags = ((site, found.get(site.parts[-1].span.start)) for site in sites)
    return [site if tag is None else site._replace(tag=tag) for site, tag in tags]


def _tags(entries: Sequence[Entry]) -> list[tuple[int, Part]]:
    """Return where the names of a mapping begin that have a tag beside them, with that tag."""
    tags: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        role = key_role(entry.key)
        if role is not None and role.role is Role.TAG and entry.key != "version":
            tags.setdefault(role.stem, []).append(entry)
    if not tags:
        return []
    found = []
    for entry in entries:
        role = key_role(entry.key)
        if role is not None and role.role in _NAMES:
            beside = tags.get(role.stem) or ([] if role.stem else tags.get(_OF_KUSTOMIZE, []))
            if len(beside) == 1 and beside[0].value:
                found.append(((entry.span or entry.outer).start, _part(beside[0])))
    return found


def _part(entry: Entry) -> Part:
    return Part(Role.TAG, entry.span or entry.outer, entry.value, None if entry.span else Reason.ESCAPED)
