"""The values that reach a chart, without parts of names that its templates do not read. Pure.

A parent may say `repository: mysql` to a subchart that takes its image from `image: mysql`: the two are no one name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.words import Role, key_role
from regfix.syntax.yamltree import Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regfix.overrides.model import IsRead
    from regfix.syntax.yamltree import Data

    Path = tuple[str, ...]

NAMING = frozenset({Role.REGISTRY, Role.ORGANIZATION, Role.REPOSITORY, Role.REFERENCE, Role.NAME})
"""The roles of what may be a part of a name."""


def living(values: Mapping[str, Data], path: Path, is_read: IsRead) -> dict[str, Data]:
    """Return the values at `path` without dead parts of names beside living ones.

    The templates are asked about only where several keys of a mapping could form a name. Lists stay whole.
    """
    dead = _dead(values, path, is_read)
    kept = {key: value for key, value in values.items() if key not in dead}
    return {k: living(v, (*path, k), is_read) if isinstance(v, dict) else v for k, v in kept.items()}


def _dead(values: Mapping[str, Data], path: Path, is_read: IsRead) -> set[str]:
    naming = {key for key, value in values.items() if isinstance(value, Scalar) and value.value and _is_part(key)}
    if len(naming) < 2:
        return set()
    dead = {key for key in naming if not is_read((*path, key))}
    return dead if len(dead) < len(naming) else set()


def _is_part(key: str) -> bool:
    found = key_role(key)
    return found is not None and found.role in NAMING
