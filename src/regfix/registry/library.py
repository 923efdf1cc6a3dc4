"""The import of httpx, in a third less time: without its own command line, which brings rich, pygments and click."""

from __future__ import annotations

import sys
from typing import cast

from regfix.errors import UsageError

_COMMAND_LINE = "httpx._main"


def import_httpx() -> None:
    """Import httpx as it is where those packages are not installed; raises UsageError where httpx itself is not."""
    modules = cast("dict[str, object]", sys.modules)
    modules.setdefault(_COMMAND_LINE, None)  # an import of it fails, which httpx takes for a missing package
    try:
        import httpx  # noqa: F401
    except ImportError:
        raise UsageError(
            "asking registries needs httpx, which is not installed", hint="pip install 'regfix[registry]'"
        ) from None
    finally:
        if modules[_COMMAND_LINE] is None:
            del modules[_COMMAND_LINE]
