"""The few scalars of a YAML document that somebody wants, with their key paths; for others nothing is built. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from regfix.syntax.yamlevents import END, MAPPING, OTHER, SCALAR, SEQUENCE, YamlError
from regfix.syntax.yamltree import MAX_NESTING, NULLS, reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamlevents import Event, Events


@dataclass(slots=True)
class _Open:
    """A collection under way; `step` leads from it to its child at hand, None where no key path does."""

    is_mapping: bool
    is_entered: bool
    step: str | int | None = None
    is_key_next: bool = True


def scalars_where(text: str, name: str, is_wanted: Callable[[str], bool]) -> list[tuple[KeyPath, Event]]:
    """Return the values that are wanted by their text, in the order of the file.

    Values with an anchor are left out, with all below them; so are keys. There are none in a text that does not hold
    exactly one document besides empty ones, and that a mapping. Raises SourceError with the place of what is wrong.
    """
    return reading(text, name, lambda events: _wanted(events, is_wanted))


def _wanted(events: Events, is_wanted: Callable[[str], bool]) -> list[tuple[KeyPath, Event]]:
    kinds, stack = events.kinds, list[_Open]()
    roots: list[int] = []
    found: list[tuple[KeyPath, Event]] = []
    for event in events.stream:
        kind = kinds[event.__class__]
        if kind == END:
            stack.pop()
            continue
        if kind == OTHER:
            continue
        if not stack and not (kind == SCALAR and not event.style and event.tag is None and event.value in NULLS):
            roots.append(kind)
        is_entered = (_is_entered(stack[-1], kind, event) if stack else True) and not event.anchor
        if kind in (MAPPING, SEQUENCE):
            if len(stack) >= MAX_NESTING:
                mark = event.start_mark
                raise YamlError(f"nested deeper than {MAX_NESTING} levels", mark.line + 1, mark.column + 1)
            stack.append(_Open(kind == MAPPING, is_entered))
        elif kind == SCALAR and is_entered and is_wanted(event.value):
            found.append((tuple(opened.step for opened in stack if opened.step is not None), event))
    return found if roots == [MAPPING] else []


def _is_entered(within: _Open, kind: int, event: Event) -> bool:
    """Move on to the next child of a collection; tell whether it is a value that a key path leads to."""
    if not within.is_mapping:
        within.step = within.step + 1 if isinstance(within.step, int) else 0
        return within.is_entered
    within.is_key_next = not within.is_key_next
    if not within.is_key_next:
        within.step = event.value if kind == SCALAR else None
        return False
    return within.is_entered and within.step is not None
