"""What the rules say of one site: the edits, or the reason for leaving it. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.edits import added_edit, split_edits, tag_edit, written_edit
from regfix.image import grammar
from regfix.image.host import DOCKER_HUB, DOCKER_HUB_API, normalize_host
from regfix.image.reference import Reference
from regfix.image.rule import Ambiguous, Move, RuleSet
from regfix.locate.joining import join_name
from regfix.locate.site import Context, Reason
from regfix.locate.words import Role, key_role
from regfix.syntax.scalar import needs_quotes
from regfix.tagged import tag_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.image.rule import Held, Rule
    from regfix.locate.site import NewName, Occurrence, Part, Site
    from regfix.text.edit import Edit


class Decision(NamedTuple):
    """What the rules say of a site, before edits that meet are held against each other.

    `why` says more about the reason, where a veto forbids the edits.
    """

    site: Site
    reference: str
    move: Move | None = None
    reason: Reason | None = None
    edits: tuple[Edit, ...] = ()
    rule: Rule | None = None
    why: str = ""


def decide(text: str, site: Site, rules: RuleSet) -> Decision:
    if site.beside is not None:
        return _decide_beside(text, site, site.beside, rules)
    if site.occurrence is not None:
        return _decide_written(text, site, site.occurrence, rules)
    return _decide_joined(text, site, rules)


def _decide_beside(text: str, site: Site, place: NewName, rules: RuleSet) -> Decision:
    """Decide about a selector that stays: what it selects gets the name that the selector would have, by a new key."""
    found = decide(text, site._replace(beside=None, blocker=None), rules)
    name = result_of(found)
    if not found.edits or name is None:
        return found
    tag = site.tag.span.start if site.tag is not None else -1
    edits = [added_edit(place, name), *(edit for edit in found.edits if edit.span.start == tag)]
    return found._replace(site=site, edits=tuple(edits))


def result_of(decision: Decision) -> str | None:
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


def _decide_written(text: str, site: Site, found: Occurrence, rules: RuleSet) -> Decision:
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
    if reason is Reason.OTHER_HOST and _is_result(text, found, said):
        return Decision(site, reference, reason=Reason.KEPT)
    if reason is not None:
        return Decision(site, reference, said, reason)
    old = "/".join((found.host, *found.path[: said.consumed]))
    if found.namespace and said._replace(tag=None) != rules.resolve_start(found.host, found.path):
        return Decision(site, reference, None, Reason.REGISTRY_ALONE)
    if not (start or found.slash) and said.names_nothing(found.path):
        return Decision(site, reference, None, Reason.INVALID)
    if bare and found.host == DOCKER_HUB_API and "/" in said.target and _takes_host(site):
        return Decision(site, reference, said, Reason.REGISTRY_ALONE)
    if site.taken and said.target + reference[len(old) :] in site.taken:
        return Decision(site, reference, said, Reason.DUPLICATE)
    return _edited(text, site, reference, said, [written_edit(text, site, found.start, old, said.target)], tag)


def _takes_host(site: Site) -> bool:
    """Tell whether the key of a site takes the address of a server: `registryHost`, `registry-url`."""
    key = site.key_path[-1] if site.key_path else None
    role = key_role(key) if isinstance(key, str) else None
    return role is not None and role.role is Role.HOST


def _is_result(text: str, found: Occurrence, move: Move) -> bool:
    """Tell whether a name is the end of its own rule's target (`harbor.example.com/docker.io` of `docker.io`)."""
    before, _, last = move.target.rpartition("/")
    start = found.start - len(before) - 1
    return last == found.host and start >= 0 and text.startswith(before + "/", start)


def _held(site: Site, reference: str, held: Held | None) -> Decision:
    """Decide for a reference that a rule matches and yet lets stay; it stays for its place where an entry says so."""
    if held is None:
        return Decision(site, reference)
    reason = Reason(held.why)
    if reason is not Reason.KEPT and site.blocker is not None:
        reason = site.blocker
    return Decision(site, reference, reason=reason, rule=held.rule if held.rule.entry is not None else None)


def _may_go_on(found: Occurrence, reference: str) -> bool:
    """Tell whether one component on Docker Hub is surely no official image: a slash follows, or it is `library`."""
    one = len(found.path) == 1 and normalize_host(found.host) == DOCKER_HUB
    return one and (found.slash or found.path == ("library",)) and reference.endswith(found.path[0])


def _decide_ambiguous(site: Site, found: Occurrence, reference: str, rules: RuleSet) -> Decision:
    """Decide about a name whose written start does not tell which rule counts."""
    whole_host = rules.resolve(found.host, ("*", "*")) is not None
    if site.blocker is not None:  # a bare host is a source registry only where a rule moves all of it
        return Decision(site, reference, reason=site.blocker if whole_host or found.path else None)
    alone = found.prefix or not found.open_ended
    return Decision(site, reference, reason=Reason.REGISTRY_ALONE if alone else Reason.DYNAMIC)


def _decide_joined(text: str, site: Site, rules: RuleSet) -> Decision:
    """Decide about a reference whose registry is not written, or is a key of its own."""
    reference = join_name(part.text for part in site.parts)
    parsed = Reference.match(reference)
    if parsed is None:
        return Decision(site, reference)
    path = tuple(parsed.repository.split("/"))
    host = parsed.registry or DOCKER_HUB
    whole = site.parts[-1].role is not Role.REGISTRY
    tag = tag_of(text, site, reference)
    move = rules.resolve(host, path, tag and tag.text) if whole else _start(rules, host, path)
    if move is None:
        if site.blocker is Reason.OTHER_HOST:
            return Decision(site, reference, reason=site.blocker)
        held = rules.held(host, path, tag and tag.text) if whole or len(site.parts) > 1 else None
        if held is not None and len(site.parts) == 1 and held.rule.entry is None:
            held = None  # a short name that is kept is no occurrence of a source registry
        return _held(site, reference, held)
    if site.blocker is not None:
        return Decision(site, reference, move, site.blocker)
    if whole and move.names_nothing(path):
        return Decision(site, reference, None, Reason.INVALID)
    if len(site.parts) == 1:
        old = "/".join(path[: move.consumed])
        edit = written_edit(text, site, site.parts[0].span.start, old, move.target)
        return _edited(text, site, reference, move, [edit], tag)
    edits = split_edits(text, site, move, with_registry=bool(parsed.registry))
    if edits is None:
        return Decision(site, reference, move, Reason.INVALID)  # a key would be left empty
    return _edited(text, site, reference, move, edits, tag)


def _edited(text: str, site: Site, reference: str, move: Move, edits: Sequence[Edit], tag: Part | None) -> Decision:
    """Decide for the edits of a name and its tag, unless quotes are needed that might reach too far."""
    if site.front:
        edits = [edits[0]._replace(new=site.front + edits[0].new), *edits[1:]]
    scalars = edits  # their start is one's
    if tag is not None and move.tag is not None and move.tag != tag.text:
        if tag.blocker is not None:
            return Decision(site, reference, move, tag.blocker)
        edits = [*edits, tag_edit(text, site, tag, move.tag)]
        scalars = edits if tag is site.tag else scalars
        if any(edit is not edits[-1] and edit.span.end > edits[-1].span.start >= edit.span.start for edit in edits):
            return Decision(site, reference, move, Reason.QUOTES)  # the name's quotes would go around the tag
    if site.context in (Context.TEMPLATE, Context.COMMENT, Context.EMBEDDED) and any(
        edit.new and needs_quotes(edit.new) for edit in scalars
    ):
        return Decision(site, reference, move, Reason.QUOTES)
    return Decision(site, reference, move, edits=tuple(edits))


def _start(rules: RuleSet, host: str, path: tuple[str, ...]) -> Move | None:
    """Return where the value of a key for registries moves (`registry: bitnami`, a namespace of Docker Hub)."""
    said = rules.resolve_start(host, path)
    return said if isinstance(said, Move) else None


@cache
def _version() -> re.Pattern[str]:
    return re.compile(rf"(?::{grammar.TAG})?(?:@{grammar.DIGEST})?")


def _reference_text(text: str, site: Site, found: Occurrence) -> str:
    """Return the reference as written, with its tag and digest."""
    if site.blocker in (Reason.ESCAPED, Reason.ENCODED):
        return "/".join((found.host, *found.path))
    end = found.end
    if found.path:
        version = _version().match(text, end)
        end = version.end() if version else end
    return text[found.start : end]
