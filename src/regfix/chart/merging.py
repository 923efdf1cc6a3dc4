"""Values as data: looked up, merged, compared. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.syntax.scalar import is_string
from regfix.syntax.yamltree import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from regfix.syntax.yamltree import Data

Path = tuple[str, ...]


def lookup(values: Data, path: Sequence[str]) -> Data | None:
    """Return what stands at a path, or on the way to it where that is no mapping; None where nothing does."""
    here: Data | None = values
    for key in path:
        if not isinstance(here, dict):
            return here
        here = here.get(key)
    return here


def deep_merge(values: Mapping[str, Data], more: Mapping[str, Data]) -> dict[str, Data]:
    """Return `values` with `more` laid over: mappings are merged, all else is replaced (as Helm does)."""
    merged = dict(values)
    for key, value in more.items():
        old = merged.get(key)
        merged[key] = deep_merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def without(values: Mapping[str, Data], path: Sequence[str]) -> dict[str, Data]:
    """Return `values` without what stands at `path`, nor the mappings that this leaves empty."""
    if not path:
        return {}
    rest = dict(values)
    inner = rest.get(path[0])
    left = without(inner, path[1:]) if isinstance(inner, dict) else {}
    if left:
        rest[path[0]] = left
    else:
        rest.pop(path[0], None)
    return rest


def put(values: dict[str, Data], path: Sequence[str], value: Data) -> None:
    """Set the value at a path, in place; mappings on the way are made where they are missing."""
    for key in path[:-1]:
        inner = values.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        values = inner
    values[path[-1]] = value


def same(one: Data, other: Data) -> bool:
    """Tell whether two documents hold the same values, however their scalars are written."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    return isinstance(other, Scalar) and _meaning(one) == _meaning(other)


def _meaning(scalar: Scalar) -> tuple[str, str | None, bool]:
    """Return what tells a scalar from others: plain ones may be a number, a boolean or null."""
    if scalar.is_null:
        return "", None, True
    tag = None if scalar.tag in ("!", "tag:yaml.org,2002:str") else scalar.tag
    return scalar.value, tag, scalar.plain and not is_string(scalar.value, plain=True)


def changes(before: Data, after: Data, path: Path = ()) -> Iterator[tuple[Path, Data]]:
    """Yield the leaves that differ with their new values; a list that differs is one leaf, as Helm replaces it.

    Keys that only one side has are passed over: Helm merges mappings, so no value takes a key away.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key in after:
                yield from changes(value, after[key], (*path, key))
    elif path and not same(before, after):
        yield path, after
