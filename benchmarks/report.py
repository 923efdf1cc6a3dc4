"""The rows of the table: a value of regfix, the value that it is held against, their ratio, and its limit."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTHS = (46, 8, 10, 10, 8, 14, 8, 5, 4)
HEAD = ("case", "measure", "regfix", "peer", "ratio", "rounds", "limit", "", "runs")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `within` is None where nothing is demanded."""

    case: str
    measure: str
    regfix: str
    peer: str
    ratio: str
    rounds: str
    limit: str
    within: bool | None
    runs: int

    def cells(self) -> tuple[str, ...]:
        """The texts of the line."""
        verdict = {True: "ok", False: "over", None: ""}[self.within]
        return (
            self.case,
            self.measure,
            self.regfix,
            self.peer,
            self.ratio,
            self.rounds,
            self.limit,
            verdict,
            str(self.runs),
        )


def against(case: str, measure: str, own: Sequence[float], peer: Sequence[float], *, limit: float | None = None) -> Row:
    """Seconds of regfix and of a peer in the same rounds; the ratio is the median of the rounds' ratios."""
    ratios = [mine / other for mine, other in zip(own, peer, strict=True)]
    ratio = median(ratios)
    return Row(
        case,
        measure,
        seconds(median(own)),
        seconds(median(peer)),
        times(ratio),
        f"{times(min(ratios))}-{times(max(ratios))}",
        "" if limit is None else times(limit),
        None if limit is None else ratio <= limit,
        len(own),
    )


def at_most(case: str, measure: str, own: Sequence[float], limit: float, unit: str) -> Row:
    """A value of regfix alone, against a limit of the same unit."""
    value = median(own)
    return Row(case, measure, f"{value:.1f} {unit}", "", "", "", f"{limit:.0f} {unit}", value <= limit, len(own))


def seconds(value: float) -> str:
    """A time that is easy to read."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"


def times(ratio: float) -> str:
    """A ratio; a small one as a fraction."""
    return f"{ratio:.2f}" if ratio >= 0.1 else f"1/{1 / ratio:.1f}"


def line(cells: Sequence[str]) -> str:
    """A line of the table: names to the left, numbers to the right."""
    names = [cell.ljust(width) for cell, width in zip(cells[:2], WIDTHS[:2], strict=True)]
    numbers = [cell.rjust(width) for cell, width in zip(cells[2:], WIDTHS[2:], strict=True)]
    return "  ".join(names + numbers).rstrip()
