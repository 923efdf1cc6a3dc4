"""What clusters use as a page in Markdown, and as metrics for a monitoring system."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from regfix.report.cluster import notes, summary_lines, told
from regfix.report.escape import escape
from regfix.report.markdown import code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.cluster.model import Hit, Report

MAX_ROWS = 200
"""Rows of the table of a cluster in Markdown; GitHub takes 65,536 characters in a body."""


def cluster_markdown(reports: Sequence[Report]) -> Iterator[str]:
    """Yield a section for each cluster, references to source registries first."""
    for report, summary in zip(reports, summary_lines(reports), strict=True):
        yield f"## {code(report.name)}\n\n{code(summary.removeprefix(escape(report.name) + ': '))}\n\n"
        hits = sorted(report.hits, key=lambda hit: (not hit.counts, not hit.concerned))
        if hits:
            yield "| object | container | image | after | notes |\n|---|---|---|---|---|\n"
        for hit in hits[:MAX_ROWS]:
            yield _row(hit)
        if len(hits) > MAX_ROWS:
            yield f"\n{len(hits) - MAX_ROWS} more.\n"
        if hits:
            yield "\n"
        for problem in report.problems:
            yield f"- not read: {code(str(problem))}\n"


def _row(hit: Hit) -> str:
    said = "; ".join((*notes(hit), *map(told, hit.provenance)))
    cells = (str(hit.object), hit.container, hit.finding.reference, hit.finding.result or "", said)
    return f"| {' | '.join(map(code, cells))} |\n"


def cluster_metrics(reports: Sequence[Report]) -> Iterator[str]:
    """Yield metrics as OpenMetrics text (https://prometheus.io/docs/specs/om/open_metrics_spec/).

    The textfile collector of the node exporter reads it, too.
    """
    yield from _family("regfix_cluster_references", "References to a source registry.")
    for report in reports:
        counts = Counter(
            (hit.top.namespace, hit.top.kind, hit.top.name, hit.finding.reference) for hit in report.hits if hit.counts
        )
        for labels, count in sorted(counts.items()):
            named = dict(zip(("namespace", "kind", "name", "image"), labels, strict=True))
            yield _sample("regfix_cluster_references", {"cluster": report.name, **named}, count)
    yield from _family("regfix_cluster_objects", "Objects that were read.")
    yield from (_sample("regfix_cluster_objects", {"cluster": one.name}, one.objects) for one in reports)
    yield from _family("regfix_cluster_problems", "What could not be read.")
    yield from (_sample("regfix_cluster_problems", {"cluster": one.name}, len(one.problems)) for one in reports)
    yield "# EOF\n"


def _family(name: str, meaning: str) -> Iterator[str]:
    yield f"# TYPE {name} gauge\n"
    yield f"# HELP {name} {meaning}\n"


def _sample(name: str, labels: dict[str, str], value: int) -> str:
    said = ",".join(f'{key}="{_label(text)}"' for key, text in labels.items())
    return f"{name}{{{said}}} {value}\n"


def _label(text: str) -> str:
    return escape(text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " "))
