"""What a user wants done about vendored charts; a module of its own, since every start needs it."""

from __future__ import annotations

from enum import StrEnum


class Vendored(StrEnum):
    """What is done about charts in the `charts/` of a chart, as folders or archives."""

    OVERRIDE = "override"
    REWRITE = "rewrite"
    IGNORE = "ignore"
