"""YAML parser events with marks in code points: from libyaml, and where it refuses, from a YAML 1.2 parser.

libyaml is fast and accepts what Helm and kubectl accept; ruamel.yaml's pure parser knows YAML 1.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from regfix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_DEPTH = 1000
"""Nesting that the slow parser is given at most; libyaml takes any depth in linear time."""

SCALAR, ALIAS, MAPPING, SEQUENCE, END, OTHER = range(6)


class Mark(Protocol):
    """A place in the text that was parsed; `index` counts code points."""

    index: int
    line: int
    column: int


class Event(Protocol):
    """What both parsers say of an event; `kind` tells which attributes it has."""

    start_mark: Mark
    end_mark: Mark
    anchor: str | None
    tag: str | None
    implicit: Any
    value: str
    style: str | None


Events = tuple["Iterator[Event]", dict[type, int]]
"""The events and, by their classes, their kinds."""


class YamlError(SourceError):
    """A text is not YAML; `line` and `column` count from 1 within the text that was parsed."""

    def __init__(self, why: str, line: int, column: int) -> None:
        super().__init__("not valid YAML", why=why, hint="the file is left as it was")
        self.line = line
        self.column = column


def fast_events(text: str) -> Events:
    """Return libyaml's events of `text`; iterating raises YamlError."""
    import yaml

    if not hasattr(yaml, "CSafeLoader"):
        return slow_events(text)
    return _libyaml(yaml, text), _kinds(yaml)


def _libyaml(yaml: Any, text: str) -> Iterator[Event]:
    parser = None
    try:
        parser = yaml.CSafeLoader(text)
        next_event: Callable[[], Event | None] = parser.get_event
        event = next_event()
        while event is not None:
            yield event
            event = next_event()
    except yaml.YAMLError as error:
        raise _yaml_error(error, text) from None
    finally:
        if parser is not None:
            parser.dispose()


def slow_events(text: str) -> Events:
    """Return the YAML 1.2 parser's events of `text`; iterating raises YamlError."""
    from ruamel import yaml

    return _pure(yaml, text), _kinds(yaml)


def _pure(yaml: Any, text: str) -> Iterator[Event]:
    depth = 0
    try:
        for event in yaml.YAML(typ="safe", pure=True).parse(text):
            name = type(event).__name__
            depth += name.endswith("StartEvent") - name.endswith("EndEvent")
            if depth > MAX_DEPTH:
                mark = event.start_mark
                raise YamlError(f"nested deeper than {MAX_DEPTH} levels", mark.line + 1, mark.column + 1)
            yield event
    except yaml.error.YAMLError as error:
        raise _yaml_error(error, text) from None
    except RecursionError:
        raise YamlError("nested too deeply", 1, 1) from None


def _kinds(yaml: Any) -> dict[type, int]:
    events = yaml.events
    return {
        events.ScalarEvent: SCALAR, events.AliasEvent: ALIAS,
        events.MappingStartEvent: MAPPING, events.SequenceStartEvent: SEQUENCE,
        events.MappingEndEvent: END, events.SequenceEndEvent: END,
        events.StreamStartEvent: OTHER, events.StreamEndEvent: OTHER,
        events.DocumentStartEvent: OTHER, events.DocumentEndEvent: OTHER,
    }  # fmt: skip


def _yaml_error(error: Any, text: str) -> YamlError:
    mark = getattr(error, "problem_mark", None)
    why = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    if mark is not None:
        return YamlError(str(why), mark.line + 1, mark.column + 1)
    at = min(int(getattr(error, "position", 0) or 0), len(text))
    return YamlError(str(why), text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
