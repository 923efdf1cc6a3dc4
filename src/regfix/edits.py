"""Edits for a move: which letters of a reference change, in one piece or distributed over its keys. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.image.host import DOCKER_HUB, DOCKER_HUB_HOSTS
from regfix.locate.site import Context
from regfix.syntax.scalar import needs_quotes
from regfix.text.edit import Edit
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.image.rule import Move
    from regfix.locate.site import Part, Site


def written_edit(text: str, site: Site, start: int, old: str, target: str) -> Edit:
    """Replace the start `old` of a name at `start` by `target`; an empty `old` is the registry that is not written."""
    new = target if old else target + "/"
    if site.occurrence is None:
        new = new.removeprefix(DOCKER_HUB + "/")  # a short name that stays on Docker Hub stays short
    return _quoted(text, site, _edit(text, Span(start, start + len(old)), new))


def split_edits(text: str, site: Site, move: Move, *, with_registry: bool) -> list[Edit] | None:
    """Distribute a new name over the keys of the old one; None where a key would be left empty.

    The keys behind the replaced start keep their text. Where the replaced start ends inside a later key than the
    first, the first one gets the new registry and the key with the end the rest of the path.
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
    edits = [_part_edit(text, parts[0], sizes[0], cut)]
    old -= sizes[0]
    if old > sizes[1] or (old == sizes[1] and not rest):
        return None
    return [*edits, _part_edit(text, parts[1], old, rest)]


def _part_edit(text: str, part: Part, count: int, new: str) -> Edit:
    """Replace the first `count` components of a key's text."""
    old = "/".join(part.text.split("/")[:count])
    if not new and len(old) < len(part.text):
        old += "/"
    elif not old:
        new += "/"
    return _edit(text, Span(part.span.start, part.span.start + len(old)), new)


def _edit(text: str, span: Span, new: str) -> Edit:
    return Edit(span, text[span.start : span.end], new)


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
