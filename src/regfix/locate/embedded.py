"""Documents inside scalars: manifests that a ConfigMap holds, values for Helm, JSON in one quoted string.

They are read by the locators that read the outer document; nothing in them is ever written anew.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.locate.site import Context, Reason
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from regfix.locate.hosts import HostFinder
    from regfix.locate.shape import NotedScalar, Shape
    from regfix.locate.site import Occurrence, Part, Site
    from regfix.syntax.keypath import KeyPath
    from regfix.syntax.runs import Run

MAX_NESTED = 4
"""Documents within documents that are read; each level reads its text once more."""

MAX_SIZE = 4 * 1024 * 1024
"""Longer texts, in code points, are not read as documents; etcd takes ConfigMaps of 1 MiB."""

_FILES = (".yaml", ".yml", ".json")
_LISTS = frozenset({"artifacthub.io/images", "images"})
"""Annotations of charts that list images (https://artifacthub.io/docs/topics/annotations/helm/)."""
_VALUES = frozenset({"values", "valuesContent", "valuesInline", "patch", "templatePatch"})
"""Keys for YAML in a string: Helm values of Argo CD and k3s, and of kustomize; patches of both."""

_CLOUD = frozenset({"userData", "user-data", "user_data", "cloudInit", "cloud-init", "cloudConfig", "cloud-config"})
_PODS = ("ontainers", "idecars")
"""The ends of keys for lists of containers, which charts often take as text."""


@cache
def _type_of_manifest() -> re.Pattern[str]:
    return re.compile(r"^(apiVersion|kind):[ \t]+\S", re.MULTILINE)


@cache
def _json() -> re.Pattern[str]:
    return re.compile(r"\s*(?:\{\s*\"|\[\s*\{\s*\")")


def holds_document(key: str | None, value: str) -> bool:
    """Tell whether a quoted or block scalar is a document: by its key, as JSON, or as it begins as a manifest does.

    Other text may look like YAML and is not read: it is a description, a script, a program's configuration.
    """
    if len(value) > MAX_SIZE or ":" not in value or ("mage" not in value and "epo" not in value):
        return False
    return names_document(key, value) or _is_json(value) or len(set(_type_of_manifest().findall(value))) == 2


def names_document(key: str | None, value: str) -> bool:
    """Tell whether a key says that its value is a document."""
    if value.startswith("#cloud-config"):
        return True
    if key is None:
        return False
    if key in _VALUES or key in _LISTS or key.lower().endswith(_FILES):
        return True
    if key in _CLOUD:
        return not value.startswith("#!")
    return key.endswith(_PODS) and value.lstrip()[:2] == "- "


def _is_json(value: str) -> bool:
    return _json().match(value) is not None and value.rstrip()[-1:] in ("}", "]")


class Broken(NamedTuple):
    """A document in a scalar that is no YAML: its offset (code points), its key path, and why."""

    start: int
    path: KeyPath
    why: str


class Inner(NamedTuple):
    """What a document in a scalar holds, by offsets of its value; a template has no shape."""

    sites: Sequence[Site] = ()
    shape: Shape | None = None
    broken: tuple[Broken, ...] = ()


def inner_document(scalar: NotedScalar, hosts: HostFinder, nested: int, *, every: bool) -> Inner | None:
    """Return what the document in a scalar holds; None where there are too many around it.

    One with template actions is read as a template, one that is broken is told.
    """
    from regfix.locate.document import locate_document
    from regfix.syntax.yamlevents import YamlError

    value = scalar.value
    if nested >= MAX_NESTED:
        return None
    if not every and not hosts.may_hold(value.encode("utf-8", "replace")):
        return Inner()
    try:
        return Inner(*locate_document(value, hosts, every=every, nested=nested + 1))
    except YamlError as error:
        if "{{" not in value and "{%" not in value:
            line = "\n".join(value.split("\n")[: error.line - 1])
            return Inner(broken=(Broken(len(line) + 1 if line else 0, (), f"{error.what} ({error.why})"),))
    from regfix.locate.template import locate_template

    return Inner(locate_template(value, hosts, every=every))


def lifted_broken(scalar: NotedScalar, runs: Sequence[Run], broken: Broken, path: KeyPath) -> Broken:
    """Return a broken document where it stands in the text around."""
    at = bisect_right([run.value for run in runs], broken.start) - 1
    start = min(runs[at].text + broken.start - runs[at].value, scalar.span.end) if at >= 0 else scalar.span.start
    return broken._replace(start=start, path=(*path, *broken.path))


def lifted(
    scalar: NotedScalar, runs: Sequence[Run], sites: Iterable[Site], path: KeyPath, seen: Mapping[int, Site]
) -> Iterator[Site]:
    """Yield the sites of an embedded document where they stand in the text around it.

    `sites` have their offsets in the scalar's value, `path` leads to the scalar; `runs` are those of the scalar.
    `seen` are the sites that the text of the scalar alone shows, by their starts: what they know of the keys above
    stays. What does not stand in the text letter by letter is left.
    """
    values = [run.value for run in runs]
    for site in sites:
        parts = tuple(part._replace(span=_lifted(scalar.span, part, runs, values)) for part in site.parts)
        exact = all(part.span != scalar.span for part in parts)
        if site.occurrence is not None and not exact:
            continue  # the text around knows it, and why it stays
        by = parts[0].span.start - site.parts[0].span.start
        tag = site.tag and site.tag._replace(span=_lifted(scalar.span, site.tag, runs, values))
        if tag is not None and tag.span == scalar.span:
            tag = tag._replace(blocker=Reason.ESCAPED)
        yield site._replace(
            parts=parts,
            key_path=(*path, *site.key_path),
            occurrence=_moved(site.occurrence, by),
            blocker=_blocker(site, seen.get(parts[0].span.start)) or (None if exact else Reason.ESCAPED),
            context=_context(site, scalar),
            tag=tag,
            beside=None,
        )


def _context(site: Site, scalar: NotedScalar) -> Context:
    """Return the context in the text around: in a quoted scalar no quotes may be added."""
    return Context.EMBEDDED if scalar.style in ("'", '"') and site.context is not Context.COMMENT else site.context


def _blocker(site: Site, seen: Site | None) -> Reason | None:
    """Return why a site is left: keys around the document count, too; what is prose only its own keys tell."""
    around = seen.blocker if seen is not None else None
    return site.blocker if around in (None, Reason.PROSE) else around


def _moved(found: Occurrence | None, by: int) -> Occurrence | None:
    return None if found is None else found._replace(start=found.start + by, end=found.end + by)


def _lifted(scalar: Span, part: Part, runs: Sequence[Run], values: Sequence[int]) -> Span:
    """Return where a part stands in the text; the whole scalar where it does not stand there verbatim."""
    start, end = part.span
    at = bisect_right(values, start) - 1
    if at < 0 or end > runs[at].value + runs[at].size:
        return scalar
    place = runs[at].text + start - runs[at].value
    return Span(place, place + end - start)
