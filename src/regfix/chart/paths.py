"""What a path is to a chart: vendored, its values, its metadata, a values file beside them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.chart.model import Metadata


def top_of(path: str, roots: Sequence[str]) -> str | None:
    """Return the folder of the top chart that vendored file `path` belongs to; None for a file that is not vendored.

    Only charts at or below the named folders `roots` count: who names a folder inside of `charts/` means it.
    """
    at = path.find("charts/")
    while at >= 0:
        folder = path[:at]
        if folder == "" or folder.endswith("/"):
            chart = folder.rstrip("/") or ("/" if folder else ".")
            if os.path.isfile(folder + "Chart.yaml") and any(is_at_or_below(chart, root) for root in roots):
                return folder
        at = path.find("charts/", at + 1)
    return None


def is_at_or_below(path: str, root: str) -> bool:
    path, root = os.path.abspath(path), os.path.abspath(root)
    return path == root or path.startswith(root.rstrip("/") + "/")


def is_own(path: str, top: str) -> bool:
    """Tell whether a vendored file lies in a folder that Helm fetches from nowhere: it is the source, not a copy.

    So is a folder in `charts/` that no dependency names, or that is named without a repository.
    """
    from regfix.chart.files import is_archive

    parent, rest = top, path[len(top) :]
    while rest.startswith("charts/"):
        name, _, rest = rest.removeprefix("charts/").partition("/")
        folder = f"{parent}charts/{name}"
        chart, above = metadata_of(folder), metadata_of(parent)
        if not rest or is_archive(name) or chart is None or above is None:
            return False
        if any(d.name == chart.name and d.is_fetched for d in above.dependencies or ()):
            return False
        parent = folder + "/"
        if not rest.startswith("charts/"):
            return True
    return False


def metadata_of(folder: str) -> Metadata | None:
    """Return what a chart in a folder says of itself; None where it is none, or cannot be read."""
    from regfix.chart.files import FolderFiles
    from regfix.chart.metadata import read_metadata

    try:
        return read_metadata(FolderFiles(folder or "."))
    except SourceError:
        return None


def has_subcharts(folder: str) -> bool:
    """Tell whether a folder holds a chart with subcharts, in `charts/` or elsewhere."""
    if not os.path.isfile(folder + "Chart.yaml"):
        return False
    if os.path.isdir(folder + "charts"):
        return True
    metadata = metadata_of(folder)
    return metadata is not None and bool(metadata.dependencies)


def is_values_name(name: str) -> bool:
    """Tell whether a file of a chart, by its name from there, holds values: `values*.yaml`, or in `ci` and `values`."""
    folder, _, last = name.rpartition("/")
    if not last.endswith((".yaml", ".yml")):
        return False
    return (not folder and last.startswith("values")) or folder == "values" or (folder == "ci" and "values" in last)


def chart_beside(path: str) -> str | None:
    """Return the folder, with its slash, of the chart that a values file besides `values.yaml` belongs to; or None.

    That is `values*.yaml` in the chart, and what is in its `ci` and `values`.
    """
    folder, name = os.path.split(path)
    above, last = os.path.split(folder)
    if name.startswith("values") and os.path.isfile(os.path.join(folder, "Chart.yaml")):
        return folder + "/" if folder else ""
    if (last == "values" or (last == "ci" and "values" in name)) and os.path.isfile(os.path.join(above, "Chart.yaml")):
        return above + "/" if above else ""
    return None
