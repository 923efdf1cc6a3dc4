"""Columns for a terminal, and CSV for spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.report.escape import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def table_lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield aligned lines under a header in capitals, as kubectl prints them."""
    cells = [[name.upper() for name in header], *([escape(cell) for cell in row] for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(header))]
    for row in cells:
        yield "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def csv_line(row: Sequence[str]) -> str:
    """Return a row of CSV (RFC 4180) without its line end; a cell that a spreadsheet would run gets an apostrophe."""
    return ",".join(_csv_cell(escape(cell)) for cell in row)


def _csv_cell(cell: str) -> str:
    if cell[:1] in ("=", "+", "-", "@"):
        cell = "'" + cell
    return '"' + cell.replace('"', '""') + '"' if any(char in cell for char in ',"') else cell
