"""The objects of a live cluster, list by list and page by page.

A list is paged by `limit` and `continue`; a token that is too old is answered with 410 Gone, and then the list is
asked for once more from its beginning, without what was seen already
(https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from regfix.cluster.discovery import Discovery
from regfix.cluster.kinds import BUILT_IN, CONFIG_MAPS, SECRETS, Resource
from regfix.cluster.kubectl import ApiError
from regfix.cluster.model import ClusterError
from regfix.cluster.objects import is_release, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.cluster.discovery import Scope
    from regfix.cluster.kubectl import Kubectl
    from regfix.cluster.model import ApiObject

PAGE = 500
"""Objects of a page."""

RELEASE_PAGE = 20
"""Releases of a page; each may have 1 MiB."""

RELEASES = "owner=helm,status notin (superseded,uninstalled)"
"""The labels of the revisions that may count."""

_EXPIRED = frozenset({"Expired", "Gone"})
_ABSENT = frozenset({"NotFound", "MethodNotAllowed"})


class Live:
    """The objects of the cluster behind a kubectl."""

    def __init__(self, name: str, kubectl: Kubectl, scope: Scope, page: int = PAGE) -> None:
        self.name = name
        self.problems: list[ClusterError] = []
        self._kubectl = kubectl
        self._scope = scope
        self._page = page
        self._allowed: tuple[str, ...] | None = None
        self._is_silent = False

    def workloads(self) -> Iterator[ApiObject]:
        """Yield custom resources, controllers, and pods; a list that fails is a problem, and the next one follows.

        Where not even the groups of the API are told (no connection, an expired login), nothing else is ever asked.
        """
        try:
            further = Discovery(self._answer, self._scope, self.problems).further()
        except ApiError as error:
            self.problems.append(error)
            self._is_silent = True
            return
        for resource in (*further, *BUILT_IN):
            yield from self._list(resource, {"labelSelector": self._scope.selector} if self._scope.selector else {})

    def releases(self) -> Iterator[ApiObject]:
        """Yield the Secrets and ConfigMaps of Helm, and no other one: the server picks them out by type and label.

        They are large, and few of them count: those of past revisions are not asked for.
        """
        if self._is_silent:
            return
        query = {"labelSelector": RELEASES, "limit": str(min(self._page, RELEASE_PAGE))}
        yield from self._list(SECRETS, {"fieldSelector": "type=helm.sh/release.v1", **query})
        yield from filter(is_release, self._list(CONFIG_MAPS, query))

    def _list(self, resource: Resource, query: dict[str, str]) -> Iterator[ApiObject]:
        if not resource.namespaced or not self._scope.namespaces:
            try:
                yield from self._pages(resource, "", query)
                return
            except ApiError as error:
                if error.reason != "Forbidden" or not resource.namespaced:
                    self._note(resource, {"": error})
                    return
                everywhere = error
        namespaces = self._scope.namespaces or self._namespaces()
        failed: dict[str, ApiError] = {}
        for namespace in namespaces:
            try:
                yield from self._pages(resource, namespace, query)
            except ApiError as error:
                failed[namespace] = error
        if not self._scope.namespaces and len(failed) == len(namespaces):
            failed = {"": everywhere}  # one line for all of them
        self._note(resource, failed)

    def _namespaces(self) -> tuple[str, ...]:
        """Return the namespaces to try where a list over all is forbidden: all of them, else that of the context."""
        if self._allowed is None:
            everywhere = Resource("v1", "namespaces", "Namespace", namespaced=False)
            try:
                found = [*self._pages(everywhere, "", {})]
                self._allowed = tuple(str(mapping(one.get("metadata")).get("name", "")) for one in found)
            except ApiError as error:
                self._note(everywhere, {"": error})
                self._allowed = self._own_namespace()
        return self._allowed

    def _own_namespace(self) -> tuple[str, ...]:
        try:
            return (self._kubectl.namespace(),)
        except ApiError as error:
            self.problems.append(error)
            return ()

    def _pages(self, resource: Resource, namespace: str, query: dict[str, str]) -> Iterator[ApiObject]:
        """Yield the objects of one list; raises ApiError."""
        token, restarted = "", False
        seen: set[str] = set()
        while True:
            try:
                after = {"continue": token} if token else {}
                page = self._answer(list_path(resource, namespace, {"limit": str(self._page), **query, **after}))
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
            token = str(mapping(page.get("metadata")).get("continue") or "")
            if not token:
                return

    def _answer(self, path: str) -> dict[str, Any]:
        try:
            answer = json.loads(self._kubectl.get(path))
        except (ValueError, RecursionError) as error:
            raise ApiError("the answer is not JSON", where=path, why=str(error)) from None
        if not isinstance(answer, dict):
            raise ApiError("the answer is no object of the API", where=path, why="it is JSON of another form")
        return answer

    def _note(self, resource: Resource, failed: dict[str, ApiError]) -> None:
        """Note why lists failed, by namespace; what a cluster does not have is no problem."""
        for namespace, error in failed.items():
            if error.reason in _ABSENT:
                continue
            where = f"{self.name}: {resource.title}" + (f" in namespace {namespace}" if namespace else "")
            forbidden = error.reason == "Forbidden"
            what = "may not be listed" if forbidden else "cannot be listed"
            hint = "--no-releases leaves them out" if forbidden and resource in (SECRETS, CONFIG_MAPS) else error.hint
            self.problems.append(ClusterError(what, where=where, why=error.why, hint=hint))


def list_path(resource: Resource, namespace: str, query: dict[str, str]) -> str:
    """Return the path of a list in the API, its query included."""
    root = f"/apis/{quote(resource.version)}" if resource.group else f"/api/{resource.version}"
    inside = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{root}{inside}/{quote(resource.plural, safe='')}?{urlencode(query)}"


def _uid(item: ApiObject) -> str:
    metadata = mapping(item.get("metadata"))
    return str(metadata.get("uid") or f"{metadata.get('namespace')}/{metadata.get('name')}")
