"""A mirror: one registry that holds what others have, and the rules that lead there. Pure.

The rules are ordinary ones, made of a template for the target and of the references that a run meets: so whatever
follows rules follows a mirror. How a name is put together differs from one product to the next: projects of Harbor
(https://goharbor.io/docs/latest/administration/configure-proxy-cache/), prefixes of a pull-through cache of ECR
(https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html), hosts or keys of Artifactory, or one
flat level where a registry has no more.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import RuleError
from regfix.image import grammar
from regfix.image.prefix import Prefix, parse_prefix
from regfix.image.rule import Rule, RuleSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from regfix.image.reference import Reference

PUBLIC_REGISTRIES = (
    "cr.fluentbit.io",
    "cr.l5d.io",
    "docker.dragonflydb.io",
    "docker.elastic.co",
    "docker.io",
    "docker.n8n.io",
    "gcr.io",
    "ghcr.io",
    "k8s.gcr.io",
    "lscr.io",
    "mcr.microsoft.com",
    "nvcr.io",
    "public.ecr.aws",
    "quay.io",
    "registry.access.redhat.com",
    "registry.gitlab.com",
    "registry.k8s.io",
    "registry.opensource.zalan.do",
    "registry.redhat.io",
    "xpkg.crossplane.io",
    "xpkg.upbound.io",
)
"""Registries that are sources of a mirror wherever they stand, besides those that a run finds under image keys."""

_PLACEHOLDERS = ("registry", "registry_path", "repository", "repository_path", "name")
_MOST_TOLD = 10
"""So many of the names that a target cannot take are told."""


class Mirror(NamedTuple):
    """Where everything moves: a template such as `harbor.example.com/{registry}/{repository}`.

    `names` are the registries that are mirrored, with what the template calls each; None for all. `exclude` stays where
    it is. A repository at the target has at most `max_length` characters and `max_depth` components. `where` is the
    place of the template in the settings.
    """

    template: str
    names: Mapping[str, str] | None = None
    exclude: tuple[Prefix, ...] = ()
    max_length: int = grammar.MAX_REPOSITORY
    max_depth: int = grammar.MAX_REPOSITORY
    where: str = ""

    @property
    def home(self) -> Prefix:
        """What of the template does not depend on the reference; its host has placeholders where they all have."""
        host, *path = self.template.split("/")
        return Prefix(host, tuple(takewhile(lambda step: "{" not in step, path)))

    @property
    def keeps_repositories(self) -> bool:
        """Whether a repository stands at the target as it is: then one rule does for all of a registry."""
        return self.template.endswith("/{repository}")

    def is_home(self, host: str) -> bool:
        """Tell whether a host is one of the target."""
        return _host_pattern(self.template.partition("/")[0]).fullmatch(host) is not None

    def mirrors(self, host: str) -> bool:
        """Tell whether references of a registry move; one of this machine, without a dot, is nowhere else."""
        if self.names is not None:
            return host in self.names
        return "." in host.partition(":")[0] and Prefix(host, ()) not in self.exclude and not self.is_home(host)

    def target_of(self, name: Prefix) -> str:
        """Return the name that a normalized name has at the target."""
        called = (self.names or {}).get(name.host, name.host)
        said = {
            "registry": called,
            "registry_path": re.sub(r"[^a-z0-9]+", "-", called.lower()).strip("-"),
            "repository": "/".join(name.path),
            "repository_path": "-".join(name.path),
            "name": name.path[-1] if name.path else "",
        }
        return re.sub(r"\{(\w+)\}", lambda found: said[found[1]], self.template).rstrip("/")


@cache
def _host_pattern(template: str) -> re.Pattern[str]:
    return re.compile("[a-z0-9.-]+".join(map(re.escape, re.split(r"\{\w+\}", template))))


def require_template(template: str, where: str) -> None:
    """Raise RuleError for a template that cannot give names."""

    def fail(why: str, hint: str) -> None:
        raise RuleError(f"{template!r} is no template of a mirror", where=where, why=why, hint=hint)

    used = re.findall(r"\{(.*?)\}", template)
    for name in used:
        if name not in _PLACEHOLDERS:
            fail(f"{{{name}}} means nothing", f"one of: {', '.join(f'{{{one}}}' for one in _PLACEHOLDERS)}")
    if not {"repository", "repository_path", "name"}.intersection(used):
        fail("all images would have one name", "end it with {repository}, {repository_path} or {name}")
    host, _, path = template.partition("/")
    if {"repository", "repository_path", "name"}.intersection(re.findall(r"\{(.*?)\}", host)):
        fail("the repository is no part of a host", "write HOST[:PORT]/PATH/{repository}")
    if "{repository}" in path and not template.endswith("/{repository}"):
        fail("{repository} is a path of its own, at the end", "take {repository_path} for one component")
    try:
        parse_prefix(re.sub(r"\{\w+\}", "x", template))
    except RuleError as error:
        fail(error.why, error.hint)


def mirror_to(template: str, where: str) -> Mirror:
    """Return the mirror of all registries by a template, said at `where`; raises RuleError."""
    require_template(template, where)
    return Mirror(template, where=where)


def mirror_rules(mirror: Mirror, found: Mapping[Reference, str], others: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules of a mirror for the references that were found, each with the place of one.

    Rules of the user and of presets come first: what they give is mirrored. Raises RuleError for names that the target
    cannot take, and for two that would come to one target.
    """
    own = {rule.source for rule in others}
    names = _names(found, RuleSet(others))
    sources = {host for host in _hosts(mirror, names, others) if Prefix(host, ()) not in own}
    moving = {name: place for name, place in names.items() if name.host in sources and not _excluded(name, mirror)}
    _require_taken(mirror, moving)
    kept = (*mirror.exclude, *((mirror.home,) if mirror.home.host in sources else ()))
    rules = [Rule(prefix, prefix, mirror.where) for prefix in kept if prefix.path and prefix not in own]
    for source in _sources(mirror, sources, moving):
        if source not in own:
            rules.append(Rule(source, _parsed(mirror, source), mirror.where))
    return tuple(rules)


def _sources(mirror: Mirror, hosts: Iterable[str], names: Iterable[Prefix]) -> list[Prefix]:
    """Return the sources of rules: registries, or single repositories where their names change."""
    return [Prefix(host, ()) for host in sorted(hosts)] if mirror.keeps_repositories else sorted(names)


def _parsed(mirror: Mirror, source: Prefix) -> Prefix:
    return parse_prefix(mirror.target_of(source), where=mirror.where)


def _hosts(mirror: Mirror, names: Iterable[Prefix], others: Sequence[Rule]) -> Iterator[str]:
    """Yield the registries that are sources; where somebody moves things to by rule is one only if it is public."""
    if mirror.names is not None:
        yield from mirror.names
        return
    aims = {rule.target.host for rule in others if rule.moves} - set(PUBLIC_REGISTRIES)
    for host in {*PUBLIC_REGISTRIES, *(name.host for name in names)} - aims:
        if mirror.mirrors(host):
            yield host


def _names(found: Mapping[Reference, str], others: RuleSet) -> dict[Prefix, str]:
    """Return the names that other rules make of references, each with the place of one."""
    names: dict[Prefix, str] = {}
    for reference, place in found.items():
        host, path = reference.host, reference.path
        move = others.resolve(host, path, reference.tag or None)
        if move is not None:
            host, *there = move.target.split("/")
            path = (*there, *path[move.consumed :])
        names.setdefault(Prefix(host, path).normalized, place)
    return names


def _excluded(name: Prefix, mirror: Mirror) -> bool:
    return mirror.home.starts(name) or any(one.starts(name) for one in mirror.exclude)


def _require_taken(mirror: Mirror, names: Mapping[Prefix, str]) -> None:
    """Raise RuleError for names that the target cannot take, and for two that would be one."""
    taken: dict[str, Prefix] = {}
    wrong: list[str] = []
    for name, place in names.items():
        target = mirror.target_of(name)
        why = _why_not(mirror, target)
        other = taken.setdefault(target, name)
        if not why and other != name:
            why = f"{target} is that of {other} at {names[other]}, too"
        if why:
            wrong.append(f"{name} at {place}: {why}" if place else f"{name}: {why}")
    if wrong:
        more = f"; and {len(wrong) - _MOST_TOLD} more" if len(wrong) > _MOST_TOLD else ""
        why = "; ".join(wrong[:_MOST_TOLD]) + more
        raise RuleError("the mirror cannot take all names", where=mirror.where, why=why,
                        hint="exclude them, give registries other names, or change the template")  # fmt: skip


def _why_not(mirror: Mirror, target: str) -> str:
    repository = target.partition("/")[2]
    if len(repository) > mirror.max_length:
        return f"{repository} has {len(repository)} characters, more than {mirror.max_length}"
    depth = len(repository.split("/"))
    if depth > mirror.max_depth:
        return f"{repository} has {depth} components, more than {mirror.max_depth}"
    try:
        parse_prefix(target)
    except RuleError as error:
        return f"{target}: {error.why}"
    return ""
