"""What became of many projects, as text, JSON Lines (schema: docs/reference/bulk.schema.json) and Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.projects.model import Status
from regfix.report.escape import escape
from regfix.report.markdown import code
from regfix.report.table import table_lines
from regfix.report.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.projects.model import Record

VERSION = 1
"""Version of the format of a line, raised when a reader would have to change."""

MAX_ROWS = 1000
"""Rows of the table in Markdown."""


def record_line(record: Record) -> str:
    """Return a line for the person about a project with something to say."""
    name = escape(record.project.address.name)
    if record.error is not None:
        return f"error: {name}: {escape(str(record.error))}"
    said = [*record.accounting.notes, *(["not everything is confirmed"] if record.accounting.short else [])]
    return f"{name}: {escape('; '.join(said))}"


def record_table(records: Sequence[Record]) -> Iterator[str]:
    """Yield a table of the projects, with their pull requests if there are any."""
    header = ["project", "status", "files", "references", "left"]
    if any(one.request for one in records):
        header.append("pull request")
    rows = [
        (one.project.address.name, _status(one), str(one.accounting.files), str(one.accounting.references),
         str(sum(count for _, count in one.accounting.left)), one.request)[: len(header)]
        for one in records
    ]  # fmt: skip
    return table_lines(header, rows)


def _status(record: Record) -> str:
    """Return the status, and for a change how far it went."""
    if record.status is Status.CHANGED and record.step in ("committed", "pushed", "requested"):
        return record.step
    return str(record.status)


def total_line(records: Sequence[Record], *, dry: bool) -> str:
    """Return the accounting of all projects."""
    by = {status: sum(one.status is status for one in records) for status in Status}
    references = sum(one.accounting.references for one in records if one.status is Status.CHANGED)
    verb = "would change" if dry else "changed"
    text = f"{plural(len(records), 'project')}: {by[Status.CHANGED]} {verb} ({plural(references, 'reference')}), "
    text += f"{by[Status.UNCHANGED]} unchanged, {by[Status.FAILED]} failed"
    earlier = sum(one.earlier for one in records)
    return text + (f"; {earlier} were done before" if earlier else "")


def record_object(record: Record, *, dry: bool) -> dict[str, Any]:
    """Return what became of a project as plain data."""
    from regfix import __version__

    found, error = record.accounting, record.error
    return {
        "version": VERSION, "regfix": __version__, "project": record.project.address.url,
        "name": record.project.address.name, "status": str(record.status), "dryRun": dry, "step": record.step or None,
        "earlier": record.earlier, "base": record.base or None,
        "branch": record.project.branch if record.commit else None, "commit": record.commit or None,
        "pullRequest": record.request or None, "files": found.files, "references": found.references,
        "left": dict(found.left), "failedFiles": list(found.failed), "confirmed": not found.short,
        "notes": list(found.notes),
        "error": None if error is None else {"what": error.what, "why": error.why or None, "hint": error.hint or None},
    }  # fmt: skip


def overview(records: Sequence[Record], *, dry: bool) -> str:
    """Return one page about all projects in Markdown: failures first."""
    rows = sorted(records, key=lambda one: (one.error is None, one.status is Status.UNCHANGED))
    lines = ["## Projects", "", f"{total_line(records, dry=dry)}.", ""]
    lines += ["| project | status | files | references | left | commit |", "| --- | --- | --- | --- | --- | --- |"]
    lines += [_row(record) for record in rows[:MAX_ROWS]]
    if len(rows) > MAX_ROWS:
        lines += ["", f"... and {len(rows) - MAX_ROWS} more."]
    for record in rows[:MAX_ROWS]:
        if record.error is not None:
            lines += ["", f"- {code(record.project.address.name)}: {code(str(record.error))}"]
        elif record.accounting.failed or record.accounting.notes or record.accounting.short:
            said = "; ".join((*record.accounting.notes, *record.accounting.failed[:5]))
            lines += ["", f"- {code(record.project.address.name)}: {code(said or 'not everything is confirmed')}"]
    return "\n".join(lines) + "\n"


def _row(record: Record) -> str:
    found = record.accounting
    where = record.request if record.request.startswith("https://") else code(record.commit[:12])
    left = ", ".join(f"{count} {reason}" for reason, count in found.left)
    cells = (code(record.project.address.name), _status(record), str(found.files), str(found.references), left, where)
    return f"| {' | '.join(cells)} |"
