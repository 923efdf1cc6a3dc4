"""Sites: where a reference stands in a text, in one piece or in several."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from regfix.locate.words import Role
from regfix.text.span import Span

if TYPE_CHECKING:
    from regfix.syntax.keypath import KeyPath


class Reason(StrEnum):
    """Why an occurrence of a source registry is left as it is."""

    IGNORED = "ignored"
    COMMENT = "comment"
    PROSE = "prose"
    URL = "url"
    OTHER_HOST = "other-host"
    DYNAMIC = "dynamic"
    PATTERN = "pattern"
    INVALID = "invalid"
    ESCAPED = "escaped"
    ENCODED = "encoded"
    LABEL = "label"
    MARKUP = "markup"
    CREDENTIALS = "credentials"
    MIRROR = "mirror"
    COMPARED = "compared"
    REGISTRY_ALONE = "registry-alone"
    REGISTRY_ABOVE = "registry-above"
    SHARED = "shared"
    DUPLICATE = "duplicate"
    SELECTOR = "selector"
    DEFAULT = "default"
    QUOTES = "quotes"
    KEPT = "kept"
    SUCCESSOR = "successor"
    GONE = "gone"
    OTHER_TAG = "other-tag"
    UNKNOWN_TAG = "unknown-tag"
    TEXT = "text"
    VENDORED = "vendored"
    SCHEMA = "schema"
    DEAD_VALUE = "dead-value"
    LOCK = "lock"
    UNCONFIRMED = "unconfirmed"
    UNPROVEN = "unproven"
    FAILED = "failed"


REASONS = {
    Reason.IGNORED: "ignored by a comment, or by the settings",
    Reason.COMMENT: "in a comment (--no-comments)",
    Reason.PROSE: "a bare host that is not surely a registry",
    Reason.URL: "part of a URL",
    Reason.OTHER_HOST: "below another host, or in a path",
    Reason.DYNAMIC: "the rest comes from a template or variable",
    Reason.PATTERN: "a pattern, not a reference",
    Reason.INVALID: "not a valid reference",
    Reason.ESCAPED: "written with escapes",
    Reason.ENCODED: "in text that is encoded, as in a data: URL",
    Reason.LABEL: "the key of a label or annotation, or a name of the API",
    Reason.MARKUP: "in YAML or template syntax",
    Reason.CREDENTIALS: "belongs to credentials",
    Reason.MIRROR: "in the definition of a mirror",
    Reason.COMPARED: "compared with a value, or looked for in it, by a template",
    Reason.REGISTRY_ALONE: "a registry alone, and the rules depend on the repository",
    Reason.REGISTRY_ABOVE: "a short name below or beside a key that sets a registry, which may be in front of it",
    Reason.SHARED: "a value of several images, which move differently",
    Reason.DUPLICATE: "the mapping, or the list of permitted values, has the new name already",
    Reason.SELECTOR: "selects images of manifests that are not here",
    Reason.DEFAULT: "a default of a custom resource, and no key says that it is an image",
    Reason.QUOTES: "the new name would need quotes in a comment or template",
    Reason.KEPT: "already at the target of its rule, or kept by a rule",
    Reason.SUCCESSOR: "of an image that only another one follows, which is no drop-in replacement",
    Reason.GONE: "of an image that is gone, without a successor",
    Reason.OTHER_TAG: "with a tag that is not known to be at the new home",
    Reason.UNKNOWN_TAG: "without a tag that is known here, on which the move depends",
    Reason.TEXT: "in a file that is no manifest (--text rewrites complete references)",
    Reason.VENDORED: "in a vendored chart, where no value reaches it",
    Reason.SCHEMA: "the values of the chart and their schema would not agree",
    Reason.DEAD_VALUE: "a value that no template reads",
    Reason.LOCK: "in a lock file that does not match its chart",
    Reason.UNCONFIRMED: "its registry does not confirm the new home (--verify)",
    Reason.UNPROVEN: "in a chart whose proof by Helm did not hold",
    Reason.FAILED: "in a file that failed",
}
"""Each reason in words for people."""


class Context(StrEnum):
    """In what part of a document a site stands."""

    VALUE = "value"
    KEY = "key"
    COMMENT = "comment"
    TEMPLATE = "template"
    ACTION = "action"
    MARKUP = "markup"
    EMBEDDED = "embedded"
    TEXT = "text"
    OVERRIDE = "override"
    VERSION = "version"
    SWITCH = "switch"


class Part(NamedTuple):
    """A piece of a reference: its role, its place, and its text, which stands there verbatim.

    A tag has a `blocker` where it may not be edited: it is written with escapes, or something else shares it.
    """

    role: Role
    span: Span
    text: str
    blocker: Reason | None = None


class Occurrence(NamedTuple):
    """A bounded occurrence of a rule's source registry in a text, with what follows it as far as it is a name.

    All offsets are code points. `host` is as written with its port, `path` the whole components that follow, `end`
    the end of the last of them. `open_ended`: a placeholder follows, and completes the component of which `partial`
    is the start. `slash`: a slash without a component follows. `prefix`: it is the value of a key for registries, so
    that the rest of the name stands elsewhere. `namespace`: nothing says whether the one component on Docker Hub is an
    official image or the name of an organisation.
    """

    start: int
    end: int
    host: str
    path: tuple[str, ...]
    partial: str = ""
    open_ended: bool = False
    slash: bool = False
    prefix: bool = False
    blocker: Reason | None = None
    namespace: bool = False


class NewName(NamedTuple):
    """A place, in code points, for a key that is not there: what is written at it before and behind the new name."""

    start: int
    before: str
    after: str


class Site(NamedTuple):
    """One occurrence of a reference: its parts, where it stands in the structure, and what forbids an edit.

    `taken` are the keys of the mapping in which a key is a reference, or the values that a schema permits beside one.
    `tag` is the value of the key for the tag beside it, if there is one. `front` is written before a name that moves:
    the old name as a selector (`nginx:1` becomes `nginx=harbor.example.com/hub/library/nginx:1`). `beside` is there for
    a selector that stays and may get a key for the new name.

    `occurrence` is there for a reference in one piece with its registry written; a site without it is a short name
    of Docker Hub, a reference of another registry, or split over several keys.
    """

    parts: tuple[Part, ...]
    context: Context
    key_path: KeyPath = ()
    occurrence: Occurrence | None = None
    blocker: Reason | None = None
    taken: frozenset[str] = frozenset()
    tag: Part | None = None
    front: str = ""
    beside: NewName | None = None


def occurrence_site(text: str, found: Occurrence, context: Context, blocker: Reason | None, path: KeyPath = ()) -> Site:
    """Return the site of a reference that is written in one piece."""
    part = Part(Role.REFERENCE, Span(found.start, found.end), text[found.start : found.end])
    return Site((part,), context, path, found, blocker)


def moved(site: Site, by: int) -> Site:
    """Return a site found in a piece of a text with its offsets in the whole text."""
    parts = tuple(_moved_part(part, by) for part in site.parts)
    found = site.occurrence
    if found is not None:
        found = Occurrence(found.start + by, found.end + by, found.host, found.path, found.partial, found.open_ended,
                           found.slash, found.prefix, found.blocker)  # fmt: skip
    tag = None if site.tag is None else _moved_part(site.tag, by)
    beside = site.beside and site.beside._replace(start=site.beside.start + by)
    return Site(parts, site.context, site.key_path, found, site.blocker, site.taken, tag, site.front, beside)


def _moved_part(part: Part, by: int) -> Part:
    role, (start, end), text, blocker = part
    return Part(role, Span(start + by, end + by), text, blocker)
