"""Objects from a file: what `kubectl get -o json` printed, or `regfix cluster --save` wrote; one file for a cluster."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from regfix.cluster.kinds import RANK
from regfix.cluster.model import ClusterError
from regfix.cluster.objects import flat, is_release, mapping
from regfix.cluster.saving import cluster_name
from regfix.errors import SourceError
from regfix.text.read import read_file
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.cluster.model import ApiObject


class Dump:
    """The objects of one file, in the order of a live cluster; a file that cannot be read has none, and a problem."""

    def __init__(self, path: str, namespaces: Sequence[str] = ()) -> None:
        self.name = cluster_name(path)
        self.problems: list[ClusterError] = []
        self._path = path
        self._namespaces = frozenset(namespaces)
        self._read: list[ApiObject] | None = None

    def workloads(self) -> Iterator[ApiObject]:
        """Yield all but Secrets and what Helm keeps, owners first."""
        kept = (one for one in self._objects() if one.get("kind") != "Secret" and not is_release(one))
        yield from sorted(kept, key=_rank)

    def releases(self) -> Iterator[ApiObject]:
        """Yield the Secrets and ConfigMaps of Helm."""
        return filter(is_release, self._objects())

    def _objects(self) -> list[ApiObject]:
        if self._read is None:
            try:
                self._read = [one for one in objects_of(self._path) if self._is_inside(one)]
            except ClusterError as error:
                self.problems.append(error)
                self._read = []
        return self._read

    def _is_inside(self, one: ApiObject) -> bool:
        return not self._namespaces or str(mapping(one.get("metadata")).get("namespace")) in self._namespaces


def dumps_at(path: str) -> tuple[str, ...]:
    """Return the dumps that a path stands for: itself, or the JSON files of a folder; raises ClusterError."""
    if not os.path.isdir(path):
        return (path,)
    found = sorted(os.path.join(path, name) for name in os.listdir(path) if name.endswith(".json"))
    if not found:
        raise ClusterError("the folder holds no dump", where=path, hint="a dump is a file whose name ends in .json")
    return tuple(found)


def objects_of(path: str) -> Iterator[ApiObject]:
    """Yield the objects of a dump, those in lists one by one; raises ClusterError."""
    try:
        data, _ = read_file(path)
        content = json.loads(decode(data, path).text)
    except SourceError as error:
        raise error.turned_into(ClusterError) from None
    except json.JSONDecodeError as error:
        what = "the dump is cut off" if _is_cut(error) else "the dump is not JSON"
        where = f"{path}:{error.lineno}:{error.colno}"
        raise ClusterError(what, where=where, why=error.msg, hint="kubectl get ... -o json > FILE") from None
    except (ValueError, RecursionError) as error:
        raise ClusterError("the dump is not JSON", where=path, why=str(error)) from None
    if not isinstance(content, dict) or not isinstance(content.get("kind"), str):
        raise ClusterError("not an object of the Kubernetes API", where=path, hint="kubectl get ... -o json > FILE")
    yield from flat(content)


def _is_cut(error: json.JSONDecodeError) -> bool:
    """Tell whether a text ends before its JSON does."""
    text = error.doc.strip()
    return not text or (text[0] == "{" and (text[-1] != "}" or error.pos >= len(error.doc.rstrip())))


def _rank(one: ApiObject) -> int:
    return RANK.get(str(one.get("kind")), 0)
