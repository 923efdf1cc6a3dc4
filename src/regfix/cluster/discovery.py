"""Which resources a cluster has, of those that may name images: by the discovery of its API.

`/apis` tells the groups, and each group its resources; only groups that may have something wanted are asked
(https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from regfix.cluster.kinds import BUILT_IN, CUSTOM, SECRETS, Resource
from regfix.cluster.kubectl import ApiError
from regfix.cluster.model import ClusterError
from regfix.cluster.objects import mapping, mappings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from regfix.cluster.model import ApiObject


class Scope(NamedTuple):
    """What of a cluster is read: namespaces (all where none is named), a label selector, and further types.

    `resources` are types as kubectl takes them (`prometheuses.monitoring.coreos.com`), `kinds` pairs of an
    `apiVersion` and a `kind`, as the fields of the settings name them, each empty for any.
    """

    namespaces: tuple[str, ...] = ()
    selector: str = ""
    resources: tuple[str, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()


_READ = frozenset({*BUILT_IN, SECRETS})
"""What is read in any case, or never as a whole."""


class Discovery:
    """The resources of one cluster; `answer` asks for a path and raises ApiError."""

    def __init__(self, answer: Callable[[str], ApiObject], scope: Scope, problems: list[ClusterError]) -> None:
        self._answer = answer
        self._scope = scope
        self._problems = problems

    def further(self) -> list[Resource]:
        """Return what is known or named besides the built-in resources, as far as the cluster has it.

        Raises ApiError where the API does not answer at all; what may not be discovered is a problem.
        """
        found = [one for version in self._versions() for one in self._resources(version) if self._is_wanted(one)]
        have = {name for one in (*found, *BUILT_IN) for name in (one.plural, one.title)}
        for name in self._scope.resources:
            if name not in have:
                self._problems.append(ClusterError("the cluster has no such resource", where=f"--resource {name}"))
        return found

    def _versions(self) -> Iterator[str]:
        """Yield the group versions that may have something wanted; the core only where the user may mean it."""
        groups: tuple[ApiObject, ...] = ()
        try:
            groups = (*mappings(self._answer("/apis").get("groups")),)
        except ApiError as error:
            if error.reason != "Forbidden":
                raise
            self._problems.append(error)
        if self._is_named("") or any(kind and "/" not in version for version, kind in self._scope.kinds):
            yield "v1"
        for group in groups:
            name = str(group.get("name", ""))
            version = str(mapping(group.get("preferredVersion")).get("groupVersion", ""))
            if version and (name in CUSTOM or self._is_named(name) or self._is_said(name)):
                yield version

    def _resources(self, version: str) -> Iterator[Resource]:
        root = "/apis" if "/" in version else "/api"
        try:
            listed = self._answer(f"{root}/{quote(version)}").get("resources")
        except ApiError as error:
            self._problems.append(error)
            return
        for one in mappings(listed):
            plural, verbs = str(one.get("name", "")), one.get("verbs")
            if "/" not in plural and isinstance(verbs, list) and "list" in verbs:
                yield Resource(version, plural, str(one.get("kind", "")), bool(one.get("namespaced")))

    def _is_named(self, group: str) -> bool:
        """Tell whether `--resource` may mean one of a group."""
        return any(name.partition(".")[2] in ("", group) for name in self._scope.resources)

    def _is_said(self, group: str) -> bool:
        """Tell whether a field of the settings may mean one of a group; one that names no kind means what is read."""
        return any(kind and (not version or version.rpartition("/")[0] == group) for version, kind in self._scope.kinds)

    def _is_wanted(self, one: Resource) -> bool:
        if one in _READ:
            return False
        said = any(kind == one.kind and version in ("", one.version) for version, kind in self._scope.kinds)
        named = any(name in (one.plural, one.title) for name in self._scope.resources)
        return said or named or one.kind in CUSTOM.get(one.group, ())
