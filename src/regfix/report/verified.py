"""What registries said about the images of a run, as text, JSON and Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.registry.verify import UNKNOWN, WRONG, Verdict
from regfix.report.escape import escape
from regfix.report.markdown import code
from regfix.report.text import location, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from regfix.finding import Finding
    from regfix.registry.answer import Answer
    from regfix.registry.verify import Checked

VERSION = 1
"""Version of the JSON format, raised when a reader would have to change."""

_ORDER = (*WRONG, *UNKNOWN, Verdict.FOUND, Verdict.SAME)


MAX_PLATFORMS = 30
"""Platforms of an image that are listed for people; its registry says how many there are."""


def verified_lines(
    found: Sequence[Checked], places: Mapping[Any, Sequence[Finding]], *, verbose: bool
) -> Iterator[str]:
    """Yield the images, those with something wrong first and with their places; `verbose` names all places."""
    for verdict in _ORDER:
        for one in found:
            if one.verdict is verdict:
                yield escape(f"{verdict}: {one.pair.new}{_digest(one.new)}")
                yield from (f"  {escape(line)}" for line in details(one))
                if verbose or verdict in (*WRONG, *UNKNOWN):
                    yield from (f"  {location(finding)}" for finding in places[one.pair])


def _digest(answer: Answer) -> str:
    return f" ({answer.digest})" if answer.digest else ""


def details(one: Checked) -> Iterator[str]:
    """Yield what else is known of an image, each in a sentence."""
    if one.new.why:
        yield one.new.why
    if one.old is not None and one.pair.old is not None and one.verdict is not Verdict.SAME:
        why = f": {one.old.why}" if one.old.why else ""
        yield f"its old home {one.pair.old}: {one.old.state}{_digest(one.old)}{why}"
    known = one.old is not None and one.old.platforms is not None and one.new.platforms is not None
    if one.verdict is Verdict.DIFFERENT and known and not one.platforms:
        yield "the images of all platforms are the same, their index is another"
    if (
        one.verdict is Verdict.DIFFERENT
        and one.old is not None
        and (one.old.platforms is None) != (one.new.platforms is None)
    ):
        yield "one of them is an index for platforms, the other a single image"
    for platform in one.platforms[:MAX_PLATFORMS]:
        yield f"{platform.name}: {platform.old or 'none'} before, {platform.new or 'none'} now"
    if len(one.platforms) > MAX_PLATFORMS:
        yield f"and {len(one.platforms) - MAX_PLATFORMS} more platforms"
    if one.near:
        yield f"nearest tags: {', '.join(one.near)}"


def verified_summary(
    found: Sequence[Checked], places: Mapping[Any, Sequence[Finding]], left: Sequence[Finding]
) -> Iterator[str]:
    """Yield the accounting: how many images have which verdict, and which references are not complete."""
    counts = ", ".join(f"{count} {verdict}" for verdict in _ORDER
                       if (count := sum(one.verdict is verdict for one in found)))  # fmt: skip
    used = sum(len(places[one.pair]) for one in found)
    yield f"{plural(len(found), 'image')} in {plural(used, 'reference')}{': ' if counts else ''}{counts}"
    yield from left_lines(left)


def left_lines(left: Sequence[Finding], what: str = "") -> Iterator[str]:
    """Yield the references that nobody was asked about; `what` they are."""
    if left:
        yield f"{len(left)} {what}not asked for: a part of the name comes from elsewhere"
        yield from (f"  {location(finding)}: {escape(finding.result or finding.reference)}" for finding in left)


def verified_object(
    found: Sequence[Checked], places: Mapping[Any, Sequence[Finding]], left: Sequence[Finding], errors: Sequence[str]
) -> dict[str, Any]:
    """Return everything as plain data; the schema is in docs/reference/verify.schema.json."""
    from regfix import __version__

    return {
        "version": VERSION, "regfix": __version__, "command": "verify",
        "images": [_object(one, places[one.pair]) for one in found],
        "notAsked": [_place(finding) for finding in left], "errors": list(errors),
    }  # fmt: skip


def _object(one: Checked, places: Sequence[Finding]) -> dict[str, Any]:
    old = None
    if one.old is not None:
        old = {"image": str(one.pair.old), "state": str(one.old.state), "digest": one.old.digest or None,
               "why": one.old.why or None}  # fmt: skip
    return {
        "image": str(one.pair.new), "verdict": str(one.verdict), "digest": one.new.digest or None,
        "why": one.new.why or None, "old": old,
        "platforms": [{"platform": p.name, "old": p.old or None, "new": p.new or None} for p in one.platforms],
        "nearestTags": list(one.near), "places": [_place(finding) for finding in places],
    }  # fmt: skip


def _place(finding: Finding) -> dict[str, Any]:
    return {"path": finding.source, "line": finding.position.line, "column": finding.position.column,
            "reference": finding.reference, "result": finding.result}  # fmt: skip


MAX_ROWS = 200
"""Rows of the table in Markdown; GitHub takes 65,536 characters in a body."""


def verified_markdown(found: Sequence[Checked], places: Mapping[Any, Sequence[Finding]]) -> Iterator[str]:
    """Yield a table of the images, those with something wrong first."""
    yield "## Images in their registries\n\n"
    yield "| verdict | image | its old home | used |\n| --- | --- | --- | --- |\n"
    rows = [one for verdict in _ORDER for one in found if one.verdict is verdict]
    for one in rows[:MAX_ROWS]:
        old = f"{code(str(one.pair.old))} {one.old.state}" if one.old is not None else ""
        said = "; ".join(details(one)) if one.verdict in (*WRONG, *UNKNOWN) else ""
        places_of = ", ".join(code(location(finding)) for finding in places[one.pair][:5])
        yield f"| {one.verdict} | {code(str(one.pair.new))} {code(said)} | {old} | {places_of} |\n"
    if len(rows) > MAX_ROWS:
        yield f"\n... and {len(rows) - MAX_ROWS} more.\n"
