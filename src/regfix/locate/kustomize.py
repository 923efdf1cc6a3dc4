"""Kustomizations: `name` under `images` selects what the manifests hold, so it moves only where these move too.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError
from regfix.image.reference import Reference
from regfix.locate.joining import join_name
from regfix.locate.newname import new_names
from regfix.locate.site import Context, Reason
from regfix.syntax.yamlevents import MAPPING, SCALAR, SEQUENCE
from regfix.syntax.yamltree import parse_tree

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from regfix.locate.site import NewName, Site
    from regfix.locate.yamldoc import Located
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.yamltree import Node


_SOURCES = frozenset({"resources", "bases", "components"})
_PATCHES = frozenset({"patches", "patchesJson6902", "patchesStrategicMerge"})
_INFLATED = frozenset({"helmCharts", "helmChartInflationGenerator", "generators"})
"""Keys that bring manifests which are in no file of the tree."""

ELSEWHERE = "://"
"""Stands for manifests that are in no file of the tree."""


class Parts(NamedTuple):
    """What a kustomization is made of: files and folders and addresses, its components among them.

    `files` are those of patches and of values for charts, and the folders that charts are in if they are there.
    A component's images select what the kustomizations that include it are made of.
    """

    sources: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    is_component: bool = False


@cache
def _remote() -> re.Pattern[str]:
    # What kustomize clones or downloads: URLs, git addresses, and the short form of GitHub's.
    return re.compile(r"[a-z+]+://|[a-z]+::|git@|github\.com/|\S*\?ref=|://")


def parts_of(text: str) -> Parts:
    """Return what a kustomization is made of; nothing where it is not YAML."""
    try:
        documents = parse_tree(text, "").documents
    except SourceError:
        return Parts()
    pairs = [(key.value, value) for root in documents if root.kind == MAPPING for key, value in root.pairs()]
    sources: list[str] = []
    for key, value in pairs:
        sources += [ELSEWHERE] if key in _INFLATED else _texts(value) if key in _SOURCES else []
    return Parts(
        tuple(sources),
        tuple(text for key, value in pairs if key == "components" for text in _texts(value)),
        (*(text for key, value in pairs if key in _PATCHES for text in _files(value)), *_of_charts(pairs)),
        any(key == "kind" and value.value == "Component" for key, value in pairs),
    )


def _texts(node: Node) -> Iterator[str]:
    return (item.value for item in (node.children if node.kind == SEQUENCE else ()) if item.kind == SCALAR)


def _files(node: Node) -> Iterator[str]:
    """Yield the files of a list of patches."""
    yield from (text for text in _texts(node) if "\n" not in text)
    for item in node.children if node.kind == SEQUENCE else ():
        for key, value in item.pairs() if item.kind == MAPPING else ():
            if key.value == "path" and value.kind == SCALAR:
                yield value.value


def _of_charts(pairs: list[tuple[str, Node]]) -> Iterator[str]:
    """Yield the files of values for charts, and the folders where kustomize looks for the charts themselves."""
    home = "charts"
    for key, value in pairs:
        if key == "helmGlobals":
            home = _said(value).get("chartHome", home)
    charts = [item for key, value in pairs if key == "helmCharts" for item in value.children if item.kind == MAPPING]
    for chart in charts:
        said = _said(chart)
        name, version = said.get("name", ""), said.get("version", "")
        yield from (f"{home}/{name}", f"{home}/{name}-{version}/{name}") if name else ()
        yield from filter(None, (said.get("valuesFile"),))
        yield from (
            text for key, value in chart.pairs() if key.value == "additionalValuesFiles" for text in _texts(value)
        )


def _said(node: Node) -> dict[str, str]:
    """Return the texts of a mapping by their keys."""
    pairs = node.pairs() if node.kind == MAPPING else ()
    return {key.value: value.value for key, value in pairs if value.kind == SCALAR}


def is_remote(source: str) -> bool:
    """Tell whether kustomize fetches this from elsewhere."""
    return _remote().match(source) is not None


def with_selectors(text: str, located: Located, *, elsewhere: bool, here: Collection[str] | None = ()) -> Located:
    """Leave the selectors of a kustomization whose manifests are not all here; they may get a new name beside them.

    Those that select an image of the manifests that are `here`, by its name as written, or one of the kustomization's
    own, follow these. Without names all stay as they are.
    """
    if not elsewhere and not any(is_remote(source) for source in parts_of(text).sources):
        return located
    ours = frozenset() if here is None else names_of_images(located.sites).union(here)
    beside = {} if here is None else new_names(text)
    sites = (_left(site, ours, beside) if is_selector(site.key_path) else site for site in located.sites)
    return located._replace(sites=list(sites))


def _left(site: Site, ours: Collection[str], beside: Mapping[int, NewName]) -> Site:
    """Leave a selector of what is elsewhere."""
    if name_of_image(site) in ours:
        return site
    place = beside.get(site.parts[0].span.start) if site.blocker is None else None
    return site._replace(blocker=Reason.SELECTOR, beside=place)


def is_selector(path: KeyPath) -> bool:
    """Tell whether a key path is that of the name of an entry of `images`."""
    return len(path) == 3 and path[0] == "images" and isinstance(path[1], int) and path[2] == "name"


def names_of_images(sites: Iterable[Site]) -> frozenset[str]:
    """Return the names, as written and without versions, of the images among sites: selectors are none."""
    images = (site for site in sites if site.context is not Context.COMMENT and not is_selector(site.key_path))
    return frozenset(map(name_of_image, images))


def name_of_image(site: Site) -> str:
    """Return the name of a site's image as written, without its version: what kustomize compares."""
    found = site.occurrence
    if found is not None:
        return "/".join((found.host, *found.path))
    name = join_name(part.text for part in site.parts)
    reference = Reference.match(name)
    return name if reference is None else name.removesuffix(reference.suffix)
