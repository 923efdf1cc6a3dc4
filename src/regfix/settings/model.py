"""What a settings file says."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from regfix.image.catalogue import Preset
    from regfix.image.mirror import Mirror
    from regfix.image.rule import Rule


class FieldUse(StrEnum):
    """What a field of the user's own is."""

    REFERENCE = "reference"
    REGISTRY = "registry"
    REPOSITORY = "repository"
    DOCUMENT = "document"
    IGNORE = "ignore"


class Field(NamedTuple):
    """A JSONPath in objects of an `apiVersion` and a `kind` (empty for all), and what is found there.

    `where` is the place of the path in the settings.
    """

    path: str
    use: FieldUse = FieldUse.REFERENCE
    api_version: str = ""
    kind: str = ""
    where: str = ""


class Settings(NamedTuple):
    """The contents of `.regfix.yaml`; None where a key is not given. `path` is the file."""

    path: str | None = None
    rules: tuple[Rule, ...] = ()
    presets: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    text: bool | None = None
    comments: bool | None = None
    catalogue: tuple[Preset, ...] = ()
    fields: tuple[Field, ...] = ()
    mirror: Mirror | None = None
