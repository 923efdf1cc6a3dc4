"""Which pairs of a mapping are together one name. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.image.host import is_host
from regfix.image.reference import Reference
from regfix.locate.entry import OPAQUE
from regfix.locate.words import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from regfix.locate.entry import Entry, Group


_NAMING = (Role.REGISTRY, Role.ORGANIZATION, Role.REPOSITORY, Role.REFERENCE, Role.NAME)
"""The roles of what can be a part of a name, in the order of reading."""


def names_of(group: Group) -> list[list[Entry]]:
    """Return the names that the entries form, each as its entries, first the registry; none where each is its own.

    There are several where a key is given twice, in branches of a template or by mistake: each has to move.
    """
    choices = [[e for e in group.get(role, ()) if e.value.strip()] for role in _NAMING]
    usual = [next(iter(entries), None) for entries in choices]
    chosen = [usual] if max(map(len, choices)) < 2 else [
        [*usual[:at], entry, *usual[at + 1 :]] for at, entries in enumerate(choices) if len(entries) > 1
        for entry in entries
    ]  # fmt: skip
    return [joined for entries in chosen if (joined := _joined(*entries))]


def _joined(
    registry: Entry | None,
    organization: Entry | None,
    repository: Entry | None,
    image: Entry | None,
    name: Entry | None,
) -> list[Entry]:
    """Return the entries that together are one name, first the registry; empty where each stands for itself."""
    path = [repository] if repository else []
    last = image or name
    beside = repository is not None and is_host(repository.value.partition("/")[0])
    if last and (not path or (":" not in last.value and (beside or "/" not in last.value))):
        path.append(last)
    if registry and organization and path and "/" not in path[0].value:
        path.insert(0, organization)
    if registry and path:
        path.insert(0, registry)
    return path if len(path) > 1 and _is_one_name(path) else []


def _is_one_name(entries: Sequence[Entry]) -> bool:
    """Tell whether the values read as one reference; each for itself where several have a source registry."""
    return sum(e.written for e in entries) < 2 and Reference.match(join_name(map(value_of, entries))) is not None


def value_of(entry: Entry) -> str:
    """Return the value of an entry, without a tag that is a placeholder."""
    return _without_dynamic_tag(entry.value.strip())


def join_name(texts: Iterable[str]) -> str:
    """Return the parts of a split reference as one name; a registry may end with a slash."""
    return "/".join(text.strip().removesuffix("/") for text in texts)


def _without_dynamic_tag(value: str) -> str:
    """Return a name whose tag is a placeholder, or whose digest is a key of its own, without that."""
    for mark in (":{", ":$", ":%", ":<", ":@", ":#", ":" + OPAQUE):
        value = value.partition(mark)[0]
    return value.removesuffix("@sha256")
