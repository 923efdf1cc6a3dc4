"""The open collections of a document while its events go by."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.locate.mapping import Entry
from regfix.locate.words import Role, key_role
from regfix.syntax.scalar import is_string, verbatim_start
from regfix.text.span import Span

if TYPE_CHECKING:
    from regfix.locate.site import Occurrence, Site
    from regfix.syntax.yamlevents import Event


class Pair(NamedTuple):
    """A key that speaks of images with its scalar; `written` tells that a source registry is written in it."""

    key: str
    event: Event
    ordinal: int
    weight: int
    written: bool


class Frame:
    """An open mapping or sequence."""

    __slots__ = ("expects_key", "index", "is_mapping", "key", "name", "pairs", "secret", "sites")

    def __init__(self, is_mapping: bool) -> None:
        self.is_mapping = is_mapping
        self.expects_key = is_mapping
        self.key: str | None = None
        self.index = -1
        self.name: str | None = None  # the value of the key `name`, which says what `value` is in env lists
        self.secret = False
        self.pairs: list[Pair] | None = None
        self.sites: list[Site] | None = None

    def add(self, pair: Pair) -> None:
        if self.pairs is None:
            self.pairs = []
        self.pairs.append(pair)


LABEL_PARENTS = frozenset(
    (
        "labels",
        "annotations",
        "matchLabels",
        "nodeSelector",
        "selector",
        "commonLabels",
        "commonAnnotations",
        "podLabels",
        "podAnnotations",
    )
)
CREDENTIALS = frozenset(("username", "password", "auth"))


def is_registry_value(frame: Frame, event: Event, occurrence: Occurrence) -> bool:
    """Tell whether an occurrence is the whole value of a key for registries (`hub: docker.io/istio`)."""
    role = key_role(frame.key) if frame.is_mapping and frame.key is not None else None
    name = "/".join((occurrence.host, *occurrence.path))
    return role is not None and role.role is Role.REGISTRY and event.value.strip() in (name, name + "/")


def advance(frame: Frame) -> None:
    """Step over a node that is no scalar: a value, an item, or a complex key."""
    if not frame.is_mapping:
        frame.index += 1
    elif frame.expects_key:
        frame.key, frame.expects_key = "?", False
    else:
        frame.expects_key = True


def entry_of(text: str, pair: Pair, outer: Span) -> Entry | None:
    """Return a pair whose value is a text, with the place where that stands verbatim; None for other values."""
    value, style = pair.event.value, pair.event.style
    if not value or not is_string(value, plain=not style):
        return None
    start, end = outer
    inner = verbatim_start(text, start, end, value)
    if inner is None and style in ("|", ">") and text[start:end].strip() == value.strip():
        value = value.strip()
        inner = text.find(value, start, end)
    span = None if inner is None else Span(inner, inner + len(value))
    return Entry(pair.key, value, span, outer, pair.written)
