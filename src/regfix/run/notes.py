"""What a run has to say about the dependencies of a chart: not vendored, or switched off."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from regfix.chart.files import FolderFiles
from regfix.chart.metadata import read_metadata
from regfix.chart.origin import redacted
from regfix.errors import SourceError
from regfix.outcome import Note, Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.chart.model import Chart, Dependency
    from regfix.overrides.model import Switch

MISSING = "missing"
OFF = "off"


def notes_of(chart: Chart, off: Sequence[Switch], folder: str) -> Iterator[Note]:
    """Yield a note for each dependency of which there is no copy, and for each subchart that Helm leaves out."""
    command = f"helm dependency build {shlex.quote(folder.rstrip('/') or '.')}"
    for dependency in chart.missing:
        held = _held(chart, dependency)
        why = f"in charts/ is {held}, not {dependency.version}" if held else "not in charts/"
        why += f", from {redacted(dependency.repository)}" if dependency.repository else ""
        yield Note(dependency.key, MISSING, why, command if dependency.is_fetched else "", held)
    for switch in off:
        yield Note(".".join(switch.path), OFF, switch.why)


def _held(chart: Chart, dependency: Dependency) -> str:
    """Return the version of a chart in `charts/` that has the name of a dependency and does not fit it."""
    others = (sub.chart.metadata for sub in chart.subcharts if sub.dependency is None)
    return next((other.version for other in others if other.name == dependency.name), "")


def unread_metadata(folder: str) -> Iterator[Outcome]:
    """Yield why nothing was fetched for a chart whose metadata cannot be read."""
    try:
        read_metadata(FolderFiles(folder or "."))
    except SourceError as error:
        yield Outcome(error.where, Status.FAILED, error=error)
