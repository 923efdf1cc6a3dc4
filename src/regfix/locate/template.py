"""The locator for templates of manifests: literals, strings of actions, comments."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from regfix.image.host import is_host
from regfix.image.reference import Reference
from regfix.locate.assigned import is_assigned_registry, stands_in_branch
from regfix.locate.compared import is_compared
from regfix.locate.entry import OPAQUE, Entry, Mapping
from regfix.locate.lines import comment_lines, has_comment, live_lines, loose_mappings, merge_sites
from regfix.locate.mapping import located_images
from regfix.locate.occurrence import find_occurrences
from regfix.locate.site import Context, Occurrence, Part, Reason, Site, occurrence_site
from regfix.locate.tags import with_tags
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
    literal = "".join(
        text[t.start : t.end] if t.kind is TokenKind.LITERAL else OPAQUE * (t.end - t.start) for t in tokens
    )
    starts = [found.start for found in occurrences]
    live = list(loose_mappings(live_lines(literal), starts))
    commented = list(loose_mappings(comment_lines(literal), starts))
    structural = [*_image_literals(text, tokens), *_namespaces(literal), *_flow_images(literal, starts, every=every)]
    structural += located_images(live, Context.TEMPLATE, every=every)
    structural += located_images(commented, Context.COMMENT, every=every)
    return [*with_tags(merge_sites(written, structural), live + commented)]


def _site(text: str, found: Occurrence, token: Token) -> Site:
    context = _context(text, found, token)
    blocker = found.blocker
    if context is Context.MARKUP:
        blocker = Reason.MARKUP
    elif blocker is None and token.kind is TokenKind.STRING and is_compared(text, token.start, token.end):
        blocker = Reason.COMPARED
    elif blocker is None and not found.path and not found.open_ended and not _is_registry(text, found, token):
        blocker = Reason.PROSE
    return occurrence_site(text, found, context, blocker)


def _context(text: str, found: Occurrence, token: Token) -> Context:
    if token.kind is TokenKind.STRING:
        return Context.ACTION
    if token.kind is TokenKind.CODE:
        return Context.MARKUP
    before = text[line_start(text, found.start) : found.start]
    comment = token.kind is TokenKind.COMMENT or has_comment(before)
    return Context.COMMENT if comment else Context.TEMPLATE


def _is_registry(text: str, found: Occurrence, token: Token) -> bool:
    if token.kind is TokenKind.STRING:
        return text[token.start + 1 : token.end - 1] in (found.host, found.host + "/")
    return (
        is_assigned_registry(text, found)
        or stands_in_branch(text, found)
        or (found.slash and token.kind is TokenKind.COMMENT)
    )


@cache
def _image_line() -> re.Pattern[str]:
    return re.compile(r"^[ \t]*(?:-[ \t]+)*\w*[iI]mage:[ \t]+[\"']?(?=[^\"'\s])", re.MULTILINE)


@cache
def _chooses() -> re.Pattern[str]:
    return re.compile(r"\b(?:default|coalesce|ternary|or)\b[ \t(]*$")


@cache
def _branch() -> re.Pattern[str]:
    return re.compile(r"[{][{%]-?\s*(?:if|else|elif|end|endif|with)\b")


def _image_literals(text: str, tokens: list[Token]) -> Iterator[Site]:
    """Yield the short names in image lines that actions choose from: their defaults, and literals between branches.

    A name counts only where it is the whole value: a default of the only action, or a text between branches of which
    all are names.
    """
    for found in _image_line().finditer(text):
        line_end = text.find("\n", found.end())
        inside = _between(tokens, found.end(), line_end if line_end >= 0 else len(text))
        literals = [t for t in inside if t.kind is TokenKind.LITERAL and text[t.start : t.end].strip(" \"'\r")]
        if text.startswith(("{{", "{%"), found.end()) and len(literals) < len(inside):
            yield from _defaults(text, inside) if not literals else _branches(text, inside, literals)
            yield from _default_name(text, found.end())


def _between(tokens: list[Token], start: int, end: int) -> list[Token]:
    """Return the tokens that lie in `[start, end)`, those at its borders cut to it."""
    first = max(bisect_right(tokens, start, key=lambda token: token.start) - 1, 0)
    last = bisect_right(tokens, end - 1, key=lambda token: token.start)
    return [Token(t.kind, max(t.start, start), min(t.end, end)) for t in tokens[first:last]]


def _defaults(text: str, tokens: list[Token]) -> Iterator[Site]:
    for before, token in pairwise(tokens):
        if token.kind is TokenKind.STRING and _chooses().search(text[before.start : before.end]):
            yield from _short_name(text[token.start + 1 : token.end - 1], token.start + 1, Context.ACTION)


@cache
def _name_and_tag() -> re.Pattern[str]:
    value, name = r"(?:\.|\$\w*)[\w.]+", r"[a-z0-9][\w./-]*"
    piped = rf"{value}\s*\|\s*default\s+([\"`])(?P<piped>{name})\1"
    first = rf"default\s+([\"`])(?P<first>{name})\3\s+{value}"
    tag = r"[:@](?:[\w.+-]|\{\{[^{}\n]*\}\})*[\"']?[ \t]*\r?$"
    return re.compile(rf"\{{\{{-?\s*(?:{piped}|{first})\s*\}}\}}{tag}", re.MULTILINE)


def _default_name(text: str, start: int) -> Iterator[Site]:
    """Yield the short name that an action chooses by default, where the tag follows behind it: nothing is in front."""
    found = _name_and_tag().match(text, start)
    if found is not None:
        group = "piped" if found.group("piped") else "first"
        reference = Reference.match(found.group(group))
        if reference is not None and not reference.registry and not is_host(reference.repository):
            part = Part(Role.REFERENCE, Span(*found.span(group)), found.group(group))
            yield Site((part,), Context.ACTION)


@cache
def _namespace() -> re.Pattern[str]:
    component = r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
    return re.compile(
        rf"^[ \t]*(?:-[ \t]+)*\w*[iI]mage:[ \t]+[\"']?(?P<path>{component}(?:/{component})*)/{OPAQUE}", re.MULTILINE
    )


def _namespaces(literal: str) -> Iterator[Site]:
    """Yield what stands in front of an action that completes the name of an image on Docker Hub."""
    for found in _namespace().finditer(literal):
        path = found.group("path")
        if not is_host(path.partition("/")[0]):
            yield Site((Part(Role.REGISTRY, Span(*found.span("path")), path),), Context.TEMPLATE)


def _branches(text: str, tokens: list[Token], literals: list[Token]) -> Iterator[Site]:
    values = [text[t.start : t.end].strip(" \"'\r") for t in literals]
    whole = all(Reference.match(value) is not None for value in values)
    opened = all(t.kind is not TokenKind.CODE or _branch().match(text, t.start) for t in tokens)
    if whole and opened and all(t.kind in (TokenKind.CODE, TokenKind.LITERAL) for t in tokens):
        for token, value in zip(literals, values, strict=True):
            yield from _short_name(value, text.find(value, token.start), Context.TEMPLATE)


def _short_name(value: str, start: int, context: Context) -> Iterator[Site]:
    reference = Reference.match(value) if {"/", ":"}.intersection(value) else None
    if reference is not None and not reference.registry:
        yield Site((Part(Role.REFERENCE, Span(start, start + len(value)), value),), context)


@cache
def _flow_image() -> re.Pattern[str]:
    return re.compile(r"[{,][ \t]*(\w*[iI]mage):[ \t]+([a-z0-9][\w./:-]*)[ \t]*(?=[,}])")


def _flow_images(literal: str, written: list[int], *, every: bool) -> Iterator[Site]:
    for found in _flow_image().finditer(literal):
        span = Span(*found.span(2))
        entry = Entry(
            found.group(1), found.group(2), span, span, bisect_left(written, span[0]) < bisect_left(written, span[1])
        )
        yield from located_images([Mapping((), [entry])], Context.TEMPLATE, every=every)
