"""What registries said about the images of a run as SARIF: a result for each place of an image with something wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.registry.verify import UNKNOWN, WRONG, Verdict
from regfix.report.json import encode
from regfix.report.project import project_path
from regfix.report.results import Level, Result, fingerprints_of
from regfix.report.sarif import head, notification, result_object, rule_object, tail
from regfix.report.verified import details
from regfix.syntax.keypath import format_key_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from regfix.finding import Finding
    from regfix.registry.verify import Checked

_SHOWN = (*WRONG, *UNKNOWN)
_MEANINGS = {
    Verdict.MISSING: (
        "An image is not in its registry.",
        "Copy it there, choose a tag that is there, or leave the reference as it is.",
    ),
    Verdict.DIFFERENT: (
        "Another image than before has this name at its new home.",
        "Find out which of the two is meant. If both are good, nothing is to be done.",
    ),
    Verdict.DENIED: (
        "A registry does not tell without a login whether it has an image.",
        "Log in to it. Some registries say so where there is nothing, too.",
    ),
    Verdict.UNREACHABLE: (
        "A registry did not answer when it was asked for an image.",
        "Try again later; see whether its name is right and can be reached from here.",
    ),
}
"""What each verdict means, and what is to be done."""


def verified_sarif(
    found: Sequence[Checked], places: Mapping[Any, Sequence[Finding]], errors: Sequence[str]
) -> Iterator[str]:
    """Yield a log with one run, piece by piece, one line a result."""
    rules = [str(verdict) for verdict in _SHOWN]
    yield head([rule_object(str(verdict), *_MEANINGS[verdict], _level(verdict)) for verdict in _SHOWN])
    between = "\n"
    for result in _results(found, places):
        yield between + encode(result_object(result, rules))
        between = ",\n"
    yield tail([notification(error) for error in errors])


def _results(found: Sequence[Checked], places: Mapping[Any, Sequence[Finding]]) -> Iterator[Result]:
    shown = [(one, finding) for one in found if one.verdict in _SHOWN for finding in places[one.pair]]
    names = fingerprints_of((str(one.verdict), finding) for one, finding in shown)
    for (one, finding), fingerprint in zip(shown, names, strict=True):
        said = "; ".join(details(one))
        yield Result(
            str(one.verdict), _level(one.verdict), f"{one.pair.new} is {one.verdict}" + (f": {said}" if said else ""),
            project_path(finding.source), finding.position, None, format_key_path(finding.key_path), fingerprint,
        )  # fmt: skip


def _level(verdict: Verdict) -> Level:
    return Level.ERROR if verdict in WRONG else Level.WARNING
