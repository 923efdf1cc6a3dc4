"""What a chart says of itself: `Chart.yaml`, and the dependencies in `requirements.yaml` of older charts.

Sources: LoadFiles in pkg/chart/v2/loader/load.go, processImportValues in pkg/chart/v2/util/dependencies.go of
https://github.com/helm/helm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.chart.lock import digests
from regfix.chart.model import Dependency, Import, Metadata
from regfix.errors import SourceError
from regfix.syntax.yamltree import Data, Scalar, load_mapping
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.chart.files import ChartFiles


def read_metadata(files: ChartFiles) -> Metadata:
    """Read `Chart.yaml`; the dependencies of `requirements.yaml` replace its own. Raises SourceError."""
    data = _load(files, "Chart.yaml")
    if data is None:
        raise SourceError("not a chart", where=files.path, why="no Chart.yaml in it",
                          hint="name the folder or the archive of a chart")  # fmt: skip
    required = _load(files, "requirements.yaml") or {}
    listed = required.get("dependencies", data.get("dependencies"))
    dependencies = tuple(_dependencies(listed)) if isinstance(listed, list) else None
    return Metadata(_text(data, "name"), _text(data, "version"), dependencies, _text(data, "type") == "library")


def read_locked(files: ChartFiles) -> dict[tuple[str, str, str], str]:
    """Return the versions in a chart's lock file by name, repository and range; nothing where Helm would refuse it.

    Raises SourceError.
    """
    old = files.read("requirements.yaml") is not None
    listed, lock = (_load(files, ("requirements" if old else "Chart") + ending) for ending in (".yaml", ".lock"))
    wanted, locked = (_items(data or {}, "dependencies") for data in (listed, lock))
    if lock is None or _text(lock, "digest") not in digests(wanted, locked) or len(wanted) != len(locked):
        return {}
    pairs = zip(_dependencies(wanted), _dependencies(locked), strict=False)
    return {(one.name, one.repository, one.version): other.version for one, other in pairs if one.name == other.name}


def _load(files: ChartFiles, name: str) -> dict[str, Data] | None:
    data = files.read(name)
    if data is None:
        return None
    where = files.where(name)
    return load_mapping(decode(data, where).text, where)


def _dependencies(data: list[Data]) -> Iterator[Dependency]:
    for entry in data:
        if isinstance(entry, dict) and _text(entry, "name"):
            yield Dependency(
                _text(entry, "name"), _text(entry, "version"), _text(entry, "alias"), _text(entry, "repository"),
                _text(entry, "condition"),
                tuple(tag.value for tag in _items(entry, "tags") if isinstance(tag, Scalar)),
                tuple(_imports(_items(entry, "import-values"))),
            )  # fmt: skip


def _imports(data: list[Data]) -> Iterator[Import]:
    for entry in data:
        if isinstance(entry, Scalar) and not entry.is_null:
            yield Import(("exports", *entry.value.split(".")), ())
        elif isinstance(entry, dict):
            child, parent = _text(entry, "child"), _text(entry, "parent")
            yield Import(tuple(child.split(".")), () if parent == "." else tuple(parent.split(".")))


def _items(data: dict[str, Data], key: str) -> list[Data]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _text(data: dict[str, Data], key: str) -> str:
    """Return a text, or the empty one for anything else."""
    value = data.get(key)
    return value.value if isinstance(value, Scalar) and not value.is_null else ""
