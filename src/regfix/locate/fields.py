"""Fields of the user's own: JSONPaths of the settings that say what a value is, or that it is to be left alone.

They are read by jsonpath-ng (https://github.com/h2non/jsonpath-ng), and only where settings have some.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from regfix.errors import SettingsError
from regfix.locate.embedded import inner_document, lifted
from regfix.locate.entry import Entry, Mapping
from regfix.locate.mapping import located_images
from regfix.locate.occurrence import find_occurrences
from regfix.locate.shape import NotedScalar
from regfix.locate.site import Context, Reason, occurrence_site
from regfix.locate.structures import Fields, Structures
from regfix.settings.model import FieldUse
from regfix.syntax.places import places_of
from regfix.syntax.runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.locate.hosts import HostFinder
    from regfix.locate.shape import Shape
    from regfix.locate.site import Site
    from regfix.settings.model import Field
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.places import Place

_KEYS = {FieldUse.REFERENCE: "image", FieldUse.REGISTRY: "registry", FieldUse.REPOSITORY: "imageRepository"}


class _Compiled(NamedTuple):
    """A field with its parsed path, and a name that a file has to hold for it."""

    field: Field
    path: Any
    name: bytes


class FieldFinder:
    """The fields of a run; it takes notice of those that match."""

    def __init__(self, fields: Sequence[Field]) -> None:
        """Parse the paths; raises SettingsError with the place in the settings and in the path."""
        self._fields = [_compiled(field) for field in fields]
        self._matched: set[Field] = set()

    @property
    def unmatched(self) -> Iterator[Field]:
        """The fields that matched nothing in what was read."""
        return (one.field for one in self._fields if one.field not in self._matched)

    def may_match(self, data: bytes) -> bool:
        """Tell, fast and never wrongly in the negative, whether a field may match in the bytes of a file."""
        return any(one.name in data and one.field.kind.encode() in data for one in self._fields)

    def matches(self, places: Sequence[Place]) -> Iterator[tuple[Field, Place]]:
        """Yield the scalars of a document that fields name, or that lie below what they name."""
        by_path = {place.path: place for place in places}
        said = {key: by_path[(key,)].value for key in ("apiVersion", "kind") if (key,) in by_path}
        data: Any = None
        for one in self._fields:
            field = one.field
            if field.api_version not in ("", said.get("apiVersion")) or field.kind not in ("", said.get("kind")):
                continue
            data = _data_of(places) if data is None else data
            for path in _found(one.path, data):
                self._matched.add(field)
                below = [by_path[path]] if path in by_path else places if field.use is FieldUse.IGNORE else []
                yield from ((field, place) for place in below if place.path[: len(path)] == path)


def _compiled(field: Field) -> _Compiled:
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.ext.parser import parse

    try:
        path = parse(field.path)
    except (JSONPathError, RecursionError) as error:
        why = str(error).split("\n", 1)[0]
        at = re.search(r"(?:at 1:|col )(\d+)", why)
        caret = int(at.group(1)) if at else len(field.path)
        raise SettingsError("a path is no JSONPath", where=field.where, why=why, excerpt=(field.path, caret)) from None
    names = re.findall(r"[A-Za-z_][\w-]*", re.sub(r"\[\?.*?\)\]|`[^`]*`", "", field.path))
    return _Compiled(field, path, names[-1].encode() if names else b"")


def _data_of(places: Sequence[Place]) -> Any:
    """Return a document as plain dictionaries and lists, with numbers and truth values where they are written so."""
    root: dict[str | int, Any] = {}
    for place in places:
        here = root
        for step in place.path[:-1]:
            here = here.setdefault(step, {})
            if not isinstance(here, dict):
                break
        else:
            if place.path:
                here[place.path[-1]] = _plain(place)
    return _with_lists(root)


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(isinstance(key, int) for key in value):
        return [_with_lists(value.get(at)) for at in range(max(value) + 1)]
    return {str(key): _with_lists(inner) for key, inner in value.items()}


def _plain(place: Place) -> Any:
    if place.style in ("'", '"', "|", ">"):
        return place.value
    if place.value in ("true", "false"):
        return place.value == "true"
    return int(place.value) if re.fullmatch(r"-?[0-9]{1,18}", place.value) else place.value


def _found(path: Any, data: Any) -> Iterator[KeyPath]:
    try:
        matches = path.find(data)
    except Exception:  # filters trip over values of other types in many ways: then nothing matches
        return
    for match in matches:
        yield tuple(_steps(match.full_path))


def _steps(path: Any) -> Iterator[str | int]:
    """Yield the keys and indexes of the path of a match."""
    if hasattr(path, "left"):
        yield from _steps(path.left)
        yield from _steps(path.right)
    elif hasattr(path, "fields"):
        yield from path.fields
    elif hasattr(path, "indices"):
        yield from path.indices


def fields_of(text: str, finder: FieldFinder, hosts: HostFinder, nested: int, *, every: bool) -> Fields:
    """Return what the fields of the settings say of a stream of YAML documents."""
    sites: list[Site] = []
    left: list[tuple[Any, Reason | None]] = []
    inner: list[tuple[int, Shape | None]] = []
    ordinals: set[int] = set()
    for places in places_of(text):
        groups: dict[KeyPath, list[tuple[Entry, Place]]] = {}
        for field, place in finder.matches(places):
            span = place.span(text)
            if field.use is FieldUse.IGNORE:
                left.append((place.outer, Reason.IGNORED))
                continue
            if not place.is_text:
                continue
            ordinals.add(place.ordinal)
            if field.use is FieldUse.DOCUMENT:
                found, shape = _document(text, place, hosts, nested, every=every)
                sites += found
                inner.append((place.ordinal, shape))
                continue
            written = find_occurrences(text, hosts, *place.outer)
            if len(written) == 1 and field.use is FieldUse.REGISTRY:
                one = written[0]._replace(prefix=bool(written[0].path))
                sites.append(occurrence_site(text, one, Context.VALUE, one.blocker, place.path))
            entry = Entry(_KEYS[field.use], place.value, span, place.outer, bool(written))
            groups.setdefault(place.path[:-1], []).append((entry, place))
        for group in groups.values():
            sites += _joined(group, every=every)
    return Fields(Structures(tuple(sites), frozenset(ordinals), tuple(left)), tuple(inner))


def _joined(group: Sequence[tuple[Entry, Place]], *, every: bool) -> Iterator[Site]:
    """Yield the images of the fields in one mapping."""
    known = {entry.span or entry.outer: place.path for entry, place in group}
    for site in located_images([Mapping(("image",), [entry for entry, _ in group])], Context.VALUE, every=every):
        yield site._replace(key_path=known[site.parts[0].span])


def _document(
    text: str, place: Place, hosts: HostFinder, nested: int, *, every: bool
) -> tuple[list[Site], Shape | None]:
    """Return the sites of a value that is a document, and its shape."""
    scalar = NotedScalar(place.ordinal, place.outer, place.value, place.style)
    inner = inner_document(scalar, hosts, nested, every=every)
    runs = runs_of(text, place.outer, place.value, place.style)
    if inner is None or runs is None:
        return [], None
    return list(lifted(scalar, runs, inner.sites, place.path, {})), inner.shape
