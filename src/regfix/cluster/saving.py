"""Keeping what was read of a cluster as a dump for `--from-file`: without the data of Secrets, readable by its owner.

The file is there as a whole or not at all; it grows under another name, object by object.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from regfix.cluster.model import ClusterError
from regfix.cluster.objects import identity, is_release, mapping
from regfix.cluster.reducing import reduced
from regfix.text.leftover import create_temporary, is_leftover, remove_leftover, temporary_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from regfix.cluster.model import ApiObject, Objects

_SECRET = ("data", "stringData", "binaryData")


def file_name(cluster: str) -> str:
    """Return the name of the dump of a cluster, whatever stands in the name of its context."""
    return f"{quote(cluster, safe='@+ ')}.json"


def cluster_name(path: str) -> str:
    """Return the name of the cluster whose dump a file is."""
    return unquote(os.path.basename(path).removesuffix(".json"))


class Saving:
    """The objects of a cluster, written to a dump in a folder as they pass; raises ClusterError where that fails."""

    def __init__(self, objects: Objects, folder: str) -> None:
        self._objects = objects
        self._folder = folder
        self._path = os.path.join(folder, file_name(objects.name))
        self._temporary = ""
        self._count = 0

    @property
    def name(self) -> str:
        """The name of the cluster."""
        return self._objects.name

    @property
    def problems(self) -> list[ClusterError]:
        """What could not be read so far."""
        return self._objects.problems

    def workloads(self) -> Iterator[ApiObject]:
        """Yield those of the cluster."""
        return self._passing(self._objects.workloads())

    def releases(self) -> Iterator[ApiObject]:
        """Yield those of the cluster, of which their workloads are saved."""
        return self._passing(self._objects.releases())

    def __enter__(self) -> Self:
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            for name in filter(is_leftover, os.listdir(self._folder)):
                remove_leftover(os.path.join(self._folder, name))
            self._file = open(self._created(), "w", encoding="utf-8")
        except OSError as error:
            raise self._failed(error) from None
        self._write('{"apiVersion":"v1","kind":"List","items":[')
        return self

    def _created(self) -> int:
        """Create the temporary file, and return its descriptor; raises OSError."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            while True:
                name = temporary_name()
                self._temporary = os.path.join(self._folder, name)
                descriptor = create_temporary(folder, name)
                if descriptor >= 0:
                    return descriptor
        finally:
            os.close(folder)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._write("\n]}\n")
                self._file.flush()
                os.fsync(self._file.fileno())
                os.replace(self._temporary, self._path)
        except OSError as error:
            raise self._failed(error) from None
        finally:
            with suppress(FileNotFoundError):
                os.unlink(self._temporary)
            with suppress(OSError):
                self._file.close()

    def _passing(self, objects: Iterable[ApiObject]) -> Iterator[ApiObject]:
        for one in objects:
            try:
                text = json.dumps(without_secrets(one, self.name), separators=(",", ":"))
            except RecursionError:
                who = identity(self.name, one)
                self.problems.append(ClusterError("an object is not saved", where=str(who), why="nested too deeply"))
                continue
            self._write(f",\n{text}" if self._count else f"\n{text}")
            self._count += 1
            yield one

    def _write(self, text: str) -> None:
        try:
            self._file.write(text)
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> ClusterError:
        return ClusterError("the dump cannot be written", where=self._path, why=error.strerror or str(error))


def without_secrets(one: ApiObject, cluster: str) -> ApiObject:
    """Return an object without managed fields; of a Secret without its data, too, and of a Helm release its workloads.

    kubectl keeps a copy of the data in an annotation; so annotations of these are left out.
    """
    if is_release(one):
        return reduced(one, cluster)
    left_out = {"managedFields"}
    kept: dict[str, Any] = dict(one)
    if one.get("kind") == "Secret":
        left_out.add("annotations")
        kept = {key: value for key, value in one.items() if key not in _SECRET}
    metadata = {key: value for key, value in mapping(one.get("metadata")).items() if key not in left_out}
    return {**kept, "metadata": metadata}
