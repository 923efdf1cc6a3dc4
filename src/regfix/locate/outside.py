"""What stands between the scalars of a document: comments, and tags and directives. Pure."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from regfix.locate.assigned import is_assigned_registry
from regfix.locate.lines import comment_lines, ends_in_comment, loose_mappings
from regfix.locate.site import Context, Reason, Site, occurrence_site
from regfix.text.span import LINE_LOOK_BACK, Span, line_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.locate.entry import Mapping
    from regfix.locate.site import Occurrence


def outside_site(text: str, occurrence: Occurrence, end: int) -> Site:
    """Return the site of an occurrence that no scalar has; `end` is where the last scalar before it ends."""
    comment = _is_comment(text, occurrence.start, end)
    blocker = occurrence.blocker if comment else Reason.MARKUP
    if blocker is None and not occurrence.path and not occurrence.open_ended:
        known = occurrence.slash or is_assigned_registry(text, occurrence)
        blocker = None if known else Reason.PROSE
    return occurrence_site(text, occurrence, Context.COMMENT if comment else Context.MARKUP, blocker)


def _is_comment(text: str, start: int, end: int) -> bool:
    """Tell whether what stands outside of the scalars is in a comment: what follows the last scalar says so."""
    line = max(line_start(text, start), end)
    return start - line >= LINE_LOOK_BACK or ends_in_comment(text[line:start])  # no tag is that long


def commented_mappings(text: str, scalars: Sequence[Span], written: Sequence[int]) -> list[Mapping]:
    """Return the commented-out mappings of a text.

    `scalars` are those of several lines, whose text is no comment; `written` the sorted offsets of source registries.
    """
    starts = [span.start for span in scalars]
    live = (line for line in comment_lines(text) if not _within(line.start, starts, scalars))
    return list(loose_mappings(live, written))


def _within(at: int, starts: Sequence[int], spans: Sequence[Span]) -> bool:
    index = bisect_right(starts, at) - 1
    return index >= 0 and at < spans[index].end
