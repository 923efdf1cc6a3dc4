"""Unified diffs, made from the edits themselves, in the form that `git apply` and `patch` accept.

Source of the format: https://git-scm.com/docs/diff-format (quoting of names as in core.quotePath).
"""

from __future__ import annotations

import os
from bisect import bisect_right
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from regfix.plan import edits_of
from regfix.report.escape import escape_line
from regfix.report.project import split_member
from regfix.text.edit import Edit, apply_edits
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.outcome import Outcome

CONTEXT = 3
"""Lines of context around a change, as in git."""

COMMENT = "# "
"""What is in front of lines that are not for patch programs: they pass over whatever is no header nor in a hunk."""

_NO_NEWLINE = "\\ No newline at end of file\n"
_QUOTED = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


class _Change(NamedTuple):
    """A line that changes: its number from 0, its old and its new text with line ends.

    The new text is several lines where something is inserted; the first or the last of them may be the old line.
    """

    line: int
    old: str
    new: str

    @property
    def growth(self) -> int:
        """How many lines the new text has more than the old one."""
        return len(_lines(self.new)) - len(_lines(self.old))


def unified_diff(path: str, before: str, edits: Sequence[Edit], *, bom: str = "") -> Iterator[str]:
    """Yield the lines of the diff, with their line ends, that makes the sorted `edits` in `before`.

    `bom` is what stands in the file before the text.
    """
    name = diff_name(path)
    yield f"--- {_quote('a/' + name)}\n"
    yield f"+++ {_quote('b/' + name)}\n"
    starts = _starts(before)
    if starts[-1] == len(before) and len(starts) > 1:
        starts.pop()
    shift = 0
    for hunk in _hunks(list(_changes(before, edits, starts)), len(starts)):
        yield from _hunk(hunk, before, starts, bom, shift)
        shift += sum(change.growth for change in hunk)


def diff_name(path: str) -> str:
    """Return a path for a diff: below the working folder relative to it, else without its leading slash.

    Links of folders are resolved: git refuses to patch what lies beyond one.
    """
    real = os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path))
    relative = os.path.relpath(real, os.path.realpath("."))
    return real.lstrip("/") if relative.startswith("../") else relative


def _starts(text: str) -> list[int]:
    starts = [0]
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return starts


def _quote(name: str) -> str:
    data = os.fsencode(name)
    if all(32 <= byte < 127 and byte not in _QUOTED for byte in data):
        return name + ("\t" if " " in name else "")
    pieces = (_QUOTED.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in data)
    return '"' + "".join(pieces) + '"'


def _changes(text: str, edits: Sequence[Edit], starts: list[int]) -> Iterator[_Change]:
    for line, group in groupby(edits, key=lambda edit: bisect_right(starts, edit.span.start) - 1):
        start = starts[line]
        old = text[start : _end(text, starts, line)]
        inside = [Edit(Span(edit.span.start - start, edit.span.end - start), edit.old, edit.new) for edit in group]
        yield _Change(line, old, apply_edits(old, inside))


def _end(text: str, starts: list[int], line: int) -> int:
    return starts[line + 1] if line + 1 < len(starts) else len(text)


def _hunks(changes: list[_Change], lines: int) -> Iterator[list[_Change]]:
    """Group changes whose contexts meet or touch, as git and diff do."""
    hunk: list[_Change] = []
    for change in changes:
        if hunk and change.line - hunk[-1].line > 2 * CONTEXT + 1:
            yield hunk
            hunk = []
        hunk.append(change)
    if hunk and lines:
        yield hunk


def _hunk(hunk: list[_Change], text: str, starts: list[int], bom: str, shift: int) -> Iterator[str]:
    first = max(0, hunk[0].line - CONTEXT)
    last = min(len(starts), hunk[-1].line + CONTEXT + 1)
    old = last - first if text else 0
    new = old + sum(change.growth for change in hunk)
    yield f"@@ -{_range(first, old)} +{_range(first + shift, new)} @@\n"
    changed = {change.line: change for change in hunk}
    line = first
    while line < last:
        run = line
        while run in changed:
            run += 1
        if run > line:
            yield from _run([changed[at] for at in range(line, run)], bom)
            line = run
        else:
            yield from _line(" ", text[starts[line] : _end(text, starts, line)], "" if line else bom)
            line += 1


def _range(first: int, count: int) -> str:
    """Return a range of lines; an empty one names the line before it."""
    return f"{first + 1 if count else first},{count}"


def _run(changes: list[_Change], bom: str) -> Iterator[str]:
    """Yield neighbouring lines that change: all old ones, then all new ones, around those that stay."""
    removed: list[str] = []
    added: list[str] = []
    for change in changes:
        mark = "" if change.line else bom
        olds, news = _lines(change.old), _lines(change.new)
        if len(news) > len(olds) and change.old in (news[0], news[-1]):
            kept = 0 if news[0] == change.old else len(news) - 1
            added += [_signed("+", new, "") for new in news[:kept]]
            yield from (*removed, *added, _signed(" ", change.old, mark))
            removed, added = [], [_signed("+", new, "") for new in news[kept + 1 :]]
            continue
        removed += [_signed("-", old, mark) for old in olds]
        added += [_signed("+", new, "" if index else mark) for index, new in enumerate(news)]
    yield from (*removed, *added)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _signed(sign: str, text: str, bom: str) -> str:
    return "".join(_line(sign, text, bom))


def _line(sign: str, text: str, bom: str) -> Iterator[str]:
    if text.endswith("\n"):
        yield sign + bom + text
    else:
        yield f"{sign}{bom}{text}\n"
        yield _NO_NEWLINE


def outcome_diff(outcome: Outcome, *, terminal: bool, colour: bool) -> Iterator[str]:
    """Yield the diff of a source that changes; on a terminal its control characters are made visible.

    That of a member of an archive is for people only: no patch reaches it, so its lines are comments.
    """
    source = outcome.decoded
    if source is None:
        return
    bom = "\ufeff" if source.bom else ""
    comment = COMMENT if _is_member(outcome.source) else ""
    if comment:
        yield f"{comment}in an archive, not for git apply:\n"
    for line in unified_diff(outcome.source, source.text, edits_of(outcome.findings), bom=bom):
        if not terminal:
            yield comment + line
            continue
        shown = comment + escape_line(line.rstrip("\r\n")) + "\n"
        yield f"\x1b[{_COLOURS[line[0]]}m{shown[:-1]}\x1b[0m\n" if colour and line[0] in _COLOURS else shown


def _is_member(path: str) -> bool:
    """Tell whether a source is a member of an archive, and not a file of such a name."""
    archive, member = split_member(path)
    return member != "" and not os.path.lexists(path) and os.path.isfile(archive)


_COLOURS = {"-": 31, "+": 32, "@": 36}
