"""Structures of Kubernetes tools in which a key alone does not say what its value is.

The other locators read `image: x`. Here stand pairs of a name and a value, operations of JSON Patch, selectors of
images that are rendered elsewhere, and keys that are no container images in one kind of object only. All of it is
turned into mappings for the same structural locator.

Sources: https://argo-cd.readthedocs.io (helm.parameters, kustomize.images), https://helmfile.readthedocs.io (set),
https://datatracker.ietf.org/doc/html/rfc6902, https://fluxcd.io/flux/components (postRenderers, images),
https://sdk.operatorframework.io (RELATED_IMAGE_*), https://kops.sigs.k8s.io/instance_groups (image).
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from regfix.image.reference import Reference
from regfix.locate.entry import Entry
from regfix.locate.entry import Mapping as Keys
from regfix.locate.lines import merge_sites
from regfix.locate.mapping import located_images
from regfix.locate.newname import new_names
from regfix.locate.site import Context, Reason
from regfix.locate.structured import StructuredDocument
from regfix.locate.words import Role, key_role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regfix.locate.hosts import HostFinder
    from regfix.locate.shape import Shape
    from regfix.locate.site import NewName, Site
    from regfix.locate.yamldoc import Located
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.places import Place
    from regfix.text.span import Span

_HINTS = ("newName", "newTag", "arameters", "/image", "IMAGE", "image.", "mage\n", "mage\r", "mage,", "mage=", "mages:",
          'mage"\n', "mage'\n", 'mage",', "mage',", "images\n", "images,", "kustomize", "literals", "docker://", "set:",
          "DockerImage", "InstanceGroup", "ImageConfig", "openAPIV3Schema")  # fmt: skip

MAX_SIZE = 4 * 1024 * 1024
"""Documents with more code points are not looked through: etcd takes no object of that size."""


class Structures(NamedTuple):
    """What the structures of a text say: sites, the events of their scalars, and what is to be left, and why.

    `fronts` are the starts of names that select what they replace, with what is to be written before them; `beside` are
    the places for keys beside selectors, by the starts of these.
    """

    sites: tuple[Site, ...] = ()
    ordinals: frozenset[int] = frozenset()
    left: tuple[tuple[Span, Reason | None], ...] = ()
    fronts: tuple[tuple[int, str], ...] = ()
    beside: Mapping[int, NewName] = MappingProxyType({})


class Fields(NamedTuple):
    """What the fields say of a text: as structures do, and the shapes of documents by the events of their scalars."""

    structures: Structures = Structures()
    inner: tuple[tuple[int, Shape | None], ...] = ()


def may_hold_structures(text: str) -> bool:
    """Tell, fast, whether a text may hold one of the structures; one that is larger than MAX_SIZE holds none."""
    return len(text) <= MAX_SIZE and any(hint in text for hint in _HINTS)


def structures_of(text: str, hosts: HostFinder, *, every: bool) -> Structures:
    """Return what the structures in a stream of YAML documents say."""
    from regfix.syntax.places import places_of

    sites: list[Site] = []
    ordinals: set[int] = set()
    left: list[tuple[Span, Reason | None]] = []
    fronts: list[tuple[int, str]] = []
    for places in places_of(text):
        document = StructuredDocument(text, places, hosts)
        mappings: dict[KeyPath, list[Entry]] = {}
        known: dict[Span, Place] = {}
        for path, entry, place in document.named():
            mappings.setdefault(path, []).append(entry)
            known[entry.span or entry.outer] = place
        keep = _without_registry if document.is_definition() else list
        found = (Keys(path, keep(entries)) for path, entries in mappings.items())
        for site in located_images(list(found), Context.VALUE, every=every):
            sites.append(site._replace(key_path=known[site.parts[0].span].path))
            ordinals.update(known[part.span].ordinal for part in site.parts)
        left += document.left()
        fronts += document.fronts()
    beside = new_names(text) if any(reason is Reason.SELECTOR for _, reason in left) else {}
    return Structures(tuple(sites), frozenset(ordinals), tuple(left), tuple(fronts), beside)


def _without_registry(entries: list[Entry]) -> list[Entry]:
    """Return entries without a registry that stands beside a whole name: what the two mean to each other is unknown."""
    if not any(_is_whole_name(entry) for entry in entries):
        return entries
    return [entry for entry in entries if (said := key_role(entry.key)) is None or said.role is not Role.REGISTRY]


def _is_whole_name(entry: Entry) -> bool:
    reference = Reference.match(entry.value.strip())
    return reference is not None and reference.registry != ""


def with_structures(located: Located, structures: Structures) -> Located:
    """Return the sites of a text with what its structures say, which counts more than its keys."""
    if not (structures.sites or structures.left or structures.fronts):
        return located
    sites = merge_sites(located.sites, list(structures.sites))
    if structures.fronts:
        fronts = dict(structures.fronts)
        sites = [site._replace(front=fronts.get(site.parts[0].span.start, "")) for site in sites]
    said = _Left(structures.left)
    kept = (_kept(site, said.about(site.parts[0].span.start), structures.beside) for site in sites)
    return located._replace(sites=[site for site in kept if site is not None])


class _Left:
    """What is to be left, by the places in it."""

    def __init__(self, left: Sequence[tuple[Span, Reason | None]]) -> None:
        self._left = left
        self._order = sorted(range(len(left)), key=lambda at: left[at][0].start)
        self._starts = [left[at][0].start for at in self._order]
        self._reach = [*accumulate((left[at][0].end for at in self._order), max)]

    def about(self, offset: int) -> tuple[Span, Reason | None] | None:
        """Return what was said first about a place, None where nothing was."""
        around: list[int] = []
        for index in range(bisect_right(self._starts, offset) - 1, -1, -1):
            if self._reach[index] <= offset:
                break
            if self._left[self._order[index]][0].end > offset:
                around.append(self._order[index])
        return self._left[min(around)] if around else None


def _kept(site: Site, said: tuple[Span, Reason | None] | None, beside: Mapping[int, NewName]) -> Site | None:
    """Return a site as what is said about its place lets it be."""
    if said is None:
        return site
    reason = said[1]
    if reason is None and site.occurrence is None:
        return None
    if reason is Reason.SELECTOR and site.blocker is None:
        site = site._replace(beside=beside.get(site.parts[0].span.start))
    return site._replace(blocker=site.blocker or reason)
