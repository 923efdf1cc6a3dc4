"""The structural locator for one mapping: images whose registry is not written, or is a key of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.image.host import is_host
from regfix.image.reference import Reference
from regfix.locate.site import Context, Part, Reason, Site
from regfix.locate.words import Role, is_image_word, key_role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.syntax.keypath import KeyPath
    from regfix.text.span import Span


class Entry(NamedTuple):
    """A key of a mapping with a string for its value.

    `span` is where the value stands verbatim, None where it is escaped; `outer` the whole scalar. `written` tells
    that a source registry is written in it, `alias` that the scalar is shared through an anchor.
    """

    key: str
    value: str
    span: Span | None
    outer: Span
    written: bool = False
    alias: bool = False


OPAQUE = "\ue000"
"""Stands for each code point of a template action in a text whose literals are read (a private-use character)."""

Group = dict[Role, list[Entry]]

_EVIDENCE = frozenset({"pullpolicy", "imagepullpolicy", "pullsecrets", "imagepullsecrets"})
_NO_IMAGE = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp", ".iso", ".img", ".qcow2", ".vmdk", ".raw")


def mapping_sites(entries: Sequence[Entry], path: KeyPath, context: Context, *, every: bool) -> Iterator[Site]:
    """Yield the images of one mapping that the lexical locator cannot see, or sees only in part.

    With `every` also those whose registry no rule knows. The parts of a split reference are in reading order.
    """
    evident = any(e.key.lower() in _EVIDENCE for e in entries) or any(
        isinstance(k, str) and is_image_word(k) for k in path
    )
    for group in _groups(entries, of_image=_is_image(path)).values():
        joined = _joined(group)
        if joined:
            yield _split_site(joined, path, context)
            continue
        for role, entry in _single(group):
            known = role is Role.REFERENCE or evident or is_image_word(entry.key) or _has_version(group)
            if known and not entry.written:
                yield from _whole_sites(entry, role, path, context, every=every)


def _is_image(path: KeyPath) -> bool:
    """Tell whether a mapping is the value of a key for one image, so that its `name` is the image's."""
    found = key_role(path[-1]) if path and isinstance(path[-1], str) else None
    return found is not None and found.role is Role.REFERENCE


def _groups(entries: Sequence[Entry], *, of_image: bool) -> dict[tuple[str, ...], Group]:
    """Gather the entries by the image that they speak of."""
    groups: dict[tuple[str, ...], Group] = {}
    for entry in entries:
        found = key_role(entry.key)
        if found is None or (found.role is Role.NAME and not of_image and not is_image_word(entry.key)):
            continue
        groups.setdefault(found.stem, {}).setdefault(found.role, []).append(entry)
    return groups


def _single(group: Group) -> Iterator[tuple[Role, Entry]]:
    """Yield the entries of a group that are names by themselves."""
    for role in (Role.REFERENCE, Role.REPOSITORY):
        yield from ((role, entry) for entry in group.get(role, ()))
    if Role.REFERENCE not in group and Role.REPOSITORY not in group:
        yield from ((Role.NAME, entry) for entry in group.get(Role.NAME, ()))
    yield from ((Role.REGISTRY, entry) for entry in group.get(Role.REGISTRY, ()))


def _has_version(group: Group) -> bool:
    return Role.TAG in group or Role.DIGEST in group


def _joined(group: Group) -> list[Entry]:
    """Return the entries that together are one name, first the registry; empty where each stands for itself."""
    if any(len(entries) > 1 for entries in group.values()):
        return []  # duplicate keys: which one counts is not ours to decide
    registry, organization, repository, image, name = (
        next((e for e in group.get(role, ()) if e.value.strip()), None)
        for role in (Role.REGISTRY, Role.ORGANIZATION, Role.REPOSITORY, Role.REFERENCE, Role.NAME)
    )
    path = [repository] if repository else []
    last = image or name
    if last and (not path or not {"/", ":"}.intersection(last.value)):
        path.append(last)
    if organization and path and "/" not in path[0].value:
        path.insert(0, organization)
    if registry and path:
        path.insert(0, registry)
    return path if len(path) > 1 and _is_one_name(path) else []


def _is_one_name(entries: Sequence[Entry]) -> bool:
    """Tell whether the values read as one reference; each for itself where several have a source registry."""
    return sum(e.written for e in entries) < 2 and Reference.match(join_name(e.value for e in entries)) is not None


def join_name(texts: Iterable[str]) -> str:
    """Return the parts of a split reference as one name; a registry may end with a slash."""
    return "/".join(text.strip().removesuffix("/") for text in texts)


def _split_site(entries: Sequence[Entry], path: KeyPath, context: Context) -> Site:
    blocker = None if all(e.span for e in entries) else Reason.ESCAPED
    if any(e.written for e in entries[1:]):
        blocker = Reason.OTHER_HOST
    parts = (Part(_role(e.key), e.span or e.outer, e.value) for e in entries)
    return Site(tuple(parts), context, (*path, entries[0].key), blocker=blocker)


def _role(key: str) -> Role:
    found = key_role(key)
    return found.role if found else Role.NAME


def _without_dynamic_tag(value: str) -> str:
    """Return a name whose tag is a placeholder without that tag."""
    for mark in (":{{", ":${", ":$(", ":" + OPAQUE):
        value = value.partition(mark)[0]
    return value


def _whole_sites(entry: Entry, role: Role, path: KeyPath, context: Context, *, every: bool) -> Iterator[Site]:
    value = _without_dynamic_tag(entry.value.strip())
    reference = Reference.match(value)
    if reference is None or (reference.registry and not every) or reference.repository.endswith(_NO_IMAGE):
        return
    if "/" not in value and is_host(reference.repository):
        return  # a registry by itself
    if role is Role.REGISTRY and (reference.suffix or reference.registry):
        return
    blocker = None if entry.span else Reason.ESCAPED
    yield Site((Part(role, entry.span or entry.outer, value),), context, (*path, entry.key), blocker=blocker)
