"""Edits of the values that a chart sets for one part of a reference, whose other part is a subchart's. Pure.

A parent that sets only `image.repository` of a subchart with an `image.registry` of its own does not name an image of
Docker Hub. What the file alone seems to say gives way to what the joined reference says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.chart.merging import lookup, same
from regfix.finding import Action
from regfix.locate.site import Context, Reason
from regfix.syntax.scalar import needs_quotes
from regfix.syntax.yamlevents import MAPPING, SCALAR, SEQUENCE
from regfix.syntax.yamltree import Scalar, load_mapping, parse_tree
from regfix.text.edit import Edit
from regfix.text.span import LineIndex, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.finding import Finding
    from regfix.outcome import Outcome
    from regfix.overrides.model import Wanted
    from regfix.syntax.yamltree import Node
    from regfix.text.source import Source


def settled(source: Source, outcome: Outcome, wanted: Sequence[Wanted]) -> tuple[Finding, ...]:
    """Return the findings of a values file with those of half references replaced; raises SourceError."""
    after = load_mapping(source.text if outcome.after is None else outcome.after, source.name) if wanted else {}
    wrong = [one for one in wanted if isinstance(have := lookup(after, one.path), Scalar) and not same(have, one.value)]
    findings = outcome.findings
    lines = LineIndex(source.text)
    for one in wrong:
        span = scalar_span(source, one.path)
        if span is None or not isinstance(one.value, Scalar):
            continue
        findings = tuple(_without(findings, span, lines))
        if one.finding.reason is Reason.UNCONFIRMED:
            at = lines.position(span.start)
            findings = (*findings, one.finding._replace(source=source.name, position=at, key_path=one.path))
            continue
        old, new = source.text[span.start : span.end], one.value.value
        if old != new:
            edit = _edit(source.text, span, new)
            findings = (*findings, one.finding._replace(
                source=source.name, position=lines.position(span.start), key_path=one.path, context=Context.VALUE,
                edits=(edit,),
            ))  # fmt: skip
    return tuple(sorted(findings, key=lambda finding: finding.position))


def scalar_span(source: Source, path: Sequence[str | int]) -> Span | None:
    """Return where the scalar at `path` stands verbatim; None for what is shared, tagged, or written otherwise."""
    node: Node | None = next(iter(parse_tree(source.text, source.name).documents), None)
    for step in path:
        if node is not None and node.kind == SEQUENCE and isinstance(step, int) and step < len(node.children):
            node = node.children[step]
        elif node is not None and node.kind == MAPPING:
            node = next((value for name, value in node.pairs() if name.kind == SCALAR and name.value == step), None)
        else:
            return None
    if node is None or node.kind != SCALAR or node.anchor or node.tag or node.style in ("|", ">"):
        return None
    inset = 1 if node.style else 0
    span = Span(node.start + inset, node.end - inset)
    return span if source.text[span.start : span.end] == node.value else None


def _without(findings: Sequence[Finding], span: Span, lines: LineIndex) -> Iterator[Finding]:
    """Yield the findings without what they do, or say, at a span."""
    here = {lines.position(at) for at in range(span.start, span.end + 1)}
    for finding in findings:
        edits = tuple(edit for edit in finding.edits if not span.start <= edit.span.start <= span.end)
        if len(edits) == len(finding.edits) and finding.position not in here:
            yield finding
        elif edits:
            yield finding._replace(edits=edits)
        elif finding.action is Action.NONE:
            yield finding


def _edit(text: str, span: Span, new: str) -> Edit:
    plain = text[span.start - 1 : span.start] not in ("'", '"')
    return Edit(span, text[span.start : span.end], f'"{new}"' if plain and needs_quotes(new) else new)
