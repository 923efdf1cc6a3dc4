"""The overrides of a chart: what they do for the references below it, and what becomes of the others."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from regfix.errors import SourceError
    from regfix.finding import Finding
    from regfix.overrides.fate import Fate, Path
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamltree import Data

    IsRead = Callable[[tuple[str, ...]], bool]
    Refuses = Callable[[tuple[str, ...], Data], bool]


class Claim(NamedTuple):
    """A finding in the values of a subchart, and the leaves that it changes with what becomes of them.

    `source` is the values file, `key_path` leads to the reference from the top chart's values, and `leaves` are paths
    from there, too.
    """

    source: str
    finding: Finding
    key_path: KeyPath
    leaves: tuple[tuple[Path, Fate], ...]


class Wanted(NamedTuple):
    """The value that a leaf of the top chart shall have, which is a part of the reference that a finding is about."""

    path: Path
    value: Data
    finding: Finding


class Switch(NamedTuple):
    """A subchart that Helm leaves out, by the path of keys that leads to it, with what switches it off."""

    path: Path
    why: str


class Overrides(NamedTuple):
    """The overrides of a chart as a tree of values, what they do for each finding, and what could not be read.

    `claims` are the references that move, as Helm joins them; `told` are the findings in the values files, and `files`
    those that were read. `wanted` are the values of leaves that the top chart sets itself, of references whose other
    part is a subchart's. `off` are the subcharts that are switched off; they are handled like the others. `whys` tell
    of leaves why their images are not confirmed.
    """

    values: dict[str, Data]
    claims: tuple[Claim, ...] = ()
    told: tuple[Claim, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    failures: tuple[SourceError, ...] = ()
    files: tuple[str, ...] = ()
    off: tuple[Switch, ...] = ()
    whys: Mapping[Path, str] = MappingProxyType({})
