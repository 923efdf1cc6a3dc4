"""What the rules change in the values of one chart: in its file, or in the values that reach it from above, too. Pure.

The values that reach a chart stand in no file: they are written as YAML and go through the line like one.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.merging import changes, lookup, same
from regfix.errors import SourceError
from regfix.finding import Action
from regfix.locate.kind import Kind
from regfix.locate.site import Context, Reason
from regfix.rewriting import rewrite_source
from regfix.syntax.yamlevents import MAPPING, SCALAR, SEQUENCE
from regfix.syntax.yamltree import Scalar, load_mapping, parse_tree
from regfix.syntax.yamlwrite import Style, block_lines
from regfix.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.chart.coalescing import ValuesTree
    from regfix.chart.model import ValuesFile
    from regfix.finding import Finding
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamltree import Data, Node

Path = tuple[str, ...]


class Move(NamedTuple):
    """A finding with the path to its reference, and the leaves that its edits change.

    `reached` is false where no value reaches it: it is in a key, or in a comment. `split` tells that several keys form
    the reference; the path leads to the first of them then.
    """

    finding: Finding
    key_path: KeyPath
    leaves: tuple[Path, ...]
    reached: bool = True
    split: bool = False


class Moves(NamedTuple):
    """What the rules change: the findings, and the changed leaves with their new values.

    `frozen` are paths that a comment protects, to leaves or to the mappings that hold them. `joined` tells that the
    parts of a reference may come from different charts, so that `found` also holds split ones that stay. `vetoed` are
    the findings whose move the veto of the rules forbids.
    """

    found: tuple[Move, ...]
    changed: dict[Path, Data]
    frozen: frozenset[Path] = frozenset()
    joined: bool = False
    vetoed: tuple[Finding, ...] = ()

    def why_not(self, leaf: Path) -> str:
        """Return what forbids that a leaf changes, by the finding that it is of; empty where that is not known."""
        paths = [(tuple(map(str, finding.key_path)), finding.why) for finding in self.vetoed]
        here = [why for path, why in paths if path[: len(leaf)] == leaf]
        beside = [why for path, why in paths if path[:-1] == leaf[:-1]]
        return next(iter((*here, *beside)), "")


def moves_in_file(file: ValuesFile, own: dict[str, Data], rules: RuleSet, hosts: HostFinder) -> Moves:
    """Return what the rules change in a values file; raises SourceError for one that does not go through."""
    if not hosts.may_hold(file.text.encode("utf-8", "replace")):
        return Moves((), {})
    return _moves(file.path, file.text, own, rules, hosts, every=False)


def moves_in_values(
    tree: ValuesTree, effective: dict[str, Data], in_file: Moves | None, rules: RuleSet, hosts: HostFinder
) -> Moves:
    """Return what the rules change in the values that reach a chart, those of its subcharts apart.

    `in_file` is what they change in its file, where no chart above sets anything for it. Raises SourceError.
    """
    charts = {sub.key for sub, _ in tree.below}
    known = {key: value for key, value in tree.own.items() if key not in charts}
    reached = {key: value for key, value in effective.items() if key not in charts and (value != {} or key in known)}
    if in_file is not None and len(known) == len(tree.own) and same(known, reached):
        found = (move for move in in_file.found if move.finding.action is Action.REWRITE)
        return in_file._replace(found=tuple(found))
    where = tree.chart.values.path if tree.chart.values is not None else tree.chart.path
    try:
        text = "".join(line + "\n" for line in block_lines(reached, 0, Style()))
    except SourceError as error:
        raise SourceError("its overrides cannot be worked out", where=where, why=error.why) from None
    if not hosts.may_hold(text.encode("utf-8", "replace")):
        return Moves((), {})
    return _moves(where, text, reached, rules, hosts, every=True)


def _moves(name: str, text: str, own: dict[str, Data], rules: RuleSet, hosts: HostFinder, *, every: bool) -> Moves:
    outcome = rewrite_source(Source(name, text), Kind.YAML, rules, hosts, every=every)
    if outcome.error is not None:
        raise outcome.error
    after = own if outcome.after is None else load_mapping(outcome.after, name)
    changed = dict(changes(own, after))
    places = sorted(_places(text, name))
    found = tuple(_found(outcome.findings, places, own, changed, every=every))
    frozen = (f.key_path for f in outcome.findings if f.reason is Reason.IGNORED and f.context is Context.VALUE)
    vetoed = tuple(finding for finding in outcome.findings if finding.reason is Reason.UNCONFIRMED)
    return Moves(found, changed, frozenset(tuple(map(str, path)) for path in frozen), every, vetoed)


def _found(
    findings: Sequence[Finding],
    places: list[tuple[int, KeyPath]],
    own: dict[str, Data],
    changed: dict[Path, Data],
    *,
    every: bool,
) -> Iterator[Move]:
    """Yield the findings that edits belong to, with the leaves that these edits change."""
    for finding in findings:
        in_comment = finding.context is Context.COMMENT
        split = every and _is_split(finding, own)
        if split and not finding.edits:
            yield Move(finding, finding.key_path, (), split=True)
        if finding.action is not Action.REWRITE or not (finding.edits or in_comment):
            continue  # an edit that several findings need is carried by the first of them
        paths = [] if in_comment else [_path_at(places, edit.span.start) for edit in finding.edits]
        leaves = {leaf: None for path in paths if (leaf := _leaf(path, changed)) is not None}
        reached = bool(paths) and all(_leaf(path, changed) is not None for path in paths)
        key_path = finding.key_path if split else paths[0] if paths else ()
        yield Move(finding, key_path, tuple(leaves), reached, split)


def _is_split(finding: Finding, own: dict[str, Data]) -> bool:
    """Tell whether a reference is joined of several keys: the value at its path is only the start of it, or absent."""
    here = lookup(own, [str(step) for step in finding.key_path])
    if not finding.key_path or finding.context is not Context.VALUE:
        return False
    return not isinstance(here, Scalar) or finding.reference.startswith(here.value.strip().rstrip("/") + "/")


def _leaf(path: KeyPath, changed: dict[Path, Data]) -> Path | None:
    """Return the changed leaf that holds the scalar at `path`: itself, or the list that it is in."""
    for size in range(1, len(path) + 1):
        leaf = tuple(str(step) for step in path[:size])
        if leaf in changed and (size == len(path) or isinstance(path[size], int)):
            return leaf
    return None


def places_in(text: str, name: str) -> list[tuple[int, KeyPath]]:
    """Return where the values of a document begin, sorted, with the paths to them; raises SourceError."""
    return sorted(_places(text, name))


def leaf_of(places: list[tuple[int, KeyPath]], start: int, changed: dict[Path, Data]) -> Path | None:
    """Return the changed leaf that holds what stands at `start`."""
    return _leaf(_path_at(places, start), changed)


def _places(text: str, name: str) -> Iterator[tuple[int, KeyPath]]:
    """Yield where each scalar that is a value begins, with the path to it."""
    stack: list[tuple[Node, KeyPath]] = [(node, ()) for node in parse_tree(text, name).documents]
    while stack:
        node, path = stack.pop()
        if node.kind == SCALAR:
            yield node.start, path
        elif node.kind == MAPPING:
            for key, value in node.pairs():
                stack.append((value, (*path, key.value)))
                yield key.start, ()  # what is edited in a key has no path
        elif node.kind == SEQUENCE:
            stack += [(item, (*path, index)) for index, item in enumerate(node.children)]


def _path_at(places: list[tuple[int, KeyPath]], start: int) -> KeyPath:
    index = bisect_right(places, start, key=lambda place: place[0]) - 1
    return places[index][1] if index >= 0 else ()
