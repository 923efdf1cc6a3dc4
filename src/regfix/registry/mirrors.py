"""Mirrors: other registries that are asked for the images of a registry, before that one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import RuleError, UsageError
from regfix.image.prefix import Prefix, parse_prefix
from regfix.registry.answer import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Mirror(NamedTuple):
    """Images below `source` are below `target`, too."""

    source: Prefix
    target: Prefix


def parse_mirrors(texts: Iterable[str]) -> tuple[Mirror, ...]:
    """Read mirrors, each `REGISTRY=MIRROR` with paths if need be; raises UsageError."""
    return tuple(map(_parse, texts))


def _parse(text: str) -> Mirror:
    where = f"--mirror {text}"
    source, equals, target = text.partition("=")
    if not equals:
        raise UsageError(f"{text!r} names no mirror", where=where, hint="write REGISTRY=MIRROR")
    try:
        return Mirror(parse_prefix(source, where=where), parse_prefix(target, where=where))
    except RuleError as error:
        raise error.turned_into(UsageError, where) from None


def questions(wanted: Wanted, mirrors: Iterable[Mirror]) -> Iterator[Wanted]:
    """Yield what mirrors are asked for an image, in their order."""
    path = tuple(wanted.repository.split("/"))
    for source, target in mirrors:
        if source.host == wanted.host and path[: len(source.path)] == source.path:
            yield Wanted(target.host, "/".join((*target.path, *path[len(source.path) :])), wanted.version)
