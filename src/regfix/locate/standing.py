"""Where an occurrence in a scalar stands among the open collections, and why it stays there. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.assigned import is_assigned_registry, is_quoted_in_action
from regfix.locate.compared import is_compared_in_action
from regfix.locate.frame import (
    API_LISTS,
    CREDENTIAL_PARENTS,
    LABEL_KEYS,
    LABEL_PARENTS,
    is_registry_value,
    names_image,
    step_of,
)
from regfix.locate.mirrors import is_key_of_mirrors
from regfix.locate.site import Reason
from regfix.locate.words import holds_registry
from regfix.syntax.keypath import MAX_STEPS, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.locate.frame import Frame
    from regfix.locate.site import Occurrence
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamlevents import Event


def path_of(stack: Sequence[Frame]) -> KeyPath:
    """Return the key path of the scalar or mapping at hand."""
    return tuple(map(step_of, stack[1:]))


def shown_path_of(stack: Sequence[Frame]) -> KeyPath:
    """Return the key path of the scalar at hand for people."""
    if len(stack) <= MAX_STEPS + 1:
        return path_of(stack)
    return shown([step_of(frame) for frame in (*stack[1 : MAX_STEPS + 1], *stack[-MAX_STEPS:])])


def judged(
    text: str, occurrence: Occurrence, event: Event, stack: Sequence[Frame], *, is_key: bool
) -> tuple[Occurrence, Reason | None]:
    """Return what an occurrence in a scalar is by where it stands, and why it stays, None where it need not."""
    frame, parent_key = stack[-1], stack[-2].key if len(stack) > 1 else None
    blocker = occurrence.blocker
    if not is_key and occurrence.path and is_registry_value(frame, event, occurrence, parent_key):
        occurrence = occurrence._replace(prefix=True)
    if _is_label(frame, parent_key, is_key=is_key):
        blocker = Reason.LABEL
    elif is_key and parent_key in CREDENTIAL_PARENTS:
        blocker = Reason.CREDENTIALS
    elif blocker is None and any(isinstance(step, str) and is_key_of_mirrors(step) for step in path_of(stack)):
        blocker = Reason.MIRROR
    elif blocker is None and is_compared_in_action(text, occurrence):
        blocker = Reason.COMPARED
    elif blocker is None and not occurrence.path and not occurrence.open_ended:
        blocker = _bare(text, occurrence, event, frame, is_key=is_key)
    if occurrence.namespace and not is_key and names_image(frame):
        occurrence = occurrence._replace(namespace=False)
    return occurrence, blocker


def _is_label(frame: Frame, parent_key: str | None, *, is_key: bool) -> bool:
    if is_key:
        return parent_key in LABEL_PARENTS
    return frame.key in LABEL_KEYS or (not frame.is_mapping and parent_key in API_LISTS)


def _bare(text: str, occurrence: Occurrence, event: Event, frame: Frame, *, is_key: bool) -> Reason | None:
    """Return why a host without a repository is no registry of images here, or None where it is one."""
    short = len(event.value) < len(occurrence.host) + 256  # stripping a long value for each host in it would cost
    if not is_key and short and event.value.strip() in (occurrence.host, occurrence.host + "/"):
        key = frame.name if frame.key == "value" and frame.name else frame.key
        return None if frame.is_mapping and key is not None and holds_registry(key) else Reason.PROSE
    if not is_key and is_assigned_registry(text, occurrence):
        return None
    return None if is_quoted_in_action(text, occurrence) else Reason.PROSE
