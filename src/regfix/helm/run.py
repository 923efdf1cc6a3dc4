"""Running the user's Helm: where the binary is, and one call of it, bounded in time and in output."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix import program
from regfix.errors import RegfixError
from regfix.program import MAX_OUTPUT, ProgramError, Programs, find_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT = 120.0
"""What one call may take, in seconds."""


class HelmError(RegfixError):
    """Helm could not be started, took too long, printed too much, or says that something is wrong."""


class Done(program.Done):
    """How a call of Helm ended: its exit code, and what it printed."""

    __slots__ = ()

    @property
    def why(self) -> str:
        """The line of Helm's messages that says what went wrong, without its `Error: `."""
        lines = [line.strip() for line in self.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        said = next((line for line in lines if line.startswith("Error:")), lines[-1] if lines else "")
        return said.removeprefix("Error:").strip()[:2000] or f"exit code {self.code}"


def find_helm(named: str | None = None) -> str:
    """Return the path of the Helm binary: the one that is named, else the one on the PATH; raises UsageError."""
    return find_program("helm", named, "install Helm 3 or 4, or name it with --helm")


def run_helm(
    helm: str,
    arguments: Sequence[str],
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
    limit: int = MAX_OUTPUT,
) -> Done:
    """Run Helm without a terminal and return how it ended, whatever its exit code.

    `env` is added to the environment, `timeout` is in seconds, `limit` in bytes for each stream. The whole process
    group is killed when time is over. Raises HelmError for a call that cannot be started or goes beyond its limits.
    """
    try:
        done = Programs().run(
            [helm, *arguments], cwd=cwd, env={**os.environ, **(env or {})}, timeout=timeout, limit=limit
        )
    except ProgramError as error:
        if error.where:
            raise HelmError("helm cannot be started", where=helm, why=error.why) from None
        raise HelmError(f"helm {' '.join(arguments[:2])} was stopped", why=error.what) from None
    return Done(done.code, done.stdout, done.stderr)
