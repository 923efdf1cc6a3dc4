"""Reading presets and their entries from plain data, as JSON and YAML give it, strictly."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, NoReturn

from regfix.errors import RuleError
from regfix.image.catalogue import Preset
from regfix.image.deadline import first_day
from regfix.image.entry import Entry, Kind, TagChange, Tags, numbers
from regfix.image.prefix import Prefix, parse_prefix
from regfix.image.rule import Rule

Path = tuple[str | int, ...]
"""Keys and indexes to a place in the data."""

_PRESET = ("name", "summary", "entries")
_ENTRY = ("from", "to", "class", "since", "until", "tags", "tag", "charts", "note", "sources")
_TAGS = ("at-least", "below", "only", "except")
_TAG = ("remove-prefix", "add-prefix")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PIECE = re.compile(r"[\w.-]+")
_PATTERN = re.compile(r"[\w.*-]+")
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_SOURCE = re.compile(r"https://[^\s/]+(?:/\S*)?")


class BadEntry(Exception):
    """Data that is no preset: where in it, what is wrong, what was expected."""

    def __init__(self, at: Path, what: str, hint: str = "", *, of_key: bool = False) -> None:
        super().__init__(what)
        self.at, self.what, self.hint, self.of_key = at, what, hint, of_key


def read_preset(data: Any, at: Path = (), origin: str = "") -> Preset:
    """Read a preset; its rules get an origin that names it. Raises BadEntry for data of another form."""
    _keys(data, at, _PRESET, "a preset")
    name = _text(data, "name", at, needed=True)
    if not _NAME.fullmatch(name):
        _fail((*at, "name"), f"{name!r} is no name of a preset", "write small letters, digits and dashes")
    entries = data.get("entries")
    if not isinstance(entries, list) or not entries:
        _fail((*at, "entries") if "entries" in data else at, "a preset has a list of entries", "write `entries:`")
    said = f"preset {name}" + (f" of {origin}" if origin else "")
    rules: dict[Prefix, Rule] = {}
    for number, entry in enumerate(entries):
        here = (*at, "entries", number)
        rule = _rule(entry, here, said)
        if rules.setdefault(rule.source.normalized, rule) is not rule:
            _fail((*here, "from"), f"there is an entry from {rule.source} already", "keep one of them")
    return Preset(name, _text(data, "summary", at), tuple(rules.values()))


def _rule(data: Any, at: Path, origin: str) -> Rule:
    _keys(data, at, _ENTRY, "an entry")
    source = _prefix(data, "from", at)
    kind = _kind(data, at)
    target = _target(data, at, kind, source)
    charts = data.get("charts", False)
    if not isinstance(charts, bool):
        _fail((*at, "charts"), "charts is true or false")
    since, until = _date(data, "since", at), _date(data, "until", at)
    tag = _change(data, at)
    if tag is not None and kind in (Kind.MIRROR, Kind.SUCCESSOR, Kind.GONE, Kind.UNAFFECTED):
        _fail((*at, "tag"), f"the tags of class {kind} do not change", "class renamed is for those that do")
    entry = Entry(kind, _text(data, "note", at), since, until, _tags(data, at), tag,
                  _texts(data, "sources", at, _SOURCE, "an address with https://"), charts)  # fmt: skip
    return Rule(source, target, origin, entry)


def _kind(data: Any, at: Path) -> Kind:
    said = _text(data, "class", at, needed=True)
    if said not in tuple(Kind):
        _fail((*at, "class"), f"{said!r} is no class", f"one of: {', '.join(Kind)}")
    return Kind(said)


def _target(data: Any, at: Path, kind: Kind, source: Prefix) -> Prefix:
    if "to" not in data:
        if kind in (Kind.MIRROR, Kind.RENAMED, Kind.OPTIONAL):
            _fail(at, f"an entry of class {kind} says where to", "write `to:`")
        return source
    if kind in (Kind.GONE, Kind.UNAFFECTED):
        _fail((*at, "to"), f"an entry of class {kind} leads nowhere", "leave out `to`")
    target = _prefix(data, "to", at)
    if target.normalized == source.normalized:
        _fail((*at, "to"), "both sides are the same", "class unaffected is for what stays")
    return target


def _tags(data: Any, at: Path) -> Tags | None:
    said = data.get("tags")
    if "tags" not in data:
        return None
    at = (*at, "tags")
    _keys(said, at, _TAGS, "a condition on tags")
    if not said:
        _fail(at, "the condition is empty", f"write one of: {', '.join(_TAGS)}")
    for key in ("at-least", "below"):
        if key in said and numbers(_text(said, key, at, needed=True)) is None:
            _fail((*at, key), f"{said[key]!r} is no version", "write it in quotes, as in '1.20'")
    patterns = (_texts(said, key, at, _PATTERN, "a tag, or a part of it with `*`") for key in ("only", "except"))
    return Tags(_text(said, "at-least", at), _text(said, "below", at), *patterns)


def _change(data: Any, at: Path) -> TagChange | None:
    if "tag" not in data:
        return None
    said, at = data["tag"], (*at, "tag")
    _keys(said, at, _TAG, "a change of tags")
    for key in said:
        if not _PIECE.fullmatch(_text(said, key, at, needed=True)):
            _fail((*at, key), f"{said[key]!r} cannot be in a tag", "write letters, digits, `_`, `.` and `-`")
    if not said:
        _fail(at, "the change is empty", f"write one of: {', '.join(_TAG)}")
    return TagChange(_text(said, "remove-prefix", at), _text(said, "add-prefix", at))


def _prefix(data: Any, key: str, at: Path) -> Prefix:
    try:
        return parse_prefix(_text(data, key, at, needed=True))
    except RuleError as error:
        _fail((*at, key), f"{error.what}: {error.why}" if error.why else error.what, error.hint)


def _date(data: Any, key: str, at: Path) -> str:
    given = data.get(key)
    if isinstance(given, date) and not isinstance(given, datetime):  # YAML reads a day without quotes as one
        return given.isoformat()
    said = _text(data, key, at)
    if said and (not _DATE.fullmatch(said) or first_day(said) is None):
        _fail((*at, key), f"{said!r} is no date", "write '2025-08-28', '2025-08' or '2025'")
    return said


def _text(data: Any, key: str, at: Path, *, needed: bool = False) -> str:
    said = data.get(key)
    if key not in data and not needed:
        return ""
    if not isinstance(said, str) or not said.strip():
        _fail((*at, key) if key in data else at, f"{key} is text", f"write `{key}:` with a text, in quotes if need be")
    return str(said)


def _texts(data: Any, key: str, at: Path, form: re.Pattern[str], what: str) -> tuple[str, ...]:
    said = data.get(key)
    if key not in data:
        return ()
    if not isinstance(said, list) or not said:
        _fail((*at, key), f"{key} is a list", f"each item is {what}")
    for number, text in enumerate(said):
        if not isinstance(text, str) or not form.fullmatch(text):
            _fail((*at, key, number), f"{text!r} is not {what}")
    return tuple(str(text) for text in said)


def _keys(data: Any, at: Path, known: tuple[str, ...], what: str) -> None:
    if not isinstance(data, dict):
        _fail(at, f"{what} is a mapping", f"its keys are: {', '.join(known)}")
    for key in data:
        if key not in known:
            raise BadEntry((*at, key), f"unknown key {key!r} in {what}", f"one of: {', '.join(known)}", of_key=True)


def _fail(at: Path, what: str, hint: str = "") -> NoReturn:
    raise BadEntry(at, what, hint)
