"""Rules: from one prefix to another, by whole path components, the longest first, never on its own result."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import RuleError
from regfix.image.host import DOCKER_HUB, is_host, normalize_host, normalize_path

if TYPE_CHECKING:
    from collections.abc import Iterable


class Prefix(NamedTuple):
    """A registry and the first components of a repository; `host` is normalized and keeps its port."""

    host: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return "/".join((self.host, *self.path))

    def starts(self, other: Prefix) -> bool:
        """Tell whether everything below `other` lies below this prefix."""
        return self.host == other.host and other.path[: len(self.path)] == self.path


@cache
def _prefix_pattern() -> re.Pattern[str]:
    from regfix.image import grammar

    return re.compile(rf"({grammar.DOMAIN})((?:/{grammar.COMPONENT})*)/?")


def parse_prefix(text: str, *, where: str = "") -> Prefix:
    """Read one side of a rule: a registry, with a port if need be, and the start of a repository.

    Raises RuleError for what is not such a prefix: a scheme, a tag, blanks, quotes, braces, capitals in the path.
    The strictness keeps a rule from writing anything but a name into a file.
    """
    found = _prefix_pattern().fullmatch(text) if len(text) < _LONGEST else None
    if found is None:
        raise RuleError(f"{text!r} is not a registry prefix", where=where, why=_why_no_prefix(text),
                        hint="write HOST[:PORT][/PATH], as in harbor.example.com/hub")  # fmt: skip
    host, path = found.group(1), found.group(2)
    if not is_host(host):
        raise RuleError(f"{text!r} names no registry", where=where, why=f"{host!r} has neither a dot nor a port",
                        hint=f"write docker.io/{text} if Docker Hub is meant")  # fmt: skip
    return Prefix(normalize_host(host), tuple(path.split("/")[1:]))


_LONGEST = 255  # of a registry and a repository together, as in distribution/reference


def _why_no_prefix(text: str) -> str:
    if not text:
        return "it is empty"
    if len(text) >= _LONGEST:
        return f"it is longer than the {_LONGEST} characters of a name"
    if "://" in text:
        return "it has a scheme"
    if text.split("/", 1)[-1] != text.split("/", 1)[-1].lower():
        return "a repository has no capital letters"
    if (":" in text.rsplit("/", 1)[-1] and "/" in text) or "@" in text:
        return "a rule names no tag or digest"
    return "it is not a name by the grammar of references"


class Rule(NamedTuple):
    """Move what is below `source` to `target`; `origin` says where the rule comes from (option, file, preset).

    A rule whose two sides are equal keeps what is below it where it is.
    """

    source: Prefix
    target: Prefix
    origin: str = ""

    @classmethod
    def parse(cls, text: str, origin: str = "--rule") -> Rule:
        """Read `OLD=NEW`; raises RuleError."""
        old, equals, new = text.partition("=")
        if not equals:
            raise RuleError(f"{text!r} is not a rule", where=origin, why="there is no '='", hint="write OLD=NEW")
        where = f"{origin} {text}"
        return cls(parse_prefix(old, where=where), parse_prefix(new, where=where), origin)

    @property
    def keeps(self) -> bool:
        """Whether the rule says that its references stay."""
        return self.source == self.target

    def leaves(self, name: Prefix) -> bool:
        """Whether `name`, which the rule matches, stays: the rule keeps, or `name` is a result of the rule."""
        return self.source.starts(self.target) and self.target.starts(name)

    def __str__(self) -> str:
        return f"{self.source}={self.target}"


class Move(NamedTuple):
    """What the rules do to a name: `target` takes the place of the registry and of `consumed` components.

    `consumed` counts written components, so Docker Hub's unwritten `library` is not among them.
    """

    rules: tuple[Rule, ...]
    target: str
    consumed: int


class Ambiguous(NamedTuple):
    """The written part of a name does not decide between rules (the rest comes from a placeholder)."""

    rules: tuple[Rule, ...]


class RuleSet:
    """Rules looked up by registry and path components; the time does not depend on their number."""

    __slots__ = ("_by_source", "_longer", "hosts", "rules")

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        """Take the rules in any order; raises RuleError for conflicts and cycles."""
        self._by_source: dict[Prefix, Rule] = {}
        for rule in rules:
            self._add(rule)
        self.rules = tuple(self._by_source.values())
        self.hosts = frozenset(rule.source.host for rule in self.rules)
        self._longer: dict[Prefix, list[Rule]] = {}
        for rule in self.rules:
            for size in range(len(rule.source.path)):
                self._longer.setdefault(Prefix(rule.source.host, rule.source.path[:size]), []).append(rule)
        self._refuse_cycles()

    def _add(self, rule: Rule) -> None:
        key = rule.source
        twin = Prefix(DOCKER_HUB, normalize_path(key.host, key.path))
        other = self._by_source.get(key) or self._by_source.get(twin if key.host == DOCKER_HUB else key)
        if key.host == DOCKER_HUB and other is None and len(key.path) == 2 and key.path[0] == "library":
            other = self._by_source.get(Prefix(DOCKER_HUB, key.path[1:]))
        if other is not None and other.target != rule.target:
            raise RuleError(f"{rule} and {other} are in conflict", where=rule.origin,
                            why="one source has two targets", hint="keep one of them")  # fmt: skip
        self._by_source.setdefault(key, rule)

    def _refuse_cycles(self) -> None:
        """Raise RuleError where following rules can lead back to one of them."""
        done: set[Prefix] = set()
        for start in self.rules:
            trail = [start]
            branches = [iter(self._followers(start))]
            while branches:
                rule = next(branches[-1], None)
                if rule is None:
                    branches.pop()
                    done.add(trail.pop().source)
                elif rule in trail:
                    cycle = " -> ".join(str(r.source) for r in (*trail[trail.index(rule) :], rule))
                    raise RuleError("the rules form a cycle", where=rule.origin, why=cycle, hint="remove one of them")
                elif rule.source not in done:
                    trail.append(rule)
                    branches.append(iter(self._followers(rule)))

    def _followers(self, rule: Rule) -> list[Rule]:
        """Return the other rules that apply to a result of `rule`."""
        if rule.keeps:
            return []
        above = self._longest(*rule.target)
        below = self._longer.get(rule.target, [])
        return [r for r in (above, *below) if r is not None and r is not rule]

    def _longest(self, host: str, path: tuple[str, ...]) -> Rule | None:
        by_source = self._by_source
        official = host == DOCKER_HUB and len(path) == 2 and path[0] == "library"
        for size in range(len(path), -1, -1):
            rule = by_source.get(Prefix(host, path[:size]))
            if rule is None and official and size == 2:
                rule = by_source.get(Prefix(host, path[1:]))  # docker.io/nginx is a name of library/nginx
            if rule is not None:
                return rule
        return None

    def resolve(self, host: str, path: tuple[str, ...]) -> Move | None:
        """Return where a complete name moves, following rules to the end, or None where it stays.

        `host` is as written; `path` the written components (without an unwritten `library`).
        """
        host = normalize_host(host)
        full = normalize_path(host, path)
        rules: list[Rule] = []
        here = Prefix(host, full)
        rest = len(full)  # components at the end that no rule has replaced
        while True:
            rule = self._longest(*here)
            if rule is None or rule in rules or rule.leaves(here):
                break
            matched = self._matched(rule, here)
            rest = min(rest, len(here.path) - matched)
            here = Prefix(rule.target.host, rule.target.path + here.path[matched:])
            rules.append(rule)
        if not rules:
            return None
        kept = min(rest, len(path))
        return Move(tuple(rules), str(Prefix(here.host, here.path[: len(here.path) - kept])), len(path) - kept)

    @staticmethod
    def _matched(rule: Rule, name: Prefix) -> int:
        """Return how many components of `name` the rule replaces."""
        return len(rule.source.path) if rule.source.starts(name) else len(name.path)

    def resolve_start(self, host: str, path: tuple[str, ...], partial: str = "") -> Move | Ambiguous | None:
        """Return where a name moves of which only the start is written: whole components, then `partial`.

        Ambiguous where a rule asks for more components than are written.
        """
        host = normalize_host(host)
        known = Prefix(host, path)
        longer = tuple(rule for rule in self._longer.get(known, ()) if rule.source.path[len(path)].startswith(partial))
        if longer:
            return Ambiguous(longer)
        return self.resolve(host, (*path, "*", "*"))  # any name below; two components, so that no `library` comes in

    def keeper(self, host: str, path: tuple[str, ...]) -> Rule | None:
        """Return the rule that says that this name stays: it is kept, or lies at the rule's own target."""
        host = normalize_host(host)
        name = Prefix(host, normalize_path(host, path))
        rule = self._longest(*name)
        return rule if rule is not None and rule.leaves(name) else None

    def __bool__(self) -> bool:
        return bool(self.rules)
