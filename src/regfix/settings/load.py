"""Reading a settings file strictly: an unknown key, a wrong type or a key given twice is an error with its place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NoReturn

from regfix.errors import RuleError, SettingsError, SourceError
from regfix.image.catalogue import preset_rules
from regfix.settings.model import Settings
from regfix.settings.place import place, rule_at
from regfix.text.read import read_file
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.image.catalogue import Preset
    from regfix.image.mirror import Mirror
    from regfix.image.rule import Rule
    from regfix.settings.model import Field

MAX_SETTINGS_BYTES = 1024 * 1024
"""A settings file is no larger than this."""

_KEYS = ("presets", "rules", "exclude", "text", "comments", "catalogue", "fields", "mirror")


def load_settings(path: str, given: Sequence[Preset] = ()) -> Settings:
    """Read the settings file at `path`; raises SettingsError with file, line and column.

    `given` are the presets of other files, which the settings may name.
    """
    root = read_yaml(path)
    if root is None:
        return Settings(path)
    reader = _Reader(path, root, given)
    return reader.settings()


def read_yaml(path: str) -> Any:
    """Return what a file of settings holds, with its places; raises SettingsError."""
    real = os.path.realpath(path)  # settings may be a link, unlike sources
    try:
        data, _ = read_file(real)
        source = decode(data, path)
    except SourceError as error:
        error.where = error.where.replace(real, path, 1)
        raise error.turned_into(SettingsError) from None
    if len(data) > MAX_SETTINGS_BYTES:
        raise SettingsError(f"a settings file has at most {MAX_SETTINGS_BYTES} bytes", where=path)
    return _parse(source.text, path)


def _parse(text: str, path: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark is not None else path
        why = str(error.problem or "it cannot be read").split("\n", 1)[0]
        raise SettingsError("the settings are not valid YAML", where=where, why=why) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        where = f"{path}:{line}:{column}"
        raise SettingsError("the settings are not valid YAML", where=where, why=error.reason) from None
    except Exception as error:  # the constructor trips over odd structures in many ways
        why = str(error).split("\n", 1)[0]
        raise SettingsError("the settings are not valid YAML", where=f"{path}:1:1", why=why) from None


class _Reader:
    """Reads the parsed mapping key by key."""

    def __init__(self, path: str, root: Any, given: Sequence[Preset]) -> None:
        self._path = path
        self._given = given
        if not isinstance(root, dict):
            self._fail(1, 1, "the settings are no mapping")
        self._root: Any = root

    def settings(self) -> Settings:
        for key in self._root:
            if key not in _KEYS:
                self._fail_at_key(key, f"unknown setting {key!r}", hint=f"one of: {', '.join(_KEYS)}")
        catalogue = self._catalogue()
        self._given = (*catalogue, *self._given)
        return Settings(
            self._path,
            self._rules(),
            self._names("presets"),
            self._names("exclude"),
            self._flag("text"),
            self._flag("comments"),
            catalogue,
            self._fields(),
            self._mirror(),
        )

    def _rules(self) -> tuple[Rule, ...]:
        rules = self._root.get("rules")
        if rules is None:
            return ()
        if not isinstance(rules, dict):
            self._fail_at_key("rules", "rules are a mapping", hint="write OLD: NEW, one a line")
        if getattr(rules, "merge", None):
            self._fail_at_key("rules", "rules have no merge key", hint="write them out")
        return tuple(
            rule_at(old, new, place(self._path, *self._root["rules"].lc.key(old))) for old, new in rules.items()
        )

    def _fields(self) -> tuple[Field, ...]:
        if "fields" not in self._root:
            return ()
        from regfix.settings.fields import read_fields

        return read_fields(self._root["fields"], place(self._path, *self._root.lc.key("fields")), self._path)

    def _mirror(self) -> Mirror | None:
        if self._root.get("mirror") is None:
            return None
        from regfix.settings.mirror import read_mirror

        return read_mirror(self._root, self._path)

    def _names(self, key: str) -> tuple[str, ...]:
        names = self._root.get(key)
        if names is None:
            return ()
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self._fail_at_key(key, f"{key} is a list of text")
        for name in names:
            if key == "presets":
                self._check_preset(key, name)
            elif not name.strip():
                self._fail_at_key(key, "an exclude pattern is empty")
        return tuple(str(name) for name in names)

    def _check_preset(self, key: str, name: str) -> None:
        try:
            preset_rules(name, self._given)
        except RuleError as error:
            self._fail_at_key(key, error.what, hint=error.hint)

    def _catalogue(self) -> tuple[Preset, ...]:
        found = self._root.get("catalogue")
        if found is None:
            return ()
        from regfix.settings.presets import presets_of

        if not isinstance(found, list):
            self._fail_at_key("catalogue", "catalogue is a list of presets", hint="each has a name and entries")
        return presets_of(self._root, self._path)

    def _flag(self, key: str) -> bool | None:
        value = self._root.get(key)
        if value is not None and not isinstance(value, bool):
            self._fail_at_key(key, f"{key} is true or false")
        return value

    def _fail_at_key(self, key: Any, what: str, *, hint: str = "") -> NoReturn:
        line, column = self._root.lc.key(key)
        self._fail(line + 1, column + 1, what, hint=hint)

    def _fail(self, line: int, column: int, what: str, *, hint: str = "") -> NoReturn:
        raise SettingsError(what, where=f"{self._path}:{line}:{column}", hint=hint)
