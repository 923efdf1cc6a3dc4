"""What is known of newer versions of dependencies, as a table and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.chart.origin import redacted
from regfix.helm.upgrade import State
from regfix.report.escape import escape
from regfix.report.table import table_lines
from regfix.report.text import plural
from regfix.syntax.keypath import format_key_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.errors import SourceError
    from regfix.helm.upgrade import Upgrade

VERSION = 1
"""Version of the JSON format, raised when a reader would have to change."""

_HEADER = ("dependency", "at hand", "first clean", "in range", "newest", "to do")


def upgrade_lines(found: Sequence[Upgrade]) -> Iterator[str]:
    """Yield a table of the dependencies that hold references which move."""
    rows = [_row(one) for one in found if one.held]
    if rows:
        yield from table_lines(_HEADER, rows)


def _row(one: Upgrade) -> tuple[str, ...]:
    first, newest = one.newer.first, one.newer.newest or one.at_hand
    if one.state is State.FAILED:
        return one.key, one.at_hand, "?", "", "?", ""
    if first is None:
        return one.key, one.at_hand, "none", "", newest, one.write
    return one.key, one.at_hand, first, "yes" if one.in_range else "no", newest, one.write


def held_lines(found: Sequence[Upgrade]) -> Iterator[str]:
    """Yield the references that dependencies hold, and what the rules make of them."""
    for one in found:
        for claim in one.held:
            keys = ".".join((one.key, format_key_path(claim.key_path)))
            yield escape(f"{keys}: {claim.finding.reference} -> {claim.finding.result}")


def accounting_lines(found: Sequence[Upgrade], most: int) -> Iterator[str]:
    """Yield what was looked at, and where that was not all."""
    held = sum(bool(one.held) for one in found)
    yield f"{held} of {plural(len(found), 'dependency', 'dependencies')} with references that move"
    for one in found:
        if one.held and not one.newer.complete and one.error is None:
            what = "an earlier version may be clean" if one.newer.first else "a newer version may be clean"
            yield escape(f"{one.key}: {what}: {most} were downloaded (--max)")
        for version, seen in one.looked:
            if not isinstance(seen, bool):
                yield escape(f"{one.key}: {version} was not looked into: {seen.why or seen.what}")


def upgrades_object(chart: str, found: Sequence[Upgrade], errors: Sequence[SourceError]) -> dict[str, Any]:
    """Return everything as plain data; the schema is in docs/reference/upgrades.schema.json."""
    from regfix import __version__

    return {
        "version": VERSION, "regfix": __version__, "command": "upgrades", "chart": chart,
        "dependencies": [_object(one) for one in found],
        "errors": [str(error) for error in errors],
    }  # fmt: skip


def _object(one: Upgrade) -> dict[str, Any]:
    newer, known = one.newer, one.held and one.error is None
    looked = ((version, seen if isinstance(seen, bool) else None) for version, seen in one.looked)
    return {
        "key": one.key, "name": one.dependency.name, "repository": redacted(one.dependency.repository),
        "range": one.dependency.version, "atHand": one.at_hand, "state": str(one.state),
        "references": [
            {"keyPath": format_key_path(claim.key_path), "reference": claim.finding.reference,
             "result": claim.finding.result} for claim in one.held
        ],
        "firstClean": newer.first, "inRange": one.in_range if newer.first is not None else None,
        "newest": newer.newest, "complete": newer.complete if known else None, "todo": one.write or None,
        "looked": [{"version": version, "clean": clean} for version, clean in looked],
        "error": str(one.error) if one.error is not None else None,
    }  # fmt: skip
