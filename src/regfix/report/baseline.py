"""A baseline: the results that a project knows of, so that a check fails for new ones only.

The schema is in docs/reference/baseline.schema.json. References are left out, so that a baseline in the project holds
nothing that a rule concerns.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from regfix.errors import SettingsError, SourceError
from regfix.finding import Action
from regfix.outcome import Status
from regfix.report.project import project_path
from regfix.report.results import fingerprints, is_shown, names_of_keys, rule_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regfix.outcome import Outcome
    from regfix.report.summary import Summary

VERSION = 1
"""Version of the file: raised when fingerprints are made in another way, too."""

_AGAIN = "write it again with --check --write-baseline"


def read_baseline(path: str) -> frozenset[str]:
    """Return the fingerprints in a baseline; raises SettingsError for a file that is none."""
    from regfix.text.read import read_file

    try:
        document = json.loads(read_file(os.path.realpath(path))[0])
        version, entries = document["version"], document["findings"]
        if version == VERSION:
            return frozenset(_fingerprint(entry) for entry in entries)
    except SourceError as error:
        raise error.turned_into(SettingsError, path) from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SettingsError("not a baseline", where=path, hint=_AGAIN) from None
    raise SettingsError("written by another version of regfix", where=path, hint=_AGAIN)


def _fingerprint(entry: Any) -> str:
    found = entry["fingerprint"]
    if not isinstance(found, str):
        raise TypeError
    return found


def only_new(outcomes: Iterable[Outcome], known: frozenset[str], summary: Summary) -> Iterator[Outcome]:
    """Yield the outcomes without the findings that are known; the summary gets their number."""
    for outcome in outcomes:
        names = fingerprints(outcome)
        left = tuple(one for one, name in zip(outcome.findings, names, strict=True) if name not in known)
        summary.known += len(outcome.findings) - len(left)
        told = outcome if len(left) == len(outcome.findings) else outcome._replace(findings=left)
        if told is not outcome and not any(one.action is Action.REWRITE for one in left):
            told = told._replace(after=None, status=_unchanged(told.status))
        yield told


def _unchanged(status: Status) -> Status:
    return Status.UNCHANGED if status is Status.CHANGED else status


class BaselineWriter:
    """Takes the outcomes of a run and writes their results as a baseline."""

    def __init__(self) -> None:
        self._entries: set[tuple[str, str, str, str]] = set()

    def __len__(self) -> int:
        return len(self._entries)

    def noted(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Yield the outcomes as they are."""
        for outcome in outcomes:
            for finding, name in zip(outcome.findings, fingerprints(outcome), strict=True):
                if is_shown(finding):
                    keys = ".".join(names_of_keys(finding))
                    self._entries.add((project_path(finding.source), rule_of(finding), keys, name))
            yield outcome

    def text(self) -> str:
        """Return the file: one line a result, in an order that does not depend on the run."""
        names = ("file", "rule", "keys", "fingerprint")
        entries = (json.dumps(dict(zip(names, entry, strict=True))) for entry in sorted(self._entries))
        return f'{{"version": {VERSION}, "findings": [\n' + ",\n".join(entries) + "\n]}\n"
