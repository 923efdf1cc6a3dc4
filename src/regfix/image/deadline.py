"""Dates of the catalogue: ISO 8601, also with the month or the year alone, and what they mean on a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regfix.image.entry import Entry


def first_day(said: str) -> date | None:
    """Return the first day that a date of any precision can mean; None where it is none."""
    try:
        return date.fromisoformat((said + "-01-01")[:10])
    except ValueError:
        return None


def days_left(entry: Entry, today: date) -> int | None:
    """Return how many days the old home still serves at least; None where no day is known on which it ends."""
    end = first_day(entry.until)
    return None if end is None else max((end - today).days, 0)


def state(entry: Entry, today: date) -> str:
    """Return what an entry is on a day: due, past, planned (the new home is yet to come), or undated."""
    left = days_left(entry, today)
    begin = first_day(entry.since)
    if left:
        return f"due in {left} day{'s' if left > 1 else ''}"
    if left is None and begin is None:
        return "undated"
    return "planned" if begin is not None and begin > today else "past"
