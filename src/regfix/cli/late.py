"""Modules that run when somebody asks them for something, not when they are imported.

typer's `__init__` imports all of typer and half of the standard library; `typer.core`, which declares, parses and
explains, needs a third of that. PyYAML and the module around libyaml are alike. This is for the process of the command
line alone: a program that uses regfix's API imports what it likes as it is used to.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_LATE_PATTERNS = frozenset({"yaml.reader"})
"""Modules whose patterns are compiled late. One of PyYAML takes a sixth of a run, and only its pure loaders use it."""


class _LatePattern:
    """A regular expression that is compiled when it is used."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._given = pattern, flags

    def __getattr__(self, name: str) -> Any:
        return getattr(re.compile(*self._given), name)


class _LateModule(ModuleType):
    """A module that runs once it is asked for an attribute; a package gives the modules below it without that."""

    def __getattr__(self, name: str) -> Any:
        below = f"{self.__name__}.{name}"
        if "__path__" in self.__dict__ and not name.startswith("__") and find_spec(below) is not None:
            return _import_below(below)
        self.__class__ = ModuleType  # type: ignore[assignment]
        try:
            self.__spec__.loader.exec_module(self)  # type: ignore[union-attr]
        except AttributeError as error:  # would be taken for the answer that there is no such attribute
            raise ImportError(str(error), name=self.__name__) from error
        return getattr(self, name)


def _import_below(name: str) -> ModuleType:
    if name not in _LATE_PATTERNS:
        return import_module(name)
    compile_now = re.compile
    try:
        re.compile = _LatePattern  # type: ignore[assignment]
        return import_module(name)
    finally:
        re.compile = compile_now


def run_late(*names: str) -> None:
    """Have modules run late that nobody has imported yet."""
    for name in names:
        if name not in sys.modules and (spec := find_spec(name)) is not None:
            module = module_from_spec(spec)
            module.__class__ = _LateModule
            sys.modules[name] = module


def import_late(package: str, module: str) -> None:
    """Import a module of a package that runs late; where it cannot do without the package, the package as a whole."""
    run_late(package)
    try:
        import_module(module)
    except ImportError:
        for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
            del sys.modules[name]
        import_module(module)
