"""Key paths: the keys and indexes that lead to a scalar."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

KeyPath = tuple[str | int, ...]
"""Mapping keys as text and sequence indexes as numbers, from the document's root."""


MAX_STEPS = 100
"""More steps than these are not shown: hostile depth times many references would be more than the file itself."""

_LEFT_OUT = "..."


def shown(path: Sequence[str | int]) -> KeyPath:
    """Return a key path with `...` for what is in the middle of a very long one."""
    if len(path) <= MAX_STEPS:
        return tuple(path)
    half = MAX_STEPS // 2
    return (*path[:half], _LEFT_OUT, *path[-half:])


def format_key_path(path: KeyPath) -> str:
    """Return `spec.containers[0].image`; a key that is not a plain word is quoted."""
    pieces: list[str] = []
    for step in path:
        if isinstance(step, int):
            pieces.append(f"[{step}]")
        elif step and all(c.isalnum() or c in "_-" for c in step):
            pieces.append(f".{step}" if pieces else step)
        else:
            pieces.append("[" + '"' + step.replace("\\", "\\\\").replace('"', '\\"') + '"' + "]")
    return "".join(pieces)
