"""The proof of one chart: rendered as it is, changed, rendered again, and changed further where images are left."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.fetching import Fetched
from regfix.chart.tree import load_chart
from regfix.chart.vendored import Vendored
from regfix.finding import Action
from regfix.prove.bench import Bench
from regfix.prove.compare import Cause
from regfix.prove.copies import Copy
from regfix.prove.hardcoded import Finder
from regfix.prove.judge import Judge
from regfix.prove.model import Image, Place, Proof, Verdict
from regfix.prove.naming import Namer
from regfix.prove.render import Renderer
from regfix.prove.search import Search
from regfix.syntax.keypath import format_key_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from regfix.chart.fetching import Fetcher
    from regfix.chart.files import Ignored
    from regfix.finding import Finding
    from regfix.image.rule import RuleSet
    from regfix.locate.hosts import HostFinder
    from regfix.outcome import Outcome
    from regfix.prove.bench import Plan
    from regfix.prove.naming import Change

    Ask = Callable[[Iterable[Finding]], None]


class Terms(NamedTuple):
    """What all proofs of a run share: the Helm binary, the rules, what is done about vendored charts.

    `fetcher` brings dependencies that are not there. `kube_version` is the one that the user asks for, None for the
    usual one. `ask` gets ready what the veto of the rules says of images that a chart renders.
    """

    helm: str
    rules: RuleSet
    hosts: HostFinder
    vendored: Vendored = Vendored.OVERRIDE
    fetcher: Fetcher | None = None
    kube_version: str | None = None
    ask: Ask | None = None


def prove_chart(
    top: str,
    planned: Sequence[Outcome],
    terms: Terms,
    values: Sequence[str] = (),
    ignored: Ignored | None = None,
    *,
    may_edit: bool = True,
) -> tuple[Proof, Sequence[Outcome]]:
    """Return the proof of the chart in the folder `top`, and the outcomes to be carried out.

    `planned` are the outcomes of its files, `values` the values files that it is rendered with beside its own,
    `ignored` tells what is left out of it. With `may_edit` more is changed where images are left. Raises RegfixError
    where Helm or the files of the chart do not allow for a proof.
    """
    with TemporaryDirectory(prefix="regfix-prove-", ignore_cleanup_errors=True) as home:
        chart = load_chart(top, ignored)
        copies = Copy(top, os.path.join(home, "before")), Copy(top, os.path.join(home, "after"))
        fetched = terms.fetcher.fetched(chart) if terms.fetcher is not None else Fetched(chart)
        chart = fetched.chart
        for copy in copies:
            copy.add(chart, fetched.archives)
            copy.lay_beside(values)
        renderer = Renderer(terms.helm, home, terms.kube_version)
        judge = Judge(*copies, renderer, Namer(terms.rules, terms.hosts))
        judge.begin(values)
        if terms.ask is not None:
            terms.ask(judge.moving(Namer(terms.rules.with_veto(None), terms.hosts)))
        plan = {outcome.source: outcome for outcome in planned}
        proof = Proof(top or ".", Verdict.REFUSED, renderer.kube_version, 0)
        if not judge.cases:
            why = f"it does not render as it is: {judge.skipped[0].skipped}"
            if any(dependency.is_fetched for dependency in chart.missing):
                why += " (--fetch brings dependencies that are not vendored)"
            return proof._replace(renders=renderer.renders, cases=tuple(judge.skipped), reasons=(why,)), planned
        bench = Bench(chart, plan, judge, home)
        search = Search(bench, Finder(chart, terms.rules, terms.hosts))
        if may_edit:
            search.switch()
        if bench.trial.holds and bench.trial.left and may_edit and terms.vendored is not Vendored.IGNORE:
            search.trace()
            if terms.vendored is Vendored.OVERRIDE:
                search.copy()
        proof = _proof(proof, bench, search)._replace(renders=renderer.renders, kube_version=renderer.kube_version)
        return proof, tuple(bench.plan.values())


def _proof(proof: Proof, bench: Bench, search: Search) -> Proof:
    trial = bench.trial
    cases = (*bench.judge.cases, *bench.judge.skipped)
    if not trial.holds:
        return proof._replace(cases=cases, reasons=tuple(dict.fromkeys(trial.reasons())))
    told = (*map(search.told, trial.left), *bench.judge.vetoed(trial))
    left = tuple({(one.document, one.key_path, one.reference): one for one in told}.values())
    incomplete = any(not one.ignored for one in left)
    changes = (change for _, one in trial.differences for change in one.changes)
    derived = {(d.document, d.key_path): d for _, d in trial.differences if d.cause is Cause.DERIVED}
    return proof._replace(
        verdict=Verdict.INCOMPLETE if incomplete else Verdict.PROVEN, cases=cases,
        images=tuple(Image(change, tuple(_places(change, bench.plan))) for change in dict.fromkeys(changes)),
        settings=tuple(search.settings), copied=tuple(search.copied), derived=tuple(derived.values()),
        random=sum(one.cause is Cause.RANDOM for _, one in trial.differences), left=left,
    )  # fmt: skip


def _places(change: Change, plan: Plan) -> Iterator[Place]:
    """Yield where in the chart's files an image was moved: the references that are the most of it.

    Comments, and files that only describe a chart, feed no image.
    """
    moved = [
        (finding.result or "", finding)
        for outcome in plan.values()
        for finding in (outcome.findings if outcome.after is not None else ())
        if finding.action is Action.REWRITE and _may_feed(finding) and _is_start(finding.result or "", change.after)
    ]
    longest = max((len(result) for result, _ in moved), default=0)
    for result, finding in moved:
        if len(result) == longest:
            yield Place(finding.source, *finding.position, format_key_path(finding.key_path))


def _may_feed(finding: Finding) -> bool:
    name = finding.source.replace("!", "/").rpartition("/")[2]
    return finding.context != "comment" and name not in ("Chart.yaml", "Chart.lock", "values.schema.json")


def _is_start(result: str, after: str) -> bool:
    """Tell whether a reference in a file, after its move, is the start of one that a render shows."""
    return bool(result) and (after == result or (after.startswith(result) and after[len(result)] in ":@/"))
