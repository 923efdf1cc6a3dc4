"""The structural locator: images whose registry is not written, or is a key of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.image.host import is_host
from regfix.image.reference import Reference
from regfix.locate.site import Context, Part, Reason, Site
from regfix.locate.words import NO_CONTAINER, SERVICE, Role, is_image_word, key_role, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.locate.shape import NotedScalar
    from regfix.syntax.keypath import KeyPath
    from regfix.text.span import Span


class Entry(NamedTuple):
    """A key of a mapping with its value; the value is empty where it is no text.

    `span` is where the value stands verbatim, None where it is escaped; `outer` the whole scalar. `written` tells
    that a source registry is written in it.
    """

    key: str
    value: str
    span: Span | None
    outer: Span
    written: bool = False
    scalar: NotedScalar | None = None


class Mapping(NamedTuple):
    """The entries of one mapping that speak of images, and the key path of the mapping.

    `job`: it describes a job of a pipeline.
    """

    path: KeyPath
    entries: Sequence[Entry]
    job: bool = False


OPAQUE = "\ue000"
"""Stands for each code point of a template action in a text whose literals are read (a private-use character)."""

Group = dict[Role, list[Entry]]

_NO_IMAGE = (
    ".png",
    ".jpg",
    ".jpeg",
    ".jfif",
    ".gif",
    ".svg",
    ".ico",
    ".webp",
    ".bmp",
    ".tif",
    ".tiff",
    ".avif",
    ".heic",
)
_NO_DISK = (".iso", ".img", ".qcow", ".qcow2", ".vmdk", ".vdi", ".vhd", ".vhdx", ".raw", ".ova", ".ovf", ".dmg", ".wic")
_NO_NAMES = frozenset(
    [
        "auto",
        "automatic",
        "custom",
        "default",
        "disabled",
        "enabled",
        "false",
        "image",
        "latest",
        "legacy",
        "linux",
        "no",
        "none",
        "null",
        "off",
        "on",
        "optional",
        "placeholder",
        "string",
        "text",
        "true",
        "url",
        "windows",
        "yes",
    ]
)
"""Words that stand under image keys and are no images, though they could be names of some."""

_NO_PROJECT = frozenset({"git", "source", "with", "dependencies"})
"""Parents whose `repository` is a project or a chart, not an image."""


def located_images(
    mappings: Sequence[Mapping], context: Context, *, every: bool, selectors: bool = False
) -> Iterator[Site]:
    """Yield the images of a document's mappings that the lexical locator cannot see, or sees only in part.

    A registry counts for the names of its own mapping and of those below it, one under `global` for all. With
    `every` also images whose registry no rule knows. The parts of a split reference are in reading order. With
    `selectors` the entries of `images` at the root are those of a kustomization.
    """
    jobs = {mapping.path for mapping in mappings if mapping.job}
    if any(len(path) == 1 for path in jobs):
        jobs |= {(), ("default",)}  # of GitLab, which lets a pipeline say there what is true of all its jobs
    registries = {mapping.path: found for mapping in mappings if (found := _registry_of(mapping)) is not None}
    for mapping in mappings:
        if selectors and mapping.path[:1] == ("images",):
            yield from (site for entry in mapping.entries if entry.key in ("name", "newName")
                        for site in _whole(entry, Role.NAME, mapping.path, context, every=every))  # fmt: skip
            continue
        yield from _images(mapping, _registry_above(mapping.path, registries), context, every=every)
        yield from (site for entry in _of_jobs(mapping, jobs)
                    for site in _whole(entry, Role.REFERENCE, mapping.path, context, every=every))  # fmt: skip


def _of_jobs(mapping: Mapping, jobs: set[KeyPath]) -> Iterator[Entry]:
    """Yield the entries that are images because the job of a pipeline is around them: its container, its services."""
    path, wanted = mapping.path, ""
    if not jobs:
        return
    if path in jobs:
        wanted = "container"
    elif path[-1:] == ("services",) and path[:-1] in jobs:
        wanted = SERVICE
    elif path[-2:-1] == ("services",) and isinstance(path[-1], int) and path[:-2] in jobs:
        wanted = "name"
    yield from (entry for entry in mapping.entries if entry.key == wanted)


def _registry_of(mapping: Mapping) -> Entry | None:
    """Return the registry that a mapping sets for all that is in it and below; one with its own name is for that."""
    group = _groups(mapping.entries, of_image=_speaks_of_image(mapping.path[-1:])).get((), {})
    if next(_single(group), None) is not None:
        return None
    return next((entry for entry in group.get(Role.REGISTRY, ()) if entry.value.strip()), None)


def _registry_above(path: KeyPath, registries: dict[KeyPath, Entry]) -> Entry | None:
    for size in range(len(path), -1, -1):
        found = registries.get(path[:size])
        if found is not None:
            return found
    return registries.get(("global",))


def _images(mapping: Mapping, above: Entry | None, context: Context, *, every: bool) -> Iterator[Site]:
    path = mapping.path
    of_image = _speaks_of_image(path[-1:])
    for group in _groups(mapping.entries, of_image=of_image).values():
        names = [*_single(group)]
        own = next((entry.value.strip() for entry in group.get(Role.REGISTRY, ()) if entry.value.strip()), "")
        alone, blocker = names, None
        if own:
            namespace = not is_host(own.partition("/")[0])  # of Docker Hub, or no registry at all
            evident = of_image or not {Role.TAG, Role.DIGEST, Role.PULL_POLICY}.isdisjoint(group)
            readings = [] if namespace and not evident else _readings(group)
            alone = []
        elif above is not None and names and not any(_complete(entry) for _, entry in names):
            apart = above not in mapping.entries and any(":" in entry.value for _, entry in names)  # a whole reference
            readings = [] if apart else _readings({**group, Role.REGISTRY: [above]})
            alone, blocker = [] if readings else names, Reason.REGISTRY_ABOVE
        else:
            readings = _readings({**group, Role.REGISTRY: []})
            alone = [] if readings else names
        yield from (_split_site(joined, path, context) for joined in readings)
        yield from (site for role, entry in alone if _is_image(role, entry, group, path)
                    for site in _whole(entry, role, path, context, every=every, blocker=blocker))  # fmt: skip
        yield from (site for entry in group.get(Role.REGISTRY, ()) if not readings and not names
                    for site in _whole(entry, Role.REGISTRY, path, context, every=every)
                    if of_image or Role.PULL_POLICY in group)  # fmt: skip


def _speaks_of_image(steps: Sequence[str | int]) -> bool:
    """Tell whether the last of these key path steps names an image, so that a `name` below it is the image's."""
    found = key_role(steps[-1]) if steps and isinstance(steps[-1], str) else None
    return found is not None and found.role is Role.REFERENCE


def _groups(entries: Sequence[Entry], *, of_image: bool) -> dict[tuple[str, ...], Group]:
    """Gather the entries by the image that they speak of."""
    groups: dict[tuple[str, ...], Group] = {}
    for entry in entries:
        found = key_role(entry.key)
        if found is None or (found.role is Role.NAME and not of_image and not is_image_word(entry.key)):
            continue
        groups.setdefault(found.stem, {}).setdefault(found.role, []).append(entry)
    return groups


def _single(group: Group) -> Iterator[tuple[Role, Entry]]:
    """Yield the entries of a group that may be names by themselves."""
    for role in (Role.REFERENCE, Role.REPOSITORY):
        yield from ((role, entry) for entry in group.get(role, ()))
    if Role.REFERENCE not in group and Role.REPOSITORY not in group:
        yield from ((Role.NAME, entry) for entry in group.get(Role.NAME, ()))


def _complete(entry: Entry) -> bool:
    """Tell whether a value names its registry itself."""
    reference = Reference.match(entry.value.strip())
    return entry.written or (reference is not None and reference.registry != "")


def _is_image(role: Role, entry: Entry, group: Group, path: KeyPath) -> bool:
    """Tell whether a name is an image's, which for `repository` and the like the keys around have to say."""
    parents = [step for step in path if isinstance(step, str)]
    if any(NO_CONTAINER.intersection(words(step)) or step in _NO_PROJECT for step in parents[-2:]):
        return False
    if role is Role.REFERENCE or is_image_word(entry.key) or Role.PULL_POLICY in group:
        return True
    near = [step for step in parents[-2:] if words(step)[-1:] in (("image",), ("images",))]
    return bool(near) or Role.TAG in group or Role.DIGEST in group


_NAMING = (Role.REGISTRY, Role.ORGANIZATION, Role.REPOSITORY, Role.REFERENCE, Role.NAME)
"""The roles of what can be a part of a name, in the order of reading."""


def _readings(group: Group) -> list[list[Entry]]:
    """Return the names that the entries form, each as its entries, first the registry; none where each is its own.

    There are several where a key is given twice, in branches of a template or by mistake: each has to move.
    """
    choices = [[e for e in group.get(role, ()) if e.value.strip()] for role in _NAMING]
    usual = [next(iter(entries), None) for entries in choices]
    chosen = [usual] if max(map(len, choices)) < 2 else [
        [*usual[:at], entry, *usual[at + 1 :]] for at, entries in enumerate(choices) if len(entries) > 1
        for entry in entries
    ]  # fmt: skip
    return [joined for entries in chosen if (joined := _joined(*entries))]


def _joined(
    registry: Entry | None,
    organization: Entry | None,
    repository: Entry | None,
    image: Entry | None,
    name: Entry | None,
) -> list[Entry]:
    """Return the entries that together are one name, first the registry; empty where each stands for itself."""
    path = [repository] if repository else []
    last = image or name
    beside = repository is not None and is_host(repository.value.partition("/")[0])
    if last and (not path or (":" not in last.value and (beside or "/" not in last.value))):
        path.append(last)
    if registry and organization and path and "/" not in path[0].value:
        path.insert(0, organization)
    if registry and path:
        path.insert(0, registry)
    return path if len(path) > 1 and _is_one_name(path) else []


def _is_one_name(entries: Sequence[Entry]) -> bool:
    """Tell whether the values read as one reference; each for itself where several have a source registry."""
    return sum(e.written for e in entries) < 2 and Reference.match(join_name(map(_value, entries))) is not None


def _value(entry: Entry) -> str:
    """Return the value of an entry, without a tag that is a placeholder."""
    return _without_dynamic_tag(entry.value.strip())


def join_name(texts: Iterable[str]) -> str:
    """Return the parts of a split reference as one name; a registry may end with a slash."""
    return "/".join(text.strip().removesuffix("/") for text in texts)


def _split_site(entries: Sequence[Entry], path: KeyPath, context: Context) -> Site:
    blocker = None if all(e.span for e in entries) else Reason.ESCAPED
    if any(e.written for e in entries[1:]):
        blocker = Reason.OTHER_HOST
    parts = (Part(_role(e.key), e.span or e.outer, _value(e)) for e in entries)
    return Site(tuple(parts), context, (*path, entries[0].key), blocker=blocker)


def _role(key: str) -> Role:
    found = key_role(key)
    return found.role if found else Role.NAME


def _whole(
    entry: Entry, role: Role, path: KeyPath, context: Context, *, every: bool, blocker: Reason | None = None
) -> Iterator[Site]:
    """Yield the image that a value names by itself, without its registry."""
    value = _value(entry)
    reference = Reference.match(value)
    if entry.written or reference is None or (reference.registry and not every) or _is_something_else(value, reference):
        return
    if role is Role.REGISTRY and (reference.suffix or reference.registry):
        return
    blocker = blocker if entry.span else Reason.ESCAPED
    yield Site((Part(role, entry.span or entry.outer, value),), context, (*path, entry.key), blocker=blocker)


def _is_something_else(value: str, reference: Reference) -> bool:
    """Tell whether what reads like a short name is a registry by itself, a picture, a disk or an image's ID."""
    return (
        ("/" not in value and is_host(reference.repository))
        or reference.repository.lower().endswith(_NO_IMAGE + _NO_DISK)
        or (reference.repository == "sha256" and len(reference.tag) >= 32)
        or "/images/" in value  # of virtual machines, as https://cloud.google.com/compute/docs/images
        or value in _NO_NAMES
    )


def _without_dynamic_tag(value: str) -> str:
    """Return a name whose tag is a placeholder, or whose digest is a key of its own, without that."""
    for mark in (":{", ":$", ":%", ":<", ":@", ":#", ":" + OPAQUE):
        value = value.partition(mark)[0]
    return value.removesuffix("@sha256")
