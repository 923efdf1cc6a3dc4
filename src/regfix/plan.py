"""From sites to findings: what the rules do at each of them, as edits or as the reason for leaving it. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.edits import split_edits, tag_edit, written_edit
from regfix.finding import Action, Applicability, Finding
from regfix.ignored import ignored_lines
from regfix.image import grammar
from regfix.image.host import DOCKER_HUB, normalize_host
from regfix.image.reference import Reference
from regfix.image.rule import Ambiguous, Move, RuleSet
from regfix.locate.joining import join_name
from regfix.locate.site import Context, Reason
from regfix.locate.words import Role
from regfix.syntax.keypath import shown
from regfix.syntax.scalar import needs_quotes
from regfix.tagged import behind, tag_of
from regfix.text.span import LineIndex, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.image.rule import Held, Rule
    from regfix.locate.analysis import Analysis
    from regfix.locate.site import Occurrence, Part, Site
    from regfix.text.edit import Edit
    from regfix.text.source import Source


class Policy(NamedTuple):
    """What a user wants left alone: references in comments, lines that a comment marks."""

    comments: bool = True


class _Decision(NamedTuple):
    """What the rules say of a site, before edits that meet are held against each other."""

    site: Site
    reference: str
    move: Move | None = None
    reason: Reason | None = None
    edits: tuple[Edit, ...] = ()
    rule: Rule | None = None


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

    def decide(site: Site) -> _Decision:
        return _leave_by_policy(_decide(text, site, rules), lines, ignored, policy)

    contested = _contested(d for d in map(decide, _vying(sites)) if d.edits or len(d.site.parts) > 1)
    sites.reverse()
    decisions = (decide(sites.pop()) for _ in range(len(sites)))
    return tuple(_finding(source, decision, lines) for decision in _without_conflicts(decisions, contested))


def _decide(text: str, site: Site, rules: RuleSet) -> _Decision:
    if site.occurrence is not None:
        return _decide_written(text, site, site.occurrence, rules)
    return _decide_joined(text, site, rules)


def _decide_written(text: str, site: Site, found: Occurrence, rules: RuleSet) -> _Decision:
    """Decide about a reference in one piece with its registry written."""
    reference = _reference_text(text, site, found)
    bare = not found.path and not found.open_ended
    said: Move | Ambiguous | None
    tag = tag_of(text, site, reference)
    start = bare or found.open_ended or found.prefix or _may_go_on(found, reference)
    if start:
        said = rules.resolve_start(found.host, found.path, found.partial)
    else:
        said = rules.resolve(found.host, found.path, tag and tag.text)
    if isinstance(said, Ambiguous):
        return _decide_ambiguous(site, found, reference, rules)
    if said is None:
        held = (
            rules.held_start(found.host, found.path) if start else rules.held(found.host, found.path, tag and tag.text)
        )
        return _held(site, reference, held)
    reason = site.blocker
    if found.open_ended and not found.path and normalize_host(found.host) == DOCKER_HUB:
        reason = reason or Reason.DYNAMIC  # an official image would need `library/` in front
    if reason is not None:
        return _Decision(site, reference, said, reason)
    old = "/".join((found.host, *found.path[: said.consumed]))
    if found.namespace and said._replace(tag=None) != rules.resolve_start(found.host, found.path):
        return _Decision(site, reference, None, Reason.REGISTRY_ALONE)
    if not (start or found.slash) and said.names_nothing(found.path):
        return _Decision(site, reference, None, Reason.INVALID)
    if site.taken and said.target + reference[len(old) :] in site.taken:
        return _Decision(site, reference, said, Reason.DUPLICATE)
    return _edited(text, site, reference, said, [written_edit(text, site, found.start, old, said.target)], tag)


def _held(site: Site, reference: str, held: Held | None) -> _Decision:
    """Decide for a reference that a rule matches and yet lets stay; it stays for its place where an entry says so."""
    if held is None:
        return _Decision(site, reference)
    reason = Reason(held.why)
    if reason is not Reason.KEPT and site.blocker is not None:
        reason = site.blocker
    return _Decision(site, reference, reason=reason, rule=held.rule if held.rule.entry is not None else None)


def _may_go_on(found: Occurrence, reference: str) -> bool:
    """Tell whether one component on Docker Hub is surely no official image: a slash follows, or it is `library`."""
    one = len(found.path) == 1 and normalize_host(found.host) == DOCKER_HUB
    return one and (found.slash or found.path == ("library",)) and reference.endswith(found.path[0])


def _decide_ambiguous(site: Site, found: Occurrence, reference: str, rules: RuleSet) -> _Decision:
    """Decide about a name whose written start does not tell which rule counts."""
    whole_host = rules.resolve(found.host, ("*", "*")) is not None
    if site.blocker is not None:  # a bare host is a source registry only where a rule moves all of it
        return _Decision(site, reference, reason=site.blocker if whole_host or found.path else None)
    alone = found.prefix or not found.open_ended
    return _Decision(site, reference, reason=Reason.REGISTRY_ALONE if alone else Reason.DYNAMIC)


def _decide_joined(text: str, site: Site, rules: RuleSet) -> _Decision:
    """Decide about a reference whose registry is not written, or is a key of its own."""
    reference = join_name(part.text for part in site.parts)
    parsed = Reference.match(reference)
    if parsed is None:
        return _Decision(site, reference)
    path = tuple(parsed.repository.split("/"))
    host = parsed.registry or DOCKER_HUB
    whole = site.parts[-1].role is not Role.REGISTRY
    tag = tag_of(text, site, reference)
    move = rules.resolve(host, path, tag and tag.text) if whole else _start(rules, host, path)
    if move is None:
        if site.blocker is Reason.OTHER_HOST:
            return _Decision(site, reference, reason=site.blocker)
        held = rules.held(host, path, tag and tag.text) if whole or len(site.parts) > 1 else None
        if held is not None and len(site.parts) == 1 and held.rule.entry is None:
            held = None  # a short name that is kept is no occurrence of a source registry
        return _held(site, reference, held)
    if site.blocker is not None:
        return _Decision(site, reference, move, site.blocker)
    if whole and move.names_nothing(path):
        return _Decision(site, reference, None, Reason.INVALID)
    if len(site.parts) == 1:
        old = "/".join(path[: move.consumed])
        edit = written_edit(text, site, site.parts[0].span.start, old, move.target)
        return _edited(text, site, reference, move, [edit], tag)
    edits = split_edits(text, site, move, with_registry=bool(parsed.registry))
    if edits is None:
        return _Decision(site, reference, move, Reason.INVALID)  # a key would be left empty
    return _edited(text, site, reference, move, edits, tag)


def _edited(text: str, site: Site, reference: str, move: Move, edits: Sequence[Edit], tag: Part | None) -> _Decision:
    """Decide for the edits of a name and its tag, unless quotes are needed that might reach too far."""
    scalars = edits  # their start is one's
    if tag is not None and move.tag is not None and move.tag != tag.text:
        if tag.blocker is not None:
            return _Decision(site, reference, move, tag.blocker)
        edits = [*edits, tag_edit(text, site, tag, move.tag)]
        scalars = edits if tag is site.tag else scalars
        if any(edit is not edits[-1] and edit.span.end > edits[-1].span.start >= edit.span.start for edit in edits):
            return _Decision(site, reference, move, Reason.QUOTES)  # the name's quotes would go around the tag
    if site.context in (Context.TEMPLATE, Context.COMMENT, Context.EMBEDDED) and any(
        edit.new and needs_quotes(edit.new) for edit in scalars
    ):
        return _Decision(site, reference, move, Reason.QUOTES)
    return _Decision(site, reference, move, edits=tuple(edits))


def _start(rules: RuleSet, host: str, path: tuple[str, ...]) -> Move | None:
    """Return where the value of a key for registries moves (`registry: bitnami`, a namespace of Docker Hub)."""
    said = rules.resolve_start(host, path)
    return said if isinstance(said, Move) else None


@cache
def _version() -> re.Pattern[str]:
    return re.compile(rf"(?::{grammar.TAG})?(?:@{grammar.DIGEST})?")


def _reference_text(text: str, site: Site, found: Occurrence) -> str:
    """Return the reference as written, with its tag and digest."""
    if site.blocker is Reason.ESCAPED:
        return "/".join((found.host, *found.path))
    end = found.end
    if found.path:
        version = _version().match(text, end)
        end = version.end() if version else end
    return text[found.start : end]


def _leave_by_policy(decision: _Decision, lines: LineIndex, ignored: frozenset[int], policy: Policy) -> _Decision:
    site = decision.site
    if not decision.edits:
        return decision
    spans = (*(part.span for part in site.parts), *(edit.span for edit in decision.edits))
    if ignored and any(lines.position(span.start).line in ignored for span in spans):
        return decision._replace(reason=Reason.IGNORED, edits=())
    if not policy.comments and site.context is Context.COMMENT:
        return decision._replace(reason=Reason.COMMENT, edits=())
    return decision


def _vying(sites: Sequence[Site]) -> list[Site]:
    """Return the sites that others may share a part with: a merge key can put a whole name below a registry."""
    split = [site for site in sites if len(site.parts) > 1 or site.tag is not None]
    spans = {part.span for site in split for part in site.parts} if split else ()
    return [s for s in sites if len(s.parts) > 1 or s.tag or (s.occurrence is None and s.parts[0].span in spans)]


def _contested(decisions: Iterable[_Decision]) -> frozenset[Span]:
    """Return the spans of parts that the split references which they are of wish to be different."""
    wishes: dict[Span, set[str | None]] = {}
    for decision in decisions:
        if decision.site.occurrence is None or decision.site.tag is not None:
            edits = {edit.span.start: edit.new for edit in decision.edits}
            for part in _all_parts(decision.site):
                wishes.setdefault(part.span, set()).add(edits.get(part.span.start))
    return frozenset(span for span, new in wishes.items() if len(new) > 1)


def _without_conflicts(decisions: Iterable[_Decision], contested: frozenset[Span]) -> Iterator[_Decision]:
    """Leave what an anchor shares between images that move differently; make equal edits once."""
    made: set[Span] = set()
    for decision in decisions:
        if contested and decision.move is not None and any(p.span in contested for p in _all_parts(decision.site)):
            yield decision._replace(reason=Reason.SHARED, edits=())
            continue
        new = tuple(edit for edit in decision.edits if edit.span not in made)
        made.update(edit.span for edit in new)
        yield decision._replace(edits=new) if len(new) < len(decision.edits) else decision


def _all_parts(site: Site) -> tuple[Part, ...]:
    """Return the pieces of a site, its tag among them, that another one may have, too."""
    return site.parts if site.tag is None else (*site.parts, site.tag)


def _finding(source: Source, decision: _Decision, lines: LineIndex) -> Finding:
    site, move, reason = decision.site, decision.move, decision.reason
    action = Action.LEAVE if reason is not None else Action.REWRITE if move is not None else Action.NONE
    result = _result(decision) if move is not None else None
    beside = site.tag.text if site.tag is not None else None
    return Finding(
        source.name, lines.position(site.parts[0].span.start), shown(site.key_path), site.context, decision.reference,
        action, result, move.rules[0] if move is not None else decision.rule, reason, decision.edits,
        applicability=_applicability(move) if action is Action.REWRITE else None,
        behind=behind(source.text, site, decision.reference),
        beside=None if beside is None else (beside, (move and move.tag) or beside),
    )  # fmt: skip


def _applicability(move: Move | None) -> Applicability:
    unverified = move is not None and not all(rule.verified for rule in move.rules)
    return Applicability.UNVERIFIED if unverified else Applicability.SAFE


def _result(decision: _Decision) -> str | None:
    """Return the whole reference after the move."""
    move, found, reference = decision.move, decision.site.occurrence, decision.reference
    if move is None:
        return None
    parsed = Reference.match(reference) if found is None or move.tag is not None else None
    if parsed is not None and parsed.tag and move.tag is not None:
        suffix = parsed._replace(tag=move.tag).suffix
        reference = reference.removesuffix(parsed.suffix) + suffix
    if found is not None:
        return move.target + reference[len("/".join((found.host, *found.path[: move.consumed]))) :]
    if parsed is None:
        return None
    rest = parsed.repository.split("/")[move.consumed :]
    return "/".join((move.target, *rest)) + reference.removeprefix(str(parsed._replace(tag="", digest="")))


def edits_of(findings: Iterable[Finding]) -> list[Edit]:
    """Return all edits of a source's findings, sorted by span."""
    return sorted(edit for finding in findings for edit in finding.edits)
