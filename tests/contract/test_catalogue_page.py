"""The page about the catalogue is made of its data: REGFIX_UPDATE_DOCS=1 writes it, else it must not be stale."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from regfix.image.catalogue import Preset, whole_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.image.rule import Rule

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "catalogue.md"

INTRODUCTION = """\
# The catalogue

All moves that regfix knows, by preset. What the classes mean and how entries work together is told in
[rules](../explanation/rules.md#the-catalogue); [find what is about to break](../how-to/find-what-is-about-to-break.md)
uses them. `regfix rules list` and `regfix rules show` tell the same with the state as of today. The form is that of
[this JSON Schema](catalogue.schema.json); entries of your own are a [setting](settings.md#catalogue).

A date is the first day of what it names. *Until* is the day from which the old home no longer serves. Whether a tag is at
its new home no entry promises but a mirror's.
"""


def page() -> str:
    """Return the page as it should be."""
    return INTRODUCTION + "".join(f"\n{line}" for one in whole_catalogue() for line in section(one)) + "\n"


def section(one: Preset) -> Iterator[str]:
    """Yield the lines about a preset."""
    yield f"## {one.name}"
    yield ""
    yield f"{one.summary[:1].upper()}{one.summary[1:]}."
    yield ""
    yield "| from | to | class | since | until | remarks |"
    yield "|---|---|---|---|---|---|"
    yield from (row(rule) for rule in one.rules)
    yield ""


def row(rule: Rule) -> str:
    """Return an entry as a row of a table."""
    entry = rule.entry
    assert entry is not None
    target = "" if rule.keeps else f"`{rule.target}`"
    tags = f"Tags: {entry.tags}. " if entry.tags else ""
    change = f"Tags there: {entry.tag}. " if entry.tag else ""
    sources = ", ".join(f"[{number}]({source})" for number, source in enumerate(entry.sources, 1))
    remarks = f"{tags}{change}{entry.note[:1].upper()}{entry.note[1:]} ({sources})".replace("*", "\\*")
    return f"| `{rule.source}` | {target} | {entry.kind} | {entry.since} | {entry.until} | {remarks} |"


def test_the_page_is_made_of_the_data() -> None:
    wanted = page().rstrip("\n") + "\n"
    if os.environ.get("REGFIX_UPDATE_DOCS") == "1":
        PAGE.write_text(wanted, "utf-8")
    assert PAGE.read_text("utf-8") == wanted, "write it with REGFIX_UPDATE_DOCS=1"
