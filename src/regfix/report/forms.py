"""The formats that are for programs and pages: the one place that chooses the renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from regfix.outcome import Outcome
    from regfix.report.summary import Summary


def form_pieces(
    form: str, outcomes: Iterable[Outcome], summary: Summary, command: str, mode: str = "", today: date | None = None
) -> Iterator[str]:
    """Return the report of a run in a format (json, sarif, github, gitlab, markdown), in pieces; `summary` is filled.

    With `today` JSON tells the state of entries of the catalogue.
    """
    done = mode in ("write", "diff")
    match form:
        case "sarif":
            from regfix.report.sarif import sarif_pieces

            return sarif_pieces(outcomes, summary, done=done)
        case "github":
            from regfix.report.github import github_lines

            return github_lines(outcomes, summary, done=done, check=mode == "check")
        case "gitlab":
            from regfix.report.gitlab import gitlab_pieces

            return gitlab_pieces(outcomes, summary, done=done, check=mode == "check")
        case "markdown":
            from regfix.report.markdown import markdown_lines

            return markdown_lines(outcomes, summary, done=done, every=not mode)
        case _:
            from regfix.report.json import report_pieces

            return report_pieces(outcomes, summary, command, today, **({"mode": mode} if mode else {}))
