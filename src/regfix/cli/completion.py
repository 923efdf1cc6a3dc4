"""The command line of `regfix completion`."""

from __future__ import annotations

import os
from typing import Any

from regfix.cli.options import argument, command

SHELLS = ("bash", "zsh", "fish")


@command(argument("shell", "SHELL", f"The shell: {', '.join(SHELLS[:-1])} or {SHELLS[-1]}."))
def completion(*, shell: str) -> int:
    """Print the completion of a shell, as a script for it.

    It asks regfix itself, at each press of Tab, what can come next. Nothing is written: put the script where the
    shell looks for it.
    """
    from regfix.cli.console import Console

    if shell not in SHELLS:
        from regfix.errors import UsageError

        raise UsageError(f"no completion for {shell!r}", hint=f"there is one for {', '.join(SHELLS)}")
    loader: Any = __spec__.loader  # the package may be in an archive
    script = loader.get_data(os.path.join(os.path.dirname(__file__), "shells", f"regfix.{shell}"))
    Console().result(script.decode())
    return 0
