"""From sites to findings: what is decided of each, held against the policy and against the others. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.decide import Decision, decide, result_of
from regfix.finding import Action, Applicability, Finding
from regfix.ignored import ignored_lines
from regfix.locate.site import Context, Reason
from regfix.syntax.keypath import shown
from regfix.tagged import behind
from regfix.text.span import LineIndex, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.image.rule import Move, RuleSet, Veto
    from regfix.locate.analysis import Analysis
    from regfix.locate.site import Part, Site
    from regfix.text.edit import Edit
    from regfix.text.source import Source


class Policy(NamedTuple):
    """What a user wants left alone: references in comments, lines that a comment marks."""

    comments: bool = True


def plan(source: Source, analysis: Analysis, rules: RuleSet, policy: Policy) -> tuple[Finding, ...]:
    """Return the findings of a source in reading order; sites that no rule concerns have the action `none`."""
    return plan_sites(source, list(analysis.sites), rules, policy)


def plan_sites(source: Source, sites: list[Site], rules: RuleSet, policy: Policy) -> tuple[Finding, ...]:
    """Return the same; the sites are taken out of the list, so that of a large source they go as the findings come."""
    if not sites:
        return ()
    text = source.text
    lines = LineIndex(text)
    ignored = frozenset(lines.position(start).line for start in ignored_lines(text))

    def decision_of(site: Site) -> Decision:
        decision = _leave_by_policy(decide(text, site, rules), lines, ignored, policy)
        return decision if rules.veto is None else _leave_by_veto(source, decision, lines, rules.veto)

    contested = _contested(d for d in map(decision_of, _vying(sites)) if d.edits or d.why or len(d.site.parts) > 1)
    sites.reverse()
    decisions = (decision_of(sites.pop()) for _ in range(len(sites)))
    return tuple(_finding(source, decision, lines) for decision in _without_conflicts(decisions, contested))


def _leave_by_policy(decision: Decision, lines: LineIndex, ignored: frozenset[int], policy: Policy) -> Decision:
    site = decision.site
    if not decision.edits:
        return decision
    spans = (*(part.span for part in site.parts), *(edit.span for edit in decision.edits))
    if ignored and any(lines.position(span.start).line in ignored for span in spans):
        return decision._replace(reason=Reason.IGNORED, edits=())
    if not policy.comments and site.context is Context.COMMENT:
        return decision._replace(reason=Reason.COMMENT, edits=())
    return decision


def _leave_by_veto(source: Source, decision: Decision, lines: LineIndex, veto: Veto) -> Decision:
    """Leave a reference as a whole whose move is forbidden."""
    why = veto(_finding(source, decision, lines)) if decision.edits else None
    return decision if why is None else decision._replace(reason=Reason.UNCONFIRMED, edits=(), why=why)


def _vying(sites: Sequence[Site]) -> list[Site]:
    """Return the sites that others may share a part with: a merge key can put a whole name below a registry."""
    split = [site for site in sites if len(site.parts) > 1 or site.tag is not None]
    spans = {part.span for site in split for part in site.parts} if split else ()
    return [s for s in sites if len(s.parts) > 1 or s.tag or (s.occurrence is None and s.parts[0].span in spans)]


def _contested(decisions: Iterable[Decision]) -> dict[Span, str]:
    """Return the spans of parts that the split references which they are of wish to be different.

    With them what forbids that one of these references moves, empty if nothing does. A reference that has to stay for
    one of its parts stays as a whole, and so do those that need its others to change.
    """
    wishes: dict[Span, set[str | None]] = {}
    whys: dict[Span, str] = {}
    together: list[tuple[Span, ...]] = []
    for decision in decisions:
        if decision.site.occurrence is None or decision.site.tag is not None:
            edits = {edit.span.start: edit.new for edit in decision.edits}
            spans = tuple(part.span for part in _all_parts(decision.site))
            for part in _all_parts(decision.site):
                wishes.setdefault(part.span, set()).add(edits.get(part.span.start))
                if decision.why:
                    whys.setdefault(part.span, f"it shares {part.text!r} with {decision.reference}: {decision.why}")
            if len(edits) > 1:
                together.append(tuple(span for span in spans if span.start in edits))
    found = {span: whys.get(span, "") for span, new in wishes.items() if len(new) > 1}
    return _spread(found, together) if found and together else found


def _spread(found: dict[Span, str], together: Sequence[tuple[Span, ...]]) -> dict[Span, str]:
    """Add the spans that are edited together with one that is found, and those that are with these."""
    others: dict[Span, list[tuple[Span, ...]]] = {}
    for spans in together:
        for span in spans:
            others.setdefault(span, []).append(spans)
    todo = list(found)
    while todo:
        here = todo.pop()
        for spans in others.pop(here, ()):
            new = [span for span in spans if span not in found]
            found.update(dict.fromkeys(new, found[here]))
            todo += new
    return found


def _without_conflicts(decisions: Iterable[Decision], contested: dict[Span, str]) -> Iterator[Decision]:
    """Leave what an anchor shares between images that move differently; make equal edits once."""
    made: set[Span] = set()
    for decision in decisions:
        if contested and decision.move is not None and not decision.why:
            shared = [contested[part.span] for part in _all_parts(decision.site) if part.span in contested]
            if shared:
                why = next(filter(None, shared), "")
                reason = Reason.UNCONFIRMED if why else Reason.SHARED
                yield decision._replace(reason=reason, edits=(), why=why)
                continue
        new = tuple(edit for edit in decision.edits if edit.span not in made)
        made.update(edit.span for edit in new)
        yield decision._replace(edits=new) if len(new) < len(decision.edits) else decision


def _all_parts(site: Site) -> tuple[Part, ...]:
    """Return the pieces of a site, its tag among them, that another one may have, too."""
    return site.parts if site.tag is None else (*site.parts, site.tag)


def _finding(source: Source, decision: Decision, lines: LineIndex) -> Finding:
    site, move, reason = decision.site, decision.move, decision.reason
    action = Action.LEAVE if reason is not None else Action.REWRITE if move is not None else Action.NONE
    result = result_of(decision) if move is not None else None
    beside = site.tag.text if site.tag is not None else None
    return Finding(
        source.name, lines.position(site.parts[0].span.start), shown(site.key_path), site.context, decision.reference,
        action, result, move.rules[0] if move is not None else decision.rule, reason, decision.edits,
        applicability=_applicability(move) if action is Action.REWRITE else None,
        behind=behind(source.text, site, decision.reference),
        beside=None if beside is None else (beside, (move and move.tag) or beside), why=decision.why,
    )  # fmt: skip


def _applicability(move: Move | None) -> Applicability:
    unverified = move is not None and not all(rule.verified for rule in move.rules)
    return Applicability.UNVERIFIED if unverified else Applicability.SAFE


def edits_of(findings: Iterable[Finding]) -> list[Edit]:
    """Return all edits of a source's findings, sorted by span."""
    return sorted(edit for finding in findings for edit in finding.edits)
