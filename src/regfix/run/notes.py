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

    from regfix.chart.model import Chart
    from regfix.overrides.needed import Switch

MISSING = "missing"
OFF = "off"


def notes_of(chart: Chart, off: Sequence[Switch], folder: str) -> Iterator[Note]:
    """Yield a note for each dependency of which there is no copy, and for each subchart that Helm leaves out."""
    command = f"helm dependency build {shlex.quote(folder.rstrip('/') or '.')}"
    for dependency in chart.missing:
        why = f"not in charts/, from {redacted(dependency.repository)}" if dependency.repository else "not in charts/"
        yield Note(dependency.key, MISSING, why, command if dependency.is_fetched else "")
    for switch in off:
        yield Note(".".join(switch.path), OFF, switch.why)


def unread_metadata(folder: str) -> Iterator[Outcome]:
    """Yield why nothing was fetched for a chart whose metadata cannot be read."""
    try:
        read_metadata(FolderFiles(folder or "."))
    except SourceError as error:
        yield Outcome(error.where, Status.FAILED, error=error)
