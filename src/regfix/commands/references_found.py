"""Which references a tree holds, of whatever registry: what a mirror needs to know before its rules can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.finding import Action
from regfix.image.host import is_host
from regfix.image.mirror import PUBLIC_REGISTRIES
from regfix.image.prefix import Prefix
from regfix.image.reference import Reference
from regfix.image.rule import Rule, RuleSet
from regfix.locate.site import Reason
from regfix.run.pipeline import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from regfix.errors import SourceError
    from regfix.finding import Finding
    from regfix.run.file import Options


class Standing(NamedTuple):
    """How often a reference stands in a tree, and where first: `file:line:column`."""

    times: int
    place: str


_LEFT = frozenset(
    (
        Reason.REGISTRY_ABOVE,
        Reason.SELECTOR,
        Reason.SHARED,
        Reason.COMPARED,
        Reason.COMMENT,
        Reason.DEFAULT,
        Reason.DUPLICATE,
    )
)
"""Why a reference may stay that is one all the same: a rule for it lets the run tell so."""

_NOWHERE = "mirror.invalid"
"""Where the rules of a first look lead to; RFC 6761 keeps it from being a registry."""


def references_found(
    paths: Sequence[str], options: Options, hosts: Iterable[str] = (), failures: list[SourceError] | None = None
) -> dict[Reference, Standing]:  # fmt: skip
    """Return the references that a run over `paths` would meet, those of `hosts` and public registries anywhere.

    Nothing is written; `failures` gets the errors of sources that cannot be read. Registries that only image keys show
    are looked for once more, in arguments and the like.
    """
    known = {*PUBLIC_REGISTRIES, *hosts}
    found = _look(paths, options, known, failures)
    new = {reference.host for reference in found} - known
    return _look(paths, options, known | new) if new else found


def _look(
    paths: Sequence[str], options: Options, hosts: Iterable[str], failures: list[SourceError] | None = None
) -> dict[Reference, Standing]:  # fmt: skip
    rules = RuleSet(Rule(Prefix(host, ()), Prefix(_NOWHERE, ("x",))) for host in sorted(hosts))
    found: dict[Reference, Standing] = {}
    for outcome in run(paths, options._replace(rules=rules, every=True, write=False)):
        if failures is not None and outcome.error is not None:
            failures.append(outcome.error)
        for finding in outcome.findings:
            reference = _reference(finding)
            if reference is not None:
                before = found.get(reference)
                place = f"{finding.source}:{finding.position.line}:{finding.position.column}"
                found[reference] = Standing(1, place) if before is None else before._replace(times=before.times + 1)
    return found


def _reference(finding: Finding) -> Reference | None:
    """Return the reference of a finding that rules could move; None for a part of one, and for what is none."""
    if finding.action is Action.LEAVE and finding.reason not in _LEFT:
        return None
    host, slash, _ = finding.reference.partition("/")
    if not slash and is_host(host.partition(":")[0]):
        return None  # a registry alone
    return Reference.match(finding.reference)
