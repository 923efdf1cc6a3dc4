"""From a text to its sites: the one place that chooses the locator."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError
from regfix.locate.kind import KUSTOMIZED, Kind
from regfix.syntax.documents import split_documents
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from regfix.locate.embedded import Broken
    from regfix.locate.hosts import HostFinder
    from regfix.locate.shape import Shape
    from regfix.locate.site import Site
    from regfix.locate.yamldoc import Located
    from regfix.syntax.yamlevents import YamlError


class Piece(NamedTuple):
    """Whole documents of a YAML stream that were parsed: their span in code points and their shape."""

    start: int
    end: int
    shape: Shape


class Analysis(NamedTuple):
    """What was found in a text: how it was read, its sites in reading order, and the shapes of its pieces.

    `broken` are documents in scalars that cannot be read. `here` are the images of an overlay that are in the run.
    """

    kind: Kind
    sites: tuple[Site, ...]
    pieces: tuple[Piece, ...] = ()
    broken: tuple[Broken, ...] = ()
    here: frozenset[str] | None = frozenset()


def analyse(
    text: str,
    kind: Kind,
    hosts: HostFinder,
    name: str,
    *,
    every: bool = False,
    here: frozenset[str] | None = frozenset(),
) -> Analysis:
    """Locate all sites of a text; `every` asks for references of any registry too.

    `here` are the names of the images that an overlay selects from, as far as they are in the run.

    A file that is YAML by its name and does not parse is read as a template where it holds template actions.
    Raises SourceError for one that is neither.
    """
    if kind is Kind.TEXT:
        from regfix.locate.textfile import locate_text

        return Analysis(kind, tuple(locate_text(text, hosts, name)))
    has_actions = "{{" in text or "{%" in text
    if kind is Kind.TEMPLATE and has_actions:
        return _as_template(text, hosts, every=every)
    try:
        return _as_yaml(text, Kind.YAML if kind is Kind.TEMPLATE else kind, hosts, every=every, here=here)
    except YamlFailure as failure:
        if kind is Kind.TEMPLATE or has_actions:
            return _as_template(text, hosts, every=every)
        if not _as_template(text, hosts, every=False).sites:
            return Analysis(kind, ())  # JSON with comments and the like: nothing in it is ours
        raise failure.as_source_error(name) from None


def _as_template(text: str, hosts: HostFinder, *, every: bool) -> Analysis:
    from regfix.locate.template import locate_template

    return Analysis(Kind.TEMPLATE, tuple(locate_template(text, hosts, every=every)))


class YamlFailure(Exception):
    """A piece of a stream is not YAML; keeps the place in the whole text."""

    def __init__(self, error: YamlError, line: int) -> None:
        super().__init__(str(error))
        self.error = error
        self.line = line + error.line

    def as_source_error(self, name: str) -> SourceError:
        """Return the error with file, line and column."""
        error = self.error
        where = f"{name}:{self.line}:{error.column}"
        return error.turned_into(SourceError, where)


def _as_yaml(text: str, kind: Kind, hosts: HostFinder, *, every: bool, here: frozenset[str] | None) -> Analysis:
    """Locate piece by piece; those that can hold nothing need only be YAML, and that only if another one has a site."""
    sites: list[Site] = []
    pieces: list[Piece] = []
    broken: list[Broken] = []
    others: list[Span] = []
    for start, end in split_documents(text):
        whole = start == 0 and end == len(text)
        body = text if whole else text[start:end]
        if not (every or whole or hosts.may_hold(body.encode())):
            others.append(Span(start, end))
            continue
        located = locate_piece(text, body, start, hosts, kind, every=every, here=here)
        sites += located.sites
        broken += located.broken
        pieces.append(Piece(start, end, located.shape))
    for start, end in others if sites else ():
        _require_yaml(text, start, end)
    return Analysis(kind, tuple(sites), tuple(pieces), tuple(broken), here)


def _require_yaml(text: str, start: int, end: int) -> None:
    """Raise YamlFailure if a piece is not YAML."""
    from regfix.syntax.yamlevents import YamlError, require_yaml

    try:
        require_yaml(text[start:end])
    except YamlError as error:
        raise YamlFailure(error, text.count("\n", 0, start)) from None


def locate_piece(
    text: str,
    body: str,
    start: int,
    hosts: HostFinder,
    kind: Kind,
    *,
    every: bool = False,
    masked: Collection[int] = (),
    here: frozenset[str] | None = frozenset(),
) -> Located:
    """Locate the sites of one piece, `body`, which begins at `start` of the text; raises YamlFailure."""
    from regfix.locate.document import locate_document
    from regfix.locate.yamldoc import Located
    from regfix.syntax.yamlevents import YamlError

    try:
        located = locate_document(body, hosts, every=every, masked=masked, selectors=kind in KUSTOMIZED)
    except YamlError as error:
        raise YamlFailure(error, text.count("\n", 0, start)) from None
    if kind in KUSTOMIZED:
        from regfix.locate.kustomize import with_selectors

        located = with_selectors(body, located, elsewhere=kind is Kind.OVERLAY, here=here)
    if kind is Kind.SCHEMA:
        from regfix.locate.schema import with_registries

        located = with_registries(body, located)
    sites = located.sites if start == 0 else list(_moved(located.sites, start))
    broken = tuple(one._replace(start=one.start + start) for one in located.broken)
    return Located(sorted(sites, key=lambda site: site.parts[0].span), located.shape, broken)


def _moved(sites: Sequence[Site], by: int) -> Iterator[Site]:
    from regfix.locate.site import moved

    return (moved(site, by) for site in sites)
