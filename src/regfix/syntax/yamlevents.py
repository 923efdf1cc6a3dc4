"""YAML parser events with marks in code points: from libyaml, and where it refuses, from a YAML 1.2 parser.

libyaml is fast and accepts what Helm and kubectl accept; ruamel.yaml's pure parser knows YAML 1.2.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from regfix.errors import SourceError
from regfix.syntax.scalar import join_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 1000
"""Nesting that the slow parser is given at most, the limit that libyaml has of its own from 0.2.6 on."""

_LARGE = 1024 * 1024
_CHUNK = 64 * 1024

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


class YamlError(SourceError):
    """A text is not YAML; `line` and `column` count from 1 within the text that was parsed."""

    def __init__(self, why: str, line: int, column: int) -> None:
        super().__init__("not valid YAML", why=why, hint="the file is left as it was")
        self.line = line
        self.column = column


class Events(NamedTuple):
    """The events of a text, their kinds by their classes, and the errors that iterating may raise."""

    stream: Iterator[Event]
    kinds: dict[type, int]
    errors: tuple[type[Exception], ...]


class _Reader:
    """Gives a large text to libyaml in chunks, of which each is encoded when its turn comes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self, _size: int = _CHUNK, /) -> str:
        """Return the next chunk, whatever size is asked for: the parser keeps what it does not take."""
        chunk = self._text[self._at : self._at + _CHUNK]
        self._at += _CHUNK
        return chunk


def fast_events(text: str) -> Events:
    """Return libyaml's events of `text`; errors while iterating are for `yaml_error`."""
    parser = _libyaml(text)
    if parser is None:
        return slow_events(text)
    from yaml import error, events

    return Events(iter(parser.get_event, None), _kinds(events), (error.YAMLError,))  # the iterator has no frame


def _libyaml(text: str) -> Any:
    """Return libyaml's parser of `text`, or None where PyYAML was built without it."""
    # This module alone: a loader would set up a constructor and a resolver, and the package imports all of PyYAML.
    try:
        from yaml._yaml import CParser
    except ImportError:
        return None
    return CParser(text if len(text) < _LARGE else _Reader(text))


def require_yaml(text: str) -> None:
    """Raise YamlError if neither parser takes a text; no event is made for that, which is some twenty times faster."""
    try:
        _parse(text)
    except Exception as refused:
        try:
            for _ in slow_events(text).stream:
                pass
        except Exception:
            raise yaml_error(refused, text) from None


def _parse(text: str) -> None:
    parser = _libyaml(text)
    if parser is not None:
        parser.raw_parse()
    else:
        for _ in slow_events(text).stream:
            pass


def slow_events(text: str) -> Events:
    """Return the YAML 1.2 parser's events of `text`; errors while iterating are for `yaml_error`."""
    from ruamel import yaml

    return Events(_pure(yaml, text), _kinds(yaml.events), (Exception,))


def _pure(yaml: Any, text: str) -> Iterator[Event]:
    depth = 0
    for event in yaml.YAML(typ="safe", pure=True).parse(text):
        name = type(event).__name__
        depth += name.endswith("StartEvent") - name.endswith("EndEvent")
        if depth > MAX_DEPTH:
            mark = event.start_mark
            raise YamlError(f"nested deeper than {MAX_DEPTH} levels", mark.line + 1, mark.column + 1)
        if name == "ScalarEvent" and event.style == '"':
            event.value = join_surrogates(event.value)
        yield event


@cache
def _kinds(events: Any) -> dict[type, int]:
    return {
        events.ScalarEvent: SCALAR, events.AliasEvent: ALIAS,
        events.MappingStartEvent: MAPPING, events.SequenceStartEvent: SEQUENCE,
        events.MappingEndEvent: END, events.SequenceEndEvent: END,
        events.StreamStartEvent: OTHER, events.StreamEndEvent: OTHER,
        events.DocumentStartEvent: OTHER, events.DocumentEndEvent: OTHER,
    }  # fmt: skip


def yaml_error(error: Any, text: str) -> YamlError:
    """Return what a parser raised as YamlError, with its place in `text`."""
    if isinstance(error, YamlError):
        return error
    mark = getattr(error, "problem_mark", None)
    why = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    if mark is not None:
        return YamlError(str(why), mark.line + 1, mark.column + 1)
    at = min(int(getattr(error, "position", 0) or 0), len(text))
    return YamlError(str(why), text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
