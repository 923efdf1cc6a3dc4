"""The day for which states of the catalogue are told."""

from __future__ import annotations

from datetime import date

from regfix.errors import SettingsError


def day(said: str | None) -> date:
    """Return the day that the command line names, today if it names none; raises SettingsError for no date."""
    if said is None:
        return date.today()
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise SettingsError(f"{said!r} is no date", where="--as-of", hint="write it as 2026-12-08") from None
