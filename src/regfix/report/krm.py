"""Findings as the results of a KRM function, and their place in its ResourceList.

Source of the format: the KRM Functions Specification, functions-spec.md in `cmd/config/docs` of kustomize.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.errors import SourceError
from regfix.finding import Action
from regfix.report.json import encode
from regfix.report.results import message_of, rule_of
from regfix.syntax.keypath import format_key_path
from regfix.syntax.yamlevents import SCALAR, SEQUENCE
from regfix.syntax.yamltree import Scalar
from regfix.text.edit import Edit
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regfix.finding import Finding
    from regfix.syntax.yamltree import Data, Node

_ORIGIN = ("internal.config.kubernetes.io/", "config.kubernetes.io/")
"""What the annotations with the file of an item begin with, the one that counts first."""


def krm_result(finding: Finding, item: Data | None) -> dict[str, Any]:
    """Return a finding as a result; `item` is the object that it is about, as data."""
    moves = finding.action is Action.REWRITE
    field = {"path": format_key_path(finding.key_path[2:]), "currentValue": finding.reference}
    found: dict[str, Any] = {
        "message": message_of(finding),
        "severity": "warning" if finding.action is Action.NONE else "info",
        "field": {**field, "proposedValue": finding.result} if moves and finding.result else field,
        "tags": {"regfix": rule_of(finding)},
    }
    if not isinstance(item, dict):
        return found
    metadata = item.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    object_ = {**_texts(item, "apiVersion", "kind"), **_texts(metadata, "name", "namespace")}
    file = _file(metadata.get("annotations"))
    return {**found, **({"resourceRef": object_} if object_ else {}), **({"file": file} if file else {})}


def _texts(data: Mapping[str, Data], *keys: str) -> dict[str, str]:
    return {key: value.value for key in keys if isinstance(value := data.get(key), Scalar)}


def _file(annotations: Data | None) -> dict[str, Any]:
    """Return the file that an item comes from, and its place in that."""
    if not isinstance(annotations, dict):
        return {}
    for start in _ORIGIN:
        known = _texts(annotations, f"{start}path", f"{start}index")
        if path := known.get(f"{start}path"):
            index = known.get(f"{start}index", "")
            return {"path": path, **({"index": int(index)} if index.isdecimal() else {})}
    return {}


def results_edit(text: str, root: Node, found: Sequence[Mapping[str, Any]], name: str) -> Edit:
    """Return the edit that adds results to a ResourceList whose mapping is `root`; raises SourceError for odd ones."""
    told = [encode(one) for one in found]
    given = next((value for key, value in root.pairs() if key.kind == SCALAR and key.value == "results"), None)
    if given is None:
        return _new_key(text, root, told)
    if given.is_null:
        return Edit(Span(given.start, given.end), text[given.start : given.end], f" [{', '.join(told)}]")
    if given.kind != SEQUENCE or given.anchor is not None:
        raise SourceError("results is no list of its own", where=name)
    if given.flow:
        return _insert(given.end - 1, (", " if given.children else "") + ", ".join(told))
    return _lines(text, given.end, [f"{' ' * given.column}- {one}" for one in told])


def _new_key(text: str, root: Node, told: Sequence[str]) -> Edit:
    if root.flow:
        return _insert(root.end - 1, (", " if root.children else "") + f'"results": [{", ".join(told)}]')
    return _lines(text, root.end, [f"{' ' * root.column}results:", *(f"{' ' * root.column}- {one}" for one in told)])


def _lines(text: str, at: int, lines: Sequence[str]) -> Edit:
    """Insert lines behind the one that an offset lies in."""
    end = text.find("\n", max(at - 1, 0))  # a block scalar ends behind its line end
    block = "".join(line + "\n" for line in lines)
    return _insert(len(text), "\n" + block) if end < 0 else _insert(end + 1, block)


def _insert(at: int, new: str) -> Edit:
    return Edit(Span(at, at), "", new)
