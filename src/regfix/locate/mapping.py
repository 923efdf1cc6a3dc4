"""The structural locator: images whose registry is not written, or is a key of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.image.host import is_host
from regfix.image.reference import Reference
from regfix.locate.joining import names_of, value_of
from regfix.locate.lookalike import is_picture, is_something_else
from regfix.locate.site import Context, Part, Reason, Site
from regfix.locate.words import NO_CONTAINER, SERVICE, Role, is_image_word, key_role, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.locate.entry import Entry, Group, Mapping
    from regfix.syntax.keypath import KeyPath


_NO_PROJECT = frozenset(
    ("git", "gitRepo", "git_repo", "gitRepository", "github", "source", "with", "dependencies", "chart", "helmChart")
)
"""Parents whose `repository` is a project or a chart, not an image."""


_GLOBAL = (("registry",), ("global",), ("global", "image"), ("global", "cattle"))
"""Where a registry stands that counts for the mapping around: `registry: {host: x}`, and what charts call `global`."""


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
    registries = {(m.block, m.path): found for m in mappings if (found := _registry_of(m)) is not None}
    of_all = next((found for (_, path), found in registries.items() if path == ("global",)), None)
    reach = _reach(registries)
    sizes = sorted({len(path) for _, path in reach}, reverse=True)
    for mapping in mappings:
        if selectors and mapping.path[:1] == ("images",):
            yield from (site for entry in mapping.entries if entry.key in ("name", "newName")
                        for site in _whole(entry, Role.NAME, mapping.path, context, every=every))  # fmt: skip
            continue
        yield from _images(mapping, _registry_above(mapping, reach, sizes) or of_all, context, every=every)
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
    of_registry = mapping.path[-1:] == ("registry",)
    group = _groups(mapping.entries, of_image=of_registry or _speaks_of_image(mapping.path[-1:])).get((), {})
    if next(_single(group), None) is not None:
        return None
    return next((e for role in (Role.REGISTRY, Role.HOST) for e in group.get(role, ()) if e.value.strip()), None)


def _reach(registries: dict[tuple[int, KeyPath], Entry]) -> dict[tuple[int, KeyPath], Entry]:
    """Return the registry for each place where one counts for all below; its own comes before one under `_GLOBAL`."""
    reach = dict(registries)
    for steps in _GLOBAL:
        for (block, path), found in registries.items():
            if path[-len(steps) :] == steps:
                reach.setdefault((block, path[: -len(steps)]), found)
    return reach


def _registry_above(mapping: Mapping, reach: dict[tuple[int, KeyPath], Entry], sizes: Sequence[int]) -> Entry | None:
    """Return the nearest registry that counts for a mapping; `sizes` are the lengths of the paths, long ones first."""
    block, path = mapping.block, mapping.path
    starts = (path[:size] for size in sizes if size <= len(path))
    return next((found for start in starts if (found := reach.get((block, start))) is not None), None)


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
            readings = [] if namespace and not evident else names_of(group)
            alone = []
        elif above is not None and names and not any(_complete(entry) for _, entry in names):
            apart = above not in mapping.entries and any(":" in entry.value for _, entry in names)  # a whole reference
            readings = [] if apart else names_of({**group, Role.REGISTRY: [above]})
            alone, blocker = [] if readings else names, Reason.REGISTRY_ABOVE
        else:
            readings = names_of({**group, Role.REGISTRY: []})
            alone = [] if readings else names
        if alone and Role.HOST in group:
            blocker = Reason.REGISTRY_ABOVE
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
        if found.role is Role.HOST and not ((of_image or len(words(entry.key)) > 1) and _names_host(entry.value)):
            continue
        if found.role is Role.REFERENCE and is_picture(entry.value):
            continue
        groups.setdefault(found.stem, {}).setdefault(found.role, []).append(entry)
    return groups


def _names_host(value: str) -> bool:
    """Tell whether a value begins with a host, be it in a URL."""
    return is_host(value.strip().partition("://")[2 if "://" in value else 0].partition("/")[0])


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
    if any(_holds_no_container(step) for step in parents[-2:]):
        return False
    if role is Role.REFERENCE or is_image_word(entry.key) or Role.PULL_POLICY in group:
        return True
    near = [step for step in parents[-2:] if words(step)[-1:] in (("image",), ("images",))]
    return bool(near) or Role.TAG in group or Role.DIGEST in group


def _holds_no_container(step: str) -> bool:
    """Tell whether a key says that what lies below is a project or of machines; KubeVirt's disks are containers."""
    return step in _NO_PROJECT or (step != "containerDisk" and not NO_CONTAINER.isdisjoint(words(step)))


def _split_site(entries: Sequence[Entry], path: KeyPath, context: Context) -> Site:
    blocker = None if all(e.span for e in entries) else Reason.ESCAPED
    if any(e.written for e in entries[1:]):
        blocker = Reason.OTHER_HOST
    parts = (Part(_role(e.key), e.span or e.outer, value_of(e)) for e in entries)
    return Site(tuple(parts), context, (*path, entries[0].key), blocker=blocker)


def _role(key: str) -> Role:
    found = key_role(key)
    return found.role if found else Role.NAME


def _whole(
    entry: Entry, role: Role, path: KeyPath, context: Context, *, every: bool, blocker: Reason | None = None
) -> Iterator[Site]:
    """Yield the image that a value names by itself, without its registry."""
    value = value_of(entry)
    reference = Reference.match(value)
    if entry.written or reference is None or (reference.registry and not every) or is_something_else(value, reference):
        return
    if role is Role.REGISTRY and (reference.suffix or reference.registry):
        return
    blocker = blocker if entry.span else Reason.ESCAPED
    yield Site((Part(role, entry.span or entry.outer, value),), context, (*path, entry.key), blocker=blocker)
