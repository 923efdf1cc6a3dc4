"""The objects of a live cluster, list by list and page by page.

A list is paged by `limit` and `continue`; a token that is too old is answered with 410 Gone, and then the list is
asked for once more from its beginning, without what was seen already
(https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

from regfix.cluster.kinds import BUILT_IN, CONFIG_MAPS, CUSTOM, SECRETS, Resource
from regfix.cluster.kubectl import ApiError
from regfix.cluster.model import ClusterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.cluster.kubectl import Kubectl
    from regfix.cluster.model import ApiObject

PAGE = 500
"""Objects of a page."""

_EXPIRED = frozenset({"Expired", "Gone"})
_ABSENT = frozenset({"NotFound", "MethodNotAllowed"})


class Scope(NamedTuple):
    """What of a cluster is read: namespaces (all where none is named), a label selector, and further types.

    `resources` are types as kubectl takes them (`prometheuses.monitoring.coreos.com`), `kinds` pairs of an
    `apiVersion` and a `kind`, as the fields of the settings name them, each empty for any.
    """

    namespaces: tuple[str, ...] = ()
    selector: str = ""
    resources: tuple[str, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()


class Live:
    """The objects of the cluster behind a kubectl."""

    def __init__(self, name: str, kubectl: Kubectl, scope: Scope, page: int = PAGE) -> None:
        self.name = name
        self.problems: list[ClusterError] = []
        self._kubectl = kubectl
        self._scope = scope
        self._page = page
        self._allowed: tuple[str, ...] | None = None

    def workloads(self) -> Iterator[ApiObject]:
        """Yield custom resources, controllers, and pods; a list that fails is a problem, and the next one follows."""
        for resource in (*self._custom(), *BUILT_IN):
            yield from self._list(resource, {"labelSelector": self._scope.selector} if self._scope.selector else {})

    def releases(self) -> Iterator[ApiObject]:
        """Yield the Secrets and ConfigMaps of Helm, and no other one: the server picks them out by type and label."""
        yield from self._list(SECRETS, {"fieldSelector": "type=helm.sh/release.v1", "labelSelector": "owner=helm"})
        yield from self._list(CONFIG_MAPS, {"labelSelector": "owner=helm"})

    def _list(self, resource: Resource, query: dict[str, str]) -> Iterator[ApiObject]:
        if not resource.namespaced or not self._scope.namespaces:
            try:
                yield from self._pages(resource, "", query)
                return
            except ApiError as error:
                if error.reason in _ABSENT:
                    return
                if error.reason != "Forbidden" or not resource.namespaced:
                    self._note(resource, "", error)
                    return
        for namespace in self._scope.namespaces or self._namespaces():
            try:
                yield from self._pages(resource, namespace, query)
            except ApiError as error:
                if error.reason not in _ABSENT:
                    self._note(resource, namespace, error)

    def _namespaces(self) -> tuple[str, ...]:
        """Return the namespaces to try where a list over all is forbidden: all of them, else that of the context."""
        if self._allowed is None:
            everywhere = Resource("v1", "namespaces", "Namespace", namespaced=False)
            try:
                found = [*self._pages(everywhere, "", {})]
                self._allowed = tuple(str(_metadata(one).get("name", "")) for one in found)
            except ApiError as error:
                self._note(everywhere, "", error)
                self._allowed = (self._kubectl.namespace(),)
        return self._allowed

    def _pages(self, resource: Resource, namespace: str, query: dict[str, str]) -> Iterator[ApiObject]:
        """Yield the objects of one list; raises ApiError."""
        token, restarted = "", False
        seen: set[str] = set()
        while True:
            try:
                after = {"continue": token} if token else {}
                page = self._answer(list_path(resource, namespace, {**query, "limit": str(self._page), **after}))
            except ApiError as error:
                if error.reason not in _EXPIRED or restarted or not token:
                    raise
                token, restarted = "", True
                continue
            items = page.get("items")
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict) and _uid(item) not in seen:
                    seen.add(_uid(item))
                    yield {"apiVersion": resource.version, "kind": resource.kind, **item}
            token = str(_metadata(page).get("continue") or "")
            if not token:
                return

    def _custom(self) -> list[Resource]:
        """Return the custom resources that the cluster has, of those that are known or named."""
        try:
            groups = self._answer("/apis").get("groups")
        except ApiError as error:
            self.problems.append(error)
            return []
        found = []
        for group in groups if isinstance(groups, list) else ():
            name = str(group.get("name", ""))
            preferred = group.get("preferredVersion")
            version = str(preferred.get("groupVersion", "")) if isinstance(preferred, dict) else ""
            if version and self._may_name(name):
                found += [one for one in self._resources(version) if self._wanted(one)]
        self._say_what_is_missing(found)
        return found

    def _resources(self, version: str) -> Iterator[Resource]:
        try:
            listed = self._answer(f"/apis/{quote(version)}").get("resources")
        except ApiError as error:
            self.problems.append(error)
            return
        for one in listed if isinstance(listed, list) else ():
            plural, verbs = str(one.get("name", "")), one.get("verbs")
            if "/" not in plural and isinstance(verbs, list) and "list" in verbs:
                yield Resource(version, plural, str(one.get("kind", "")), bool(one.get("namespaced")))

    def _may_name(self, group: str) -> bool:
        """Tell whether a group may have a type that is wanted, so that it is worth a question."""
        scope = self._scope
        named = any(resource.partition(".")[2] in ("", group) for resource in scope.resources)
        said = any(version.rpartition("/")[0] == group or not version for version, _ in scope.kinds)
        return group in CUSTOM or named or said

    def _wanted(self, one: Resource) -> bool:
        if one.version in {built.version for built in BUILT_IN}:
            return False
        scope = self._scope
        said = any(version in ("", one.version) and kind in ("", one.kind) and (version or kind)
                   for version, kind in scope.kinds)  # fmt: skip
        named = any(name in (one.plural, one.title) for name in scope.resources)
        return said or named or one.kind in CUSTOM.get(one.group, ())

    def _say_what_is_missing(self, found: Sequence[Resource]) -> None:
        have = {name for one in (*found, *BUILT_IN) for name in (one.plural, one.title)}
        for name in self._scope.resources:
            if name not in have:
                self.problems.append(ClusterError("the cluster has no such resource", where=f"--resource {name}"))

    def _answer(self, path: str) -> dict[str, Any]:
        try:
            answer = json.loads(self._kubectl.get(path))
        except (ValueError, RecursionError) as error:
            raise ApiError("the answer is not JSON", where=path, why=str(error)) from None
        if not isinstance(answer, dict):
            raise ApiError("the answer is no object of the API", where=path, why="it is JSON of another form")
        return answer

    def _note(self, resource: Resource, namespace: str, error: ApiError) -> None:
        where = f"{self.name}: {resource.title}" + (f" in namespace {namespace}" if namespace else "")
        forbidden = error.reason == "Forbidden"
        what = "may not be listed" if forbidden else "cannot be listed"
        self.problems.append(ClusterError(what, where=where, why=error.why, hint=error.hint))


def list_path(resource: Resource, namespace: str, query: dict[str, str]) -> str:
    """Return the path of a list in the API, its query included."""
    root = f"/apis/{resource.version}" if resource.group else f"/api/{resource.version}"
    inside = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{root}{inside}/{quote(resource.plural, safe='')}?{urlencode(query)}"


def _metadata(one: ApiObject) -> dict[str, Any]:
    metadata = one.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _uid(item: ApiObject) -> str:
    metadata = _metadata(item)
    return str(metadata.get("uid") or f"{metadata.get('namespace')}/{metadata.get('name')}")
