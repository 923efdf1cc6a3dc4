"""Outcomes and findings as JSON; the schema is in docs/reference/output.schema.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from regfix.syntax.keypath import format_key_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from regfix.finding import Finding
    from regfix.image.rule import Rule
    from regfix.outcome import Outcome
    from regfix.report.summary import Summary

VERSION = 1
"""Version of the schema: raised when a consumer would have to change."""


def finding_object(finding: Finding, today: date | None = None) -> dict[str, Any]:
    """Return a finding as plain data; offsets, lines and columns count code points, lines and columns from 1."""
    return {
        "line": finding.position.line,
        "column": finding.position.column,
        "keyPath": format_key_path(finding.key_path),
        "context": str(finding.context),
        "reference": finding.reference,
        "action": str(finding.action),
        "result": finding.result,
        "rule": str(finding.rule) if finding.rule else None,
        "reason": str(finding.reason) if finding.reason else None,
        "edits": [{"start": e.span.start, "end": e.span.end, "old": e.old, "new": e.new} for e in finding.edits],
        **({"why": finding.why} if finding.why else {}),
        **({"applicability": str(finding.applicability)} if finding.applicability else {}),
        **({"entry": _entry(finding.rule, today)} if finding.rule and finding.rule.entry else {}),
        **({"instead": [format_key_path(path) for path in finding.instead]} if finding.instead else {}),
    }


def _entry(rule: Rule, today: date | None) -> dict[str, Any]:
    """Return what the catalogue knows of a move, as plain data."""
    entry = rule.entry
    if entry is None:
        return {}
    found = {
        "class": str(entry.kind),
        "since": entry.since or None,
        "until": entry.until or None,
        "origin": rule.origin,
    }
    if today is not None:
        from regfix.image.deadline import state

        found["state"] = state(entry, today)
    return found


def outcome_object(outcome: Outcome, today: date | None = None) -> dict[str, Any]:
    """Return an outcome as plain data."""
    notes = [{"key": n.key, "state": n.state, "why": n.why, "command": n.command or None} for n in outcome.notes]
    return {
        "path": outcome.source,
        "status": str(outcome.status),
        "reason": str(outcome.reason) or None,
        "error": str(outcome.error) if outcome.error else None,
        "findings": [finding_object(finding, today) for finding in outcome.findings],
        **({"dependencies": notes} if notes else {}),
    }


def summary_object(summary: Summary) -> dict[str, Any]:
    """Return the accounting as plain data."""
    return {
        "files": summary.files,
        "references": summary.references,
        "edits": summary.edits,
        "left": {str(reason): len(found) for reason, found in sorted(summary.left.items())},
        "dead": len(summary.dead),
        "skipped": dict(sorted((str(reason), count) for reason, count in summary.skipped.items())),
        "failed": len(summary.failed),
        **({"known": summary.known} if summary.known else {}),
    }


def encode(value: Any) -> str:
    """Return JSON in ASCII: no raw control character, no undecodable file name reaches a terminal or a parser."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def report_pieces(
    outcomes: Iterable[Outcome], summary: Summary, command: str, today: date | None = None, **head: Any
) -> Iterator[str]:
    """Yield a report piece by piece, one line a source, so that memory does not grow with their number."""
    from regfix import __version__

    yield encode({"version": VERSION, "regfix": __version__, "command": command, **head})[:-1] + ',"sources":['
    between = "\n"
    for outcome in outcomes:
        summary.add(outcome)
        yield between + encode(outcome_object(outcome, today))
        between = ",\n"
    yield "\n]," + encode({"summary": summary_object(summary)})[1:] + "\n"
