"""One text that is YAML to its sites: what its keys say, and what the structures of tools say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.structures import may_hold_structures, structures_of, with_structures
from regfix.locate.yamldoc import YamlLocator

if TYPE_CHECKING:
    from collections.abc import Collection

    from regfix.locate.hosts import HostFinder
    from regfix.locate.yamldoc import Located


def locate_document(
    text: str,
    hosts: HostFinder,
    *,
    every: bool = False,
    masked: Collection[int] = (),
    selectors: bool = False,
    nested: int = 0,
) -> Located:
    """Return the sites of whole documents; raises YamlError.

    The parameters are those of YamlLocator; what is `nested` is read by libyaml alone, as by kubectl.
    """
    structures = structures_of(text, hosts, every=every) if may_hold_structures(text) else None
    if structures is not None:
        masked = structures.ordinals.union(masked)
    locator = YamlLocator(text, hosts, every=every, masked=masked, selectors=selectors, nested=nested)
    located = locator.locate(thorough=not nested)
    return located if structures is None else with_structures(located, structures)
