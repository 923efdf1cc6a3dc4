"""Findings, errors and the accounting as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.report.escape import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.errors import RegfixError
    from regfix.finding import Finding
    from regfix.outcome import Note, Outcome
    from regfix.report.summary import Summary


def location(finding: Finding) -> str:
    """Return `file:line:column`."""
    return f"{escape(finding.source)}:{finding.position.line}:{finding.position.column}"


def finding_line(finding: Finding) -> str:
    """Return one line for a finding, as a compiler would print it."""
    from regfix.finding import Action

    line = f"{location(finding)}: {escape(finding.reference)}"
    if finding.action is Action.REWRITE:
        line += f" -> {escape(finding.result or '')}"
        line += " (unverified)" if finding.applicability == "unverified" else ""
    elif finding.reason is not None:
        line += f" [{finding.reason}]"
        if finding.action is Action.NONE:
            line += f" ({escape(works(finding))})"
    return line


def works(finding: Finding) -> str:
    """Return what a dead value's key is, and which keys work in its place, if any is known."""
    from regfix.syntax.keypath import format_key_path

    keys = " or ".join(map(format_key_path, finding.instead))
    return f"{format_key_path(finding.key_path)} does nothing" + (f"; {keys} works" if keys else "")


def changed_lines(outcome: Outcome, *, dry: bool) -> Iterator[str]:
    """Yield a line for a source that changed, or each reference of one that would change."""
    from regfix.finding import Action

    rewritten = [finding for finding in outcome.findings if finding.action is Action.REWRITE]
    if dry:
        for finding in rewritten:
            yield finding_line(finding)
    else:
        raised = [finding for finding in rewritten if finding.context == "version"]
        versions = "".join(f", version {escape(one.reference)} -> {escape(one.result or '')}" for one in raised)
        count = plural(len(rewritten) - len(raised), "reference")
        yield f"{escape(outcome.source)}: {count} rewritten{versions}"


def error_line(error: RegfixError) -> str:
    """Return an error for the terminal, with its excerpt and a caret below that where there is one."""
    line = f"error: {escape(str(error))}"
    if error.excerpt is None:
        return line
    text, at = error.excerpt
    return f"{line}\n  {escape(text)}\n  {' ' * len(escape(text[:at]))}^"


def summary_lines(summary: Summary, *, dry: bool) -> Iterator[str]:
    """Yield the accounting: what was done, what was left grouped by reason, what was not read, what failed."""
    verb = "would be rewritten" if dry else "rewritten"
    yield f"{plural(summary.references, 'reference')} in {plural(summary.files, 'file')} {verb}"
    for finding in summary.raised:
        yield f"version of {escape(finding.source)}: {escape(finding.reference)} -> {escape(finding.result or '')}"
    if summary.unverified:
        yield f"{summary.unverified} of them unverified: whether the tag is at its new home, the registry can tell"
    yield from _left_lines(summary)
    yield from dead_lines(summary.dead)
    yield from missing_lines(summary.notes)
    if summary.known:
        yield f"{summary.known} known by the baseline, and not counted"
    for reason, count in sorted(summary.skipped.items()):
        yield f"{count} not read: {escape(reason)}"
    if summary.failed:
        yield f"{plural(len(summary.failed), 'source')} failed; nothing in what failed was changed"


def missing_lines(notes: Sequence[tuple[str, Note]]) -> Iterator[str]:
    """Yield what is not vendored, so that nothing is known of its images, with the commands that fetch it."""
    missing = [(source, note) for source, note in notes if note.state == "missing"]
    if missing:
        yield f"{plural(len(missing), 'dependency', 'dependencies')} not vendored, and not looked into (--fetch does)"
    commands: dict[str, list[str]] = {}
    for source, note in missing:
        said = f"{note.key} ({note.why.partition(', from ')[0]})" if note.held else note.key
        commands.setdefault(note.command or escape(source), []).append(said)
    for command, keys in commands.items():
        yield f"  {escape(', '.join(keys))}: {escape(command)}"


def off_lines(outcome: Outcome) -> Iterator[str]:
    """Yield the subcharts of a chart that are switched off; they are handled like the others."""
    for note in outcome.notes:
        if note.state == "off":
            yield f"switched off: {escape(outcome.source)}: {escape(note.key)} ({escape(note.why)})"


def remark_lines(outcome: Outcome) -> Iterator[str]:
    """Yield what there is to say about places in a source."""
    for line, column, what in outcome.remarks:
        yield f"{escape(outcome.source)}:{line}:{column}: {escape(what)}"


def _left_lines(summary: Summary) -> Iterator[str]:
    if not summary.left:
        return
    from regfix.locate.site import REASONS

    for reason, findings in sorted(summary.left.items()):
        yield f"{len(findings)} left: {REASONS[reason]} [{reason}]"
        for finding in findings:
            said = known(finding)
            yield f"  {location(finding)}: {escape(finding.reference)}" + (f" ({escape(said)})" if said else "")


def known(finding: Finding) -> str:
    """Return what is known besides of a reference that stays: why, or its successor and note in the catalogue."""
    if finding.why:
        return finding.why
    rule, reason = finding.rule, str(finding.reason)
    if rule is None or rule.entry is None or reason not in ("successor", "gone", "other-tag", "unknown-tag"):
        return ""
    if "tag" in reason and rule.entry.tags is not None:
        return f"tags: {rule.entry.tags}"
    suggested = f"see {rule.target}" if reason == "successor" and not rule.keeps else ""
    return "; ".join(filter(None, (suggested, rule.entry.note)))


def dead_lines(dead: Sequence[Finding]) -> Iterator[str]:
    """Yield the values that do nothing, with the keys that work."""
    if not dead:
        return
    from regfix.locate.site import REASONS, Reason

    yield f"{len(dead)} dead: {REASONS[Reason.DEAD_VALUE]} [{Reason.DEAD_VALUE}]"
    for finding in dead:
        yield f"  {location(finding)}: {escape(finding.reference)} ({escape(works(finding))})"


def plural(count: int, noun: str, many: str = "") -> str:
    """Return `1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {many or noun + 's'}"
