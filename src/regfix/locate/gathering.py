"""What is gathered of a YAML text while its scalars go by: occurrences, pairs of images, documents inside."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from regfix.locate.anchors import Anchors
from regfix.locate.embedded import holds_document, inner_document, lifted, lifted_broken
from regfix.locate.escaped import unescaped
from regfix.locate.frame import CREDENTIALS, JOB_KEYS, Frame, Pair
from regfix.locate.occurrence import find_occurrences
from regfix.locate.outside import outside_site
from regfix.locate.shape import NotedScalar
from regfix.locate.site import Context, Part, Reason, Site, occurrence_site
from regfix.locate.standing import judged, path_of, shown_path_of
from regfix.locate.words import Role, key_role
from regfix.syntax.runs import runs_of
from regfix.syntax.scalar import content_span

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from regfix.locate.embedded import Broken
    from regfix.locate.entry import Mapping
    from regfix.locate.hosts import HostFinder
    from regfix.locate.site import Occurrence
    from regfix.syntax.yamlevents import Event
    from regfix.text.span import Span


Quiet = tuple["Event", bool, list["tuple[Event, int] | None"]]
"""An open collection in which nothing was of interest yet, whether it is a mapping, and its children so far.

Of these scalars are kept with their numbers, None stands for a collection that is closed.
"""


class Gathering:
    """The state of the locator for YAML, and what it takes of each scalar."""

    def __init__(
        self,
        text: str,
        hosts: HostFinder,
        *,
        every: bool = False,
        masked: Collection[int] = (),
        selectors: bool = False,
        nested: int = 0,
    ) -> None:
        """Take the piece's text.

        `every` asks for references of any registry, `masked` names the noted scalars; with `selectors` the entries
        of `images` are kustomize's. `nested` tells in how many other documents this one is embedded.
        """
        self._selectors = selectors
        self._nested = nested
        self._text = text
        self._hosts = hosts
        self._every = every
        self._masked = masked
        self._occurrences = find_occurrences(text, hosts)
        self._structural = every or hosts.short_names
        self._reads_comments = "#" in text and (self._structural or bool(self._occurrences))
        self._escaped = '"' in text and "\\" in text and (bool(self._occurrences) or hosts.in_bytes(text.encode()))
        self._reset()

    def _reset(self) -> None:
        self._next = 0
        self._end = 0  # of the last scalar, in code points
        self._at = self._occurrences[0].start if self._occurrences else len(self._text) + 1
        self._sites: list[Site] = []
        self._noted: dict[int, NotedScalar] = {}
        self._multiline: list[Span] = []
        self._anchors = Anchors()
        self._mappings: list[Mapping] = []
        self._embedded: list[Site] = []
        self._broken: list[Broken] = []
        self._document = 0  # where the sites of the document at hand begin
        self._stack = [Frame(is_mapping=False)]
        self._quiet: list[Quiet] = []

    def _scalar(self, event: Event, ordinal: int) -> None:
        frame = self._stack[-1]
        is_key = frame.expects_key
        key = None
        if is_key:
            frame.key, frame.expects_key = event.value, False
            if frame.keys is not None:
                frame.keys.add(event.value)
            frame.secret = frame.secret or event.value in CREDENTIALS
            frame.job = frame.job or event.value in JOB_KEYS
        elif frame.is_mapping:
            frame.expects_key = True
            key = frame.key
            if key == "name":
                frame.name = event.value
        else:
            frame.index += 1
            key = frame.key
        end = event.end_mark.index
        written = self._at < end or (self._escaped and event.style == '"' and self._has_escape(event))
        if written:
            written = self._look_into(event, self._note(event, ordinal), is_key)
        if event.style and not is_key and (written or self._structural) and holds_document(frame.key, event.value):
            self._embed(self._note(event, ordinal))
        self._end = end
        if key is not None and key_role(key) is not None:
            frame.add(Pair(key, event, ordinal, written))
        if event.anchor:
            self._anchors.pairs[event.anchor] = Pair(key or "", event, ordinal, written)

    def _embed(self, scalar: NotedScalar) -> None:
        """Take what a document inside a scalar says."""
        inner = inner_document(scalar, self._hosts, self._nested, every=self._every)
        runs = runs_of(self._text, scalar.span, scalar.value, scalar.style) if inner is not None else None
        if inner is None or runs is None:
            return
        frame, path = self._stack[-1], path_of(self._stack)
        self._broken += [lifted_broken(scalar, runs, broken, path) for broken in inner.broken]
        seen = {s.parts[0].span.start: s for s in takewhile(_is_in(scalar.span), reversed(frame.sites or ()))}
        sites = list(lifted(scalar, runs, inner.sites, path, seen))
        if sites:
            self._noted[scalar.ordinal] = scalar._replace(inner=inner.shape)
            self._embedded += sites

    def _note(self, event: Event, ordinal: int) -> NotedScalar:
        return NotedScalar(ordinal, content_span(self._text, event), event.value, event.style)

    def _has_escape(self, event: Event) -> bool:
        return self._text.find("\\", event.start_mark.index, event.end_mark.index) >= 0

    def _look_into(self, event: Event, scalar: NotedScalar, is_key: bool) -> bool:
        """Take what is written in a scalar, or in comments before it; tell whether it is in the scalar."""
        self._outside_scalars(scalar.span.start)
        inside = self._take(scalar.span.end)
        hidden: Sequence[Occurrence] = ()
        if self._escaped and event.style == '"' and self._has_escape(event):
            inside, hidden = unescaped(self._text, scalar, inside, self._hosts)
        if inside:
            self._noted.setdefault(scalar.ordinal, scalar)
        for occurrence in inside:
            self._written(occurrence, event, is_key=is_key)
        for occurrence in hidden:
            self._hidden(occurrence, scalar, is_key=is_key)
        return bool(inside or hidden)

    def _take(self, end: int) -> Sequence[Occurrence]:
        """Return the occurrences before `end` that nothing has taken yet."""
        first = self._next
        occurrences = self._occurrences
        while self._next < len(occurrences) and occurrences[self._next].start < end:
            self._next += 1
        self._at = occurrences[self._next].start if self._next < len(occurrences) else len(self._text) + 1
        return occurrences[first : self._next]

    def _outside_scalars(self, end: int) -> None:
        """Take the occurrences before `end`, which no scalar has: those in comments, or in tags and directives."""
        for occurrence in self._take(end) if self._at < end else ():
            self._sites.append(outside_site(self._text, occurrence, self._end))

    def _written(self, occurrence: Occurrence, event: Event, *, is_key: bool) -> None:
        """Take an occurrence inside a scalar."""
        occurrence, blocker = judged(self._text, occurrence, event, self._stack, is_key=is_key)
        context = Context.KEY if is_key else Context.VALUE
        self._give(occurrence_site(self._text, occurrence, context, blocker, shown_path_of(self._stack)))

    def _give(self, site: Site) -> None:
        """Keep a site until the collection that it stands in is closed."""
        frame = self._stack[-1]
        if frame.sites is None:
            frame.sites = []
        frame.sites.append(site)

    def _hidden(self, occurrence: Occurrence, scalar: NotedScalar, *, is_key: bool) -> None:
        """Take an occurrence that only the unescaped value of a quoted scalar shows."""
        part = Part(Role.REFERENCE, scalar.span, scalar.value)
        context = Context.KEY if is_key else Context.VALUE
        self._give(Site((part,), context, shown_path_of(self._stack), occurrence, Reason.ESCAPED))


def _is_in(span: Span) -> Callable[[Site], bool]:
    return lambda site: site.parts[0].span.start >= span.start
