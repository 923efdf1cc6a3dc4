"""What a settings file says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from regfix.image.catalogue import Preset
    from regfix.image.rule import Rule


class Settings(NamedTuple):
    """The contents of `.regfix.yaml`; None where a key is not given. `path` is the file."""

    path: str | None = None
    rules: tuple[Rule, ...] = ()
    presets: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    text: bool | None = None
    comments: bool | None = None
    catalogue: tuple[Preset, ...] = ()
