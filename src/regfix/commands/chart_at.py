"""The chart that a command line names: a folder, an archive, or something that Helm fetches."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.chart.model import Chart
    from regfix.helm.downloads import Downloads


def load(path: str) -> Chart:
    """Return the chart in a folder or an archive; raises RegfixError."""
    from regfix.chart.archive import Budget
    from regfix.chart.files import archive_files
    from regfix.chart.tree import chart_of, load_chart
    from regfix.text.read import read_file

    if os.path.isdir(path):
        return load_chart(path)
    if not os.path.exists(path):
        hint = "name the folder or the archive of a chart, or let Helm fetch it with --fetch"
        raise UsageError("no such chart", where=path, hint=hint)
    return chart_of(archive_files(read_file(os.path.realpath(path))[0], path, Budget()))


def load_or_fetch(chart: str, version: str, helm: Downloads) -> Chart:
    """Return the chart in a folder or an archive, or else the one that `helm pull` takes the text for."""
    from regfix.chart.fetching import FetchedArchive
    from regfix.chart.origin import redacted
    from regfix.errors import SourceError
    from regfix.helm.fetch import chart_in
    from regfix.helm.run import HelmError

    if os.path.exists(chart):
        if version:
            raise UsageError("--version is for a chart that Helm fetches", where=chart)
        return load(chart)
    try:
        download = helm.pull_reference(chart, version)
    except HelmError as error:
        raise SourceError(error.what, where=redacted(chart), why=error.why) from None
    return chart_in(FetchedArchive(download.name, download.data))


def of_chart(paths: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    """Return the real paths of values files with the folder of their chart; raises UsageError without a chart."""
    folders = [os.path.join(path, "") for path in paths if os.path.isfile(os.path.join(path, "Chart.yaml"))]
    if len(folders) != 1:
        raise UsageError("-f needs the chart that the values are for", hint="name the folder of one chart as the PATH")
    return {os.path.realpath(path): folders[0] for path in values}
