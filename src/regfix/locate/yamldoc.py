"""The locator for YAML and JSON: one pass over the parser's events finds the sites and the document's shape."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError
from regfix.locate.assigned import is_assigned_registry, is_quoted_in_action
from regfix.locate.lines import loose_mappings, merge_sites, split_lines
from regfix.locate.mapping import Entry, mapping_sites
from regfix.locate.occurrence import find_occurrences
from regfix.locate.site import Context, Part, Reason, Site, occurrence_site
from regfix.locate.words import Role, holds_registry, key_role
from regfix.syntax.scalar import content_start, is_string, verbatim_start
from regfix.syntax.yamlevents import ALIAS, END, MAPPING, SCALAR, SEQUENCE, Event, Events, YamlError, fast_events, slow_events
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from regfix.locate.hosts import HostFinder
    from regfix.locate.site import Occurrence
    from regfix.syntax.keypath import KeyPath


class NotedScalar(NamedTuple):
    """A scalar that an edit may touch: its number among the events, its text's span, its value."""

    ordinal: int
    span: Span
    value: str


class Shape(NamedTuple):
    """What a document is to a parser: a fingerprint of all events but the noted scalars, and these."""

    fingerprint: int
    scalars: tuple[NotedScalar, ...]


class Located(NamedTuple):
    """The sites of one piece of a stream, and its shape."""

    sites: list[Site]
    shape: Shape


class _Frame:
    """An open mapping or sequence."""

    __slots__ = ("entries", "expects_key", "index", "is_mapping", "key", "name", "secret", "sites")

    def __init__(self, is_mapping: bool) -> None:
        self.is_mapping = is_mapping
        self.expects_key = is_mapping
        self.key: str | None = None
        self.index = -1
        self.name: str | None = None
        self.entries: list[Entry] | None = None
        self.sites: list[Site] | None = None
        self.secret = False


_LABEL_PARENTS = frozenset({"labels", "annotations", "matchLabels", "nodeSelector", "selector", "commonLabels",
                            "commonAnnotations", "podLabels", "podAnnotations"})  # fmt: skip
_CREDENTIALS = frozenset({"username", "password", "auth"})


class YamlLocator:
    """Finds the sites in one piece of a YAML stream (whole documents)."""

    def __init__(self, text: str, hosts: HostFinder, *, every: bool = False, masked: Collection[int] | None = None) -> None:
        """Take the piece's text; `every` asks for references of any registry, `masked` names the noted scalars."""
        self._text = text
        self._hosts = hosts
        self._every = every
        self._structural = every or hosts.short_names
        self._masked = masked
        self._masked_set = masked or ()
        self._occurrences = find_occurrences(text, hosts)
        self._reads_comments = "#" in text and (self._structural or bool(self._occurrences))
        self._escaped = '"' in text and "\\" in text and hosts.hides_in_bytes(text.encode())
        self._reset()

    def _reset(self) -> None:
        self._next = 0
        self._at = self._occurrences[0].start if self._occurrences else len(self._text) + 1
        self._sites: list[Site] = []
        self._noted: list[NotedScalar] = []
        self._blocks: list[Span] = []
        self._anchored: dict[str, Entry] = {}
        self._root = _Frame(is_mapping=False)
        self._stack = [self._root]

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
        stack, ordinal, fingerprint, masked = self._stack, 0, 0, self._masked
        for event in events:
            ordinal += 1
            kind = kinds[event.__class__]
            if kind == SCALAR:
                noted = self._scalar(event, ordinal)
                if noted if masked is None else ordinal in masked:
                    continue
                fingerprint = hash((fingerprint, event.value, event.anchor, event.tag, event.implicit))
            elif kind == END:
                fingerprint = hash((fingerprint, END))
                self._close(stack.pop())
            elif kind in (MAPPING, SEQUENCE):
                fingerprint = hash((fingerprint, kind, event.anchor, event.tag))
                self._advance(stack[-1])
                stack.append(_Frame(kind == MAPPING))
            elif kind == ALIAS:
                fingerprint = hash((fingerprint, event.anchor))
                self._alias(event)
            else:
                fingerprint = hash((fingerprint, kind))
        self._close(self._root)
        self._leftovers(len(self._text) + 1)
        if self._reads_comments:
            self._sites = merge_sites(self._sites, list(self._commented()))
        return Located(self._sites, Shape(fingerprint, tuple(self._noted)))

    def _commented(self) -> Iterator[Site]:
        """Yield the images of commented-out mappings."""
        starts = [block.start for block in self._blocks]
        _, comments = split_lines(self._text)
        live = (line for line in comments if not _within(line.start, starts, self._blocks))
        written = [found.start for found in self._occurrences]
        for mapping in loose_mappings(live, written):
            yield from mapping_sites(mapping.entries, mapping.path, Context.COMMENT, every=self._every)

    @staticmethod
    def _advance(frame: _Frame) -> None:
        """Step over a collection that begins in `frame`: a value, an item, or a complex key."""
        if not frame.is_mapping:
            frame.index += 1
        elif frame.expects_key:
            frame.key, frame.expects_key = "?", False
        else:
            frame.expects_key = True

    def _scalar(self, event: Event, ordinal: int) -> bool:
        """Take in a scalar; tell whether it is noted."""
        if self._reads_comments and event.start_mark.line != event.end_mark.line:
            self._blocks.append(Span(event.start_mark.index, event.end_mark.index))
        frame = self._stack[-1]
        is_key = frame.expects_key
        if is_key:
            frame.key, frame.expects_key = event.value, False
        elif frame.is_mapping:
            frame.expects_key = True
            if frame.key == "name":
                frame.name = event.value
        else:
            frame.index += 1
        key = frame.key
        if is_key:
            relevant = False
            frame.secret = frame.secret or event.value in _CREDENTIALS
        else:
            relevant = frame.is_mapping and key is not None and key_role(key) is not None
        if not (relevant or self._at < event.end_mark.index or self._escaped or ordinal in self._masked_set):
            return False
        return self._note(event, ordinal, frame, is_key=is_key, relevant=relevant)

    def _note(self, event: Event, ordinal: int, frame: _Frame, *, is_key: bool, relevant: bool) -> bool:
        text, end = self._text, event.end_mark.index
        start = content_start(text, event)
        if text[start : start + 1] in ("|", ">") and event.style in ("|", ">"):
            start = min(text.find("\n", start, end) + 1 or end, end)
        self._leftovers(start)
        inside = self._take(end)
        if ordinal in self._masked_set:
            self._noted.append(NotedScalar(ordinal, Span(start, end), event.value))
        for occurrence in inside:
            self._written(occurrence, event, frame, start, is_key=is_key)
        escaped = self._escaped and event.style == '"' and self._hidden(event, start, end, len(inside), frame)
        if relevant:
            self._entry(event, frame, start, written=bool(inside) or escaped)
        noted = bool(inside) or relevant
        if noted and self._masked is None:
            self._noted.append(NotedScalar(ordinal, Span(start, end), event.value))
        return noted

    def _take(self, end: int) -> Sequence[Occurrence]:
        """Return the occurrences before `end` that no scalar has taken yet."""
        first = self._next
        occurrences = self._occurrences
        while self._next < len(occurrences) and occurrences[self._next].start < end:
            self._next += 1
        self._at = occurrences[self._next].start if self._next < len(occurrences) else len(self._text) + 1
        return occurrences[first : self._next]

    def _leftovers(self, end: int) -> None:
        """Take the occurrences before `end`, outside of scalars: in comments, or in tags and anchors."""
        for occurrence in self._take(end) if self._at < end else ():
            line = self._text.rfind("\n", 0, occurrence.start) + 1
            comment = "#" in self._text[line : occurrence.start]
            blocker = occurrence.blocker if comment else Reason.MARKUP
            context = Context.COMMENT if comment else Context.MARKUP
            if blocker is None and not occurrence.path and not occurrence.open_ended:
                known = occurrence.slash or is_assigned_registry(self._text, occurrence)
                blocker = None if known else Reason.PROSE
            self._sites.append(occurrence_site(self._text, occurrence, context, blocker))

    def _written(self, occurrence: Occurrence, event: Event, frame: _Frame, start: int, *, is_key: bool) -> None:
        blocker = occurrence.blocker
        if is_key and self._is_label(frame):
            blocker = Reason.LABEL
        elif blocker is None and not occurrence.path and not occurrence.open_ended:
            blocker = self._bare(occurrence, event, frame, start, is_key=is_key)
        context = Context.KEY if is_key else Context.VALUE
        site = occurrence_site(self._text, occurrence, context, blocker, self._path())
        if frame.sites is None:
            frame.sites = []
        frame.sites.append(site)

    def _bare(self, occurrence: Occurrence, event: Event, frame: _Frame, start: int, *, is_key: bool) -> Reason | None:
        """Return why a host without a repository is no registry of images here, or None where it is one."""
        if not is_key and event.value.strip() in (occurrence.host, occurrence.host + "/"):
            key = frame.name if frame.key == "value" and frame.name else frame.key
            return None if frame.is_mapping and key is not None and holds_registry(key) else Reason.PROSE
        text = self._text
        if occurrence.start > start + 1 and is_assigned_registry(text, occurrence):
            return None
        return None if is_quoted_in_action(text, occurrence) else Reason.PROSE

    def _is_label(self, frame: _Frame) -> bool:
        parent = self._stack[-2] if len(self._stack) > 1 else None
        return parent is not None and parent.key in _LABEL_PARENTS and frame.is_mapping

    def _hidden(self, event: Event, start: int, end: int, seen: int, frame: _Frame) -> bool:
        """Report the occurrences that only the unescaped value of a quoted scalar shows."""
        if "\\" not in self._text[start:end]:
            return False
        values = find_occurrences(event.value, self._hosts)
        if len(values) <= seen:
            return False
        part = Part(Role.REFERENCE, Span(start, end), event.value)
        self._sites.append(Site((part,), Context.VALUE, self._path(), values[0], Reason.ESCAPED))
        return True

    def _entry(self, event: Event, frame: _Frame, start: int, *, written: bool) -> None:
        value = event.value
        if not value or not is_string(value, plain=not event.style):
            return
        end = event.end_mark.index
        stripped, inner = value.strip(), verbatim_start(self._text, start, end, value)
        if inner is None and event.style in ("|", ">") and self._text[start:end].strip() == stripped:
            inner, value = self._text.find(stripped, start, end), stripped
        span = None if inner is None else Span(inner, inner + len(value))
        entry = Entry(frame.key or "", value, span, Span(start, end), written)
        self._add_entry(frame, entry)
        if event.anchor:
            self._anchored[event.anchor] = entry._replace(alias=True)

    @staticmethod
    def _add_entry(frame: _Frame, entry: Entry) -> None:
        if frame.entries is None:
            frame.entries = []
        frame.entries.append(entry)

    def _alias(self, event: Event) -> None:
        frame = self._stack[-1]
        is_value = frame.is_mapping and not frame.expects_key
        self._advance(frame)
        entry = self._anchored.get(event.anchor or "")
        if entry is not None and is_value and frame.key is not None and key_role(frame.key) is not None:
            self._add_entry(frame, entry._replace(key=frame.key))

    def _close(self, frame: _Frame) -> None:
        """Finish a collection: join what its entries say together, then give its sites out."""
        sites = frame.sites or []
        if frame.entries and (self._structural or any(e.written for e in frame.entries)):
            joined = list(mapping_sites(frame.entries, self._path(), Context.VALUE, every=self._every))
            spans = {part.span.start for site in joined for part in site.parts}
            sites = [site for site in sites if site.parts[0].span.start not in spans]
            sites += joined
        self._sites += [_of_credentials(site) for site in sites] if frame.secret else sites

    def _path(self) -> KeyPath:
        """Return the key path of the scalar or mapping at hand."""
        steps = [f.key if f.is_mapping else f.index for f in self._stack[1:]]
        return tuple("?" if step is None else step for step in steps)


def _within(at: int, starts: list[int], spans: list[Span]) -> bool:
    index = bisect_right(starts, at) - 1
    return index >= 0 and at < spans[index].end


def _of_credentials(site: Site) -> Site:
    """Leave the registry that a user and a password belong to."""
    bare = site.occurrence is not None and not site.occurrence.path and site.blocker is None
    return replace(site, blocker=Reason.CREDENTIALS) if bare else site
