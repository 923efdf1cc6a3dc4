"""Values that the proof found to be needed, put into a chart's values files as edits of what the files hold. Pure.

A value that the file sets is edited in place, another one is inserted as an override is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.merging import deep_merge, same
from regfix.check import check_conservation, failed_check
from regfix.errors import SourceError
from regfix.finding import Action, Finding
from regfix.locate.site import Context
from regfix.outcome import Outcome, Status
from regfix.overrides.inplace import scalar_span
from regfix.overrides.insertion import insert
from regfix.plan import edits_of
from regfix.prove.trace import overlaid
from regfix.syntax.keypath import format_key_path
from regfix.syntax.scalar import needs_quotes
from regfix.syntax.yamltree import Scalar, load_mapping
from regfix.text.compose import composed
from regfix.text.edit import Edit, apply_edits
from regfix.text.source import Source
from regfix.text.span import LineIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regfix.overrides.insertion import Inserted
    from regfix.prove.model import Left, Setting
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamltree import Data


class Wish(NamedTuple):
    """A setting with the image that it is for, where it is for one."""

    setting: Setting
    left: Left | None = None


def is_set(values: Mapping[str, Data], path: KeyPath) -> bool:
    """Tell whether values hold a scalar at a path themselves."""
    here: Data | None = dict(values)
    for step in path:
        if isinstance(here, dict):
            here = here.get(str(step))
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            return False
    return isinstance(here, Scalar)


def settled_by_proof(outcome: Outcome, source: Source, wishes: Sequence[Wish], values: Mapping[str, Data]) -> Outcome:
    """Return the outcome of a values file with the wishes done; `values` are the effective ones, for lists.

    Raises SourceError where one of them cannot be done.
    """
    text = source.text if outcome.after is None else outcome.after
    now = Source(source.name, text)
    own = load_mapping(text, source.name)
    edits: list[Edit] = []
    missing: dict[str, Data] = {}
    expected: dict[str, Data] = own
    for setting, _ in wishes:
        value = Scalar(setting.value, plain=setting.reason == "switch")
        if is_set(own, setting.path):
            edits.append(_in_place(now, setting))
            expected = overlaid(expected, expected, setting.path, value)
        else:
            missing = overlaid(missing, values, setting.path, value)
    edits += [one.edit for one in _insertion(text, missing, source.name)]
    after = apply_edits(text, sorted(edits))
    if not same(load_mapping(after, source.name), deep_merge(expected, missing)):
        raise failed_check(source, "the values would not be those that the proof asks for")
    return _outcome(outcome, source, wishes, edits, after)


def _insertion(text: str, missing: Mapping[str, Data], name: str) -> Sequence[Inserted]:
    if not missing:
        return ()
    insertion = insert(text, missing, name)
    for path, why in insertion.refused:
        raise SourceError(f"{format_key_path(path)} cannot be set", where=name, why=why)
    return insertion.inserted


def _in_place(source: Source, setting: Setting) -> Edit:
    span = scalar_span(source, setting.path)
    if span is None:
        raise SourceError(f"{format_key_path(setting.path)} cannot be edited", where=source.name,
                          why="it is shared, tagged, or not written plainly")  # fmt: skip
    old, new = source.text[span.start : span.end], setting.value
    quoted = source.text[span.start - 1 : span.start] in ("'", '"')
    if not quoted and setting.reason != "switch" and (needs_quotes(new) or not old):
        new = f'"{new}"'
    if not old and not quoted and source.text[span.start - 1 : span.start] == ":":
        new = " " + new
    return Edit(span, old, new)


def _outcome(outcome: Outcome, source: Source, wishes: Sequence[Wish], edits: Sequence[Edit], after: str) -> Outcome:
    """Return the outcome with the edits as ones of what was read, carried by findings."""
    first = edits_of(outcome.findings)
    both = composed(source.text, first, sorted(edits))
    check_conservation(source, after, both)
    old = frozenset(first)
    new = [edit for edit in both if edit not in old]
    kept = frozenset(both)
    lines = LineIndex(source.text)
    settled = {lines.position(at) for edit in new for at in range(edit.span.start, edit.span.end)}
    findings = [
        finding._replace(edits=tuple(edit for edit in finding.edits if edit in kept))
        for finding in outcome.findings
        if finding.action is not Action.LEAVE or finding.position not in settled
    ]
    for number, wish in enumerate(wishes):
        carried = tuple(new) if number == 0 else ()
        at = lines.position(new[0].span.start)
        findings.append(_finding(source.name, wish)._replace(position=at, edits=carried))
    findings.sort(key=lambda finding: finding.position)
    return Outcome(source.name, Status.CHANGED, tuple(findings), decoded=source, after=after)


def _finding(name: str, wish: Wish) -> Finding:
    setting, left = wish
    was = setting.old or ""
    said = (left.reference, left.wanted) if left is not None else (was, setting.value)
    context = Context.SWITCH if left is None else Context.OVERRIDE
    rule = left.rule if left is not None else None
    return Finding(name, LineIndex("").position(0), setting.path, context, said[0], Action.REWRITE, said[1], rule)
