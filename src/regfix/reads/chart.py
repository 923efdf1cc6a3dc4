"""What Helm, and the templates of a chart and of all charts below it, read of its values. Pure."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.coalescing import GLOBAL
from regfix.errors import SourceError
from regfix.reads.evaluator import reads_of
from regfix.reads.program import charts_of, program_of
from regfix.syntax.yamltree import load_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regfix.chart.model import Chart
    from regfix.reads.paths import Path, Reads
    from regfix.syntax.yamltree import Data


class Flow(NamedTuple):
    """Values that `import-values` hands from a subchart to its parent: what is below `child` is below `parent`, too."""

    child: Path
    parent: Path


class ChartReads(NamedTuple):
    """What is read of the values at the top: paths begin there, so that those of a subchart begin with its key.

    `chains` lead to the charts that are at hand, `missing` to those that are not.
    """

    reads: Reads
    chains: frozenset[Path]
    missing: frozenset[Path] = frozenset()
    flows: tuple[Flow, ...] = ()

    def chart_of(self, path: Path) -> Path:
        """Return the keys that lead to the chart which a value is for."""
        return next(path[:size] for size in range(len(path), -1, -1) if path[:size] in self.chains)

    def is_known(self, path: Path) -> bool:
        """Tell whether the templates of the chart which a value is for are at hand."""
        chain = self.chart_of(path)
        shared = path[len(chain) : len(chain) + 1] == (GLOBAL,)
        return not any(path[: len(far)] == far or (shared and far[: len(chain)] == chain) for far in self.missing)

    def is_read(self, path: Path) -> bool:
        """Tell whether anything may depend on the text at `path`."""
        return any(self.reads.holds(spelled) for spelled in self._spellings(path))

    def is_tested(self, path: Path) -> bool:
        """Tell whether anything may depend on whether the mapping at `path` is empty."""
        return any(self.reads.tests(spelled) for spelled in self._spellings(path))

    def _spellings(self, path: Path) -> set[Path]:
        """Return all paths at which the templates meet the value: below, as a global; above, as an import."""
        found: set[Path] = set()
        todo = [path]
        while todo:
            here = todo.pop()
            if here not in found:
                found.add(here)
                todo += (*self._as_global(here), *self._as_import(here))
        return found

    def _as_global(self, path: Path) -> Iterator[Path]:
        chain = self.chart_of(path)
        rest = path[len(chain) :]
        if rest[:1] == (GLOBAL,):
            yield from ((*below, *rest) for below in self.chains if below[: len(chain)] == chain)

    def _as_import(self, path: Path) -> Iterator[Path]:
        for flow in self.flows:
            if path[: len(flow.child)] == flow.child:
                yield (*flow.parent, *path[len(flow.child) :])


def chart_reads(chart: Chart, given: Iterable[Data] = ()) -> ChartReads:
    """Return what is read of the values of a chart; `given` are values besides those of the charts themselves.

    Raises SourceError for charts that cannot be read as a whole.
    """
    if chart.failures:
        raise chart.failures[0]
    for _, here in charts_of(chart, ()):
        if here.files is None or here.files.read("Chart.yaml") is None:
            raise SourceError("not looked into", where=here.path, why="its files are not at hand")
    own = [load_mapping(here.values.text, here.values.path) for _, here in charts_of(chart, ()) if here.values]
    program = program_of(chart, (*given, *own))
    if not program.files:
        raise SourceError("not looked into", where=chart.path, why="the chart has no templates")
    reads = reads_of(program)
    reads.tested.update(_switches(chart))
    chains = dict(charts_of(chart, ()))
    missing = {(*chain, dependency.key) for chain, here in chains.items() for dependency in here.missing}
    return ChartReads(reads, frozenset(chains), frozenset(missing), tuple(_flows(chart, ())))


def _switches(chart: Chart) -> Iterator[Path]:
    """Yield what Helm itself reads: conditions, and tags, which count from the top."""
    for chain, here in charts_of(chart, ()):
        for dependency in here.metadata.dependencies or ():
            for path in filter(None, dependency.condition.strip().split(",")):
                yield (*chain, *path.split("."))
            yield from (("tags", tag) for tag in dependency.tags)


def _flows(chart: Chart, chain: Path) -> Iterator[Flow]:
    for sub in chart.subcharts:
        below = (*chain, sub.key)
        yield from (Flow((*below, *entry.child), (*chain, *entry.parent)) for entry in sub.imports)
        yield from _flows(sub.chart, below)


class ReadValues:
    """Tells whether a value of a chart is read; the templates are looked into when that is first asked.

    Where that cannot be known, every value counts as read.
    """

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._found: ChartReads | None = None
        self._asked = False

    def __call__(self, path: Path) -> bool:
        if not self._asked:
            self._asked = True
            with suppress(SourceError):
                self._found = chart_reads(self._chart)
        found = self._found
        return found is None or not found.is_known(path) or found.is_read(path)
