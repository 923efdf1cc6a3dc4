"""The locator for YAML and JSON: one pass over the parser's events finds the sites and the document's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.locate.closing import closed_sites, joined_sites
from regfix.locate.entry import Mapping
from regfix.locate.frame import Frame, advance, all_pairs, entry_of, lists_images, say_no_more
from regfix.locate.gathering import Gathering
from regfix.locate.lines import merge_sites
from regfix.locate.mapping import located_images
from regfix.locate.outside import commented_mappings
from regfix.locate.shape import Shape
from regfix.locate.site import Context, Site
from regfix.locate.standing import path_of
from regfix.locate.tags import with_tags
from regfix.locate.words import SERVICE, words
from regfix.syntax.yamlevents import (
    ALIAS,
    END,
    MAPPING,
    SCALAR,
    SEQUENCE,
    YamlError,
    fast_events,
    slow_events,
    yaml_error,
)
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from regfix.locate.embedded import Broken
    from regfix.syntax.yamlevents import Event, Events


class Located(NamedTuple):
    """The sites of one piece of a stream, its shape, and the documents in it that cannot be read."""

    sites: list[Site]
    shape: Shape
    broken: tuple[Broken, ...] = ()


_COLLECTIONS = frozenset((MAPPING, SEQUENCE))

_MANY = 1000
"""So many children of a collection are kept until one is of interest; then the collection counts as if it was."""


class YamlLocator(Gathering):
    """Finds the sites in one piece of a YAML stream (whole documents)."""

    def locate(self, *, thorough: bool = True) -> Located:
        """Return sites and shape; where libyaml refuses the text, a `thorough` look asks the YAML 1.2 parser.

        Raises YamlError when both refuse.
        """
        try:
            return self._located(fast_events)
        except YamlError as refused:
            if not thorough:
                raise
            self._reset()
            try:
                return self._located(slow_events)
            except YamlError:
                raise refused from None

    def _located(self, parse: Callable[[str], Events]) -> Located:
        events = None
        try:
            events = parse(self._text)
            self._walk(events)
        except Exception as error:
            if events is not None and not isinstance(error, events.errors):
                raise
            raise yaml_error(error, self._text) from None
        self._close(self._stack[0])
        self._finish_document()
        self._outside_scalars(len(self._text) + 1)
        if self._reads_comments:
            mappings = commented_mappings(self._text, self._multiline, [found.start for found in self._occurrences])
            joined = located_images(mappings, Context.COMMENT, every=self._every)
            self._sites = [*with_tags(merge_sites(self._sites, list(joined)), mappings)]
        noted = tuple(self._noted[ordinal] for ordinal in sorted(self._noted))
        comments = sorted(part.span for s in self._sites if s.context is Context.COMMENT for part in s.parts)
        return Located(self._sites, Shape(noted, tuple(comments)), tuple(self._broken))

    def _walk(self, events: Events) -> None:
        """Go through the events: the loop that is run for every scalar."""
        kinds, masked = events.kinds, self._masked
        if not (self._occurrences or self._structural or self._escaped or masked):
            for _ in events.stream:  # it need only be YAML
                pass
            return
        for ordinal, event in enumerate(events.stream):
            kind = kinds[event.__class__]
            if kind == SCALAR:
                if ordinal in masked:
                    self._noted[ordinal] = self._note(event, ordinal)
                self._take_scalar(event, ordinal)
            elif kind == END:
                self._end_collection()
            elif kind in _COLLECTIONS:
                self._quiet.append((event, kind == MAPPING, []))
                if self._structural or event.anchor:
                    self._listen()
            elif kind == ALIAS:
                self._listen()
                self._anchors.alias(self._stack, event)
            elif self._mappings:
                self._finish_document()

    def _end_collection(self) -> None:
        """Close a collection; one in which nothing was of interest is one child more of that around it."""
        quiet = self._quiet
        if not quiet:
            self._close(self._stack.pop())
            return
        quiet.pop()
        if quiet:
            quiet[-1][2].append(None)
        else:
            advance(self._stack[-1])

    def _take_scalar(self, event: Event, ordinal: int) -> None:
        """Take a scalar now, or keep it until something in its collection is of interest: in most nothing ever is."""
        quiet, end = self._quiet, event.end_mark.index
        if self._reads_comments and event.start_mark.line != event.end_mark.line:
            self._multiline.append(Span(event.start_mark.index, end))
        if quiet:
            if self._at >= end and not event.anchor and not (self._escaped and event.style == '"'):
                held = quiet[-1][2]
                if len(held) < _MANY:
                    held.append((event, ordinal))
                    self._end = end
                    return
            self._listen()
        self._scalar(event, ordinal)

    def _listen(self) -> None:
        """Open the collections at hand in which nothing was of interest, and take what was kept of them."""
        end = self._end
        for event, is_mapping, held in self._quiet:
            self._open(event, is_mapping=is_mapping)
            for kept in held:
                if kept is None:
                    advance(self._stack[-1])
                else:
                    self._scalar(*kept)
        self._quiet.clear()
        self._end = end

    def _open(self, event: Event, *, is_mapping: bool) -> None:
        parent = self._stack[-1]
        is_images = not is_mapping and parent.is_mapping and not parent.expects_key and parent.key is not None
        advance(parent)
        frame = Frame(is_mapping)
        frame.anchor = event.anchor
        if is_images and words(parent.key or "")[-1:] == ("images",):
            frame.key = "image"  # each text of the list is one
        elif is_images and parent.key == "services":
            frame.key = SERVICE
        if is_mapping and self._occurrences:
            frame.keys = set()
        self._stack.append(frame)

    def _close(self, frame: Frame) -> None:
        """Finish a collection: keep what its pairs say for the end of the document, give its sites out."""
        if frame.sites is None and frame.pairs is None and frame.merged is None:
            return
        self._sites += closed_sites(frame, self._stack[-1].key)
        if frame.pairs or frame.merged or frame.job:
            pairs = all_pairs(frame) if frame.is_mapping or lists_images(frame) else []
            if frame.anchor:
                self._anchors.bases[frame.anchor] = pairs
            written = any(pair.written for pair in pairs)
            more = self._selectors or frame.job or not say_no_more(pairs, self._stack[-1])
            if self._structural or (written and more):
                path, entries = path_of(self._stack), [entry_of(self._text, pair) for pair in pairs]
                self._mappings.append(Mapping(path, entries, job=frame.job))

    def _finish_document(self) -> None:
        """Find what the mappings of a document say together; that takes the place of what its text alone says."""
        said = list(located_images(self._mappings, Context.VALUE, every=self._every, selectors=self._selectors))
        sites, scalars = joined_sites(
            self._sites[self._document :], said, self._embedded, self._mappings, self._anchors
        )
        for scalar in scalars:
            self._noted.setdefault(scalar.ordinal, scalar)
        self._sites[self._document :] = sites
        self._document = len(self._sites)
        self._mappings, self._embedded = [], []
