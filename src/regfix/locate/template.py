"""The locator for templates of manifests: literals, strings of actions, comments."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from regfix.image.reference import Reference
from regfix.locate.assigned import is_assigned_registry
from regfix.locate.lines import comment_lines, live_lines, loose_mappings, merge_sites
from regfix.locate.mapping import OPAQUE, mapping_sites
from regfix.locate.occurrence import find_occurrences
from regfix.locate.site import Context, Occurrence, Part, Reason, Site, occurrence_site
from regfix.locate.words import Role
from regfix.syntax.template import Token, TokenKind, lex_template
from regfix.text.span import Span, line_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.locate.hosts import HostFinder


def locate_template(text: str, hosts: HostFinder, *, every: bool = False) -> list[Site]:
    """Return the sites of a template."""
    tokens = lex_template(text)
    starts = [token.start for token in tokens]
    occurrences = find_occurrences(text, hosts)
    written = [_site(text, found, tokens[bisect_right(starts, found.start) - 1]) for found in occurrences]
    if not (hosts.short_names or every or occurrences):
        return written
    return merge_sites(written, list(_structural(text, tokens, occurrences, every=every)))


def _site(text: str, found: Occurrence, token: Token) -> Site:
    context = _context(text, found, token)
    blocker = found.blocker
    if context is Context.MARKUP:
        blocker = Reason.MARKUP
    elif blocker is None and not found.path and not found.open_ended and not _is_registry(text, found, token):
        blocker = Reason.PROSE
    return occurrence_site(text, found, context, blocker)


def _context(text: str, found: Occurrence, token: Token) -> Context:
    if token.kind is TokenKind.STRING:
        return Context.ACTION
    if token.kind is TokenKind.CODE:
        return Context.MARKUP
    before = text[line_start(text, found.start) : found.start]
    comment = token.kind is TokenKind.COMMENT or before.lstrip().startswith("#") or " #" in before
    return Context.COMMENT if comment else Context.TEMPLATE


def _is_registry(text: str, found: Occurrence, token: Token) -> bool:
    if token.kind is TokenKind.STRING:
        return text[token.start + 1 : token.end - 1] in (found.host, found.host + "/")
    return is_assigned_registry(text, found) or (found.slash and token.kind is TokenKind.COMMENT)


@cache
def _image_line() -> re.Pattern[str]:
    return re.compile(r"[ \t]*(?:-[ \t]+)*\w*[iI]mage:[ \t]")


@cache
def _compares() -> re.Pattern[str]:
    return re.compile(r"\b(?:eq|ne|contains|hasPrefix|hasSuffix|regexMatch)\b")


def _defaults(text: str, tokens: list[Token], literal: str) -> Iterator[Site]:
    """Yield the short names that stand as strings in the action of an image (`image: {{ default "a/b:1" .x }}`)."""
    for before, token in pairwise(tokens):
        if token.kind is not TokenKind.STRING or _compares().search(text, before.start, before.end):
            continue
        value = text[token.start + 1 : token.end - 1]
        line = line_start(text, token.start)
        named = {"/", ":"}.intersection(value) and _image_line().match(literal, line) is not None
        reference = Reference.match(value) if named else None
        if reference is not None and not reference.registry:
            part = Part(Role.REFERENCE, Span(token.start + 1, token.end - 1), value)
            yield Site((part,), Context.ACTION)


def _structural(text: str, tokens: list[Token], occurrences: list[Occurrence], *, every: bool) -> Iterator[Site]:
    literal = "".join(
        text[t.start : t.end] if t.kind is TokenKind.LITERAL else OPAQUE * (t.end - t.start) for t in tokens
    )
    written = [found.start for found in occurrences]
    yield from _defaults(text, tokens, literal)
    for lines, context in ((live_lines(literal), Context.TEMPLATE), (comment_lines(literal), Context.COMMENT)):
        for mapping in loose_mappings(lines, written):
            yield from mapping_sites(mapping.entries, mapping.path, context, every=every)
