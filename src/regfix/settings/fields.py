"""The entries of `fields` in a settings file, read strictly."""

from __future__ import annotations

from typing import Any, NoReturn

from regfix.errors import SettingsError
from regfix.settings.model import Field, FieldUse
from regfix.settings.place import place

_KEYS = ("apiVersion", "kind", "path", "as", "ignore")
_USES = tuple(use.value for use in FieldUse if use is not FieldUse.IGNORE)


def read_fields(entries: Any, where: str, path: str) -> tuple[Field, ...]:
    """Return the fields that a settings file at `path` names; `where` is the place of the key. Raises SettingsError."""
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise SettingsError("fields are a list", where=where)
    return tuple(_field(entries, at, path) for at in range(len(entries)))


def _field(entries: Any, at: int, path: str) -> Field:
    entry: Any = entries[at]
    line, column = entries.lc.item(at)
    if not hasattr(entry, "lc") or not hasattr(entry, "items"):
        raise SettingsError("a field is a mapping", where=place(path, line, column), hint=f"with {', '.join(_KEYS)}")
    for key, value in entry.items():
        if key not in _KEYS:
            _fail(entry, key, path, f"unknown key {key!r} of a field", hint=f"one of: {', '.join(_KEYS)}")
        if not isinstance(value, bool if key == "ignore" else str) or value == "":
            _fail(entry, key, path, f"{key} is {'true or false' if key == 'ignore' else 'text'}")
    if "path" not in entry:
        raise SettingsError("a field has a path", where=place(path, line, column), hint="a JSONPath, as $.spec.image")
    return Field(
        str(entry["path"]), _use(entry, path), str(entry.get("apiVersion", "")), str(entry.get("kind", "")),
        place(path, *entry.lc.value("path")),
    )  # fmt: skip


def _use(entry: Any, path: str) -> FieldUse:
    said = entry.get("as")
    if entry.get("ignore"):
        if said is not None:
            _fail(entry, "as", path, "a field that is ignored is nothing else", hint="remove as, or ignore")
        return FieldUse.IGNORE
    if said is not None and said not in _USES:
        _fail(entry, "as", path, f"a field is no {said!r}", hint=f"one of: {', '.join(_USES)}")
    return FieldUse(said) if said is not None else FieldUse.REFERENCE


def _fail(entry: Any, key: Any, path: str, what: str, *, hint: str = "") -> NoReturn:
    raise SettingsError(what, where=place(path, *entry.lc.key(key)), hint=hint)
