"""The templates that Helm renders for a chart with its subcharts, parsed once, and the texts that `tpl` may run. Pure.

Sources: pkg/engine/engine.go of https://github.com/helm/helm: named templates are known to all charts of a release,
whichever defines them; `tpl` runs a text as a template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.syntax.goaction import TemplateError
from regfix.syntax.gotemplate import Block, Define, parse_template
from regfix.syntax.yamltree import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regfix.chart.model import Chart
    from regfix.reads.paths import Path
    from regfix.syntax.gotemplate import Action
    from regfix.syntax.yamltree import Data

MAX_TEMPLATE_CHARACTERS = 1024 * 1024
"""The largest template that is read, in code points."""


class Body(NamedTuple):
    """A template: where it stands, and its actions, None where they cannot be parsed."""

    source: str
    actions: tuple[Action, ...] | None


class File(NamedTuple):
    """A file in `templates/`, rendered for the chart that `chain` leads to; `name` begins behind `templates`."""

    chain: Path
    name: str
    body: Body


class Program(NamedTuple):
    """All that a release runs.

    `texts` are the templates among the values, `others` those in other files of the charts.
    """

    files: tuple[File, ...]
    named: dict[str, list[Body]]
    texts: tuple[Body, ...]
    others: tuple[Body, ...]


def program_of(chart: Chart, values: Iterable[Data]) -> Program:
    """Return what Helm runs for a chart with all its subcharts, where `values` are given or of the charts.

    Raises SourceError for files that cannot be read.
    """
    files: list[File] = []
    others: list[Body] = []
    parsed: dict[str, tuple[list[tuple[str, Body]], list[Body]]] = {}
    for chain, here in charts_of(chart, ()):
        where = here.files.where("") if here.files is not None else here.path  # `path` is that of the whole archive
        if where not in parsed:
            parsed[where] = list(_templates(here)), list(_others(here))
            others += parsed[where][1]
        files += (File(chain, name, body) for name, body in parsed[where][0])
    texts = tuple(_texts(values))
    named: dict[str, list[Body]] = {}
    bodies = {body.source: body for body in (*(file.body for file in files), *texts, *others)}
    for body in bodies.values():
        for define in _defines(body.actions or ()):
            named.setdefault(define.name, []).append(Body(f"{body.source}\0{define.name}", define.body))
    return Program(tuple(files), named, texts, tuple(others))


def charts_of(chart: Chart, chain: Path) -> Iterator[tuple[Path, Chart]]:
    """Yield a chart and all below it, with the keys that lead to them."""
    yield chain, chart
    for sub in chart.subcharts:
        yield from charts_of(sub.chart, (*chain, sub.key))


def _templates(chart: Chart) -> Iterator[tuple[str, Body]]:
    files = chart.files
    for name in files.names() if files is not None else ():
        if files is not None and name.startswith("templates/"):
            text = _text(files.read(name))
            yield name.removeprefix("templates"), parsed_body(files.where(name), text)


def _others(chart: Chart) -> Iterator[Body]:
    """Yield the files that templates may read and run; most are no templates at all."""
    files = chart.files
    for name in files.names() if files is not None else ():
        if files is not None and not name.startswith("templates/") and name not in ("values.yaml", "Chart.yaml"):
            text = _text(files.read(name))
            if text is not None and "{{" in text and "Values" in text:
                yield parsed_body(files.where(name), text)


def _text(data: bytes | None) -> str | None:
    if data is None:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def parsed_body(source: str, text: str | None) -> Body:
    """Return a template by its text."""
    if text is None or len(text) > MAX_TEMPLATE_CHARACTERS:
        return Body(source, None)
    try:
        return Body(source, parse_template(text))
    except TemplateError:
        return Body(source, None)


def _texts(values: Iterable[Data]) -> Iterator[Body]:
    """Yield the texts among values that are templates; one that is none to Go fails if it is run, and reads nothing."""
    todo, seen = list(values), set[str]()
    while todo:
        here = todo.pop()
        if isinstance(here, dict):
            todo += here.values()
        elif isinstance(here, list):
            todo += here
        elif isinstance(here, Scalar) and "{{" in here.value and here.value not in seen:
            seen.add(here.value)
            body = parsed_body(f"\0text {len(seen)}", here.value)
            if body.actions is not None or "Values" in here.value:
                yield body


def _defines(actions: Iterable[Action]) -> Iterator[Define]:
    todo = list(actions)
    while todo:
        action = todo.pop()
        if isinstance(action, Define):
            yield action
            todo += action.body
        elif isinstance(action, Block):
            todo += (*action.body, *action.otherwise)
