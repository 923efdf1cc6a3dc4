"""The locator for YAML and JSON: one pass over the parser's events finds the sites and the document's shape."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from regfix.locate.assigned import is_assigned_registry, is_quoted_in_action
from regfix.locate.lines import comment_lines, loose_mappings, merge_sites
from regfix.locate.mapping import Entry, mapping_sites
from regfix.locate.occurrence import find_occurrences
from regfix.locate.site import Context, Part, Reason, Site, occurrence_site
from regfix.locate.words import Role, holds_registry, key_role
from regfix.syntax.scalar import content_start, is_string, verbatim_start
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
from regfix.text.span import Span, line_start

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from regfix.locate.hosts import HostFinder
    from regfix.locate.site import Occurrence
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamlevents import Event, Events


class NotedScalar(NamedTuple):
    """A scalar that an edit may touch: its number among the events, its text's span, its value.

    `weight` is what it would add to the fingerprint.
    """

    ordinal: int
    span: Span
    value: str
    weight: int


class Shape(NamedTuple):
    """What a document is to a parser: a fingerprint of all events but the noted scalars, and these in order.

    The fingerprint is the sum of a hash of each event with its number, so that a scalar can be taken out of it
    once it is clear that a site lies in it. It is worth something only within one process.
    """

    fingerprint: int
    scalars: tuple[NotedScalar, ...]


class Located(NamedTuple):
    """The sites of one piece of a stream, and its shape."""

    sites: list[Site]
    shape: Shape


class _Pair(NamedTuple):
    """A key that speaks of images with its scalar; `written` tells that a source registry is written in it."""

    key: str
    event: Event
    ordinal: int
    weight: int
    written: bool


class _Frame:
    """An open mapping or sequence."""

    __slots__ = ("expects_key", "index", "is_mapping", "key", "name", "pairs", "secret", "sites")

    def __init__(self, is_mapping: bool) -> None:
        self.is_mapping = is_mapping
        self.expects_key = is_mapping
        self.key: str | None = None
        self.index = -1
        self.name: str | None = None  # the value of the key `name`, which says what `value` is in env lists
        self.secret = False
        self.pairs: list[_Pair] | None = None
        self.sites: list[Site] | None = None

    def add(self, pair: _Pair) -> None:
        if self.pairs is None:
            self.pairs = []
        self.pairs.append(pair)


_COLLECTIONS = frozenset((MAPPING, SEQUENCE))
_LABEL_PARENTS = frozenset(
    (
        "labels",
        "annotations",
        "matchLabels",
        "nodeSelector",
        "selector",
        "commonLabels",
        "commonAnnotations",
        "podLabels",
        "podAnnotations",
    )
)
_CREDENTIALS = frozenset(("username", "password", "auth"))


class YamlLocator:
    """Finds the sites in one piece of a YAML stream (whole documents)."""

    def __init__(self, text: str, hosts: HostFinder, *, every: bool = False, masked: Collection[int] = ()) -> None:
        """Take the piece's text; `every` asks for references of any registry, `masked` names the noted scalars."""
        self._text = text
        self._hosts = hosts
        self._every = every
        self._masked = masked
        self._occurrences = find_occurrences(text, hosts)
        self._structural = every or hosts.short_names
        self._reads_comments = "#" in text and (self._structural or bool(self._occurrences))
        self._escaped = '"' in text and "\\" in text and hosts.hides_in_bytes(text.encode())
        self._reset()

    def _reset(self) -> None:
        self._next = 0
        self._at = self._occurrences[0].start if self._occurrences else len(self._text) + 1
        self._sites: list[Site] = []
        self._noted: dict[int, NotedScalar] = {}
        self._multiline: list[Span] = []
        self._anchored: dict[str, _Pair] = {}
        self._stack = [_Frame(is_mapping=False)]

    def locate(self) -> Located:
        """Return sites and shape; where libyaml refuses the text, the YAML 1.2 parser is asked.

        Raises YamlError when both refuse.
        """
        try:
            return self._located(fast_events)
        except YamlError as refused:
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
        self._outside_scalars(len(self._text) + 1)
        if self._reads_comments:
            self._sites = merge_sites(self._sites, list(self._commented()))
        noted = tuple(self._noted[ordinal] for ordinal in sorted(self._noted))
        return Located(self._sites, Shape(fingerprint - sum(scalar.weight for scalar in noted), noted))

    def _walk(self, events: Events) -> int:
        """Go through the events: the loop that is run for every scalar. Return the sum of their weights."""
        stack, kinds, masked, scalar = self._stack, events.kinds, self._masked, self._scalar
        seeks = bool(self._occurrences) or self._structural or self._escaped
        total = 0
        for ordinal, event in enumerate(events.stream):
            kind = kinds[event.__class__]
            if kind == SCALAR:
                weight = hash((ordinal, event.value, event.anchor, event.tag, event.implicit))
                total += weight
                if ordinal in masked:
                    self._noted[ordinal] = NotedScalar(ordinal, self._span(event), event.value, weight)
                if seeks:
                    scalar(event, ordinal, weight)
            elif kind == END:
                total += hash((ordinal, END))
                if seeks:
                    self._close(stack.pop())
            elif kind in _COLLECTIONS:
                total += hash((ordinal, kind, event.anchor, event.tag))
                if seeks:
                    _advance(stack[-1])
                    stack.append(_Frame(kind == MAPPING))
            elif kind == ALIAS:
                total += hash((ordinal, event.anchor))
                self._alias(event)
            else:
                total += hash((ordinal, kind))
        return total

    def _commented(self) -> Iterator[Site]:
        """Yield the images of commented-out mappings."""
        starts = [block.start for block in self._multiline]
        live = (line for line in comment_lines(self._text) if not _within(line.start, starts, self._multiline))
        written = [found.start for found in self._occurrences]
        for mapping in loose_mappings(live, written):
            yield from mapping_sites(mapping.entries, mapping.path, Context.COMMENT, every=self._every)

    def _scalar(self, event: Event, ordinal: int, weight: int) -> None:
        frame = self._stack[-1]
        is_key = frame.expects_key
        key = None
        if is_key:
            frame.key, frame.expects_key = event.value, False
            frame.secret = frame.secret or event.value in _CREDENTIALS
        elif frame.is_mapping:
            frame.expects_key = True
            key = frame.key
            if key == "name":
                frame.name = event.value
        else:
            frame.index += 1
        if self._reads_comments and event.start_mark.line != event.end_mark.line:
            self._multiline.append(Span(event.start_mark.index, event.end_mark.index))
        written = self._escaped or self._at < event.end_mark.index
        if written:
            written = self._look_into(event, NotedScalar(ordinal, self._span(event), event.value, weight), is_key)
        if key is not None and key_role(key) is not None:
            pair = _Pair(key, event, ordinal, weight, written)
            frame.add(pair)
            if event.anchor:
                self._anchored[event.anchor] = pair

    def _span(self, event: Event) -> Span:
        """Return where the text of a scalar stands: behind tag, anchor and the header of a block scalar."""
        start, end = content_start(self._text, event), event.end_mark.index
        if event.style in ("|", ">"):
            start = min(self._text.find("\n", start, end) + 1 or end, end)
        return Span(start, end)

    def _look_into(self, event: Event, scalar: NotedScalar, is_key: bool) -> bool:
        """Take what is written in a scalar, or in comments before it; tell whether it is in the scalar."""
        self._outside_scalars(scalar.span.start)
        inside = self._take(scalar.span.end)
        if inside:
            self._noted.setdefault(scalar.ordinal, scalar)
        for occurrence in inside:
            self._written(occurrence, event, self._stack[-1], is_key=is_key)
        hidden = self._escaped and event.style == '"' and self._hidden(scalar, len(inside))
        return bool(inside) or hidden

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
            comment = _is_comment(self._text, occurrence.start)
            blocker = occurrence.blocker if comment else Reason.MARKUP
            context = Context.COMMENT if comment else Context.MARKUP
            if blocker is None and not occurrence.path and not occurrence.open_ended:
                known = occurrence.slash or is_assigned_registry(self._text, occurrence)
                blocker = None if known else Reason.PROSE
            self._sites.append(occurrence_site(self._text, occurrence, context, blocker))

    def _written(self, occurrence: Occurrence, event: Event, frame: _Frame, *, is_key: bool) -> None:
        """Take an occurrence inside a scalar."""
        blocker = occurrence.blocker
        if not is_key and occurrence.path and _is_registry_value(frame, event, occurrence):
            occurrence = occurrence._replace(prefix=True)
        if is_key and self._is_label():
            blocker = Reason.LABEL
        elif blocker is None and not occurrence.path and not occurrence.open_ended:
            blocker = self._bare(occurrence, event, frame, is_key=is_key)
        context = Context.KEY if is_key else Context.VALUE
        if frame.sites is None:
            frame.sites = []
        frame.sites.append(occurrence_site(self._text, occurrence, context, blocker, self._path()))

    def _bare(self, occurrence: Occurrence, event: Event, frame: _Frame, *, is_key: bool) -> Reason | None:
        """Return why a host without a repository is no registry of images here, or None where it is one."""
        if not is_key and event.value.strip() in (occurrence.host, occurrence.host + "/"):
            key = frame.name if frame.key == "value" and frame.name else frame.key
            return None if frame.is_mapping and key is not None and holds_registry(key) else Reason.PROSE
        text = self._text
        if not is_key and is_assigned_registry(text, occurrence):
            return None
        return None if is_quoted_in_action(text, occurrence) else Reason.PROSE

    def _is_label(self) -> bool:
        """Tell whether the scalar at hand is the key of a label, an annotation or a selector."""
        return len(self._stack) > 1 and self._stack[-2].key in _LABEL_PARENTS

    def _hidden(self, scalar: NotedScalar, seen: int) -> bool:
        """Report the occurrences that only the unescaped value of a quoted scalar shows."""
        if "\\" not in self._text[scalar.span.start : scalar.span.end]:
            return False
        found = find_occurrences(scalar.value, self._hosts)
        if len(found) <= seen:
            return False
        part = Part(Role.REFERENCE, scalar.span, scalar.value)
        frame = self._stack[-1]
        frame.sites = [*(frame.sites or ()), Site((part,), Context.VALUE, self._path(), found[0], Reason.ESCAPED)]
        return True

    def _alias(self, event: Event) -> None:
        frame = self._stack[-1]
        is_value = frame.is_mapping and not frame.expects_key
        _advance(frame)
        found = self._anchored.get(event.anchor or "")
        if found is not None and is_value and frame.key is not None and key_role(frame.key) is not None:
            pair = found._replace(key=frame.key)
            frame.add(pair)

    def _close(self, frame: _Frame) -> None:
        """Finish a collection: join what its pairs say together, then give its sites out."""
        sites = frame.sites or []
        if frame.pairs and (self._structural or any(pair.written for pair in frame.pairs)):
            joined = list(self._joined(frame.pairs))
            starts = {part.span.start for site in joined for part in site.parts}
            sites = [site for site in sites if site.parts[0].span.start not in starts] + joined
        if sites:
            self._sites += [_of_credentials(site) for site in sites] if frame.secret else sites

    def _joined(self, pairs: Sequence[_Pair]) -> Iterator[Site]:
        """Yield what the pairs of a mapping say together, and note the scalars that it lies in."""
        scalars: dict[Span, NotedScalar] = {}
        entries: list[Entry] = []
        for pair in pairs:
            scalar = NotedScalar(pair.ordinal, self._span(pair.event), pair.event.value, pair.weight)
            entry = self._entry(pair, scalar.span)
            if entry is not None:
                entries.append(entry)
                scalars[entry.span or entry.outer] = scalar
        for site in mapping_sites(entries, self._path(), Context.VALUE, every=self._every):
            for part in site.parts:
                scalar = scalars[part.span]
                self._noted.setdefault(scalar.ordinal, scalar)
            yield site

    def _entry(self, pair: _Pair, outer: Span) -> Entry | None:
        """Return a pair whose value is a text, with the place where that stands verbatim."""
        value, style = pair.event.value, pair.event.style
        if not value or not is_string(value, plain=not style):
            return None
        start, end = outer
        inner = verbatim_start(self._text, start, end, value)
        if inner is None and style in ("|", ">") and self._text[start:end].strip() == value.strip():
            value = value.strip()
            inner = self._text.find(value, start, end)
        span = None if inner is None else Span(inner, inner + len(value))
        return Entry(pair.key, value, span, outer, pair.written)

    def _path(self) -> KeyPath:
        """Return the key path of the scalar or mapping at hand."""
        steps = (frame.key if frame.is_mapping else frame.index for frame in self._stack[1:])
        return tuple("?" if step is None else step for step in steps)


def _is_registry_value(frame: _Frame, event: Event, occurrence: Occurrence) -> bool:
    """Tell whether an occurrence is the whole value of a key for registries (`hub: docker.io/istio`)."""
    role = key_role(frame.key) if frame.is_mapping and frame.key is not None else None
    name = "/".join((occurrence.host, *occurrence.path))
    return role is not None and role.role is Role.REGISTRY and event.value.strip() in (name, name + "/")


def _advance(frame: _Frame) -> None:
    """Step over a node that is no scalar: a value, an item, or a complex key."""
    if not frame.is_mapping:
        frame.index += 1
    elif frame.expects_key:
        frame.key, frame.expects_key = "?", False
    else:
        frame.expects_key = True


def _is_comment(text: str, start: int) -> bool:
    line = text[line_start(text, start) : start]
    return line.lstrip()[:1] == "#" or " #" in line or "\t#" in line


def _within(at: int, starts: list[int], spans: list[Span]) -> bool:
    index = bisect_right(starts, at) - 1
    return index >= 0 and at < spans[index].end


def _of_credentials(site: Site) -> Site:
    """Leave the registry that a user and a password belong to."""
    bare = site.occurrence is not None and not site.occurrence.path and site.blocker is None
    return site._replace(blocker=Reason.CREDENTIALS) if bare else site
