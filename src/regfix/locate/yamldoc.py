"""The locator for YAML and JSON: one pass over the parser's events finds the sites and the document's shape."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError
from regfix.locate.assigned import is_assigned_registry, is_quoted_in_action
from regfix.locate.lines import comment_lines, loose_mappings, merge_sites
from regfix.locate.mapping import Entry, mapping_sites
from regfix.locate.occurrence import find_occurrences
from regfix.locate.site import Context, Part, Reason, Site, occurrence_site
from regfix.locate.words import Role, holds_registry, key_role
from regfix.syntax.scalar import content_start, is_string, verbatim_start
from regfix.syntax.yamlevents import ALIAS, END, MAPPING, SCALAR, SEQUENCE, YamlError, fast_events, slow_events
from regfix.text.span import Span, line_start

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

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


class _Frame:
    """An open mapping or sequence."""

    __slots__ = ("entries", "expects_key", "index", "is_mapping", "key", "name", "scalars", "secret", "sites")

    def __init__(self, is_mapping: bool) -> None:
        self.is_mapping = is_mapping
        self.expects_key = is_mapping
        self.key: str | None = None
        self.index = -1
        self.name: str | None = None  # the value of the key `name`, which says what `value` is in env lists
        self.secret = False
        self.entries: list[Entry] | None = None
        self.scalars: dict[Span, NotedScalar] | None = None  # those of the entries, by the spans of their parts
        self.sites: list[Site] | None = None


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

    def __init__(
        self, text: str, hosts: HostFinder, *, every: bool = False, masked: Collection[int] | None = None
    ) -> None:
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
        self._sum = 0
        self._multiline: list[Span] = []
        self._anchored: dict[str, tuple[Entry, NotedScalar]] = {}
        self._stack = [_Frame(is_mapping=False)]

    def locate(self) -> Located:
        """Return sites and shape; where libyaml refuses the text, the YAML 1.2 parser is asked.

        Raises YamlError when both refuse.
        """
        try:
            return self._walk(fast_events(self._text))
        except YamlError as refused:
            self._reset()
            try:
                return self._walk(slow_events(self._text))
            except SourceError:
                raise refused from None

    def _walk(self, stream: Events) -> Located:
        events, kinds = stream
        stack = self._stack
        for ordinal, event in enumerate(events):
            kind = kinds[event.__class__]
            if kind == SCALAR:
                self._scalar(event, ordinal)
            elif kind == END:
                self._sum += hash((ordinal, END))
                self._close(stack.pop())
            elif kind in (MAPPING, SEQUENCE):
                self._sum += hash((ordinal, kind, event.anchor, event.tag))
                _advance(stack[-1])
                stack.append(_Frame(kind == MAPPING))
            elif kind == ALIAS:
                self._sum += hash((ordinal, event.anchor))
                self._alias(event)
            else:
                self._sum += hash((ordinal, kind))
        self._close(stack[0])
        self._outside_scalars(len(self._text) + 1)
        if self._reads_comments:
            self._sites = merge_sites(self._sites, list(self._commented()))
        return Located(self._sites, Shape(self._sum, tuple(self._noted[n] for n in sorted(self._noted))))

    def _commented(self) -> Iterator[Site]:
        """Yield the images of commented-out mappings."""
        starts = [block.start for block in self._multiline]
        live = (line for line in comment_lines(self._text) if not _within(line.start, starts, self._multiline))
        written = [found.start for found in self._occurrences]
        for mapping in loose_mappings(live, written):
            yield from mapping_sites(mapping.entries, mapping.path, Context.COMMENT, every=self._every)

    def _scalar(self, event: Event, ordinal: int) -> None:
        frame, value = self._stack[-1], event.value
        weight = hash((ordinal, value, event.anchor, event.tag, event.implicit))
        self._sum += weight
        is_key = frame.expects_key
        relevant = False
        if is_key:
            frame.key, frame.expects_key = value, False
            frame.secret = frame.secret or value in _CREDENTIALS
        elif frame.is_mapping:
            frame.expects_key = True
            key = frame.key
            relevant = key is not None and key_role(key) is not None
            if key == "name":
                frame.name = value
        else:
            frame.index += 1
        end = event.end_mark.index
        if self._reads_comments and event.start_mark.line != event.end_mark.line:
            self._multiline.append(Span(event.start_mark.index, end))
        if self._at < end or relevant or self._escaped or (self._masked is not None and ordinal in self._masked):
            self._look_into(event, frame, NotedScalar(ordinal, Span(self._start(event), end), value, weight), relevant)

    def _start(self, event: Event) -> int:
        """Return where the text of a scalar begins: behind tag, anchor and the header of a block scalar."""
        start = content_start(self._text, event)
        if event.style in ("|", ">"):
            end = event.end_mark.index
            start = min(self._text.find("\n", start, end) + 1 or end, end)
        return start

    def _look_into(self, event: Event, frame: _Frame, scalar: NotedScalar, relevant: bool) -> None:
        """Take in a scalar with an occurrence in or before it, or whose key speaks of images."""
        is_key = frame.is_mapping and not frame.expects_key
        self._outside_scalars(scalar.span.start)
        inside = self._take(scalar.span.end)
        if inside or (self._masked is not None and scalar.ordinal in self._masked):
            self._note(scalar)
        for occurrence in inside:
            self._written(occurrence, event, frame, is_key=is_key)
        hidden = self._escaped and event.style == '"' and self._hidden(scalar, len(inside))
        if relevant:
            self._entry(event, frame, scalar, written=bool(inside) or hidden)

    def _note(self, scalar: NotedScalar) -> None:
        if scalar.ordinal not in self._noted:
            self._noted[scalar.ordinal] = scalar
            self._sum -= scalar.weight

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
        self._sites.append(Site((part,), Context.VALUE, self._path(), found[0], Reason.ESCAPED))
        return True

    def _entry(self, event: Event, frame: _Frame, scalar: NotedScalar, *, written: bool) -> None:
        """Keep a value that may be a part of a reference until its mapping ends."""
        value, (start, end) = event.value, scalar.span
        if not value or not is_string(value, plain=not event.style):
            return
        inner = verbatim_start(self._text, start, end, value)
        stripped = value.strip()
        if inner is None and event.style in ("|", ">") and self._text[start:end].strip() == stripped:
            inner, value = self._text.find(stripped, start, end), stripped
        span = None if inner is None else Span(inner, inner + len(value))
        entry = Entry(frame.key or "", value, span, scalar.span, written)
        _add(frame, entry, scalar)
        if event.anchor:
            self._anchored[event.anchor] = (entry, scalar)

    def _alias(self, event: Event) -> None:
        frame = self._stack[-1]
        is_value = frame.is_mapping and not frame.expects_key
        _advance(frame)
        found = self._anchored.get(event.anchor or "")
        if found is not None and is_value and frame.key is not None and key_role(frame.key) is not None:
            entry, scalar = found
            _add(frame, entry._replace(key=frame.key), scalar)

    def _close(self, frame: _Frame) -> None:
        """Finish a collection: join what its entries say together, then give its sites out."""
        sites = frame.sites or []
        if frame.entries and (self._structural or any(entry.written for entry in frame.entries)):
            joined = list(mapping_sites(frame.entries, self._path(), Context.VALUE, every=self._every))
            spans = {part.span for site in joined for part in site.parts}
            for span in spans:
                if frame.scalars is not None and span in frame.scalars:
                    self._note(frame.scalars[span])
            starts = {span.start for span in spans}
            sites = [site for site in sites if site.parts[0].span.start not in starts] + joined
        self._sites += [_of_credentials(site) for site in sites] if frame.secret else sites

    def _path(self) -> KeyPath:
        """Return the key path of the scalar or mapping at hand."""
        steps = (frame.key if frame.is_mapping else frame.index for frame in self._stack[1:])
        return tuple("?" if step is None else step for step in steps)


def _advance(frame: _Frame) -> None:
    """Step over a node that is no scalar: a value, an item, or a complex key."""
    if not frame.is_mapping:
        frame.index += 1
    elif frame.expects_key:
        frame.key, frame.expects_key = "?", False
    else:
        frame.expects_key = True


def _add(frame: _Frame, entry: Entry, scalar: NotedScalar) -> None:
    if frame.entries is None:
        frame.entries, frame.scalars = [], {}
    frame.entries.append(entry)
    if frame.scalars is not None:
        frame.scalars[entry.span or entry.outer] = scalar


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
