"""Rules: from one prefix to another, by whole path components, the longest first, never on its own result."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import RuleError
from regfix.image.host import DOCKER_HUB, normalize_host
from regfix.image.prefix import Prefix, parse_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from regfix.finding import Finding
    from regfix.image.entry import Entry

    Veto = Callable[[Finding], str | None]
    """Tells why a planned move is not to be made after all, None where it may be."""


class Rule(NamedTuple):
    """Move what is below `source` to `target`; `origin` says where the rule comes from (option, file, preset).

    A rule whose two sides are equal keeps what is below it where it is. `entry` is what the catalogue says besides: it
    may let a tag, or all that the rule matches, stay.
    """

    source: Prefix
    target: Prefix
    origin: str = ""
    entry: Entry | None = None

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

    @property
    def moves(self) -> bool:
        """Whether the rule can move anything."""
        return not self.keeps and (self.entry is None or self.entry.moves)

    @property
    def verified(self) -> bool:
        """Whether what the rule moves is known to be there, or whoever gave the rule says so."""
        return self.entry is None or self.entry.verified

    def __str__(self) -> str:
        return f"{self.source}={self.target}"


_ANY = "*"  # a component that nobody knows; no name has it


class Move(NamedTuple):
    """What the rules do to a name: `target` takes the place of the registry and of `consumed` components.

    `consumed` counts written components, so Docker Hub's unwritten `library` is not among them. `tag` is the tag at the
    new home, None where it is not known.
    """

    rules: tuple[Rule, ...]
    target: str
    consumed: int
    tag: str | None = None

    def names_nothing(self, path: tuple[str, ...]) -> bool:
        """Tell whether a complete name with these components would end as a registry without a repository."""
        return self.consumed == len(path) and "/" not in self.target


class Ambiguous(NamedTuple):
    """The written part of a name does not decide between rules (the rest comes from a placeholder)."""

    rules: tuple[Rule, ...]


class Held(NamedTuple):
    """The rule that matches a name and yet lets it stay.

    `why` is `kept`, `successor`, `gone`, `other-tag` or `unknown-tag`.
    """

    rule: Rule
    why: str = "kept"


class RuleSet:
    """Rules looked up by registry and path components; the time does not depend on their number.

    `veto` may forbid single moves, once they are planned: what no registry confirms.
    """

    __slots__ = ("_by_source", "_longer", "hosts", "rules", "veto")

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        """Take the rules in any order; raises RuleError for conflicts and cycles."""
        self.veto: Veto | None = None
        self._by_source: dict[Prefix, Rule] = {}
        for rule in rules:
            self._add(rule)
        self.rules = tuple(self._by_source.values())
        self.hosts = frozenset(rule.source.host for rule in self.rules)
        self._longer: dict[Prefix, list[tuple[str, Rule]]] = {}  # with the component that follows
        for rule in self.rules:
            host, path = rule.source
            for size, step in enumerate(path):
                self._longer.setdefault(Prefix(host, path[:size]), []).append((step, rule))
        self._refuse_cycles()

    def with_veto(self, veto: Veto | None) -> RuleSet:
        """Return the same rules with another veto, or without one."""
        other = copy(self)
        other.veto = veto
        return other

    def _add(self, rule: Rule) -> None:
        key = rule.source
        other = self._by_source.get(key) or self._by_source.get(key.normalized)
        if key.host == DOCKER_HUB and other is None and len(key.path) == 2 and key.path[0] == "library":
            other = self._by_source.get(Prefix(DOCKER_HUB, key.path[1:]))
        if other is not None and other.target.normalized != rule.target.normalized:
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
        if not rule.moves:
            return []
        above = (self._longest(*rule.target), self._longest(*rule.target.normalized))
        below = (longer for _, longer in self._longer.get(rule.target, ()))
        return [r for r in (*above, *below) if r is not None and r is not rule]

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

    def resolve(self, host: str, path: tuple[str, ...], tag: str | None = None) -> Move | None:
        """Return where a complete name moves, following rules to the end, or None where it stays.

        `host` is as written; `path` the written components (without an unwritten `library`); `tag` is None where it is
        not known. The end is where no rule applies: an entry of the catalogue that does not move this tag, or moves
        nothing, ends the way, too. A name stays if it would come to the same rule again, as with `a.io/x=a.io` and
        `a.io/x/x/y`: there is no last one for it.
        """
        said = self._follow(Prefix(normalize_host(host), path), None, tag)
        return said if isinstance(said, Move) else None

    def resolve_start(self, host: str, path: tuple[str, ...], partial: str = "") -> Move | Ambiguous | None:
        """Return where a name moves of which only the start is written: whole components, then `partial`.

        Ambiguous where what follows decides: a rule asks for more components than are written, or its own target lies
        below them, and what is there already stays.
        """
        return self._follow(Prefix(normalize_host(host), (*path, _ANY)), partial)

    def _follow(self, name: Prefix, partial: str | None, tag: str | None = None) -> Move | Ambiguous | None:
        """Follow a name through the rules; with `partial` its last component is unknown but for this start."""
        rules: list[Rule] = []
        here = name
        rest = len(name.path)  # components at the end that no rule has replaced
        while True:
            full = here.normalized if partial is None else here
            undecided = () if partial is None else self._undecided(here, partial)
            if undecided:
                return Ambiguous(undecided)
            rule = self._longest(*full)
            if rule is None or rule.leaves(full):
                break
            if rule.entry is not None:
                if rule.entry.refusal(tag) is not None:
                    break
                tag = None if tag is None else rule.entry.changed(tag)
            if rule in rules:
                return None
            matched = rule.source.matched(full) or 0
            rest = min(rest, len(full.path) - matched)
            here = Prefix(rule.target.host, rule.target.path + full.path[matched:])
            rules.append(rule)
        if not rules:
            return None
        target = Prefix(here.host, here.path[: len(here.path) - rest])
        return Move(tuple(rules), str(target), len(name.path) - rest, tag)

    def _undecided(self, name: Prefix, partial: str) -> tuple[Rule, ...]:
        """Return the rules of which the unknown last component of a name, and what follows it, decide."""
        size = len(name.path) - 1
        known = Prefix(name.host, name.path[:size])
        longer = (
            rule for step, rule in self._longer.get(known, ())
            if step.startswith(partial) and not (rule.entry is not None and rule.entry.charts)
        )  # fmt: skip
        rule = self._longest(*name)
        if rule is None or not (rule.source.starts(rule.target) and known.starts(rule.target)):
            return tuple(longer)
        below = rule.target.path[size : size + 1]
        return (*longer, rule) if below and below[0].startswith(partial) else tuple(longer)

    def held(self, host: str, path: tuple[str, ...], tag: str | None = None) -> Held | None:
        """Return the rule that matches a name and lets it stay: it keeps it, has no end for it, or its entry says so.

        None where a rule moves the name, and where none concerns it.
        """
        if self.resolve(host, path, tag) is not None:
            return None
        return self._held(Prefix(normalize_host(host), path).normalized, tag)

    def held_start(self, host: str, path: tuple[str, ...]) -> Held | None:
        """Return the same for a name of which only the start is written, whole components."""
        return self._held(Prefix(normalize_host(host), (*path, _ANY)), None)

    def _held(self, name: Prefix, tag: str | None) -> Held | None:
        rule = self._longest(*name)
        if rule is None:
            return None
        why = None if rule.entry is None else rule.entry.refusal(tag)
        return Held(rule) if why is None else Held(rule, why) if why else None

    def __bool__(self) -> bool:
        return bool(self.rules)
