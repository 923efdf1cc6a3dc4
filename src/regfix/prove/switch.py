"""Switches that let a chart take other images than its own, found in what it says when it refuses them. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.chart.coalescing import GLOBAL
from regfix.prove.model import Setting
from regfix.syntax.yamltree import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from regfix.syntax.yamltree import Data

MAX_TRIED = 12
"""Switches that are tried for one message."""

_FALSE = frozenset({"false", "False", "FALSE"})


@cache
def _key_path() -> re.Pattern[str]:
    return re.compile(r"(?<![\w./-])(?:\.?Values\.)?([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+)(?![\w/(-])")


def switches(said: str, values: Mapping[str, Data], chains: Sequence[tuple[str, ...]]) -> list[Setting]:
    """Return the values named in a message that are false, in any chart (`chains` lead to them), set to true."""
    found: dict[tuple[str, ...], Setting] = {}
    for text in dict.fromkeys(match[1] for match in _key_path().finditer(said)):
        for path in _paths(tuple(text.split(".")), chains):
            if _is_false(values, path):
                chain = path[: -len(text.split("."))]
                target = path[len(chain) :] if path[len(chain)] == GLOBAL else path
                found.setdefault(target, Setting(target, "true", "switch", old="false"))
    return list(found.values())[:MAX_TRIED]


def _paths(path: tuple[str, ...], chains: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield a path as a chart below may mean it: its own values, by the keys that lead to it."""
    yield path
    for chain in chains:
        yield (*chain, *path)


def _is_false(values: Mapping[str, Data], path: Sequence[str]) -> bool:
    here: Data | None = dict(values)
    for key in path:
        here = here.get(key) if isinstance(here, dict) else None
    return isinstance(here, Scalar) and here.plain and here.value in _FALSE
