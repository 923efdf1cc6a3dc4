"""A report in Markdown, for the summary of a job or the body of a pull request.

GitHub takes 65,536 characters in a body and 1 MiB in a summary, GitLab 1,048,576 characters in a description. So lines
and characters are bounded, a part for each section; the rest is counted.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from regfix.finding import Action
from regfix.locate.site import REASONS, Reason
from regfix.report.escape import escape
from regfix.report.project import project_path
from regfix.report.text import plural, works

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from regfix.finding import Finding
    from regfix.outcome import Outcome
    from regfix.report.summary import Summary

    Named = Callable[[str], str]

MAX_ROWS = 200
"""Rows of the table of references."""

MAX_LEFT = 100
"""Lines about what is left."""

MAX_CHARACTERS = 60_000
"""Characters of a page, so that there is room for a few more around it."""

_ROOM_FOR_ROWS, _ROOM_FOR_LEFT, _ROOM_FOR_REST = (MAX_CHARACTERS * share // 100 for share in (55, 25, 8))


def markdown_lines(
    outcomes: Iterable[Outcome], summary: Summary, *, done: bool, every: bool = False, named: Named = project_path
) -> Iterator[str]:
    """Yield the report; `done` tells that the edits were written, `every` lists what no rule concerns, too.

    `named` gives the name of a source for people.
    """
    rows: list[Finding] = []
    more = 0
    for outcome in outcomes:
        summary.add(outcome)
        for finding in outcome.findings:
            if every or finding.action is Action.REWRITE:
                more += len(rows) == MAX_ROWS
                rows += [finding] if len(rows) < MAX_ROWS else []
    yield "## Image references\n\n"
    count = f"{plural(summary.references, 'reference')} in {plural(summary.files, 'file')}"
    yield f"{count} {'moved' if done else 'would move'}.\n"
    if rows:
        yield "\n| where | reference | after the rules |\n| --- | --- | --- |\n"
        shown = fitting((_row(finding, named) for finding in rows), MAX_ROWS, _ROOM_FOR_ROWS)
        yield from shown
        more += len(rows) - len(shown)
    if more:
        yield f"\n... and {more} more.\n"
    yield from _left(summary, named)
    yield from _dead(summary.dead, named)
    if summary.known:
        yield f"\n{summary.known} known by the baseline, and not counted.\n"
    yield from _failed(summary.failed)


def _row(finding: Finding, named: Named) -> str:
    after = finding.result or "" if finding.action is Action.REWRITE else str(finding.reason or "")
    return f"| {_where(finding, named)} | {code(finding.reference)} | {code(after)} |\n"


def _where(finding: Finding, named: Named) -> str:
    return code(f"{named(finding.source)}:{finding.position.line}")


def _left(summary: Summary, named: Named) -> Iterator[str]:
    if not summary.left:
        return
    yield f"\n<details><summary>{summary.left_count} left as they are, with the reason</summary>\n"
    most, room = MAX_LEFT, _ROOM_FOR_LEFT
    for reason, findings in sorted(summary.left.items()):
        yield f"\n**{len(findings)} {reason}**: {REASONS[reason]}\n\n"
        lines = (f"- {_where(finding, named)} {code(finding.reference)}\n" for finding in findings[:most])
        shown = fitting(lines, most, room)
        yield from shown
        yield from _more(len(findings), shown)
        most, room = most - len(shown), room - sum(map(len, shown))
    yield "\n</details>\n"


def fitting(lines: Iterable[str], most: int, room: int) -> list[str]:
    """Return the lines up to the first that does not fit: at most so many, and so many characters in all."""
    found: list[str] = []
    for line in lines:
        room -= len(line)
        if room < 0 or len(found) == most:
            break
        found.append(line)
    return found


def _more(count: int, shown: Sequence[str]) -> Iterator[str]:
    if count > len(shown):
        yield f"- ... and {count - len(shown)} more\n"


def _dead(dead: Sequence[Finding], named: Named) -> Iterator[str]:
    if not dead:
        return
    yield f"\n**{len(dead)} {Reason.DEAD_VALUE}**: {REASONS[Reason.DEAD_VALUE]}\n\n"
    lines = (f"- {_where(one, named)} {code(one.reference)}: {html.escape(escape(works(one)))}\n" for one in dead)
    shown = fitting(lines, MAX_LEFT, _ROOM_FOR_REST)
    yield from shown
    yield from _more(len(dead), shown)


def _failed(failed: Sequence[Outcome]) -> Iterator[str]:
    if not failed:
        return
    yield f"\n**{plural(len(failed), 'source')} failed; nothing in what failed was changed**\n\n"
    shown = fitting((f"- {code(str(outcome.error))}\n" for outcome in failed), MAX_LEFT, _ROOM_FOR_REST)
    yield from shown
    yield from _more(len(failed), shown)


def code(text: str) -> str:
    """Return a text as code on one line, whatever is in it; an empty one stays empty."""
    text = escape(text)
    if any(char in text for char in "`|<>&") or text != text.strip():
        return f"<code>{html.escape(text).replace('|', '&#124;').replace('`', '&#96;')}</code>"
    return f"`{text}`" if text else ""
