"""What two YAML parsers that share no code with regfix read in a text: PyYAML (1.1) and ruamel.yaml (1.2)."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError as RuamelError

if TYPE_CHECKING:
    from collections.abc import Callable

Tree = Any
"""A node as `(tag, value)`: text for a scalar, trees for a collection. An alias is read as what it stands for."""


def pyyaml(text: str) -> list[Tree] | None:
    """Return the documents as trees, or None where PyYAML refuses them."""
    try:
        return [_tree(node) for node in yaml.compose_all(_without_marks(text), Loader=yaml.CSafeLoader)]
    except yaml.YAMLError:
        return None


def ruamel(text: str) -> list[Tree] | None:
    """Return the documents as trees, or None where ruamel.yaml refuses them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return [_tree(node) for node in YAML(typ="safe", pure=True).compose_all(_without_marks(text))]
        except (RuamelError, ValueError):
            return None


def _without_marks(text: str) -> str:
    """Take the byte-order marks before later documents away: both parsers know only the one of the first."""
    return re.sub("(?<=[\r\n])\ufeff", "", text)


def both(text: str) -> dict[str, list[Tree]]:
    """Return what each parser reads that accepts the text."""
    read = {"PyYAML": pyyaml(text), "ruamel": ruamel(text)}
    return {name: trees for name, trees in read.items() if trees is not None}


def _tree(node: Any) -> Tree:
    if node is None:
        return None
    value = node.value
    if isinstance(value, list):
        value = [tuple(map(_tree, item)) if isinstance(item, tuple) else _tree(item) for item in value]
    return str(node.tag), value


def mapped(tree: Tree, change: Callable[[str], str]) -> Tree:
    """Return a tree with its scalars changed; tags stay."""
    if isinstance(tree, str):
        return change(tree)
    if isinstance(tree, list):
        return [mapped(item, change) for item in tree]
    if isinstance(tree, tuple) and len(tree) == 2 and isinstance(tree[0], str):
        return tree[0], mapped(tree[1], change)
    return tuple(mapped(item, change) for item in tree) if isinstance(tree, tuple) else tree
