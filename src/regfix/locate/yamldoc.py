"""The locator for YAML and JSON: one pass over the parser's events finds the sites and the document's shape."""

from __future__ import annotations

from bisect import bisect_right
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from regfix.locate.assigned import is_assigned_registry, is_quoted_in_action
from regfix.locate.compared import is_compared_in_action
from regfix.locate.embedded import holds_document, inner_document, lifted, lifted_broken
from regfix.locate.entry import Mapping
from regfix.locate.escaped import unescaped
from regfix.locate.frame import (
    API_LISTS,
    CREDENTIAL_PARENTS,
    CREDENTIALS,
    JOB_KEYS,
    LABEL_KEYS,
    LABEL_PARENTS,
    Frame,
    Pair,
    advance,
    all_pairs,
    entry_of,
    is_registry_value,
    is_repository_of_many,
    names_image,
    names_login,
    say_no_more,
    step_of,
)
from regfix.locate.lines import comment_lines, ends_in_comment, loose_mappings, merge_sites
from regfix.locate.mapping import located_images
from regfix.locate.mirrors import is_key_of_mirrors
from regfix.locate.occurrence import find_occurrences
from regfix.locate.shape import NotedScalar, Shape
from regfix.locate.site import Context, Part, Reason, Site, occurrence_site
from regfix.locate.tags import with_tags
from regfix.locate.words import SERVICE, Role, holds_registry, key_role, words
from regfix.syntax.keypath import MAX_STEPS, shown
from regfix.syntax.runs import runs_of
from regfix.syntax.scalar import content_span
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
from regfix.text.span import LINE_LOOK_BACK, Span, line_start

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from regfix.locate.embedded import Broken
    from regfix.locate.hosts import HostFinder
    from regfix.locate.site import Occurrence
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamlevents import Event, Events


class Located(NamedTuple):
    """The sites of one piece of a stream, its shape, and the documents in it that cannot be read."""

    sites: list[Site]
    shape: Shape
    broken: tuple[Broken, ...] = ()


_COLLECTIONS = frozenset((MAPPING, SEQUENCE))

MAX_MERGED = 50_000
"""Keys that the merge keys of a stream bring at most, all in all."""


class YamlLocator:
    """Finds the sites in one piece of a YAML stream (whole documents)."""

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
        self._next = self._merged = 0
        self._end = 0  # of the last scalar, in code points
        self._at = self._occurrences[0].start if self._occurrences else len(self._text) + 1
        self._sites: list[Site] = []
        self._noted: dict[int, NotedScalar] = {}
        self._multiline: list[Span] = []
        self._anchored: dict[str, Pair] = {}
        self._bases: dict[str, list[Pair]] = {}
        self._elsewhere: set[int] = set()  # anchored scalars whose aliases are no images
        self._reused: set[int] = set()  # scalars that aliases and merge keys use again
        self._mappings: list[Mapping] = []
        self._embedded: list[Site] = []
        self._broken: list[Broken] = []
        self._document = 0  # where the sites of the document at hand begin
        self._stack = [Frame(is_mapping=False)]

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
            fingerprint = self._walk(events)
        except Exception as error:
            if events is not None and not isinstance(error, events.errors):
                raise
            raise yaml_error(error, self._text) from None
        self._close(self._stack[0])
        self._finish_document()
        self._outside_scalars(len(self._text) + 1)
        if self._reads_comments:
            mappings = self._commented()
            joined = located_images(mappings, Context.COMMENT, every=self._every)
            self._sites = [*with_tags(merge_sites(self._sites, list(joined)), mappings)]
        noted = tuple(self._noted[ordinal] for ordinal in sorted(self._noted))
        return Located(
            self._sites, Shape(fingerprint - sum(scalar.weight for scalar in noted), noted), tuple(self._broken)
        )

    def _walk(self, events: Events) -> int:
        """Go through the events: the loop that is run for every scalar. Return the sum of their weights.

        A weight is the square of a hash: Python's hash of a tuple is all but linear in what the tuple holds, so that a
        sum of plain hashes often stays the same where two values change places.
        """
        stack, kinds, masked, scalar = self._stack, events.kinds, self._masked, self._scalar
        seeks = bool(self._occurrences) or self._structural or self._escaped
        total = 0
        for ordinal, event in enumerate(events.stream):
            kind = kinds[event.__class__]
            if kind == SCALAR:
                weight = hash((ordinal, event.value, event.anchor, event.tag, event.implicit)) ** 2
                total += weight
                if ordinal in masked:
                    self._noted[ordinal] = self._note(event, ordinal, weight)
                if seeks:
                    scalar(event, ordinal, weight)
            elif kind == END:
                total += hash((ordinal, END)) ** 2
                if seeks:
                    self._close(stack.pop())
            elif kind in _COLLECTIONS:
                total += hash((ordinal, kind, event.anchor, event.tag)) ** 2
                if seeks:
                    self._open(event, is_mapping=kind == MAPPING)
            elif kind == ALIAS:
                total += hash((ordinal, event.anchor)) ** 2
                self._alias(event)
            else:
                total += hash((ordinal, kind)) ** 2
                if self._mappings:
                    self._finish_document()
        return total

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

    def _commented(self) -> list[Mapping]:
        """Return the commented-out mappings."""
        starts = [block.start for block in self._multiline]
        live = (line for line in comment_lines(self._text) if not _within(line.start, starts, self._multiline))
        written = [found.start for found in self._occurrences]
        return list(loose_mappings(live, written))

    def _scalar(self, event: Event, ordinal: int, weight: int) -> None:
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
            key = frame.key if ":" in event.value or frame.key == SERVICE else None
        if self._reads_comments and event.start_mark.line != event.end_mark.line:
            self._multiline.append(Span(event.start_mark.index, event.end_mark.index))
        end = event.end_mark.index
        written = self._at < end or (self._escaped and event.style == '"' and self._has_escape(event))
        if written:
            written = self._look_into(event, self._note(event, ordinal, weight), is_key)
        if event.style and not is_key and (written or self._structural) and holds_document(frame.key, event.value):
            self._embed(self._note(event, ordinal, weight))
        self._end = end
        if key is not None and key_role(key) is not None:
            frame.add(Pair(key, event, ordinal, weight, written))
        if event.anchor:
            self._anchored[event.anchor] = Pair(key or "", event, ordinal, weight, written)

    def _embed(self, scalar: NotedScalar) -> None:
        """Take what a document inside a scalar says."""
        inner = inner_document(scalar, self._hosts, self._nested, every=self._every)
        runs = runs_of(self._text, scalar.span, scalar.value, scalar.style) if inner is not None else None
        if inner is None or runs is None:
            return
        frame, path = self._stack[-1], self._path()
        self._broken += [lifted_broken(scalar, runs, broken, path) for broken in inner.broken]
        seen = {s.parts[0].span.start: s for s in takewhile(_is_in(scalar.span), reversed(frame.sites or ()))}
        sites = list(lifted(scalar, runs, inner.sites, path, seen))
        if sites:
            self._noted[scalar.ordinal] = scalar._replace(inner=inner.shape)
            self._embedded += sites

    def _note(self, event: Event, ordinal: int, weight: int) -> NotedScalar:
        return NotedScalar(ordinal, content_span(self._text, event), event.value, weight, event.style)

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
            self._written(occurrence, event, self._stack[-1], is_key=is_key)
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
            comment = self._is_comment(occurrence.start)
            blocker = occurrence.blocker if comment else Reason.MARKUP
            context = Context.COMMENT if comment else Context.MARKUP
            if blocker is None and not occurrence.path and not occurrence.open_ended:
                known = occurrence.slash or is_assigned_registry(self._text, occurrence)
                blocker = None if known else Reason.PROSE
            self._sites.append(occurrence_site(self._text, occurrence, context, blocker))

    def _written(self, occurrence: Occurrence, event: Event, frame: Frame, *, is_key: bool) -> None:
        """Take an occurrence inside a scalar."""
        blocker = occurrence.blocker
        if not is_key and occurrence.path and is_registry_value(frame, event, occurrence, self._parent_key()):
            occurrence = occurrence._replace(prefix=True)
        if (is_key and self._parent_key() in LABEL_PARENTS) or (
            not is_key and (frame.key in LABEL_KEYS or (not frame.is_mapping and self._parent_key() in API_LISTS))
        ):
            blocker = Reason.LABEL
        elif is_key and self._parent_key() in CREDENTIAL_PARENTS:
            blocker = Reason.CREDENTIALS
        elif blocker is None and any(isinstance(step, str) and is_key_of_mirrors(step) for step in self._path()):
            blocker = Reason.MIRROR
        elif blocker is None and is_compared_in_action(self._text, occurrence):
            blocker = Reason.COMPARED
        elif blocker is None and not occurrence.path and not occurrence.open_ended:
            blocker = self._bare(occurrence, event, frame, is_key=is_key)
        if occurrence.namespace and not is_key and names_image(frame):
            occurrence = occurrence._replace(namespace=False)
        context = Context.KEY if is_key else Context.VALUE
        if frame.sites is None:
            frame.sites = []
        frame.sites.append(occurrence_site(self._text, occurrence, context, blocker, self._shown_path()))

    def _bare(self, occurrence: Occurrence, event: Event, frame: Frame, *, is_key: bool) -> Reason | None:
        """Return why a host without a repository is no registry of images here, or None where it is one."""
        short = len(event.value) < len(occurrence.host) + 256  # stripping a long value for each host in it would cost
        if not is_key and short and event.value.strip() in (occurrence.host, occurrence.host + "/"):
            key = frame.name if frame.key == "value" and frame.name else frame.key
            return None if frame.is_mapping and key is not None and holds_registry(key) else Reason.PROSE
        text = self._text
        if not is_key and is_assigned_registry(text, occurrence):
            return None
        return None if is_quoted_in_action(text, occurrence) else Reason.PROSE

    def _parent_key(self) -> str | None:
        """Return the key whose value the mapping at hand is."""
        return self._stack[-2].key if len(self._stack) > 1 else None

    def _hidden(self, occurrence: Occurrence, scalar: NotedScalar, *, is_key: bool) -> None:
        """Take an occurrence that only the unescaped value of a quoted scalar shows."""
        part = Part(Role.REFERENCE, scalar.span, scalar.value)
        context = Context.KEY if is_key else Context.VALUE
        frame = self._stack[-1]
        if frame.sites is None:
            frame.sites = []
        frame.sites.append(Site((part,), context, self._shown_path(), occurrence, Reason.ESCAPED))

    def _is_comment(self, start: int) -> bool:
        """Tell whether what stands outside of the scalars is in a comment: what follows the last scalar says so."""
        line = max(line_start(self._text, start), self._end)
        return start - line >= LINE_LOOK_BACK or ends_in_comment(self._text[line:start])  # no tag is that long

    def _alias(self, event: Event) -> None:
        frame, anchor = self._stack[-1], event.anchor or ""
        is_value = frame.is_mapping and not frame.expects_key
        found = self._anchored.get(anchor)
        advance(frame)
        if frame.is_mapping and not is_value and found is not None:
            frame.key = found.event.value
        holder = frame if frame.is_mapping or len(self._stack) < 2 else self._stack[-2]
        if holder.key == "<<" and anchor in self._bases:
            holder.merged = holder.merged or []
            known = {pair.key for pair in holder.merged}
            merged = [pair for pair in self._bases[anchor] if pair.key not in known]
            holder.merged += merged
            self._reused.update(pair.ordinal for pair in merged)
            self._count_merged(len(merged), event)
        if found is None:
            return
        self._reused.add(found.ordinal)
        if is_value and frame.key is not None and frame.key != "name" and key_role(frame.key) is not None:
            frame.add(found._replace(key=frame.key))
        else:
            self._elsewhere.add(found.ordinal)

    def _count_merged(self, count: int, event: Event) -> None:
        """Refuse a chain of merge keys that would be read many times its own size."""
        self._merged += count
        if self._merged > MAX_MERGED:
            mark = event.start_mark
            why = f"its merge keys bring more than {MAX_MERGED:,} keys of images"
            raise YamlError(why, mark.line + 1, mark.column + 1)

    def _close(self, frame: Frame) -> None:
        """Finish a collection: keep what its pairs say for the end of the document, give its sites out."""
        if frame.sites is None and frame.pairs is None and frame.merged is None:
            return
        sites = [_as_prefix(site) if is_repository_of_many(frame, site) else site for site in frame.sites or ()]
        if frame.keys and any(site.context is Context.KEY for site in sites):
            taken = frozenset(frame.keys)
            sites = [site._replace(taken=taken) if site.context is Context.KEY else site for site in sites]
        self._sites += [_of_credentials(site) for site in sites] if frame.secret else sites
        if frame.pairs or frame.merged or frame.job:
            pairs = all_pairs(frame)
            if frame.anchor:
                self._bases[frame.anchor] = pairs
            written = any(pair.written for pair in pairs)
            more = self._selectors or frame.job or not say_no_more(pairs, self._stack[-1])
            if self._structural or (written and more):
                path, entries = self._path(), [entry_of(self._text, pair) for pair in pairs]
                self._mappings.append(Mapping(path, entries, job=frame.job))

    def _finish_document(self) -> None:
        """Find what the mappings of a document say together; that takes the place of what its text alone says."""
        scalars = {entry.span or entry.outer: entry.scalar for mapping in self._mappings for entry in mapping.entries}
        joined = list(located_images(self._mappings, Context.VALUE, every=self._every, selectors=self._selectors))
        parts = {part.span for site in joined for part in site.parts}
        shared = {span for span, scalar in scalars.items() if scalar is not None and scalar.ordinal in self._elsewhere}
        joined = [_shared(site) if any(part.span in shared for part in site.parts) else site for site in joined]
        joined += self._embedded
        starts = {part.span.start for site in joined for part in site.parts}
        own = [site for site in self._sites[self._document :] if site.parts[0].span.start not in starts]
        reused = {span for span, scalar in scalars.items() if scalar is not None and scalar.ordinal in self._reused}
        sites = [_tag_shared(site, reused) for site in with_tags(own + joined, self._mappings)]
        tags = {site.tag.span for site in sites if site.tag is not None}
        for scalar in map(scalars.get, parts | tags):
            if scalar is not None:
                self._noted.setdefault(scalar.ordinal, scalar)
        self._sites[self._document :] = sites
        self._document = len(self._sites)
        self._mappings, self._embedded = [], []

    def _path(self) -> KeyPath:
        """Return the key path of the scalar or mapping at hand."""
        return tuple(map(step_of, self._stack[1:]))

    def _shown_path(self) -> KeyPath:
        """Return the key path of the scalar at hand for people."""
        stack = self._stack
        if len(stack) <= MAX_STEPS + 1:
            return self._path()
        return shown([step_of(frame) for frame in (*stack[1 : MAX_STEPS + 1], *stack[-MAX_STEPS:])])


def _is_in(span: Span) -> Callable[[Site], bool]:
    return lambda site: site.parts[0].span.start >= span.start


def _within(at: int, starts: list[int], spans: list[Span]) -> bool:
    index = bisect_right(starts, at) - 1
    return index >= 0 and at < spans[index].end


def _shared(site: Site) -> Site:
    """Leave a name that an alias uses for something else."""
    return site._replace(blocker=site.blocker or Reason.SHARED)


def _tag_shared(site: Site, shared: set[Span]) -> Site:
    """Leave a tag that is used again: perhaps by an image whose tags do not change."""
    if site.tag is None or site.tag.span not in shared:
        return site
    return site._replace(tag=site.tag._replace(blocker=Reason.SHARED))


def _as_prefix(site: Site) -> Site:
    """Take a name for the start of one."""
    found = site.occurrence
    return site if found is None or not found.path else site._replace(occurrence=found._replace(prefix=True))


def _of_credentials(site: Site) -> Site:
    """Leave the registry that a user and a password belong to."""
    found = site.occurrence
    if found is None or site.blocker is not None or (found.path and not names_login(site)):
        return site
    return site._replace(blocker=Reason.CREDENTIALS)
