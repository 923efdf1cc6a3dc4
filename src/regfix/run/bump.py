"""The version of a chart raised where something of the chart changed: one edit of the scalar in `Chart.yaml`."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from regfix.chart.merging import same
from regfix.chart.paths import metadata_of
from regfix.chart.version import in_range
from regfix.check import check_conservation, failed_check
from regfix.errors import SourceError
from regfix.finding import Action, Finding
from regfix.locate.site import Context
from regfix.outcome import Outcome, Status
from regfix.plan import edits_of
from regfix.rewriting import left_as_failed
from regfix.syntax.yamlevents import MAPPING, SCALAR
from regfix.syntax.yamltree import Scalar, load_mapping, parse_tree
from regfix.text.edit import Edit, apply_edits
from regfix.text.span import LineIndex, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from regfix.text.source import Source

PARTS = ("patch", "minor")
"""The parts of a version that can be raised."""

_NUMBER = "(0|[1-9][0-9]*)"


def next_version(version: str, part: str) -> str | None:
    """Return the next version, None for a text that is none of three numbers (https://semver.org).

    A pre-release is followed by its release, where the patch is raised. Build metadata is dropped: it is that of the
    build before. A leading `v` stays.
    """
    found = re.fullmatch(rf"(v?){_NUMBER}\.{_NUMBER}\.{_NUMBER}(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", version)
    if found is None:
        return None
    start, major, minor, patch, pre = found.groups()
    if part == "minor":
        return f"{start}{major}.{int(minor) + 1}.0"
    return f"{start}{major}.{minor}.{int(patch) + (pre is None)}"


def with_version(source: Source, outcome: Outcome | None, part: str, folders: Iterable[str]) -> Outcome:
    """Return the outcome of a chart's metadata with its version raised, or with why that was not done.

    `folders` are those of the charts of the run.
    """
    if outcome is not None and outcome.error is not None:
        return outcome
    try:
        raised = _raised(source, outcome, part)
        _require_in_ranges(source.name, raised, folders)
    except SourceError as error:
        return left_as_failed(outcome or Outcome(source.name, Status.UNCHANGED), error)
    return raised


def _raised(source: Source, outcome: Outcome | None, part: str) -> Outcome:
    """Return the outcome of a chart's metadata with its version raised, too. Raises SourceError."""
    finding = _finding(source, part)
    before = outcome.findings if outcome is not None else ()
    findings = tuple(sorted((*before, finding), key=lambda one: one.position))
    edits = edits_of(findings)
    after = apply_edits(source.text, edits)
    check_conservation(source, after, edits)
    wanted = load_mapping(source.text if outcome is None or outcome.after is None else outcome.after, source.name)
    now = load_mapping(after, source.name)
    if not same(now, {**wanted, "version": now["version"]}) or _text(now["version"]) != finding.result:
        raise failed_check(source, "more than the version would change")
    return Outcome(source.name, Status.CHANGED, findings, decoded=source, after=after)


def chart_holding(path: str, folders: Collection[str]) -> str | None:
    """Return the innermost of the charts' folders that a file, or a member of an archive, lies in."""
    holding = (folder for folder in folders if path.startswith(folder))
    return max(holding, key=len, default=None)


def _require_in_ranges(path: str, raised: Outcome, folders: Iterable[str]) -> None:
    """Raise SourceError where a chart of the run has this one for a dependency and would not take the new version."""
    version = next((one.result for one in raised.findings if one.context is Context.VERSION), None) or ""
    here = os.path.dirname(os.path.abspath(path))
    for folder in folders:
        metadata = metadata_of(folder)
        for dependency in (metadata.dependencies if metadata is not None else None) or ():
            local = os.path.join(folder, dependency.repository.removeprefix("file://"))
            is_this = dependency.repository.startswith("file://") and os.path.abspath(local) == here
            if is_this and not in_range(version, dependency.version):
                raise _refused(path, f"{folder}Chart.yaml depends on version {dependency.version!r} of it")


def _text(value: object) -> str:
    return value.value if isinstance(value, Scalar) else ""


def _finding(source: Source, part: str) -> Finding:
    """Return the edit of the version; raises SourceError for one that cannot be edited."""
    documents = parse_tree(source.text, source.name).documents
    pairs = documents[0].pairs() if len(documents) == 1 and documents[0].kind == MAPPING else ()
    found = [value for key, value in pairs if key.kind == SCALAR and key.value == "version"]
    if len(found) != 1 or found[0].kind != SCALAR or found[0].anchor or found[0].tag:
        raise _refused(source.name, "it is not a single value of its own")
    node = found[0]
    inset = 1 if node.style in ("'", '"') else 0
    span = Span(node.start + inset, node.end - inset)
    if source.text[span.start : span.end] != node.value:
        raise _refused(source.name, "it is not written in one piece")
    new = next_version(node.value, part)
    if new is None:
        raise _refused(source.name, f"{node.value!r} is not a version of three numbers")
    position = LineIndex(source.text).position(span.start)
    return Finding(source.name, position, ("version",), Context.VERSION, node.value, Action.REWRITE, new,
                   edits=(Edit(span, node.value, new),))  # fmt: skip


def _refused(where: str, why: str) -> SourceError:
    return SourceError("the version of the chart cannot be raised", where=where, why=why,
                       hint="raise it by hand, or run without --bump")  # fmt: skip
