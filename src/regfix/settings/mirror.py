"""The key `mirror` of a settings file, read strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.errors import RuleError, SettingsError
from regfix.image import grammar
from regfix.image.mirror import Mirror, require_template
from regfix.settings.place import place, prefix_at

if TYPE_CHECKING:
    from regfix.image.prefix import Prefix

_KEYS = ("target", "registries", "exclude", "max-length", "max-depth")


def read_mirror(root: Any, path: str) -> Mirror:
    """Return the mirror that a settings file at `path` names below `mirror`; raises SettingsError with the place."""
    said, where = root["mirror"], place(path, *root.lc.value("mirror"))
    if isinstance(said, str):
        _require(said, where)
        return Mirror(said, where=where)
    if not hasattr(said, "lc") or not hasattr(said, "items"):
        raise SettingsError("mirror is a template, or a mapping", where=where, hint=f"with {', '.join(_KEYS)}")
    for key in said:
        if key not in _KEYS:
            raise SettingsError(f"unknown key {key!r} of a mirror", where=place(path, *said.lc.key(key)),
                                hint=f"one of: {', '.join(_KEYS)}")  # fmt: skip
    target = said.get("target")
    if not isinstance(target, str):
        raise SettingsError("a mirror has a target", where=where, hint="as harbor.example.com/{registry}/{repository}")
    where = place(path, *said.lc.value("target"))
    _require(target, where)
    exclude = tuple(_prefix(*one) for one in _listed(said, "exclude", path))
    most = (_limit(said, "max-length", path), _limit(said, "max-depth", path))
    return Mirror(target, _registries(said, path), exclude, *most, where)


def _require(template: str, where: str) -> None:
    try:
        require_template(template, where)
    except RuleError as error:
        raise error.turned_into(SettingsError) from None


def _registries(said: Any, path: str) -> dict[str, str] | None:
    """Return registries with what the template calls them: a list of hosts, or a mapping to names."""
    found: Any = said.get("registries")
    if found is None:
        return None
    if hasattr(found, "items"):
        for host, name in found.items():
            where = place(path, *found.lc.value(host))
            if not isinstance(name, str):
                raise SettingsError("the name of a registry is text", where=where)
            _prefix(f"example.com/{name}", where)
        return {_host(host, place(path, *found.lc.key(host))): str(name) for host, name in found.items()}
    hosts = (_host(prefix, where) for prefix, where in _listed(said, "registries", path))
    return {host: host for host in hosts}


def _host(said: Any, where: str) -> str:
    prefix = _prefix(said, where)
    if prefix.path:
        raise SettingsError(f"{said!r} is no registry", where=where, why="it has a path")
    return prefix.host


def _listed(said: Any, key: str, path: str) -> list[tuple[Any, str]]:
    """Return the items of a list with their places."""
    found: Any = said.get(key)
    if found is None:
        return []
    if not hasattr(found, "lc") or hasattr(found, "items"):
        raise SettingsError(f"{key} is a list of registries", where=place(path, *said.lc.key(key)))
    return [(one, place(path, *found.lc.item(at))) for at, one in enumerate(found)]


def _prefix(text: Any, where: str) -> Prefix:
    """Return a prefix; raises SettingsError."""
    if not isinstance(text, str):
        raise SettingsError("a registry is text", where=where)
    return prefix_at(text, where)


def _limit(said: Any, key: str, path: str) -> int:
    number = said.get(key, grammar.MAX_REPOSITORY)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number <= grammar.MAX_REPOSITORY:
        raise SettingsError(f"{key} is a number from 1 to {grammar.MAX_REPOSITORY}",
                            where=place(path, *said.lc.key(key)))  # fmt: skip
    return int(number)
