"""`regfix scan --catalogue`: what any entry of the catalogue concerns, with its class, its state and its deadline."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from regfix.errors import UsageError
from regfix.finding import Action
from regfix.image.catalogue import whole_catalogue
from regfix.image.deadline import days_left, state
from regfix.image.rule import RuleSet
from regfix.report.text import finding_line, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from regfix.commands.rules_in_force import Choice, InForce
    from regfix.commands.sink import Sink
    from regfix.finding import Finding
    from regfix.image.entry import Entry
    from regfix.outcome import Outcome

HEADER = ("class", "state", "since", "until", "origin")
"""What is told of an entry, besides what is told of a finding."""


def catalogue_rules(choice: Choice, force: InForce) -> RuleSet:
    """Return all entries as rules, those of the user with ours; raises UsageError where others were asked for."""
    if choice.rules or choice.presets:
        raise UsageError("--catalogue is about all entries", hint="leave out --rule and --preset")
    return RuleSet(rule for one in whole_catalogue(force.catalogue) for rule in one.rules)


def concerned(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Yield outcomes without the findings that no entry concerns."""
    for outcome in outcomes:
        yield outcome._replace(findings=tuple(f for f in outcome.findings if f.action is not Action.NONE))


def report(form: str, findings: Sequence[Finding], today: date, sink: Sink, *, quiet: bool) -> None:
    """Write a table of findings with their entries, as text or CSV."""
    if form == "csv":
        from regfix.commands.scan import HEADER as OF_SCAN
        from regfix.commands.scan import cells_of as of_scan
        from regfix.report.table import csv_line

        sink.result(csv_line((*OF_SCAN, *HEADER)) + "\n")
        for finding in findings:
            sink.result(csv_line((*of_scan(finding), *cells_of(finding, today))) + "\n")
    else:
        for finding in findings:
            sink.result(line_of(finding, today) + "\n")
    for line in () if quiet else summary_lines(findings, today):
        sink.message(line)


def cells_of(finding: Finding, today: date) -> tuple[str, ...]:
    """Return what is known of a finding's entry, in the order of the header; empty where none decides."""
    rule, entry = finding.rule, entry_of(finding)
    if rule is None or entry is None:
        return ("", "", "", "", "")
    return (str(entry.kind), state(entry, today), entry.since, entry.until, rule.origin)


def entry_of(finding: Finding) -> Entry | None:
    """Return the entry that decides on a finding."""
    return None if finding.rule is None else finding.rule.entry


def line_of(finding: Finding, today: date) -> str:
    """Return a finding as a line of text."""
    from regfix.report.escape import escape

    kind, said, _, until, origin = cells_of(finding, today)
    known = ", ".join(filter(None, (kind, said, until and f"until {until}", origin)))
    return finding_line(finding) + (f" ({escape(known)})" if known else "")


def summary_lines(findings: Iterable[Finding], today: date) -> Iterator[str]:
    """Yield how many references there are of which class, and the deadline that comes first."""
    entries = [entry for finding in findings if (entry := entry_of(finding)) is not None]
    kinds = ", ".join(f"{count} {kind}" for kind, count in Counter(str(entry.kind) for entry in entries).items())
    yield f"{plural(len(entries), 'reference')} known to the catalogue" + (f": {kinds}" if kinds else "")
    ahead = sorted((left, entry.until) for entry in entries if (left := days_left(entry, today)))
    if ahead:
        yield f"the next deadline is {ahead[0][1]}: due in {plural(ahead[0][0], 'day')}"
