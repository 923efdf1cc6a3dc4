"""What is done about images that are left: values that feed them are set, copies they stand in are rewritten."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from regfix.errors import SourceError
from regfix.finding import Action
from regfix.ignored import ignored_lines
from regfix.locate.site import REASONS, Reason
from regfix.overrides.inplace import scalar_span
from regfix.prove.bench import with_copies
from regfix.prove.model import Copied, Place, Setting
from regfix.prove.packed import archive_of, is_signed
from regfix.prove.settle import Wish, is_set
from regfix.prove.switch import switches
from regfix.prove.trace import candidates, trace
from regfix.prove.values import asked, chains
from regfix.syntax.keypath import format_key_path
from regfix.text.span import line_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.prove.bench import Bench
    from regfix.prove.hardcoded import Finder, Spot
    from regfix.prove.model import Case, Left
    from regfix.prove.render import Render
    from regfix.prove.trace import Feed
    from regfix.syntax.keypath import KeyPath

MAX_SWITCHES = 4
"""Switches that one chart gets."""

MAX_ALONE = 16
"""Settings that are tried one by one, where they do not hold together."""

Image = tuple[str, str]
"""An image that is left: the name of its document, and the reference."""


class Search:
    """Changes the plan of a chart on the bench until nothing more can be moved; notes what it did, and why not more."""

    def __init__(self, bench: Bench, finder: Finder) -> None:
        self._bench = bench
        self._finder = finder
        self.settings: list[Setting] = []
        self.copied: list[Copied] = []
        self._copies: list[Spot] = []
        self._fed: dict[Image, str] = {}
        self._ignored: set[Image] = set()

    def switch(self) -> None:
        """Turn on switches that a chart asks for before it takes other images, while it does not render."""
        bench = self._bench
        for _ in range(MAX_SWITCHES):
            if bench.trial.failed is None or not self._switched(*bench.trial.failed):
                return

    def _switched(self, case: Case, render: Render) -> bool:
        bench = self._bench
        for found in switches(render.said, bench.effective(case), list(chains(bench.chart))):
            setting = found._replace(file=bench.home_of(case, found.path))
            try:
                plan = bench.with_wishes(case, [Wish(setting)])
            except SourceError:
                continue
            trial = bench.try_out(plan)
            if trial.failed is None or trial.failed[1].why != render.why:
                bench.accept(plan, trial)
                self.settings.append(setting)
                return True
        return False

    def trace(self) -> None:
        """Set the values that feed the images that are left. Raises HelmError."""
        known: list[tuple[str, ...]] | None = None
        for number, case in enumerate(self._bench.judge.cases):
            if any(one.case == case.values for one in self._bench.trial.left):
                known = asked(self._bench.chart) if known is None else known
                self._trace(number, case, known)

    def _trace(self, number: int, case: Case, known: Sequence[tuple[str, ...]]) -> None:
        """Look among the values that are there; then among those that are not, which would hide the others."""
        bench = self._bench
        for are_set in (True, False):
            left = [one for one in bench.trial.left if one.case == case.values]
            values = bench.effective(case)
            found = [one for one in candidates(values, known, left) if bool(one.value) is are_set]
            documents = bench.trial.documents[number]
            wishes = list(self._wishes(case, trace(found, values, documents, left, partial(bench.render, case))))
            if wishes and not self._set(case, wishes) and len(wishes) > 1:
                for wish in wishes[:MAX_ALONE]:
                    self._set(case, [wish])

    def _wishes(self, case: Case, feeds: Sequence[Feed]) -> Iterator[Wish]:
        """Yield one setting for each image, as far as they do not contradict each other."""
        chosen: dict[KeyPath, str] = {}
        done: set[tuple[int, KeyPath, str]] = set()
        for (path, old), left, value in feeds:
            image, spot = (left.document, left.reference), (left.number, left.key_path, left.reference)
            file = self._bench.home_of(case, path)
            self._fed.setdefault(image, f"fed by {format_key_path(path)}, which cannot be set for it alone")
            if self._is_protected(file, path):
                self._ignored.add(image)
                self._fed[image] = f"fed by {format_key_path(path)}, which is {REASONS[Reason.IGNORED]}"
            elif value is not None and spot not in done and chosen.get(path, value) == value:
                done.add(spot)
                if path not in chosen:
                    chosen[path] = value
                    was = old if is_set(self._bench.own(file), path) else None
                    yield Wish(Setting(path, value, "traced", file, was), left)

    def _is_protected(self, file: str, path: KeyPath) -> bool:
        """Tell whether a comment protects a value in a values file."""
        try:
            source = self._bench.source(file)
            span = scalar_span(source, path) if "regfix:" in source.text else None
        except SourceError:
            return False
        return span is not None and line_start(source.text, span.start) in ignored_lines(source.text)

    def _set(self, case: Case, wishes: Sequence[Wish]) -> bool:
        try:
            plan = self._bench.with_wishes(case, wishes)
        except SourceError as error:
            for wish in wishes if len(wishes) == 1 else ():
                if wish.left is not None:
                    self._fed[wish.left.document, wish.left.reference] = str(error)
            return False
        done = self._bench.improve(plan)
        if done:
            self.settings += [wish.setting for wish in wishes]
        return done

    def copy(self) -> None:
        """Rewrite what no value reaches in the copies of vendored charts. Raises HelmError."""
        spots = [spot for left in self._bench.trial.left if (spot := self._copy_of(left)) is not None]
        if spots and not self._copy(spots) and len(spots) > 1:
            for spot in dict.fromkeys(spots):
                self._copy([spot])

    def _copy_of(self, left: Left) -> Spot | None:
        """Return where an image is written in a vendored chart; None where that is not for us."""
        spot = self._finder.spot(left)
        if spot is None or spot.finding.action is not Action.REWRITE or is_signed(archive_of(spot.source.name)):
            return None
        path, planned = spot.source.name, self._bench.plan.get(spot.source.name)
        vendored = path.startswith(os.path.join(self._bench.chart.path, "charts") + os.sep)
        return spot if vendored and (planned is None or planned.after is None) else None

    def _copy(self, spots: Iterable[Spot]) -> bool:
        its = list(dict.fromkeys(spots))
        try:
            done = self._bench.improve(with_copies(self._bench.plan, [*self._copies, *its]))
        except SourceError:  # an archive that cannot be repacked; it is told as left
            return False
        if done:
            self._copies += its
            self.copied += [Copied(_where(p), p.finding.reference) for p in its]
        return done

    def told(self, left: Left) -> Left:
        """Return an image that is left with the reason."""
        image = left.document, left.reference
        if image in self._fed:
            return left._replace(why=self._fed[image], ignored=image in self._ignored)
        spot = self._finder.spot(left)
        if spot is None:
            return left._replace(why=f"neither a value nor a template shows it (rendered from {left.template})")
        reason = spot.finding.reason
        where = f"{spot.source.name}:{spot.finding.position.line}:{spot.finding.position.column}"
        why = f", {REASONS[reason]}" if reason is not None else ""
        return left._replace(why=f"hard-coded at {where}{why}", ignored=reason is Reason.IGNORED)


def _where(spot: Spot) -> Place:
    return Place(spot.source.name, *spot.finding.position)
