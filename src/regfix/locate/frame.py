"""The open collections of a document while its events go by."""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, NamedTuple

from regfix.image.reference import Reference
from regfix.locate.entry import Entry
from regfix.locate.shape import NotedScalar
from regfix.locate.site import Context
from regfix.locate.words import SERVICE, Role, is_image_word, key_role, words
from regfix.syntax.scalar import content_span, is_text, verbatim_start
from regfix.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.locate.site import Occurrence, Site
    from regfix.syntax.yamlevents import Event


class Pair(NamedTuple):
    """A key that speaks of images with its scalar; `written` tells that a source registry is written in it."""

    key: str
    event: Event
    ordinal: int
    written: bool


class Frame:
    """An open mapping or sequence."""

    __slots__ = (
        "anchor", "expects_key", "index", "is_mapping", "job", "key", "keys", "merged", "name", "pairs", "secret",
        "sites",
    )  # fmt: skip

    def __init__(self, is_mapping: bool) -> None:
        self.is_mapping = is_mapping
        self.expects_key = is_mapping
        self.key: str | None = None
        self.index = -1
        self.name: str | None = None  # the value of the key `name`, which says what `value` is in env lists
        self.secret = False
        self.job = False
        self.pairs: list[Pair] | None = None
        self.sites: list[Site] | None = None
        self.keys: set[str] | None = None  # kept where a key may be rewritten
        self.anchor: str | None = None
        self.merged: list[Pair] | None = None  # what merge keys bring

    def add(self, pair: Pair) -> None:
        if self.pairs is None:
            self.pairs = []
        self.pairs.append(pair)


LABEL_PARENTS = frozenset(
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
        "limits",
        "requests",
        "capacity",
        "allocatable",
    )
)
CREDENTIALS = frozenset(("username", "password", "auth"))
CREDENTIAL_PARENTS = frozenset(("auths", "credHelpers"))
"""Keys of Docker's config.json (https://docs.docker.com/reference/cli/docker/login/): below them are registries."""

JOB_KEYS = frozenset(("runs-on", "script", "before_script", "after_script", "stage", "stages"))
"""Keys of a job in a workflow of GitHub or a pipeline of GitLab (https://docs.gitlab.com/ci/yaml/,

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax).
"""


_LISTS_OF_REGISTRIES = frozenset(("registries", "hubs", "repos", "repositories", "prefixes", "namespaces", "orgs"))


def is_registry_value(frame: Frame, event: Event, occurrence: Occurrence, above: str | None) -> bool:
    """Tell whether an occurrence is the whole value of a key for registries (`hub: docker.io/istio`), or in a list.

    `above` is the key above the collection (`allowedRegistries: [docker.io/istio]`).
    """
    if not frame.is_mapping:
        holds = above is not None and not _LISTS_OF_REGISTRIES.isdisjoint(words(above)[-1:])
    else:
        role = key_role(frame.key) if frame.key is not None else None
        holds = role is not None and role.role is Role.REGISTRY
    if not holds:
        return False
    name = "/".join((occurrence.host, *occurrence.path))
    return event.value.strip() in (name, name + "/")


def names_login(site: Site) -> bool:
    """Tell whether the key of a site holds what one logs in to, of which a namespace may be a part."""
    key = site.key_path[-1] if site.key_path and site.context is Context.VALUE else None
    return isinstance(key, str) and not _LOGIN_WORDS.isdisjoint(words(key)[-2:])


_LOGIN_WORDS = frozenset(("registry", "server", "host", "hostname", "address"))


def names_image(frame: Frame) -> bool:
    """Tell whether the key of a value says that it is an image, or the name of an environment variable does."""
    key = frame.name if frame.key == "value" and frame.name else frame.key
    role = key_role(key) if key is not None else None
    return role is not None and role.role in (Role.REFERENCE, Role.REPOSITORY, Role.NAME)


_OF_KUBEADM = frozenset(("dns", "local"))
"""Keys of kubeadm's configuration above `imageRepository` and `imageTag`, whose image has a name of its own below."""


def is_repository_of_many(frame: Frame, site: Site, above: str | None) -> bool:
    """Tell whether a site is the whole value of a key such as kubeadm's `imageRepository`, with no version beside it.

    `above` is the key above the mapping.
    Source: https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/ (images lie below the value).
    """
    key = site.key_path[-1] if site.key_path and site.context is Context.VALUE else None
    role = key_role(key) if isinstance(key, str) and is_image_word(key) else None
    if role is None or role.role is not Role.REPOSITORY:
        return False
    if key == "imageRepository" and above in _OF_KUBEADM:
        return True
    own = [pair for pair in frame.pairs or () if pair.key == key]
    versions = {found.role for pair in frame.pairs or () if (found := key_role(pair.key)) is not None}
    return versions.isdisjoint((Role.TAG, Role.DIGEST)) and [p.event.value for p in own] == [site.parts[0].text]


LABEL_KEYS = frozenset(("key", "topologyKey", "labelKey", "annotationKey", "apiVersion", "apiGroup", "signerName"))
"""Keys whose values are keys of labels, annotations or taints, or other names of Kubernetes' API."""

API_LISTS = frozenset(("apiGroups", "apiVersions", "finalizers"))
"""Keys of lists of such names."""


def all_pairs(frame: Frame) -> list[Pair]:
    """Return the pairs of a mapping with those that merge keys bring (https://yaml.org/type/merge.html)."""
    own = frame.pairs or []
    if frame.merged is None:
        return own
    keys = {pair.key for pair in own}
    return [*own, *(pair for pair in frame.merged if pair.key not in keys)]


def step_of(frame: Frame) -> str | int:
    """Return the step of key paths that leads into what is at hand in a collection."""
    if not frame.is_mapping:
        return frame.index
    return "?" if frame.key is None else intern(frame.key)  # the same keys lead to many sites


def lists_images(frame: Frame) -> bool:
    """Tell whether the texts below `images` are images: all read so, and one has a registry, tag or digest."""
    if frame.key == SERVICE:
        return True
    read = [Reference.match(pair.event.value) for pair in frame.pairs or ()]
    return all(read) and any(
        pair.written or (one is not None and one.suffix) for pair, one in zip(frame.pairs or (), read, strict=True)
    )


def say_no_more(pairs: Sequence[Pair], parent: Frame) -> bool:
    """Tell whether each pair of a mapping is a whole reference or a mere companion: together they name no image.

    A tag is no mere companion beside a name that has none.
    """
    of_image = tagged = untagged = False
    if parent.is_mapping and parent.key is not None:
        role = key_role(parent.key)
        of_image = role is not None and role.role is Role.REFERENCE
    for pair in pairs:
        found = key_role(pair.key)
        if found is None or found.role in _COMPANIONS or (found.role is Role.REFERENCE and pair.written):
            tagged = tagged or (found is not None and found.role is Role.TAG)
            untagged = untagged or (pair.written and ":" not in pair.event.value.rpartition("/")[2])
            continue
        if found.role is not Role.NAME or of_image or is_image_word(pair.key):
            return False
    return not (tagged and untagged)


_COMPANIONS = frozenset((Role.TAG, Role.DIGEST, Role.PULL_POLICY))


def advance(frame: Frame) -> None:
    """Step over a node that is no scalar: a value, an item, or a complex key."""
    if not frame.is_mapping:
        frame.index += 1
    elif frame.expects_key:
        frame.key, frame.expects_key = "?", False
    else:
        frame.expects_key = True


def entry_of(text: str, pair: Pair) -> Entry:
    """Return a pair with the place where its value stands verbatim, white space around it apart."""
    value, style = pair.event.value.strip(), pair.event.style
    outer = content_span(text, pair.event)
    scalar = NotedScalar(pair.ordinal, outer, pair.event.value, style)
    if not value or not is_text(pair.event):
        return Entry(pair.key, "", None, outer, pair.written, scalar)
    start, end = outer
    verbatim = verbatim_start(text, start, end, pair.event.value, style) is not None
    if not verbatim and not (style in ("|", ">") and text[start:end].strip() == value):
        return Entry(pair.key, value, None, outer, pair.written, scalar)
    inner = text.find(value, start, end)
    return Entry(pair.key, value, Span(inner, inner + len(value)), outer, pair.written, scalar)
