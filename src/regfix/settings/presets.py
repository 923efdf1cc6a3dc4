"""Presets of users, in a file of their own or below `catalogue` in the settings: each error with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.errors import SettingsError
from regfix.image.entries import BadEntry, read_preset
from regfix.settings.load import read_yaml
from regfix.settings.place import place

if TYPE_CHECKING:
    from regfix.image.catalogue import Preset
    from regfix.image.entries import Path


def load_presets(path: str) -> Preset:
    """Read the preset that a file holds; raises SettingsError with file, line and column."""
    root = read_yaml(path)
    try:
        return read_preset(root, (), path)
    except BadEntry as error:
        raise _located(error, root, path) from None


def presets_of(root: Any, path: str) -> tuple[Preset, ...]:
    """Read the presets below `catalogue` in parsed settings; raises SettingsError with file, line and column."""
    try:
        return tuple(read_preset(one, ("catalogue", at), path) for at, one in enumerate(root["catalogue"]))
    except BadEntry as error:
        raise _located(error, root, path) from None


def _located(error: BadEntry, root: Any, path: str) -> SettingsError:
    where = place(path, *_place(root, error.at, of_key=error.of_key))
    return SettingsError(error.what, where=where, hint=error.hint)


def _place(node: Any, at: Path, *, of_key: bool) -> tuple[int, int]:
    """Return line and column, from 0, of what a path leads to; where it has none, of what it lies in."""
    line, column = (node.lc.line, node.lc.col) if hasattr(node, "lc") else (0, 0)
    for number, step in enumerate(at, 1):
        try:
            if isinstance(step, int):
                line, column = node.lc.item(step)
            else:
                of_value = node[step] is not None and not (of_key and number == len(at))
                line, column = node.lc.value(step) if of_value else node.lc.key(step)
            node = node[step]
        except (AttributeError, IndexError, KeyError, TypeError):
            break  # from a merge key, or no collection
    return line, column
