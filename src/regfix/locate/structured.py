"""One document of a Kubernetes tool: which of its values have their names elsewhere, and which must stay.

Sources: see `regfix.locate.structures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.image.reference import Reference
from regfix.locate.entry import Entry
from regfix.locate.occurrence import find_occurrences
from regfix.locate.site import Reason
from regfix.locate.within import is_replacement, name_within
from regfix.locate.words import is_image_word, key_role, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.locate.hosts import HostFinder
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.places import Place
    from regfix.text.span import Span

_LISTS = frozenset({"parameters", "params", "set", "setString", "setTemplate", "env", "vars", "tlas", "extVars"})
"""Lists of names with values: Argo CD, Argo Workflows, Tekton, Helmfile, containers, Terraform's controller of Flux."""

_VALUES = ("value", "default", "string")

_NO_IMAGES = (("kops.k8s.io", "InstanceGroup", ("spec", "image")),)
"""API group, kind and keys of what a key calls an image, and no container registry has: an image of machines."""

_MIRROR = ("pkg.crossplane.io", "ImageConfig", (("spec", "matchImages"), ("spec", "rewriteImage")))
"""The same of what says where images are pulled from (https://docs.crossplane.io/latest/packages/image-configs)."""


class StructuredDocument:
    """The scalars of one document, by their paths."""

    def __init__(self, text: str, places: Sequence[Place], hosts: HostFinder) -> None:
        self._text = text
        self._hosts = hosts
        self._places = places
        self._by_path = {place.path: place for place in places}

    def _said(self, path: KeyPath) -> str:
        place = self._by_path.get(path)
        return place.value if place is not None else ""

    def outer(self, place: Place) -> Span:
        """Return the span under which a value is known: where it stands verbatim, else the whole scalar."""
        return place.span(self._text) or place.outer

    def named(self) -> Iterator[tuple[KeyPath, Entry, Place]]:
        """Yield the values whose names stand in other values, or above them, with the path of their mapping."""
        of_type = self.is_definition()
        for place in filter(_is_text, self._places):
            path = self._named_path(place, of_type=of_type)
            if path and key_role(str(path[-1])) is not None:
                yield path[:-1], self._entry(str(path[-1]), place), place
            elif self._is_of_kustomize(place.path):
                yield place.path, self._entry("image", place), place
            elif place.path and (within := name_within(place.path, place.value, self._said)) is not None:
                yield within.path, self._entry(within.key, place, within.start), place

    def is_definition(self) -> bool:
        """Tell whether the document defines a type, so that its values are defaults."""
        return self._said(("kind",)) == "CustomResourceDefinition"

    def _entry(self, key: str, place: Place, start: int = 0) -> Entry:
        """Return a value, from `start` on, as the entry of a mapping."""
        value, span = place.value[start:], place.span(self._text)
        span = span and span._replace(start=span.start + start)
        return Entry(key, value, span, place.outer, bool(find_occurrences(value, self._hosts)))

    def _named_path(self, place: Place, *, of_type: bool) -> KeyPath:
        path = place.path
        if of_type:
            return _property(path)
        if len(path) < 2:
            return ()
        if path[-2] == "set" and isinstance(path[-1], str) and "." in path[-1]:  # k3s: `image.repository: x`
            return (*path[:-2], *path[-1].split("."))
        if path[-1] not in _VALUES:
            return ()
        name = self._said((*path[:-1], "name"))
        if name and (image := _variable(name)):
            return (*path[:-1], image)
        if name and isinstance(path[-2], int) and path[-3:-2] and path[-3] in _LISTS:
            return (*path[:-3], *name.split("."))
        if path[-1] == "value" and self._said((*path[:-1], "op")) in ("add", "replace", "test"):
            return (*path[:-1], *_pointer(self._said((*path[:-1], "path"))))
        return ()

    def left(self) -> Iterator[tuple[Span, Reason | None]]:
        """Yield what must stay, with the reason; None stands for what is no image at all."""
        of_type = self.is_definition()
        group = self._said(("apiVersion",)).partition("/")[0]
        kind = self._said(("kind",))
        for place in self._places:
            if any((group, kind, place.path) == known for known in _NO_IMAGES):
                yield self.outer(place), None
            elif (group, kind) == _MIRROR[:2] and place.path[:2] in _MIRROR[2]:
                yield self.outer(place), Reason.MIRROR
            elif self._selects(place):
                span = self.outer(place)
                end = span.start + len(place.value.partition("=")[0])
                yield span._replace(end=end), Reason.SELECTOR
            elif of_type and _is_odd_default(place.path):
                yield self.outer(place), Reason.DEFAULT

    def fronts(self) -> Iterator[tuple[int, str]]:
        """Yield the starts of names that Argo CD's kustomize selects by, and would pull, with what keeps the first."""
        for place in self._places:
            reference = Reference.match(place.value) if is_replacement(place.path) else None
            span = place.span(self._text)
            if reference is not None and span is not None:
                yield span.start, f"{reference._replace(tag='', digest='')}="

    def _selects(self, place: Place) -> bool:
        """Tell whether a value, or its start, selects images that Flux or Argo CD render elsewhere."""
        if is_replacement(place.path):
            return "=" in place.value
        return place.path[-1:] == ("name",) and self._is_of_kustomize(place.path)

    def _is_of_kustomize(self, path: KeyPath) -> bool:
        """Tell whether a value is a name, or a new one, of an image that Flux gives to kustomize."""
        if path[-1:] not in (("name",), ("newName",)) or path[-3:-2] != ("images",):
            return False
        if path[-4:-3] == ("kustomize",):
            return True
        group = self._said(("apiVersion",)).partition("/")[0]
        return path[:-2] == ("spec", "images") and group == "kustomize.toolkit.fluxcd.io"


def _is_text(place: Place) -> bool:
    return place.is_text


def _variable(name: str) -> str:
    """Return the key that an environment variable for an image is like; empty for other names."""
    if not name.isupper():
        return ""
    if name.startswith("RELATED_IMAGE_"):
        return "image"
    return name if words(name)[-1:] == ("image",) else ""


def _pointer(path: str) -> KeyPath:
    """Return the keys of a JSON pointer (RFC 6901)."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:])


def _property(path: KeyPath) -> KeyPath:
    """Return the key whose default a value in the schema of a custom resource is; empty for other values."""
    if path[-3:-2] != ("properties",) or path[-1] != "default":
        return ()
    return (*path[:-3], path[-2])


def _is_odd_default(path: KeyPath) -> bool:
    """Tell whether a value is in the default of a property, and none of its keys says that it is an image."""
    at = next((n for n in range(2, len(path)) if path[n] == "default" and path[n - 2] == "properties"), None)
    return at is not None and not any(isinstance(k, str) and (key_role(k) or is_image_word(k)) for k in path[at - 1 :])
