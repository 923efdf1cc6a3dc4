"""Results as a Code Quality report of GitLab, which merge requests show.

Source of the format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from regfix.report.escape import escape
from regfix.report.json import encode
from regfix.report.project import project_path, split_member
from regfix.report.results import MOVE, Level, results

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regfix.outcome import Outcome
    from regfix.report.results import Result
    from regfix.report.summary import Summary

_SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTE: "info"}


def gitlab_pieces(
    outcomes: Iterable[Outcome], summary: Summary, *, done: bool, check: bool
) -> Iterator[str]:  # fmt: skip
    """Yield a list piece by piece, one line a result or error; with `check` a reference that moves weighs more."""
    between = "[\n"
    for outcome in outcomes:
        summary.add(outcome)
        for entry in _entries(outcome, done=done, check=check):
            yield between + encode(entry)
            between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def _entries(outcome: Outcome, *, done: bool, check: bool) -> Iterator[dict[str, Any]]:
    if outcome.error is not None:
        path = project_path(outcome.source)
        name = hashlib.sha256(f"failed\0{path}".encode("utf-8", "surrogateescape")).hexdigest()[:16]
        yield _entry("failed", "critical", str(outcome.error), path, 1, name)
    for result in results(outcome, done=done):
        yield _of_result(result, check=check)


def _of_result(result: Result, *, check: bool) -> dict[str, Any]:
    severity = _SEVERITIES[Level.ERROR if check and result.rule == MOVE else result.level]
    message, line, (_, member) = result.message, result.position.line, split_member(result.source)
    if member:
        message, line = f"{message} (in {member}:{line}:{result.position.column})", 1
    return _entry(result.rule, severity, message, result.source, line, result.fingerprint)


def _entry(rule: str, severity: str, message: str, source: str, line: int, fingerprint: str) -> dict[str, Any]:
    place = {"path": escape(split_member(source)[0]), "lines": {"begin": line}}
    return {"description": escape(message), "check_name": f"regfix/{rule}", "fingerprint": fingerprint,
            "severity": severity, "location": place}  # fmt: skip
