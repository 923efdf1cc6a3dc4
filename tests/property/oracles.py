"""What has to happen, worked out from the words of the documentation and by trying everything; slow and plain.

Sources: https://github.com/distribution/reference/blob/main/normalize.go for names, docs/explanation/rules.md for rules.
"""

from __future__ import annotations

from collections.abc import Iterable

Name = tuple[str, ...]
"""A name as it is compared: the registry, then the components of the repository."""

Rules = Iterable[tuple[str, str]]

HUB = ("docker.io", "index.docker.io", "registry-1.docker.io")


def split_version(reference: str) -> tuple[str, str]:
    """Return the name of a reference, and its tag and digest with their separators."""
    name, at, digest = reference.partition("@")
    folders, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    return folders + slash + last, colon + tag + at + digest


def normal(name: str) -> Name:
    """Return a name with the registry and the `library` that Docker Hub leaves out."""
    first, slash, rest = name.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first or first.lower() != first):
        host, path = first, rest.split("/")
    else:
        host, path = "docker.io", name.split("/")
    if host in HUB:
        host = "docker.io"
        if len(path) == 1:
            path = ["library", *path]
    return host, *path


def normal_prefix(text: str) -> Name:
    """Return a side of a rule; `docker.io/nginx` may be a user's namespace, so no `library` comes in."""
    host, *path = text.split("/")
    return "docker.io" if host in HUB else host, *path


def matched(source: Name, name: Name) -> int:
    """Return how many components of a name a rule takes, 0 where it does not match."""
    if name[: len(source)] == source:
        return len(source)
    official = len(source) == 2 and source[0] == "docker.io" and name == ("docker.io", "library", source[1])
    return 3 if official else 0


def steps(rules: Rules, name: Name) -> list[tuple[Name, Name]]:
    """Return the way of a name through the rules: each source that counts, and where the name is then.

    The longest matching rule counts, again and again, but none on its own result. Ends at a rule that comes again.
    """
    known = {normal_prefix(old): normal_prefix(new) for old, new in rules}
    way: list[tuple[Name, Name]] = []
    while True:
        source = max(known, key=lambda source: matched(source, name))
        size = matched(source, name)
        target = known[source]
        if not size or source == target or (target[: len(source)] == source and name[: len(target)] == target):
            return way
        again = any(source == used for used, _ in way)
        name = target + name[size:]
        if name[0] == "docker.io" and len(name) == 2:
            name = ("docker.io", "library", name[1])
        way.append((source, name))
        if again:
            return way


def target_of(rules: Rules, name: Name) -> Name:
    """Return where a name ends: where it is where a rule would come again, as it has no end."""
    way = steps(rules, name)
    sources = {source for source, _ in way}
    return way[-1][1] if way and len(sources) == len(way) else name


def moved(rules: Rules, reference: str) -> str:
    """Return a reference after the rules; Docker Hub is written out where it is moved within Docker Hub."""
    name, version = split_version(reference)
    before = normal(name)
    after = target_of(rules, before)
    return reference if after == before else "/".join(after) + version
