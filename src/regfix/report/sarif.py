"""Results as SARIF 2.1.0, for code scanning.

Source of the format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
"""

from __future__ import annotations

import os
import string
from typing import TYPE_CHECKING, Any

from regfix.locate.site import REASONS, Reason
from regfix.report.advice import ADVICE, MOVE_ADVICE
from regfix.report.escape import escape
from regfix.report.json import encode
from regfix.report.project import project_path, split_member
from regfix.report.results import MOVE, Level, results

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.outcome import Outcome
    from regfix.report.results import Fix, Result
    from regfix.report.summary import Summary
    from regfix.text.span import Position

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "regfix/v1"
"""The name of our fingerprint in `partialFingerprints`; the version changes with how it is made."""

_RULES = (MOVE, *(str(reason) for reason in Reason))
_UNRESERVED = frozenset(f"{string.ascii_letters}{string.digits}-._~/".encode())


def sarif_pieces(outcomes: Iterable[Outcome], summary: Summary, *, done: bool) -> Iterator[str]:
    """Yield a log with one run, piece by piece, one line a result; `done` tells that edits were written."""
    yield head(_rules())
    between = "\n"
    for outcome in outcomes:
        summary.add(outcome)
        for result in results(outcome, done=done):
            yield between + encode(result_object(result))
            between = ",\n"
    yield tail([_notification(outcome) for outcome in summary.failed])


def head(rules: Sequence[dict[str, Any]]) -> str:
    """Return the start of a log with these rules, up to its results."""
    from regfix import __version__

    driver = {"name": "regfix", "semanticVersion": __version__, "rules": rules}
    run = {"columnKind": "unicodeCodePoints", "tool": {"driver": driver}, "originalUriBaseIds": _BASE}
    return encode({"$schema": SCHEMA, "version": "2.1.0"})[:-1] + ',"runs":[' + encode(run)[:-1] + ',"results":['


def tail(notifications: Sequence[dict[str, Any]]) -> str:
    """Return the end of a log, behind its results, with what went wrong."""
    invocation = {"executionSuccessful": not notifications, "toolExecutionNotifications": notifications}
    return "\n]," + encode({"invocations": [invocation]})[1:] + "]}\n"


_BASE = {"%SRCROOT%": {"description": {"text": "The root of the project."}}}


def result_object(result: Result, rules: Sequence[str] = _RULES) -> dict[str, Any]:
    """Return a result as plain data; `rules` are the names of those in the head of the log."""
    path, member = split_member(result.source)
    place: dict[str, Any] = {"artifactLocation": _artifact(path)}
    message = escape(result.message)
    if member:  # lines and columns are those of the member, which is no artifact of its own
        message += f" (in {escape(member)}:{result.position.line}:{result.position.column})"
    else:
        place["region"] = _region(result.position, result.end)
    location: dict[str, Any] = {"physicalLocation": place}
    if result.key_path:
        location["logicalLocations"] = [{"fullyQualifiedName": escape(result.key_path), "kind": "member"}]
    fixes = {"fixes": [_fix(path, result.fixes)]} if result.fixes and not member else {}
    return {
        "ruleId": result.rule, "ruleIndex": rules.index(result.rule), "level": str(result.level),
        "message": {"text": message}, "locations": [location],
        "partialFingerprints": {FINGERPRINT: result.fingerprint}, **fixes,
    }  # fmt: skip


def _rules() -> list[dict[str, Any]]:
    move = rule_object(MOVE, "A reference to an image moves to another registry.", MOVE_ADVICE, Level.WARNING)
    return [move, *map(_reason_rule, Reason)]


def _reason_rule(reason: Reason) -> dict[str, Any]:
    dead = reason is Reason.DEAD_VALUE
    what = f"A registry or image is {REASONS[reason]}." if dead else f"A reference is left: {REASONS[reason]}."
    return rule_object(str(reason), what, ADVICE[reason], Level.WARNING if dead else Level.NOTE)


def rule_object(name: str, what: str, advice: str, level: Level) -> dict[str, Any]:
    """Return a rule as plain data: its name, what it means, what is to be done."""
    words = "".join(word.capitalize() for word in name.split("-"))
    return {
        "id": name, "name": words, "shortDescription": {"text": what}, "fullDescription": {"text": f"{what} {advice}"},
        "help": {"text": advice.replace("`", ""), "markdown": advice}, "defaultConfiguration": {"level": str(level)},
    }  # fmt: skip


def _region(start: Position, end: int | None) -> dict[str, int]:
    column = {"endColumn": end} if end is not None else {}
    return {"startLine": start.line, "startColumn": start.column, "endLine": start.line, **column}


def _fix(path: str, fixes: Iterable[Fix]) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": {
                "startLine": fix.start.line, "startColumn": fix.start.column,
                "endLine": fix.end.line, "endColumn": fix.end.column,
            },
            "insertedContent": {"text": fix.new},
        }
        for fix in fixes
    ]  # fmt: skip
    change = {"artifactLocation": _artifact(path), "replacements": replacements}
    return {"description": {"text": "Move the reference."}, "artifactChanges": [change]}


def _artifact(path: str) -> dict[str, str]:
    """Return a location: relative to the project's root, else a file URI; its bytes percent-encoded (RFC 3986)."""
    uri = "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in os.fsencode(path))
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": "%SRCROOT%"}


def notification(text: str) -> dict[str, Any]:
    """Return an error as plain data."""
    return {"level": "error", "message": {"text": escape(text)}}


def _notification(outcome: Outcome) -> dict[str, Any]:
    path = split_member(project_path(outcome.source))[0]
    return notification(str(outcome.error)) | {
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(path)}}]
    }
