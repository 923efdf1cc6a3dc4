"""From one object to its hits: what it names, each with the place that a template and its copies share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.cluster.model import ClusterError, Condition, Hit, Origin
from regfix.cluster.objects import LAST_APPLIED, compact, condition, named_path
from regfix.cluster.pulled import pulled_otherwise
from regfix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from regfix.cluster.locating import Locator
    from regfix.cluster.model import ApiObject, Identity
    from regfix.finding import Finding

    Problem = Callable[[ClusterError], None]


class Spot(NamedTuple):
    """What tells a hit apart from others below one top: a key path with names of containers for indexes, an image.

    `spec` is what the specification asks for where another image was pulled.
    """

    origin: Origin
    place: tuple[str | int, ...]
    reference: str
    spec: str = ""


def hits_of(
    one: ApiObject, who: Identity, owners: tuple[Identity, ...], locator: Locator, problem: Problem
) -> Iterator[tuple[Spot, Hit]]:
    """Yield the hits of an object; that it cannot be read is a problem."""
    findings = [*_findings(one, who, locator, problem)]
    state = condition(one) if findings else Condition.NONE
    direct = {finding.reference for finding in findings if LAST_APPLIED not in finding.key_path}
    for finding in findings:
        if LAST_APPLIED in finding.key_path and finding.reference in direct:
            continue  # the copy that kubectl keeps of what it applied
        container, place = named_path(one, finding.key_path)
        hit = Hit(who, finding.key_path, finding, container, owners, state, place=place)
        yield Spot(Origin.SPEC, place, finding.reference), hit
    for pulled in pulled_otherwise(one) if who.kind == "Pod" else ():
        verdict = locator.verdict(pulled.reference)
        if verdict is not None:
            hit = Hit(who, pulled.key_path, verdict, pulled.container, owners, Condition.NONE, Origin.STATUS,
                      pulled.spec)  # fmt: skip
            yield Spot(Origin.STATUS, (pulled.container,), pulled.reference, pulled.spec), hit


def _findings(one: ApiObject, who: Identity, locator: Locator, problem: Problem) -> Iterator[Finding]:
    try:
        for text in compact(one):
            yield from locator.findings(text, str(who))
    except (SourceError, RecursionError) as error:
        why = (error.why or error.what) if isinstance(error, SourceError) else "it is nested too deeply"
        problem(ClusterError("an object cannot be read", where=f"{who.cluster}: {who}", why=why))
