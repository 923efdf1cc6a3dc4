"""Results as annotations of a GitHub workflow.

Source of the format: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.report.escape import escape
from regfix.report.project import project_path, split_member
from regfix.report.results import MOVE, Level, results

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regfix.outcome import Outcome
    from regfix.report.results import Result
    from regfix.report.summary import Summary

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def github_lines(outcomes: Iterable[Outcome], summary: Summary, *, done: bool, check: bool) -> Iterator[str]:
    """Yield a line for each result and error; with `check` a reference that moves is an error."""
    for outcome in outcomes:
        summary.add(outcome)
        if outcome.error is not None:
            yield _line("error", project_path(outcome.source), {"title": "regfix"}, str(outcome.error))
        for result in results(outcome, done=done):
            yield annotation(result, check=check)


def annotation(result: Result, *, check: bool = False) -> str:
    """Return the annotation of a result, with its line end."""
    command = _COMMANDS[Level.ERROR if check and result.rule == MOVE else result.level]
    places = {"line": str(result.position.line), "col": str(result.position.column)}
    if result.end is not None:
        places |= {"endLine": places["line"], "endColumn": str(result.end)}
    return _line(command, result.source, places | {"title": f"regfix: {result.rule}"}, result.message)


def _line(command: str, source: str, properties: dict[str, str], message: str) -> str:
    path, member = split_member(source)
    if member:
        place = "".join(f":{properties[name]}" for name in ("line", "col") if name in properties)
        properties = {"title": properties["title"]}
        message += f" (in {member}{place})"
    pairs = ",".join(f"{name}={_property(value)}" for name, value in ({"file": path} | properties).items())
    return f"::{command} {pairs}::{_data(message)}\n"


def _data(text: str) -> str:
    return escape(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
