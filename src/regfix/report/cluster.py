"""What clusters use, as text, JSON and CSV."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from regfix.cluster.model import Origin
from regfix.finding import Action
from regfix.report.escape import escape
from regfix.report.table import csv_line, table_lines
from regfix.report.text import plural
from regfix.syntax.keypath import format_key_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.cluster.model import Declared, Hit, Identity, Provenance, Report

VERSION = 1
"""Version of the JSON format, raised when a reader would have to change."""

HEADER = ("cluster", "namespace", "object", "container", "key", "reference", "action", "result", "rule", "note",
          "provenance")  # fmt: skip


def cluster_pieces(form: str, reports: Sequence[Report], *, terminal: bool) -> Iterator[str]:
    """Return the result in a format, in pieces."""
    match form:
        case "json":
            return iter((json.dumps(cluster_object(reports), indent=2) + "\n",))
        case "markdown":
            from regfix.report.cluster_pages import cluster_markdown

            return cluster_markdown(reports)
        case "openmetrics":
            from regfix.report.cluster_pages import cluster_metrics

            return cluster_metrics(reports)
        case "csv":
            return (csv_line(row) + "\n" for row in (HEADER, *_rows(reports)))
        case _:
            return (line + "\n" for line in _text_lines(reports, terminal=terminal))


def cells_of(hit: Hit) -> tuple[str, ...]:
    """Return a hit as the cells of a table, in the order of the header."""
    finding = hit.finding
    action = f"{finding.action} ({finding.reason})" if finding.reason else str(finding.action)
    return (
        hit.object.cluster, hit.object.namespace, f"{hit.object.kind}/{hit.object.name}", hit.container,
        format_key_path(hit.key_path), finding.reference, action,
        finding.result or "" if finding.action is Action.REWRITE else "", str(finding.rule or ""),
        "; ".join(notes(hit)), "; ".join(map(told, hit.provenance)),
    )  # fmt: skip


def notes(hit: Hit) -> Iterator[str]:
    """Yield what else a person has to know of a hit."""
    if hit.condition:
        yield str(hit.condition)
    if hit.origin is Origin.STATUS:
        yield f"pulled, where the specification asks for {hit.spec}"
    if hit.owners:
        yield "of " + " of ".join(f"{owner.kind}/{owner.name}" for owner in hit.owners)
    if hit.copies > 1:
        yield f"{hit.copies} objects"


def told(one: Provenance) -> str:
    """Return one thing known of where a hit comes from, in one line: the place to change first, if there is one."""
    key = f"{one.key}={one.value}" if one.value else one.key
    if one.path:
        return f"{one.path}:{one.line}{f' {key}' if key else ''} ({one.by}: {one.what})"
    return f"{one.by}: {one.what}{f', set {key}' if key else ''}"


def _rows(reports: Sequence[Report]) -> Iterator[tuple[str, ...]]:
    return (cells_of(hit) for report in reports for hit in report.hits)


def _text_lines(reports: Sequence[Report], *, terminal: bool) -> Iterator[str]:
    rows = [*_rows(reports)]
    if rows and terminal:
        filled = [at for at in range(len(HEADER)) if any(row[at] for row in rows)]
        yield from table_lines([HEADER[at] for at in filled], [[row[at] for at in filled] for row in rows])
        return
    for row in rows:
        yield "\t".join(map(escape, row))


def summary_lines(reports: Sequence[Report]) -> Iterator[str]:
    """Yield a line for each cluster: what was looked at, and how much of it a rule concerns."""
    for report in reports:
        counted = [hit for hit in report.hits if hit.counts]
        objects = {hit.top for hit in counted}
        apart = sum(hit.concerned and not hit.counts for hit in report.hits)
        releases = f" and {plural(report.releases, 'Helm release')}" if report.releases else ""
        over = f"; {apart} more that nothing will pull" if apart else ""
        failed = f"; {plural(len(report.problems), 'problem')}, see above" if report.problems else ""
        yield escape(f"{report.name}: {plural(report.objects, 'object')}{releases} read; "
                     f"{plural(len(counted), 'reference')} to a source registry in {plural(len(objects), 'object')}"
                     f"{over}{failed}")  # fmt: skip


def cluster_object(reports: Sequence[Report]) -> dict[str, Any]:
    """Return everything as plain data; the schema is in docs/reference/cluster.schema.json."""
    from regfix import __version__

    return {"version": VERSION, "regfix": __version__, "command": "cluster", "clusters": [*map(_report, reports)]}


def _report(report: Report) -> dict[str, Any]:
    return {
        "cluster": report.name, "objects": report.objects, "releases": report.releases,
        "hits": [*map(_hit, report.hits)], "references": sum(hit.counts for hit in report.hits),
        "problems": [*map(str, report.problems)],
    }  # fmt: skip


def _hit(hit: Hit) -> dict[str, Any]:
    finding = hit.finding
    return {
        "object": _identity(hit.object), "owners": [*map(_identity, hit.owners)], "container": hit.container or None,
        "keyPath": [*hit.key_path], "origin": str(hit.origin), "condition": str(hit.condition) or None,
        "reference": finding.reference, "specification": hit.spec or None, "action": str(finding.action),
        "reason": str(finding.reason) if finding.reason else None, "result": finding.result,
        "rule": str(finding.rule) if finding.rule else None, "concerned": hit.concerned, "counts": hit.counts,
        "copies": hit.copies, "release": _declared(hit.release) if hit.release else None,
        "provenance": [_provenance(one) for one in hit.provenance],
    }  # fmt: skip


def _declared(one: Declared) -> dict[str, Any]:
    return {
        "namespace": one.namespace, "name": one.release, "revision": one.revision, "chart": one.chart,
        "version": one.version, "template": one.template or None, "hook": [*one.events],
    }  # fmt: skip


def _identity(one: Identity) -> dict[str, str]:
    return {"apiVersion": one.api_version, "kind": one.kind, "namespace": one.namespace, "name": one.name}


def _provenance(one: Provenance) -> dict[str, Any]:
    return {"by": one.by, "what": one.what, "path": one.path or None, "line": one.line or None, "key": one.key or None,
            "value": one.value or None}  # fmt: skip
