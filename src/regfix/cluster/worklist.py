"""From hits to a work list: which line of which file to change, and who brings it to the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.cluster.managers import told_manager
from regfix.cluster.model import Origin, Provenance
from regfix.cluster.sources import best_line
from regfix.image.reference import is_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.cluster.model import Hit, Identity, Report
    from regfix.cluster.sources import Line, Sources

MAX_LINES = 4
"""Lines of sources that are told for one hit."""


def work_list(reports: Sequence[Report], sources: Sources | None) -> list[Report]:
    """Return reports whose hits have all that is known of where they come from, what can be changed first."""
    if sources is not None:
        concerned = [hit for report in reports for hit in report.hits if hit.concerned]
        sources.read({(who.kind, who.name) for hit in concerned for who in _objects(hit)})
    return [report._replace(hits=tuple(_told(hit, sources) for hit in report.hits)) for report in reports]


def _objects(hit: Hit) -> tuple[Identity, ...]:
    return (hit.object, *hit.owners, *hit.managers)


def _told(hit: Hit, sources: Sources | None) -> Hit:
    lines = [*dict.fromkeys(_lines(hit, sources))] if sources is not None and hit.concerned else []
    exact = [line for line in lines if line.key] or lines
    known = {one.by for one in hit.provenance}
    managers = [one for one in map(told_manager, hit.managers) if one.by != "helm" or "helm" not in known]
    return hit._replace(provenance=(*exact[:MAX_LINES], *hit.provenance, *managers))


def _lines(hit: Hit, sources: Sources) -> Iterator[Provenance]:
    """Yield the lines that declare the object, one of its owners, the values of its release, or its manager."""
    image = hit.spec if hit.origin is Origin.STATUS else hit.finding.reference
    keys = [one for one in hit.provenance if one.by == "helm" and one.key]
    for who in _objects(hit):
        for declared in sources.declarations(who):
            of_keys = (line for line in declared.lines if any(_ends_with(line, key) for key in keys))
            line = best_line(declared, hit.place, image) or next(of_keys, None)
            if line is None:
                yield Provenance("source", f"declares {who}, without this image", declared.path, declared.line)
            else:
                yield _provenance(f"declares {who}", line)
    for key in keys:
        yield from (_provenance("values", line) for line in sources.values if _is_key(line, key))
    yield from (_provenance("kustomization", line) for line in sources.kustomized(image))


def _provenance(what: str, line: Line) -> Provenance:
    return Provenance("source", what, line.path, line.line, line.key, line.result)


def _is_key(line: Line, key: Provenance) -> bool:
    """Tell whether a line of values is the one at a key: what it becomes begins with what the key is to be."""
    return line.key == key.key and (not key.value or is_start(key.value, line.result))


def _ends_with(line: Line, key: Provenance) -> bool:
    """Tell the same of values inside another document: those of a HelmRelease, or of an application."""
    return line.key.endswith(f".{key.key}") and (not key.value or is_start(key.value, line.result))
