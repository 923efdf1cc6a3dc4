"""What registries confirm of planned moves: the veto of a run on those whose image is not at its new home.

A run plans twice. First nothing is written and the questions are noted; all are asked together; then it plans again,
and what was not confirmed stays. What nobody asked about stays, too: it came in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.kind import KUSTOMIZATIONS
from regfix.registry.asked import pair_of
from regfix.registry.verify import UNKNOWN, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from regfix.finding import Finding
    from regfix.registry.asked import Pair
    from regfix.registry.verify import Checked
    from regfix.text.span import Position

    Verify = Callable[[Iterable[Pair]], Iterable[Checked]]

Name = tuple[str, str]
"""A registry and a repository."""


class Wished:
    """Notes what planned moves ask for, and forbids none of them."""

    def __init__(self) -> None:
        self.pairs: dict[Pair, None] = {}
        self.selected: set[Name] = set()
        """The images that a kustomization selects by their name."""

    def __call__(self, finding: Finding) -> str | None:
        """See the veto of rules."""
        pair = pair_of(finding)
        if pair is not None:
            self.pairs[pair] = None
            if _selects(finding):
                self.selected.add(_old_name(pair))
        return None


class Confirmed:
    """Forbids the moves that registries do not confirm; `refused` are those that a run would have made."""

    def __init__(self, verify: Verify) -> None:
        """Take who asks the registries; each pair is asked about once."""
        self._verify = verify
        self._whys: dict[Pair, str | None] = {}
        self.refused: dict[Pair, Checked] = {}
        self.unasked: dict[tuple[str, Position, str], Finding] = {}
        """Moves that nobody can be asked about, and that are made."""
        self._checked: dict[Pair, Checked] = {}

    def ask(self, wished: Wished) -> None:
        """Ask about what was noted, as far as it is not known. Raises UsageError."""
        new = [pair for pair in wished.pairs if pair not in self._checked]
        for one in self._verify(new) if new else ():
            self._checked[one.pair] = one
            self._whys[one.pair] = why_not(one)
        self._keep_selected(wished)

    def _keep_selected(self, wished: Wished) -> None:
        """Let all images stay that a kustomization selects by one name, where one of them does: others lose it."""
        by_name: dict[Name, list[Pair]] = {}
        for pair in wished.pairs:
            if _old_name(pair) in wished.selected:
                by_name.setdefault(_old_name(pair), []).append(pair)
        for pairs in by_name.values():
            why = next(filter(None, (self._whys[pair] for pair in pairs)), None)
            for pair in pairs if why is not None else ():
                self._whys[pair] = self._whys[pair] or f"a kustomization selects it with others: {why}"

    def __call__(self, finding: Finding) -> str | None:
        """See the veto of rules."""
        pair = pair_of(finding)
        if pair is None:
            self.unasked[finding.source, finding.position, finding.reference] = finding
            return None  # its name is not complete, so that nobody can tell
        if pair not in self._checked:
            return "it was not there when the registries were asked"
        if self._whys[pair] is not None:
            self.refused[pair] = self._checked[pair]
        return self._whys[pair]

    @property
    def is_unknown(self) -> bool:
        """Whether a move was forbidden because a registry gave no answer."""
        return any(one.verdict in UNKNOWN for one in self.refused.values())


def why_not(one: Checked) -> str | None:
    """Return why an image is not to be moved, None where it may: it is there, and as its rule promises."""
    new, old = one.pair.new, one.pair.old
    if one.verdict is Verdict.MISSING:
        near = f"; nearest tags: {', '.join(one.near)}" if one.near else ""
        return f"{new} is missing{near}"
    if one.verdict in UNKNOWN:
        return f"{new} is {one.verdict}" + (f": {one.new.why}" if one.new.why else "")
    if one.verdict is Verdict.DIFFERENT and one.pair.promised:
        return f"{new} is another image than {old}"
    return None


def _old_name(pair: Pair) -> Name:
    old = pair.old or pair.new
    return old.host, old.repository


def _selects(finding: Finding) -> bool:
    """Tell whether a finding is a name by which a kustomization selects images."""
    of_kustomization = finding.source.replace("!", "/").rpartition("/")[2] in KUSTOMIZATIONS
    return of_kustomization and finding.key_path[:1] == ("images",) and finding.key_path[-1:] == ("name",)
