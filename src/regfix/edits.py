"""Edits for a move: which letters of a reference change, in one piece or distributed over its keys. Pure."""

from __future__ import annotations

import re
from functools import cache
from sys import intern
from typing import TYPE_CHECKING

from regfix.image.host import DOCKER_HUB, DOCKER_HUB_HOSTS
from regfix.locate.site import Context
from regfix.syntax.scalar import needs_quotes
from regfix.text.edit import Edit
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.image.rule import Move
    from regfix.locate.site import NewName, Part, Site


def written_edit(text: str, site: Site, start: int, old: str, target: str) -> Edit:
    """Replace the start `old` of a name at `start` by `target`; an empty `old` is the registry that is not written."""
    new = target if old else target + "/"
    if site.occurrence is None:
        new = new.removeprefix(DOCKER_HUB + "/")  # a short name that stays on Docker Hub stays short
    return _quoted(text, site, _edit(text, Span(start, start + len(old)), new))


def added_edit(place: NewName, name: str) -> Edit:
    """Put a key with a new name where there is none."""
    new = f'"{name}"' if not place.after and needs_quotes(name) else name
    return Edit(Span(place.start, place.start), "", place.before + new + place.after)


def tag_edit(text: str, site: Site, tag: Part, new: str) -> Edit:
    """Replace a tag, in its reference or in a key of its own."""
    edit = _edit(text, tag.span, new)
    return _quoted(text, site, edit) if tag is site.tag else edit


def split_edits(text: str, site: Site, move: Move, *, with_registry: bool) -> list[Edit] | None:
    """Distribute a new name over the keys of the old one; None where a key would be left empty.

    The keys behind the replaced start keep their text. Where the replaced start ends inside a later key than the
    first, the first one gets the new registry, and those up to that key the rest of the path.
    """
    edits = _distributed(text, site.parts, move, move.consumed + with_registry)
    return None if edits is None else [_quoted(text, site, edit) for edit in edits if edit.old != edit.new]


def _distributed(text: str, parts: Sequence[Part], move: Move, old: int) -> list[Edit] | None:
    """Replace the first `old` components of a split name, the registry among them."""
    sizes = [len(part.text.strip().strip("/").split("/")) for part in parts]
    library = move.consumed == 0 and move.target.endswith("/library") and parts[0].text.strip("/") in DOCKER_HUB_HOSTS
    if old <= sizes[0] and not library:
        return [_part_edit(text, parts[0], old, move.target)]
    cut, _, rest = move.target.rpartition("/") if library else move.target.partition("/")
    last = next((n for n in range(1, len(sizes)) if old <= sum(sizes[: n + 1])), None)
    if last is None:
        return None
    old -= sum(sizes[:last])
    pieces = _shared_out(rest.split("/") if rest else [], sizes[1:last], at_least=int(old == sizes[last]))
    if pieces is None:
        return None
    middle = zip(parts[1:last], sizes[1:last], pieces, strict=False)
    edits = [(parts[0], sizes[0], cut), *middle, (parts[last], old, pieces[-1])]
    return [_part_edit(text, part, count, new) for part, count, new in edits]


def _shared_out(path: list[str], sizes: Sequence[int], *, at_least: int) -> list[str] | None:
    """Cut a path into one piece for each size, and one with the rest; None where there is not enough for all.

    A piece has as many components as its size says, if that leaves one for each that follows, and `at_least` for the
    rest.
    """
    pieces: list[str] = []
    for following, size in zip(range(len(sizes) - 1, -1, -1), sizes, strict=True):
        count = min(size, len(path) - following - at_least)
        if count < 1:
            return None
        pieces.append("/".join(path[:count]))
        path = path[count:]
    return [*pieces, "/".join(path)] if len(path) >= at_least else None


def _part_edit(text: str, part: Part, count: int, new: str) -> Edit:
    """Replace the first `count` components of a key's text."""
    old = "/".join(part.text.split("/")[:count])
    if not new and len(old) < len(part.text):
        old += "/"
    elif not old:
        new += "/"
    return _edit(text, Span(part.span.start, part.span.start + len(old)), new)


def _edit(text: str, span: Span, new: str) -> Edit:
    return Edit(span, intern(text[span.start : span.end]), intern(new))  # there are few, but many edits


def _quoted(text: str, site: Site, edit: Edit) -> Edit:
    """Widen an edit to the whole scalar with quotes, where the new text cannot stand as a plain scalar."""
    if site.context not in (Context.VALUE, Context.KEY):
        return edit
    if text[edit.span.start - 1 : edit.span.start] not in _BEFORE_PLAIN:
        return edit
    found = _plain_rest().match(text, edit.span.end)
    end = found.end() if found else edit.span.end
    scalar = edit.new + text[edit.span.end : end]
    if not needs_quotes(scalar):
        return edit
    return Edit(Span(edit.span.start, end), text[edit.span.start : end], f'"{scalar}"')


_BEFORE_PLAIN = frozenset(" \n\t[,{")


@cache
def _plain_rest() -> re.Pattern[str]:
    return re.compile(r"[\w./:@-]*(?<!:)")
