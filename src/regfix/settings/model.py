"""What a settings file says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regfix.image.rule import Rule


@dataclass(frozen=True, slots=True)
class Settings:
    """The contents of `.regfix.yaml`; None where a key is not given. `path` is the file."""

    path: str | None = None
    rules: tuple[Rule, ...] = ()
    presets: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    text: bool | None = None
    comments: bool | None = None
