"""Many sources through the line: discover, read, rewrite, write. One that fails stays as it was; the rest goes on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.discover import Failed, File, Leftover, Skipped, discover
from regfix.errors import SourceError
from regfix.locate.hosts import HostFinder
from regfix.run.file import failed, file_outcome, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.discover import Found
    from regfix.outcome import Outcome
    from regfix.run.chart import ChartRun
    from regfix.run.file import Options


def run(paths: Sequence[str], options: Options) -> Iterator[Outcome]:
    """Yield an outcome for each source that holds something to tell; the order is stable."""
    hosts = HostFinder(options.rules)
    charts = None
    for found in discover(paths, exclude=options.exclude, ignore_files=options.ignore_files):
        outcome: Outcome | None
        if isinstance(found, File):
            if not options.every and _may_be_of_a_chart(found):
                if charts is None:
                    from regfix.run.chart import ChartRun

                    charts = ChartRun(paths, options, hosts)
                outcomes = _of_charts(charts, found)
                if outcomes is not None:
                    yield from outcomes
                    continue
            try:
                outcome = file_outcome(found.path, options, hosts)
            except SourceError as error:
                outcome = failed(found.path, error)
            except Exception as error:  # one bad file never stops the rest
                outcome = failed(found.path, _unexpected(found.path, error))
        else:
            outcome = _no_file(found, options)
        if outcome is not None:
            yield outcome
    if charts is not None:
        yield from charts.close()


_CHART_FILES = ("values.yaml", "Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock")


def _may_be_of_a_chart(found: File) -> bool:
    """Tell, fast, whether a file may be vendored, or one of those of a chart that depend on each other."""
    path = found.path
    if path.endswith(_CHART_FILES) or (not found.named and "charts/" in path):
        return True
    if "values" not in path or not path.endswith((".yaml", ".yml")):
        return False
    folder = os.path.dirname(path)
    return any(os.path.isfile(os.path.join(at, "Chart.yaml")) for at in (folder, os.path.dirname(folder)))


def _of_charts(charts: ChartRun, found: File) -> Sequence[Outcome] | None:
    try:
        return charts.outcomes(found)
    except SourceError as error:
        return (failed(found.path, error),)
    except Exception as error:  # one bad chart never stops the rest
        return (failed(found.path, _unexpected(found.path, error)),)


def _no_file(found: Found, options: Options) -> Outcome | None:
    if isinstance(found, Failed):
        return failed(found.path, found.error)
    if isinstance(found, Skipped):
        return skipped(found.path, found.reason)
    if isinstance(found, Leftover) and options.write:
        from regfix.text.write import remove_leftover

        remove_leftover(found.path)
    return None


def _unexpected(path: str, error: Exception) -> SourceError:
    if isinstance(error, MemoryError):
        from regfix.text.memory import too_little_memory

        return too_little_memory(path, "the system gave no more")
    if os.environ.get("REGFIX_TRACEBACK"):
        raise error
    return SourceError("unexpected error", where=path, why=f"{type(error).__name__}: {error}",
                       hint="please report it; REGFIX_TRACEBACK=1 shows where it comes from")  # fmt: skip
