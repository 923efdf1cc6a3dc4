"""Findings: what a run says about one site."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from regfix.image.rule import Rule
    from regfix.locate.site import Context, Reason
    from regfix.syntax.keypath import KeyPath
    from regfix.text.edit import Edit
    from regfix.text.span import Position


class Action(StrEnum):
    """What happens to a site."""

    REWRITE = "rewrite"
    LEAVE = "leave"
    NONE = "none"


class Applicability(StrEnum):
    """How far an edit can be trusted: the image is the same, or whether it is there is to be asked of the registry."""

    SAFE = "safe"
    UNVERIFIED = "unverified"


class Finding(NamedTuple):
    """One site, where it is, and what the rules do to it.

    `reference` is the reference as written (parts of a split one joined), `result` the same after the edits, or None.
    `action` is rewrite (there are edits), leave (a source registry stays, for `reason`) or none: no rule concerns it,
    or it is a dead value, by its `reason`, with the keys that work `instead`. `position` counts lines and columns from
    1, in code points; the spans of the edits count code points of the decoded text without its BOM. `behind` is the
    character behind a reference that goes on elsewhere (a placeholder, another key), `beside` the tag in a key beside
    the name, before and after. `why` says more about a reason, where that differs from place to place.
    """

    source: str
    position: Position
    key_path: KeyPath
    context: Context
    reference: str
    action: Action
    result: str | None = None
    rule: Rule | None = None
    reason: Reason | None = None
    edits: tuple[Edit, ...] = ()
    instead: tuple[KeyPath, ...] = ()
    applicability: Applicability | None = None
    behind: str = ""
    beside: tuple[str, str] | None = None
    why: str = ""
