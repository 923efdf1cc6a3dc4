"""The fingerprint of a YAML text: whether a parser sees the same in two texts, apart from some scalars. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.syntax.yamlevents import ALIAS, END, OTHER, SCALAR, YamlError, fast_events, slow_events, yaml_error

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from regfix.syntax.yamlevents import Events


def fingerprint(text: str, without: Collection[int]) -> int:
    """Return the sum of the squared hash of each event with its number, but for the scalars of these numbers.

    Squared, since Python's hash of a tuple is all but linear in what the tuple holds, so that a sum of plain hashes
    often stays the same where two values change places. It is worth something only within one process. Raises YamlError
    for a text that both parsers refuse.
    """
    try:
        return _sum(fast_events, text, without)
    except YamlError as refused:
        try:
            return _sum(slow_events, text, without)
        except YamlError:
            raise refused from None


def _sum(parse: Callable[[str], Events], text: str, without: Collection[int]) -> int:
    events = None
    try:
        events = parse(text)
        return _sum_of(events, without)
    except Exception as error:
        if events is not None and not isinstance(error, events.errors):
            raise
        raise yaml_error(error, text) from None


def _sum_of(events: Events, without: Collection[int]) -> int:
    kinds, total = events.kinds, 0
    for ordinal, event in enumerate(events.stream):
        kind = kinds[event.__class__]
        if kind == SCALAR:
            if ordinal not in without:
                total += hash((ordinal, event.value, event.anchor, event.tag, event.implicit)) ** 2
        elif kind in (END, OTHER):
            total += hash((ordinal, kind)) ** 2
        elif kind == ALIAS:
            total += hash((ordinal, event.anchor)) ** 2
        else:
            total += hash((ordinal, kind, event.anchor, event.tag)) ** 2
    return total
