"""`Chart.lock` kept valid: where the repository of a dependency moves, so does the lock's, and its digest. Pure.

A lock file that does not match its chart before is left: Helm refuses it anyway, and writes it anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.chart.lock import digests
from regfix.errors import SourceError
from regfix.finding import Action
from regfix.locate.site import Reason
from regfix.outcome import Outcome, Status
from regfix.plan import edits_of
from regfix.rewriting import account
from regfix.syntax.yamlevents import MAPPING, SCALAR, SEQUENCE
from regfix.syntax.yamltree import Scalar, load_mapping, parse_tree
from regfix.text.edit import Edit, apply_edits
from regfix.text.span import LineIndex, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.finding import Finding
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.syntax.yamltree import Data, Node
    from regfix.text.source import Source

LOCKS = {"Chart.lock": "Chart.yaml", "requirements.lock": "requirements.yaml"}
"""The lock files by name, with the files that they belong to."""


def lock_outcome(lock: Source, chart: Outcome, rules: RuleSet, hosts: HostFinder) -> Outcome:
    """Return what becomes of a lock file when its chart's metadata has the outcome `chart`. Raises nothing."""
    try:
        findings = tuple(_findings(lock, chart)) if chart.decoded is not None and chart.after is not None else ()
    except SourceError:
        findings = ()
    if not findings:
        return account(lock, rules, hosts, Reason.LOCK)
    return Outcome(lock.name, Status.CHANGED, findings, decoded=lock, after=apply_edits(lock.text, edits_of(findings)))


def _findings(lock: Source, chart: Outcome) -> Iterator[Finding]:
    """Yield a finding for each repository that moves, the first with the edit of the digest; none for a stale lock."""
    if chart.decoded is None or chart.after is None:
        return
    before, after = _dependencies(chart.decoded.text, chart.source), _dependencies(chart.after, chart.source)
    moves = dict(_moved(before, after))
    locked = _dependencies(lock.text, lock.name)
    new = [_with_repository(entry, moves.get(_key(entry))) for entry in locked]
    digest = load_mapping(lock.text, lock.name).get("digest")
    pairs = zip(digests(before, locked), digests(after, new), strict=True)
    renewed = next((two for one, two in pairs if isinstance(digest, Scalar) and one == digest.value), None)
    if renewed is None or not moves:
        return
    root = parse_tree(lock.text, lock.name).documents[0]
    rest: tuple[Edit, ...] = (_edit(lock, _child(root, "digest"), renewed),)
    by_path = {finding.key_path: finding for finding in chart.findings if finding.action is Action.REWRITE}
    lines = LineIndex(lock.text)
    for index, node in enumerate(_items(_child(root, "dependencies"))):
        moved = moves.get(_key(locked[index]))
        told = by_path.get(("dependencies", moved[0], "repository")) if moved is not None else None
        if moved is not None and told is not None:
            own = _edit(lock, _child(node, "repository"), moved[1])
            edits, rest = tuple(sorted((own, *rest))), ()
            yield told._replace(
                source=lock.name, position=lines.position(own.span.start),
                key_path=("dependencies", index, "repository"), edits=edits,
            )  # fmt: skip


def _dependencies(text: str, name: str) -> list[Data]:
    found = load_mapping(text, name).get("dependencies")
    return found if isinstance(found, list) else []


def _moved(before: Sequence[Data], after: Sequence[Data]) -> Iterator[tuple[tuple[str, str], tuple[int, str]]]:
    """Yield name and repository of the entries whose repository moves, with their number and the new repository."""
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        if _key(old) != _key(new):
            yield _key(old), (index, _key(new)[1])


def _key(entry: Data) -> tuple[str, str]:
    values = (entry.get(key) if isinstance(entry, dict) else None for key in ("name", "repository"))
    name, repository = (value.value if isinstance(value, Scalar) else "" for value in values)
    return name, repository


def _with_repository(entry: Data, moved: tuple[int, str] | None) -> Data:
    return {**entry, "repository": Scalar(moved[1])} if moved is not None and isinstance(entry, dict) else entry


def _items(node: Node | None) -> Sequence[Node]:
    return node.children if node is not None and node.kind == SEQUENCE else ()


def _child(node: Node | None, key: str) -> Node | None:
    pairs = node.pairs() if node is not None and node.kind == MAPPING else ()
    return next((value for name, value in pairs if name.kind == SCALAR and name.value == key), None)


def _edit(lock: Source, node: Node | None, new: str) -> Edit:
    """Return the edit of a scalar; raises SourceError for one that does not stand verbatim."""
    inset = 1 if node is not None and node.style in ('"', "'") else 0
    if node is not None and node.kind == SCALAR and not node.anchor:
        span = Span(node.start + inset, node.end - inset)
        if lock.text[span.start : span.end] == node.value:
            return Edit(span, node.value, new)
    raise SourceError("not written as Helm does", where=lock.name)
