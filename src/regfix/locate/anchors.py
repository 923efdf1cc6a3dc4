"""Anchors and aliases of a stream: what an alias of a scalar or a merge key of a mapping brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.locate.frame import advance
from regfix.locate.words import key_role
from regfix.syntax.yamlevents import YamlError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.locate.frame import Frame, Pair
    from regfix.syntax.yamlevents import Event

MAX_MERGED = 50_000
"""Keys that the merge keys of a stream bring at most, all in all."""


class Anchors:
    """What is anchored in a stream: scalars as `pairs` of their keys, and the pairs of mappings (`bases`), by anchor.

    `elsewhere` are the numbers of scalars whose aliases are no images, `reused` of those that are used again at all.
    """

    def __init__(self) -> None:
        self.pairs: dict[str, Pair] = {}
        self.bases: dict[str, list[Pair]] = {}
        self.elsewhere: set[int] = set()
        self.reused: set[int] = set()
        self._merged = 0

    def alias(self, stack: Sequence[Frame], event: Event) -> None:
        """Take an alias in the collection at hand; raises YamlError where merge keys bring too much."""
        frame, anchor = stack[-1], event.anchor or ""
        is_value = frame.is_mapping and not frame.expects_key
        found = self.pairs.get(anchor)
        advance(frame)
        if frame.is_mapping and not is_value and found is not None:
            frame.key = found.event.value
        self._merge(frame if frame.is_mapping or len(stack) < 2 else stack[-2], event)
        if found is None:
            return
        self.reused.add(found.ordinal)
        if is_value and frame.key is not None and frame.key != "name" and key_role(frame.key) is not None:
            frame.add(found._replace(key=frame.key))
        else:
            self.elsewhere.add(found.ordinal)

    def _merge(self, holder: Frame, event: Event) -> None:
        """Take what an alias behind a merge key brings (https://yaml.org/type/merge.html)."""
        base = self.bases.get(event.anchor or "") if holder.key == "<<" else None
        if base is None:
            return
        holder.merged = holder.merged or []
        known = {pair.key for pair in holder.merged}
        merged = [pair for pair in base if pair.key not in known]
        holder.merged += merged
        self.reused.update(pair.ordinal for pair in merged)
        self._merged += len(merged)
        if self._merged > MAX_MERGED:  # a chain of merge keys would be read many times its own size
            mark = event.start_mark
            why = f"its merge keys bring more than {MAX_MERGED:,} keys of images"
            raise YamlError(why, mark.line + 1, mark.column + 1)
