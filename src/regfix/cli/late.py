"""A module of a package without the package's own `__init__`, which runs when it is asked for.

typer's `__init__` imports all of typer and half of the standard library; `typer.core`, which declares, parses and
explains, needs a third of that.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any


class _LatePackage(ModuleType):
    """A package that holds the modules below it, and all else once an attribute is asked for that is none of them."""

    def __getattr__(self, name: str) -> Any:
        below = f"{self.__name__}.{name}"
        if not name.startswith("__") and find_spec(below) is not None:
            return import_module(below)
        self.__class__ = ModuleType  # type: ignore[assignment]
        try:
            self.__spec__.loader.exec_module(self)  # type: ignore[union-attr]
        except AttributeError as error:  # would be taken for the answer that there is no such attribute
            raise ImportError(str(error), name=self.__name__) from error
        return getattr(self, name)


def import_late(package: str, module: str) -> None:
    """Import a module of a package; where the two cannot do without each other, the package as a whole."""
    if package not in sys.modules and (spec := find_spec(package)) is not None:
        late = module_from_spec(spec)
        late.__class__ = _LatePackage
        sys.modules[package] = late
        try:
            import_module(module)
        except ImportError:
            for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
                del sys.modules[name]
    import_module(module)
