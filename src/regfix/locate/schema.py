"""Schemas of a chart's values: which of their texts are registries, as default, example or permitted value.

Sources: https://json-schema.org/draft-07/json-schema-validation; Helm checks values by `values.schema.json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.site import Reason
from regfix.locate.words import holds_registry
from regfix.syntax.yamltree import Scalar, load_mapping

if TYPE_CHECKING:
    from regfix.locate.site import Site
    from regfix.locate.yamldoc import Located
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamltree import Data

_ONE = frozenset({"default", "const"})
_MANY = frozenset({"enum", "examples"})


def with_registries(text: str, located: Located) -> Located:
    """Take the hosts that stand for a registry by themselves, and see which values are permitted already."""
    if not located.sites:
        return located
    root = load_mapping(text, "")
    return located._replace(sites=[_judged(text, root, site) for site in located.sites])


def _judged(text: str, root: Data, site: Site) -> Site:
    path = site.key_path
    if site.blocker is Reason.PROSE and _is_whole(text, site) and (name := _property(path)) is not None:
        site = site._replace(blocker=None if holds_registry(name) else Reason.PROSE)
    if path[-2:-1] == ("enum",) and isinstance(path[-1], int):
        return site._replace(taken=_permitted(root, path[:-1]))
    return site


def _is_whole(text: str, site: Site) -> bool:
    span = site.parts[0].span
    end = span.end + text.startswith("/", span.end)
    return text[span.start - 1 : span.start] == '"' and text[end : end + 1] == '"'


def _property(path: KeyPath) -> str | None:
    """Return the property that the value at a path is a default, an example or a permitted value of."""
    steps = path[:-1] if path[-1:] and isinstance(path[-1], int) else path
    known = _MANY if len(steps) < len(path) else _ONE
    if not steps or steps[-1] not in known:
        return None
    above = [step for step in steps[:-1] if not isinstance(step, int) and step not in ("anyOf", "oneOf", "allOf")]
    return str(above[-1]) if above[-2:-1] == ["properties"] else None


def _permitted(root: Data, path: KeyPath) -> frozenset[str]:
    here: Data | None = root
    for step in path:
        if isinstance(here, dict):
            here = here.get(str(step))
        elif isinstance(here, list) and isinstance(step, int):
            here = here[step]
    return frozenset(one.value for one in here if isinstance(one, Scalar)) if isinstance(here, list) else frozenset()
