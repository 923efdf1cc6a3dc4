"""One text that is YAML to its sites: what its keys, the structures of tools, and the user's own fields say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.structures import Fields, Structures, may_hold_structures, structures_of, with_structures
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
    structures = structures_of(text, hosts, every=every) if may_hold_structures(text) else Structures()
    said = Fields()
    if hosts.fields is not None:
        from regfix.locate.fields import fields_of

        said = fields_of(text, hosts.fields, hosts, nested, every=every)
    masked = structures.ordinals.union(masked, said.structures.ordinals)
    locator = YamlLocator(text, hosts, every=every, masked=masked, selectors=selectors, nested=nested)
    located = with_structures(locator.locate(thorough=not nested), structures)
    located = with_structures(located, said.structures)
    if "ase64" in text:
        from regfix.locate.encoded import with_encoded

        located = with_encoded(text, located, hosts)
    return _with_fields(located, said)


def _with_fields(located: Located, said: Fields) -> Located:
    """Note the documents that fields name, so that the check looks into them."""
    if not said.inner:
        return located
    inner = dict(said.inner)
    shape = located.shape
    noted = tuple(one._replace(inner=inner.get(one.ordinal) or one.inner) for one in shape.scalars)
    return located._replace(shape=shape._replace(scalars=noted))
