"""Whether the schema of a chart's values takes a text that the rules change. Pure.

Only what speaks of texts is looked at, and what leads to them: `enum`, `const`, `pattern`, lengths, below properties,
items, combinations and local references. What is not known takes everything.

Sources: https://json-schema.org/draft-07/json-schema-validation, ValidateAgainstSchema in
pkg/chart/common/util/jsonschema.go of https://github.com/helm/helm; patterns are those of https://github.com/google/re2
there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.merging import lookup, same
from regfix.syntax.yamltree import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.syntax.yamltree import Data

Path = tuple[str, ...]

MAX_DEPTH = 64
"""Schemas within schemas that are followed; references may lead to themselves."""

MAX_STEPS = 100_000
"""Pairs of a value and a schema that are looked at: combinations of combinations could take very long."""

MAX_REPETITIONS = 3
"""Unbounded repetitions in a pattern that is tried: with more of them that could take very long."""


class Schema(NamedTuple):
    """A schema as it is, and as it will be."""

    before: Data
    after: Data


def refuses(schema: Schema, values: Data, path: Path, new: Data) -> bool:
    """Tell whether a schema that takes what is at a path of `values` will not take `new` there."""
    wrong = _refused(schema.after, _replaced(values, path, new))
    if not any(_concerns(found, path) for found in wrong):
        return False
    return not any(_concerns(found, path) for found in _refused(schema.before, values))


def breaks(schema: Schema, before: Data, after: Data) -> bool:
    """Tell whether a value that does not change was taken and will not be."""
    wrong = _refused(schema.after, after) - _refused(schema.before, before)
    return any(_stays(before, after, path) for path in wrong)


def _stays(before: Data, after: Data, path: Path) -> bool:
    one, other = lookup(before, path), lookup(after, path)
    return one is None or other is None or same(one, other)


def _concerns(found: Path, path: Path) -> bool:
    size = min(len(found), len(path))
    return found[:size] == path[:size]


def _replaced(values: Data, path: Path, new: Data) -> Data:
    if not path:
        return new
    held = values if isinstance(values, dict) else {}
    return {**held, path[0]: _replaced(held.get(path[0], {}), path[1:], new)}


def _refused(schema: Data, values: Data) -> set[Path]:
    """Return the paths of what a schema refuses: of texts, or of what none of several schemas takes."""
    return set(_Walk(schema).refused(schema, values, (), 0))


class _Walk:
    """Goes through values and their schema, not further than MAX_STEPS."""

    def __init__(self, root: Data) -> None:
        self._root = root
        self._left = MAX_STEPS

    def refused(self, schema: Data, value: Data, path: Path, depth: int) -> Iterator[Path]:
        self._left -= 1
        if not isinstance(schema, dict) or depth > MAX_DEPTH or self._left < 0:
            return
        reference = schema.get("$ref")
        if isinstance(reference, Scalar):
            yield from self.refused(_referred(self._root, reference.value), value, path, depth + 1)
        for one in _several(schema, "allOf"):
            yield from self.refused(one, value, path, depth + 1)
        for word in ("anyOf", "oneOf"):
            wrong = [any(True for _ in self.refused(one, value, path, depth + 1)) for one in _several(schema, word)]
            if wrong and all(wrong):
                yield path
        if isinstance(value, Scalar):
            yield from () if _takes(schema, value) else (path,)
        else:
            for key, below, held in _inside(schema, value):
                yield from self.refused(below, held, (*path, key), depth + 1)


def _several(schema: dict[str, Data], word: str) -> list[Data]:
    found = schema.get(word)
    return found if isinstance(found, list) else []


def _inside(schema: dict[str, Data], value: Data) -> Iterator[tuple[str, Data, Data]]:
    """Yield what is in a mapping or list by its key, with the schema for it."""
    if isinstance(value, list):
        items = schema.get("items", {})
        yield from ((str(number), items, held) for number, held in enumerate(value))
    elif isinstance(value, dict):
        properties, others = schema.get("properties"), schema.get("additionalProperties", {})
        known = properties if isinstance(properties, dict) else {}
        yield from ((key, known.get(key, others), held) for key, held in value.items())


def _referred(root: Data, reference: str) -> Data:
    """Return what a local reference leads to (RFC 6901); an empty schema for any other."""
    here: Data | None = root if reference.startswith("#") else {}
    for step in reference.lstrip("#").split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        here = here.get(key) if isinstance(here, dict) else None
    return here if here is not None else {}


def _takes(schema: dict[str, Data], value: Scalar) -> bool:
    permitted, constant, pattern = schema.get("enum"), schema.get("const"), schema.get("pattern")
    if isinstance(permitted, list) and not any(same(one, value) for one in permitted):
        return False
    if constant is not None and not same(constant, value):
        return False
    shortest, longest = (_number(schema.get(word)) for word in ("minLength", "maxLength"))
    if (shortest is not None and len(value.value) < shortest) or (longest is not None and len(value.value) > longest):
        return False
    return not isinstance(pattern, Scalar) or _matches(pattern.value, value.value)


def _number(data: Data | None) -> int | None:
    return int(data.value) if isinstance(data, Scalar) and data.value.isdecimal() else None


def _matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern is found in a text; one that could take long counts as found."""
    bare = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "x", pattern)
    if len(re.findall(r"[*+]|\{\d*,\d*\}", bare)) > MAX_REPETITIONS or re.search(r"\)(?:[*+]|\{)", bare):
        return True
    try:
        return re.search(pattern, text) is not None
    except (re.error, OverflowError, RecursionError):
        return True
