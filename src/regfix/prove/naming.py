"""Which rules make one rendered text of another. Pure.

The line that rewrites files says what the rules make of a reference, here too: of all a text's references at once, or,
where a chart puts them together of parts that no text shows, word by word.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.finding import Action
from regfix.image.host import DOCKER_HUB, is_host
from regfix.image.reference import Reference
from regfix.image.rule import Move
from regfix.locate.kind import Kind
from regfix.locate.site import Context, Reason
from regfix.locate.words import Role, key_role
from regfix.rewriting import rewrite_source
from regfix.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.finding import Finding
    from regfix.image.rule import Rule, RuleSet
    from regfix.locate.hosts import HostFinder


class Change(NamedTuple):
    """A reference before and after, and the rule that moves it."""

    before: str
    after: str
    rule: Rule


class Forecast(NamedTuple):
    """What the rules would make of a rendered document, its references that they would move, those that may not."""

    text: str
    findings: tuple[Finding, ...]
    vetoed: tuple[Finding, ...] = ()


class Namer:
    """Names differences after the rules."""

    def __init__(self, rules: RuleSet, hosts: HostFinder) -> None:
        self._rules = rules
        self._hosts = hosts
        self._known: dict[str, Forecast] = {}

    def forecast(self, text: str) -> Forecast:
        """Return what the rules would make of a rendered document; nothing of one that is not YAML."""
        if text not in self._known:  # most documents are the same in all renders of a chart
            self._known[text] = self._rewritten(text, Kind.YAML)
        return self._known[text]

    def _rewritten(self, text: str, kind: Kind) -> Forecast:
        if not self._hosts.may_hold(text.encode("utf-8", "replace")):
            return Forecast(text, ())
        outcome = rewrite_source(Source("", text), kind, self._rules, self._hosts)
        moving = (f for f in outcome.findings if f.action is Action.REWRITE and f.context is not Context.COMMENT)
        vetoed = (f for f in outcome.findings if f.reason is Reason.UNCONFIRMED and f.context is not Context.COMMENT)
        return Forecast(text if outcome.after is None else outcome.after, tuple(moving), tuple(vetoed))

    def changes(self, old: str, new: str, key: str = "") -> tuple[Change, ...]:
        """Return the references that differ between two texts; none where any difference is something else.

        `key` is the one that they are the value of.
        """
        return tuple(self._at_once(old, new) or self._by_words(old, new, key) or ())

    def _at_once(self, old: str, new: str) -> list[Change]:
        """Compare what the rules make of both texts: equal, where the second is on the way to the first's end."""
        before, after = self._rewritten(old, Kind.TEXT), self._rewritten(new, Kind.TEXT)
        if before.text != after.text:
            return []
        changes = Counter(changes_of(before.findings))
        still = Counter(changes_of(after.findings))
        return list((changes - still).elements()) if not still - changes else []

    def _by_words(self, old: str, new: str, key: str) -> list[Change]:
        """Compare word by word, where a word is what a reference is written with."""
        gaps, words = split_words(old)
        gaps_now, words_now = split_words(new)
        if gaps != gaps_now:
            return []
        found: list[Change] = []
        for before, word, now in zip([key, *words], words, words_now, strict=False):
            if word != now:
                change = self._moved(word, now, alone=_is_registry(before))
                if change is None or self._is_vetoed(word):
                    return []
                found.append(change)
        return found

    def _moved(self, old: str, new: str, *, alone: bool) -> Change | None:
        parsed = Reference.match(old)
        if parsed is None:
            return None
        for move, consumed, path in self._moves(parsed, alone=alone):
            if new == "/".join((move.target, *path[consumed:])) + parsed.suffix:
                return Change(old, new, move.rules[0])
        return None

    def _is_vetoed(self, word: str) -> bool:
        return self._rules.veto is not None and bool(self.forecast(f'image: "{word}"\n').vetoed)

    def _moves(self, parsed: Reference, *, alone: bool) -> Iterator[tuple[Move, int, list[str]]]:
        """Yield what the rules make of a reference, of a host, and (`alone`) of a registry without a host."""
        path = parsed.repository.split("/")
        move = self._rules.resolve(parsed.host, tuple(path))
        if move is not None:
            yield move, move.consumed, path
        if not parsed.registry and not parsed.suffix and len(path) == 1 and (alone or is_host(path[0])):
            start = (path[0], ()) if is_host(path[0]) else (DOCKER_HUB, (path[0],))
            said = self._rules.resolve_start(*start)
            if isinstance(said, Move):
                yield said, said.consumed + is_host(path[0]), path


def _is_registry(key: str) -> bool:
    role = key_role(key)
    return role is not None and role.role in (Role.REGISTRY, Role.ORGANIZATION)


def changes_of(findings: tuple[Finding, ...]) -> Iterator[Change]:
    """Yield the references that findings move."""
    for finding in findings:
        if finding.result is not None and finding.rule is not None:
            yield Change(finding.reference, finding.result, finding.rule)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"([A-Za-z0-9._/:@-]+)")


def split_words(text: str) -> tuple[list[str], list[str]]:
    """Return a text as gaps and, between them, words: what references are written with."""
    pieces = _word().split(text)
    return pieces[::2], pieces[1::2]
