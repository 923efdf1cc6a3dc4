"""Many sources through the line: discover, read, rewrite, write. One that fails stays as it was; the rest goes on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.discover import Failed, File, Leftover, Skipped, discover
from regfix.errors import SourceError
from regfix.locate.hosts import HostFinder
from regfix.run.file import Known, failed, file_outcome, skipped
from regfix.text.read import read_worth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.discover import Found
    from regfix.outcome import Outcome
    from regfix.run.chart import ChartRun
    from regfix.run.deadvalues import DeadValues
    from regfix.run.file import Options


def run(paths: Sequence[str], options: Options) -> Iterator[Outcome]:
    """Yield an outcome for each source that holds something to tell; the order is stable."""
    if options.piped is not None:
        from regfix.run.piped import piped_outcome

        yield piped_outcome(options.piped, options)
        return
    hosts, known = HostFinder(options.rules, options.fields), Known()
    if options.only:
        from regfix.run.selecting import with_selecting

        options = options._replace(only=with_selecting(options.only, paths, options, hosts))
    options = options._replace(roots=paths, known=known)
    charts, values = _Charts(paths, options, hosts), _Values(paths, options)
    elsewhere = bool(options.values)
    for found in discover(paths, exclude=options.exclude, ignore_files=options.ignore_files, only=options.only):
        if not isinstance(found, File):
            outcome = _no_file(found, options)
            yield from () if outcome is None else (outcome,)
            continue
        path, outcomes = found.path, None
        is_of_chart = elsewhere or "values" in path or "charts/" in path or path.endswith(_OF_CHARTS)
        if is_of_chart and charts.may_concern(found):
            outcomes = charts.outcomes(found)
        if outcomes is None:
            outcomes = _of_file(path, options, hosts)
        if is_of_chart:
            outcomes = values.told(found, outcomes) if elsewhere or "values" in path else outcomes
        elif not outcomes:
            continue  # as for most files
        charts.note(outcomes)
        if options.write:
            known.note(outcomes)
        yield from outcomes
        outcomes = ()  # its texts go before those of the next one come
    yield from charts.close()


def _of_file(path: str, options: Options, hosts: HostFinder) -> Sequence[Outcome]:
    try:
        outcome = file_outcome(path, options, hosts)
    except SourceError as error:
        outcome = failed(path, error)
    except Exception as error:  # one bad file never stops the rest
        outcome = failed(path, _unexpected(path, error))
    return () if outcome is None else (outcome,)


_CHART_FILES = (
    "values.yaml", "Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.schema.json",
)  # fmt: skip
_OF_DEPENDENCIES = frozenset({"charts", *_CHART_FILES[2:]})


_OF_CHARTS = (".tgz", *(name for name in _CHART_FILES if "values" not in name))
"""How the names end of what a chart's run may be about, besides what has `values` or `charts/` in its path."""


class _Charts:
    """The charts of a run; what knows about them is imported for the first one with dependencies."""

    def __init__(self, paths: Sequence[str], options: Options, hosts: HostFinder) -> None:
        self._run: ChartRun | None = None
        self._given = paths, options, hosts
        self._active = not options.every
        self._bumps = bool(options.bump)
        self._elsewhere = options.values
        self._changed: list[str] = []
        self._lone = ""  # the folder of the last chart that stands alone

    def may_concern(self, found: File) -> bool:
        """Tell, fast, whether a file may be vendored, or one of those of a chart that depend on each other."""
        path = found.path
        if path.endswith(".tgz"):
            return (
                found.named or "charts/" in path or os.path.basename(os.path.dirname(os.path.abspath(path))) == "charts"
            )
        if not self._active:
            return False
        if self._elsewhere and os.path.realpath(path) in self._elsewhere:
            return True
        if not found.named and "charts/" in path:
            return True
        if path.endswith(_CHART_FILES):
            folder, _, name = path.rpartition("/")
            if name in _CHART_FILES:
                return name in _OF_DEPENDENCIES or not self._is_alone(folder)
        return _may_hold_values(path)

    def _is_alone(self, folder: str) -> bool:
        """Tell whether a folder is surely none of a chart with dependencies."""
        if self._bumps or (folder and folder == self._lone):
            return not self._bumps
        try:
            names = os.listdir(folder or ".")
            alone = _OF_DEPENDENCIES.isdisjoint(names) and (
                "Chart.yaml" not in names or read_worth(os.path.join(folder, "Chart.yaml"), _may_list) is None
            )
        except (OSError, SourceError):
            return False
        if alone:
            self._lone = folder
        return alone

    def outcomes(self, found: File) -> Sequence[Outcome] | None:
        """Return the outcomes of a file of a chart; None where it is to be treated like any file."""
        if self._run is None:
            from regfix.run.chart import ChartRun

            self._run = ChartRun(*self._given)
        try:
            return self._run.outcomes(found)
        except SourceError as error:
            return (failed(found.path, error),)
        except Exception as error:  # one bad chart never stops the rest
            return (failed(found.path, _unexpected(found.path, error)),)

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """Take notice of what changed, where the versions of charts depend on it."""
        if self._bumps:
            self._changed += [outcome.source for outcome in outcomes if outcome.after is not None]

    def close(self) -> Iterator[Outcome]:
        """Yield what is left of the charts at the end."""
        if self._run is not None:
            yield from self._run.close(self._changed)


class _Values:
    """The values files of a run; what finds dead values is imported for the first one that may hold some."""

    def __init__(self, paths: Sequence[str], options: Options) -> None:
        self._given = paths, options
        self._dead: DeadValues | None = None

    def told(self, found: File, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """Return the outcomes of a file with its dead values, if it is a values file of a chart."""
        paths, options = self._given
        try:
            elsewhere = bool(options.values) and os.path.realpath(found.path) in options.values
            if not elsewhere and not _may_hold_values(found.path):
                return outcomes
            read = None if outcomes or options.every else read_worth(found.path, self._names_target)
            if read is None and not outcomes and not options.every:
                return outcomes
            if self._dead is None:
                from regfix.run.deadvalues import DeadValues

                self._dead = DeadValues(paths, options)
            return self._dead.told(found, outcomes, read and read[0])
        except SourceError:
            return outcomes  # what cannot be read is told where it matters
        except Exception as error:  # one bad chart never stops the rest
            return (*outcomes, failed(found.path, _unexpected(found.path, error)))

    def _names_target(self, data: bytes) -> bool:
        return any(rule.target.host.encode() in data for rule in self._given[1].rules.rules)


def _may_hold_values(path: str) -> bool:
    """Tell, fast, whether a file may hold the values of a chart."""
    if "values" not in path or not path.endswith((".yaml", ".yml")):
        return False
    folder = os.path.dirname(path)
    return any(os.path.isfile(os.path.join(at, "Chart.yaml")) for at in (folder, os.path.dirname(folder)))


def _may_list(metadata: bytes) -> bool:
    """Tell, fast, whether a chart's metadata may list dependencies; a key may be written with escapes."""
    return b"dependencies" in metadata or b"\\" in metadata


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
