"""Reading a plan strictly: a list of addresses, or YAML with settings. Every error has its place."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from regfix.errors import RuleError, SettingsError, SourceError
from regfix.image.catalogue import preset_rules
from regfix.projects.address import BadAddress, parse_address
from regfix.projects.model import BRANCH, Project
from regfix.settings.load import read_yaml
from regfix.settings.place import place, rule_at
from regfix.text.read import read_file
from regfix.text.source import decode
from regfix.text.stdin import read_stdin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.projects.address import Address

_ENTRY = ("url", "branch", "base", "rules", "presets", "paths", "exclude", "title", "prove", "verify", "request")
_PLAN = ("projects", *(key for key in _ENTRY if key != "url"))
_TEXTS, _LISTS, _FLAGS = ("branch", "base", "title"), ("presets", "paths", "exclude", "request"), ("prove", "verify")


class _Entry(NamedTuple):
    """A project with the place of its address."""

    project: Project
    where: str


def read_plan(path: str) -> list[Project]:
    """Return the projects of a plan in its order; relative paths begin at its folder.

    A name that ends in .yaml or .yml is YAML, any other a list with one address a line; `-` is a list on standard
    input. Raises SettingsError with file, line and column.
    """
    if os.path.isdir(path):
        hint = "write the project into a file, or pipe it: echo PROJECT | regfix bulk -"
        raise SettingsError("a plan is a file, and this is a folder", where=path, hint=hint)
    found = list(_of_yaml(path) if path.endswith((".yaml", ".yml")) else _of_list(path))
    seen: dict[str, str] = {}
    for project, where in found:
        first = seen.setdefault(project.address.identity, where)
        if first != where:
            raise SettingsError("the project has two entries", where=where, hint=f"the first is at {first}")
    if not found:
        raise SettingsError("the plan lists no project", where=path, hint="write git URLs and checkouts, one a line")
    return [entry.project for entry in found]


def _of_list(path: str) -> Iterator[_Entry]:
    folder = _folder(path)
    for number, line in enumerate(_text(path).split("\n"), 1):
        text = line.strip()
        if text and not text.startswith("#"):
            where = f"{path}:{number}:{len(line) - len(line.lstrip()) + 1}"
            yield _Entry(Project(_address(text, folder, where)), where)


def _text(path: str) -> str:
    try:
        if path == "-":
            return decode(read_stdin(), path).text
        return decode(read_file(os.path.realpath(path))[0], path).text
    except SourceError as error:
        raise error.turned_into(SettingsError) from None


def _folder(path: str) -> str:
    return os.path.abspath("." if path == "-" else os.path.dirname(path) or ".")


def _address(text: str, folder: str, where: str) -> Address:
    try:
        return parse_address(text, folder)
    except BadAddress as error:
        raise SettingsError(error.what, where=where, hint=error.hint) from None


def _of_yaml(path: str) -> Iterator[_Entry]:
    root = read_yaml(path)
    reader = _Reader(path)
    if not isinstance(root, dict):
        reader.fail(1, 1, "a plan is a mapping", hint="with the key projects, a list")
    for key in root:
        if key not in _PLAN:
            reader.fail_at(root, key, f"unknown key {key!r}", hint=f"one of: {', '.join(_PLAN)}")
    entries: Any = root.get("projects")
    if not hasattr(entries, "lc") or not hasattr(entries, "append"):
        reader.fail_at(root, "projects" if "projects" in root else next(iter(root), None), "projects is a list",
                       hint="of addresses, or of mappings with the key url")  # fmt: skip
    common = reader.settings(root)
    for at, entry in enumerate(entries):
        yield reader.entry(entry, place(path, *entries.lc.item(at)), common)


class _Reader:
    """Reads the parsed plan key by key."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._base = _folder(path)

    def entry(self, entry: Any, where: str, common: dict[str, Any]) -> _Entry:
        """Return a project; `where` is the place of its entry, `common` the settings of the plan."""
        if isinstance(entry, str):
            return _Entry(Project(_address(entry, self._base, where), **common), where)
        if not isinstance(entry, dict):
            raise SettingsError("a project is an address, or a mapping", where=where, hint=f"with {', '.join(_ENTRY)}")
        mapping: Any = entry
        for key in mapping:
            if key not in _ENTRY:
                self.fail_at(mapping, key, f"unknown key {key!r} of a project", hint=f"one of: {', '.join(_ENTRY)}")
        if not isinstance(mapping.get("url"), str):
            raise SettingsError("a project has a url", where=where, hint="an address that git clone takes, or a path")
        own = self.settings(mapping)
        if "rules" in own or "presets" in own:  # one level decides which rules count
            common = {key: value for key, value in common.items() if key not in ("rules", "presets")}
        where = place(self._path, *mapping.lc.value("url"))
        return _Entry(Project(_address(str(mapping["url"]), self._base, where), **common | own), where)

    def settings(self, mapping: Any) -> dict[str, Any]:
        """Return the settings in a mapping, as arguments of Project."""
        found: dict[str, Any] = {key: self._text(mapping, key) for key in _TEXTS if key in mapping}
        found |= {key: self._texts(mapping, key) for key in _LISTS if key in mapping}
        for key in _FLAGS:
            if key in mapping:
                if not isinstance(mapping[key], bool):
                    self.fail_at(mapping, key, f"{key} is true or false")
                found[key] = mapping[key]
        if "rules" in mapping:
            found["rules"] = tuple(self._rules(mapping))
        self._check(mapping, found)
        return found

    def _check(self, mapping: Any, found: dict[str, Any]) -> None:
        for key in ("branch", "base"):
            if key in found and not is_branch(found[key]):
                self.fail_at(mapping, key, f"{key} is not a name of a branch", hint=f"as in {BRANCH}")
        for path in found.get("paths", ()):
            if os.path.isabs(path) or ".." in path.split("/"):
                self.fail_at(mapping, "paths", "paths lie in the project", hint="relative to its root, without ..")
        for name in found.get("presets", ()):
            try:
                preset_rules(name)
            except RuleError as error:
                self.fail_at(mapping, "presets", error.what, hint=error.hint)

    def _rules(self, mapping: Any) -> Iterator[str]:
        rules = mapping["rules"]
        if not isinstance(rules, dict) or getattr(rules, "merge", None):
            self.fail_at(mapping, "rules", "rules are a mapping", hint="write OLD: NEW, one a line")
        for old, new in rules.items():
            rule_at(old, new, place(self._path, *rules.lc.key(old)))  # type: ignore[attr-defined]
            yield f"{old}={new}"

    def _text(self, mapping: Any, key: str) -> str:
        text = mapping[key]
        if not isinstance(text, str) or not text.strip() or "\n" in text:
            self.fail_at(mapping, key, f"{key} is one line of text")
        return str(text)

    def _texts(self, mapping: Any, key: str) -> tuple[str, ...]:
        texts = mapping[key]
        if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
            self.fail_at(mapping, key, f"{key} is a list of text")
        return tuple(map(str, texts))

    def fail_at(self, mapping: Any, key: Any, what: str, *, hint: str = "") -> NoReturn:
        """Raise SettingsError at a key."""
        try:
            line, column = mapping.lc.key(key)
        except (AttributeError, KeyError, TypeError):  # from a merge key, or in an empty plan
            line, column = 0, 0
        self.fail(line + 1, column + 1, what, hint=hint)

    def fail(self, line: int, column: int, what: str, *, hint: str = "") -> NoReturn:
        """Raise SettingsError at a line and a column."""
        raise SettingsError(what, where=f"{self._path}:{line}:{column}", hint=hint)


def is_branch(name: str) -> bool:
    """Tell whether a text is the name of a branch, by the rules of git-check-ref-format(1)."""
    parts = name.split("/")
    return (
        re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{", name) is None
        and not name.startswith("-")
        and not name.endswith(".")
        and name != "@"
        and all(part and not part.startswith(".") and not part.endswith(".lock") for part in parts)
    )
