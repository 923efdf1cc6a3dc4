"""The proof of every edit before it is written: bytes, structure, stability. Pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from regfix.errors import SourceError, StaleEdit
from regfix.locate.analysis import Piece, YamlFailure, analyse, locate_piece
from regfix.locate.kind import PARSED, Kind
from regfix.locate.newname import NEW_NAME, added_name
from regfix.plan import Policy, edits_of, plan
from regfix.sure import is_sure, moved_edits
from regfix.syntax.added import adds_only
from regfix.syntax.yamlevents import YamlError, require_yaml
from regfix.text.edit import Edit, apply_edits
from regfix.text.source import Source
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.image.rule import RuleSet
    from regfix.locate.analysis import Analysis
    from regfix.locate.hosts import HostFinder
    from regfix.locate.shape import NotedScalar, Shape
    from regfix.locate.site import Site


def check(
    source: Source,
    after: str,
    edits: Sequence[Edit],
    analysis: Analysis,
    rules: RuleSet,
    hosts: HostFinder,
    policy: Policy,
) -> None:
    """Prove that `after` is the source's text with the edits made, and nothing else; raises SourceError.

    Conservation: outside the edits every code point is equal. Equivalence: a parser sees the same events, or the
    lexer the same tokens, but for the edited scalars, whose values changed as planned, and a key for the new name
    beside a selector that stays. Stability: a second pass
    plans nothing.
    """
    check_conservation(source, after, edits)
    sites: Sequence[Site]
    if any(map(added_name, edits)):
        sites = _check_added(source, after, edits, analysis, hosts)
    elif analysis.kind in PARSED:
        sites = _check_events(source, after, edits, analysis, hosts)
    else:
        if analysis.kind is Kind.TEMPLATE:
            _check_tokens(source, after, edits)
        sites = () if _is_settled(after, hosts) else analyse(after, analysis.kind, hosts, source.name).sites
    _check_stability(source, after, sites, analysis, rules, policy)


def check_conservation(source: Source, after: str, edits: Sequence[Edit]) -> None:
    """Prove that outside of the edits every code point is equal; raises SourceError."""
    text, at, there = source.text, 0, 0
    for edit in edits:
        size = edit.span.start - at
        same = text[at : edit.span.start] == after[there : there + size]
        if not same or not after.startswith(edit.new, there + size):
            raise failed_check(source, "a part that no edit names would change")
        at, there = edit.span.end, there + size + len(edit.new)
    if text[at:] != after[there:]:
        raise failed_check(source, "a part that no edit names would change")


def failed_check(source: Source, why: str) -> SourceError:
    """Return the error of a check that did not hold."""
    return SourceError("the edits did not pass the check, nothing was written", where=source.name, why=why,
                       hint="please report this with the lines concerned")  # fmt: skip


_PIECE = 256 * 1024
"""A longer text is looked through in pieces of this many code points: its bytes would be one more copy of it."""

_OVERLAP = 4096
"""So far into the next piece a host is looked for; no host is as long, not even behind slashes or with its port."""


def _is_settled(after: str, hosts: HostFinder) -> bool:
    """Tell whether a new text surely holds no site: a second run asks the same before it looks into one.

    Of a long one with escapes it is not known: there a host may be written over any number of lines.
    """
    if len(after) > _PIECE and "\\" in after:
        return False
    starts = range(0, len(after), _PIECE)
    return not any(hosts.may_hold(after[at : at + _PIECE + _OVERLAP].encode()) for at in starts)


def _check_events(
    source: Source, after: str, edits: Sequence[Edit], analysis: Analysis, hosts: HostFinder
) -> list[Site]:
    """Compare the pieces that edits lie in, before and after; return the sites of the new text.

    A piece that holds none, and of which the edits are sure, need only be YAML.
    """
    sites: list[Site] = []
    shift = 0
    starts = [edit.span.start for edit in edits]
    checked = 0
    for piece in analysis.pieces:
        inside = edits[bisect_left(starts, piece.start) : bisect_left(starts, piece.end)]
        if not inside:
            continue
        checked += len(inside)
        start = piece.start + shift
        shift += sum(len(edit.new) - len(edit.old) for edit in inside)
        body = after[start : piece.end + shift]
        masked = frozenset(scalar.ordinal for scalar in piece.shape.scalars)
        try:
            if _is_settled(body, hosts) and is_sure(source.text, piece, inside, body):
                require_yaml(body)
                continue
            found = locate_piece(after, body, start, hosts, analysis.kind, masked=masked, here=analysis.here)
            same = _sees_same(source.text[piece.start : piece.end], body, masked)
        except (YamlFailure, YamlError):
            raise failed_check(source, "the result would not be valid YAML") from None
        _check_shape(source, inside, piece, found.shape, hosts, same=same)
        sites += found.sites
    if checked < len(edits):
        raise failed_check(source, "an edit lies in no document")
    return sites


def _check_added(
    source: Source, after: str, edits: Sequence[Edit], analysis: Analysis, hosts: HostFinder
) -> Sequence[Site]:
    """Check the other edits as if they were alone, and then that the keys for new names are all that comes on top."""
    others: list[Edit] = []
    added: list[tuple[int, tuple[str, ...]]] = []
    shift = 0
    for edit in edits:
        if name := added_name(edit):
            added.append((edit.span.start + shift, (NEW_NAME, name)))
        else:
            others.append(edit)
            shift += len(edit.new) - len(edit.old)
    without = apply_edits(source.text, others)
    if others:
        _check_events(source, without, others, analysis, hosts)
    if analysis.kind not in PARSED or not adds_only(without, after, added):
        raise failed_check(source, "more than a key for the new name would be added")
    return analyse(after, analysis.kind, hosts, source.name, here=analysis.here).sites


def _sees_same(before: str, after: str, masked: frozenset[int]) -> bool:
    """Tell whether a parser sees the same in two texts, but for the scalars of these numbers; raises YamlError."""
    from regfix.syntax.fingerprint import fingerprint

    return fingerprint(before, masked) == fingerprint(after, masked)


def _check_shape(
    source: Source, edits: Sequence[Edit], piece: Piece, after: Shape, hosts: HostFinder, *, same: bool
) -> None:
    """Compare what a parser sees of a piece before and after; `same` tells whether the rest has one fingerprint."""
    if not same or len(after.scalars) != len(piece.shape.scalars):
        raise failed_check(source, "the structure of the YAML would change")
    _check_values(source, edits, piece, after.scalars, hosts)


def _check_values(
    source: Source, edits: Sequence[Edit], piece: Piece, after: Sequence[NotedScalar], hosts: HostFinder
) -> None:
    """Compare the values of the scalars that edits may touch with what the edits should make of them."""
    starts = [edit.span.start for edit in edits]
    for before, now in zip(piece.shape.scalars, after, strict=True):
        start, end = before.span.start + piece.start, before.span.end + piece.start
        inside = edits[bisect_left(starts, start) : bisect_left(starts, end)]
        moved = moved_edits(source.text, Span(start, end), before, inside) if inside else []
        wanted = _edited_value(source, before, moved)
        if wanted != now.value:
            raise failed_check(source, f"{wanted[:200]!r} was planned, {now.value[:200]!r} would be read")
        if moved and before.inner is not None:
            _check_inner(source, before.value, before.inner, now.value, moved, hosts)


def _check_inner(source: Source, before: str, shape: Shape, now: str, edits: Sequence[Edit], hosts: HostFinder) -> None:
    """Compare the document that a scalar holds, before and after."""
    masked = frozenset(scalar.ordinal for scalar in shape.scalars)
    try:
        found = locate_piece(now, now, 0, hosts, Kind.YAML, masked=masked)
        same = _sees_same(before, now, masked)
    except (YamlFailure, YamlError):
        raise failed_check(source, "the result would hold a document that is not valid YAML") from None
    inner = Source(source.name, before)
    _check_shape(inner, edits, Piece(0, len(before), shape), found.shape, hosts, same=same)


def _edited_value(source: Source, scalar: NotedScalar, edits: Sequence[Edit]) -> str:
    """Return the value of a scalar after the edits in it.

    Quotes that an edit adds are none of its letters, unless the scalar holds a document, of which they are.
    """
    if scalar.inner is None:
        edits = [edit._replace(new=edit.new[1:-1]) if edit.new[:1] == '"' else edit for edit in edits]
    try:
        return apply_edits(scalar.value, edits)
    except StaleEdit as error:
        raise failed_check(source, error.what) from None


def _check_tokens(source: Source, after: str, edits: Sequence[Edit]) -> None:
    from regfix.syntax.template import lex_template

    before, now = lex_template(source.text), lex_template(after)
    starts = [edit.span.start for edit in edits]  # what is put in between two tokens belongs to the second
    growth = [0]
    for edit in edits:
        growth.append(growth[-1] + len(edit.new) - len(edit.old))
    same = len(before) == len(now) and all(
        b.kind is n.kind and b.end + growth[bisect_left(starts, b.end)] == n.end
        for b, n in zip(before, now, strict=True)
    )
    if not same:
        raise failed_check(source, "the structure of the template would change")


def _check_stability(
    source: Source, after: str, sites: Sequence[Site], analysis: Analysis, rules: RuleSet, policy: Policy
) -> None:
    again = plan(Source(source.name, after), analysis._replace(sites=tuple(sites)), rules, policy)
    if edits_of(again):
        raise failed_check(source, "a second run would change the file again")
