"""The schema of a chart's values in a run, and what it refuses: after a run Helm takes the values as before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.chart.paths import has_subcharts
from regfix.errors import SourceError
from regfix.rewriting import left_as_failed
from regfix.run.file import read_outcome, written
from regfix.text.read import read_file
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.chart.model import Chart
    from regfix.locate.hosts import HostFinder
    from regfix.outcome import Outcome
    from regfix.run.file import Options

SCHEMA = "values.schema.json"


def schema_outcomes(path: str, chart: Chart, options: Options, hosts: HostFinder) -> Sequence[Outcome]:
    """Take the schema of a chart through the line, to the write. Raises SourceError."""
    data, state = read_file(path)
    outcome = read_outcome(path, data, options, hosts)
    if outcome is None:
        return ()
    if outcome.after is not None:
        from regfix.overrides.refused import schema_outcome

        outcome = schema_outcome(decode(data, path), chart, options.rules, hosts)
    return (outcome if outcome.after is None else written(path, outcome, state, write=options.write),)


def permitted(outcome: Outcome, chart: Chart, options: Options, hosts: HostFinder) -> Outcome:
    """Return the outcome of a values file without the edits that a schema would refuse."""
    if outcome.after is None:
        return outcome
    from regfix.overrides.refused import without_refused

    try:
        return without_refused(outcome, chart, options.rules, hosts)
    except SourceError as error:
        return left_as_failed(outcome, error)


def values_matter(folder: str) -> bool:
    """Tell whether the values of a chart depend on more than their file: on subcharts, or on a schema."""
    return has_subcharts(folder) or os.path.isfile(folder + SCHEMA)
