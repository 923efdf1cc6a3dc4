"""Finding the files to read: walking folders, and the rules that leave something out."""

from __future__ import annotations

from regfix.discover.found import Failed, File, Found, Leftover, Skipped, SkipReason
from regfix.discover.walk import discover

__all__ = ["Failed", "File", "Found", "Leftover", "SkipReason", "Skipped", "discover"]
