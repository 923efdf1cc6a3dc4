"""Where the entry of a selector can get a `newName`: as a line of its own behind `name`, or in its braces.

Sources: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/,
https://fluxcd.io/flux/components/kustomize/kustomizations/#images
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.errors import SourceError
from regfix.image.reference import Reference
from regfix.locate.site import NewName
from regfix.syntax.yamlevents import MAPPING, SCALAR
from regfix.syntax.yamltree import parse_tree
from regfix.text.place import line_end
from regfix.text.span import line_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.syntax.yamltree import Node
    from regfix.text.edit import Edit

NEW_NAME = "newName"
_QUOTES = ("'", '"')


def new_names(text: str) -> dict[int, NewName]:
    """Return where a `newName` can be put for each `name` that has none, by the start of the name (code points).

    There is no such place beside a merge key or a name with an anchor, a tag or a version, nor in a text that libyaml
    refuses.
    """
    try:
        stack = list(parse_tree(text, "").documents)
    except SourceError:
        return {}
    found: dict[int, NewName] = {}
    while stack:
        node = stack.pop()
        stack += node.children
        for key, value in _names(node):
            place = (_in_braces if node.flow else _on_a_line)(text, key, value)
            if place is not None:
                found[value.start + bool(value.style)] = place
    return found


def _names(node: Node) -> Iterator[tuple[Node, Node]]:
    """Yield the key and value of the one `name` of a mapping that may get a new one."""
    if node.kind != MAPPING:
        return
    keys = [key.value for key in node.children[::2] if key.kind == SCALAR]
    if keys.count("name") != 1 or NEW_NAME in keys or "<<" in keys:
        return
    key, value = next(pair for pair in node.pairs() if pair[0].value == "name")
    reference = Reference.match(value.value) if value.kind == SCALAR else None
    apart = key.anchor or key.tag or value.anchor or value.tag or value.style in ("|", ">")
    if reference is not None and not reference.suffix and not apart:
        yield key, value


def _quote(node: Node) -> str:
    return node.style if node.style in _QUOTES else ""


def _texts(key: Node, value: Node) -> tuple[str, str]:
    """Return the new key with the start of its value, and its end: quoted as the old ones are."""
    quote = _quote(value)
    return f"{_quote(key)}{NEW_NAME}{_quote(key)}: {quote}", quote


def _on_a_line(text: str, key: Node, value: Node) -> NewName | None:
    """Return the place at the end of the line of a name in a block mapping."""
    before = text[line_start(text, key.start) : key.start]
    end = text.find("\n", value.end)
    end = len(text) if end < 0 else end
    rest = text[value.end : end]
    if before.strip(" -") or _rest_of_line().fullmatch(rest) is None:
        return None
    carriage = rest[-1:] == "\r"
    break_ = line_end(text) if end == len(text) else "\r\n" if carriage else "\n"
    start, quote = _texts(key, value)
    return NewName(end - carriage, break_ + " " * len(before) + start, quote)


@cache
def _rest_of_line() -> re.Pattern[str]:
    return re.compile(r"[ \t]*(?:(?<=[ \t])#[^\r\n]*)?\r?")


def _in_braces(text: str, key: Node, value: Node) -> NewName:
    """Return the place behind a name in a flow mapping; on a line of its own where the name has one."""
    before = text[line_start(text, key.start) : key.start]
    start, quote = _texts(key, value)
    alone = re.compile(r",?[ \t]*(\r?\n)").match(text, value.end)
    if not before.strip() and alone is not None:
        return NewName(value.end, "," + alone[1] + before + start, quote)
    return NewName(value.end, ", " + start, quote)


@cache
def _added() -> re.Pattern[str]:
    return re.compile(rf"(?:,?\r?\n[ \t]*|, )([\"']?){NEW_NAME}\1: ([\"']?)([^\s\"',]+)\2")


def added_name(edit: Edit) -> str:
    """Return the name that an edit brings with a key of its own; empty for all other edits."""
    found = _added().fullmatch(edit.new) if not edit.old else None
    return "" if found is None else found[3]
