"""The scalars of documents with the keys above them, and their numbers among the parser's events."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.syntax.scalar import content_span, is_string
from regfix.syntax.yamlevents import ALIAS, END, MAPPING, SCALAR, SEQUENCE, YamlError, fast_events
from regfix.syntax.yamltree import MAX_NESTING
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamlevents import Event


class Place(NamedTuple):
    """A scalar that is a value: its key path, what it says, its text with quotes, its number among the events."""

    path: KeyPath
    value: str
    style: str | None
    outer: Span
    ordinal: int

    @property
    def is_text(self) -> bool:
        """Whether it is a string in every version of YAML, as far as its style shows."""
        return is_string(self.value, plain=not self.style)

    def span(self, text: str) -> Span | None:
        """Return where the value stands in `text` letter by letter; None where it is escaped or folded."""
        quoted = self.style in ("'", '"')
        start, end = self.outer.start + quoted, self.outer.end - quoted
        same = end - start == len(self.value) and text.startswith(self.value, start)
        return Span(start, end) if same else None


class _Open:
    """A collection under way, or a key that is one.

    `step` is the key or index of what comes, None where a key is expected.
    """

    __slots__ = ("is_key", "is_mapping", "step")

    def __init__(self, *, is_mapping: bool, is_key: bool) -> None:
        self.is_mapping = is_mapping
        self.is_key = is_key
        self.step: str | int | None = None if is_mapping else -1


def places_of(text: str) -> Iterator[list[Place]]:
    """Yield the scalar values of each document of a stream, in order; nothing for a text that libyaml refuses.

    An alias stands for itself: each scalar is told once, where it is written. Hostile depth ends the stream.
    """
    found: list[Place] = []
    stack: list[_Open] = []
    events = fast_events(text)
    try:
        for ordinal, event in enumerate(events.stream):
            kind = events.kinds[event.__class__]
            if kind in (MAPPING, SEQUENCE):
                is_key = not _advance(stack, None)
                stack.append(_Open(is_mapping=kind == MAPPING, is_key=is_key))
                if len(stack) > MAX_NESTING:
                    return
            elif kind == END:
                if not stack.pop().is_key:
                    _after_value(stack)
            elif kind == SCALAR and _advance(stack, event):
                path = tuple("?" if opened.step is None else opened.step for opened in stack)
                found.append(Place(path, event.value, event.style, content_span(text, event), ordinal))
                _after_value(stack)
            elif kind == ALIAS and _advance(stack, event):
                _after_value(stack)
            elif not stack and found:
                yield found
                found = []
    except YamlError:
        return
    except events.errors:
        return


def _advance(stack: list[_Open], event: Event | None) -> bool:
    """Take notice of a node that begins; tell whether it is a value."""
    if not stack:
        return True
    top = stack[-1]
    if isinstance(top.step, int):
        top.step += 1
    elif top.step is None:
        top.step = getattr(event, "value", "?") if event is not None else "?"
        return False
    return True


def _after_value(stack: list[_Open]) -> None:
    """Take notice of a value that ended: in a mapping a key comes next."""
    if stack and stack[-1].is_mapping:
        stack[-1].step = None
