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
    from collections.abc import Iterable, Iterator

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
    head = {"columnKind": "unicodeCodePoints", "tool": {"driver": _driver()}, "originalUriBaseIds": _BASE}
    yield encode({"$schema": SCHEMA, "version": "2.1.0"})[:-1] + ',"runs":[' + encode(head)[:-1] + ',"results":['
    between = "\n"
    for outcome in outcomes:
        summary.add(outcome)
        for result in results(outcome, done=done):
            yield between + encode(result_object(result))
            between = ",\n"
    yield "\n]," + encode({"invocations": [_invocation(summary)]})[1:] + "]}\n"


_BASE = {"%SRCROOT%": {"description": {"text": "The root of the project."}}}


def result_object(result: Result) -> dict[str, Any]:
    """Return a result as plain data."""
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
        "ruleId": result.rule, "ruleIndex": _RULES.index(result.rule), "level": str(result.level),
        "message": {"text": message}, "locations": [location],
        "partialFingerprints": {FINGERPRINT: result.fingerprint}, **fixes,
    }  # fmt: skip


def _driver() -> dict[str, Any]:
    from regfix import __version__

    move = _rule(MOVE, "A reference to an image moves to another registry.", MOVE_ADVICE, Level.WARNING)
    return {"name": "regfix", "semanticVersion": __version__, "rules": [move, *map(_reason_rule, Reason)]}


def _reason_rule(reason: Reason) -> dict[str, Any]:
    dead = reason is Reason.DEAD_VALUE
    what = f"A registry or image is {REASONS[reason]}." if dead else f"A reference is left: {REASONS[reason]}."
    return _rule(str(reason), what, ADVICE[reason], Level.WARNING if dead else Level.NOTE)


def _rule(name: str, what: str, advice: str, level: Level) -> dict[str, Any]:
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


def _invocation(summary: Summary) -> dict[str, Any]:
    told = [
        {
            "level": "error", "message": {"text": escape(str(outcome.error))},
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(_file(outcome.source))}}],
        }
        for outcome in summary.failed
    ]  # fmt: skip
    return {"executionSuccessful": not told, "toolExecutionNotifications": told}


def _file(source: str) -> str:
    return split_member(project_path(source))[0]
