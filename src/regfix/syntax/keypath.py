"""Key paths: the keys and indexes that lead to a scalar."""

from __future__ import annotations

KeyPath = tuple[str | int, ...]
"""Mapping keys as text and sequence indexes as numbers, from the document's root."""


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
