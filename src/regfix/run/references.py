"""Which references a tree holds, of whatever registry, and the rules that a mirror makes of them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.discover import File, discover
from regfix.errors import SourceError
from regfix.finding import Action
from regfix.image.host import is_host
from regfix.image.mirror import PUBLIC_REGISTRIES, mirror_rules
from regfix.image.prefix import Prefix
from regfix.image.reference import Reference
from regfix.image.rule import Rule, RuleSet
from regfix.locate.kind import Kind, kind_of
from regfix.locate.site import Reason
from regfix.run.pipeline import run
from regfix.text.read import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from regfix.finding import Finding
    from regfix.image.mirror import Mirror
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
    found = _look(paths, options, known | new) if new else found
    if options.fetcher is not None:  # what is fetched is only read for the values that it needs
        for reference, standing in _look(paths, options, known | new, every=False).items():
            found.setdefault(reference, standing)
    return found


def mirrored(mirror: Mirror, rules: Sequence[Rule], paths: Sequence[str], options: Options) -> RuleSet:
    """Return rules with those of a mirror for what a run over `paths` would meet; raises RuleError as `mirror_rules`.

    The rules of the options do not count.
    """
    found = references_found(paths, options, (rule.source.host for rule in rules))
    places = {reference: standing.place for reference, standing in found.items()}
    return RuleSet((*rules, *mirror_rules(mirror, places, rules)))


@cache
def _reference_of_a_host() -> re.Pattern[bytes]:
    host = rb"(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}[a-z]{2,24}(?::[0-9]{2,5})?"
    return re.compile(
        rb"(?:^|[\s\"'=]|(?:oci|docker)://)(" + host + rb")(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+){0,20}){1,8}"
        rb"(?::[A-Za-z_][\w.-]*|:[0-9][\w-]*(?:\.[\w.-]+)?|@sha256:[0-9a-f]{64})(?=[\s\"',;}\]]|$)",
        re.MULTILINE,
    )


def unnamed_hosts(mirror: Mirror, rules: RuleSet, paths: Sequence[str], options: Options) -> dict[str, str]:
    """Return hosts that a complete reference names, and no rule knows: each with the place of one, `file:line:column`.

    They stand in arguments and texts of manifests only; what an image key names is mirrored.
    """
    found: dict[str, str] = {}
    for file in discover(paths, exclude=options.exclude, ignore_files=options.ignore_files, only=options.only):
        if not isinstance(file, File) or kind_of(file.path) in (Kind.TEXT, Kind.SETTINGS):
            continue
        try:
            data = read_file(file.path)[0]
        except SourceError:
            continue
        for one in _reference_of_a_host().finditer(data):
            host = one[1].decode()
            if host not in found and host not in rules.hosts and mirror.mirrors(host):
                line = data.count(b"\n", 0, one.start(1))
                column = one.start(1) - data.rfind(b"\n", 0, one.start(1))
                found[host] = f"{file.path}:{line + 1}:{column}"
    return found


def _look(
    paths: Sequence[str],
    options: Options,
    hosts: Iterable[str],
    failures: list[SourceError] | None = None,
    *,
    every: bool = True,
) -> dict[Reference, Standing]:
    rules = RuleSet(Rule(Prefix(host, ()), Prefix(_NOWHERE, ("x",))) for host in sorted(hosts))
    found: dict[Reference, Standing] = {}
    for outcome in run(paths, options._replace(rules=rules, every=every, write=False)):
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
