"""Runs about some files of a project: the kustomizations that select images of theirs go with them.

A manifest that moves without them would no longer be selected, and get another tag than before. So they move together,
as the files of a chart do: with all that such a kustomization is made of, else its selectors would have to stay.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.errors import SourceError
from regfix.locate.kind import KUSTOMIZATIONS, Kind, kind_of
from regfix.text.read import read_worth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.locate.hosts import HostFinder
    from regfix.locate.kustomize import Parts
    from regfix.run.file import Options


def with_selecting(only: Sequence[str], paths: Sequence[str], options: Options, hosts: HostFinder) -> Sequence[str]:
    """Return the files that a run over `paths` is about, and what goes with those that a kustomization is made of."""
    top = os.path.realpath(".")
    moving = {os.path.realpath(path) for path in only if _is_below_kustomization(path, top) and _may_move(path, hosts)}
    if not moving:
        return only
    return tuple(dict.fromkeys((*only, *_selecting(moving, options._replace(roots=paths), hosts))))


def _is_below_kustomization(path: str, top: str) -> bool:
    """Tell whether a manifest lies beside or below a kustomization: kustomize takes no files from elsewhere."""
    if kind_of(path) is not Kind.YAML:
        return False
    folder = os.path.dirname(os.path.realpath(path))
    while f"{folder}/".startswith(f"{top}/"):
        if any(os.path.isfile(os.path.join(folder, name)) for name in KUSTOMIZATIONS):
            return True
        folder = os.path.dirname(folder)
    return False


def _may_move(path: str, hosts: HostFinder) -> bool:
    try:
        read = read_worth(path, hosts.may_concern)
    except SourceError:
        return False  # told by the run
    return read is not None and hosts.may_hold(read[0])


def _selecting(moving: set[str], options: Options, hosts: HostFinder) -> Iterator[str]:
    """Yield the kustomizations made of files that may move, and all else that they are made of."""
    from regfix.run.kustomizations import all_kustomizations

    known = dict(all_kustomizations(options))
    beside = {os.path.dirname(file): file for file in known}
    for file in known:
        parts = set(_made_of(file, known, beside))
        if not moving.isdisjoint(parts):
            selecting = (part for part in (file, *parts) if os.path.basename(part) in KUSTOMIZATIONS)
            if any(_may_move(part, hosts) for part in selecting):
                yield from (part for part in (file, *sorted(parts)) if os.path.exists(part))


def _made_of(file: str, known: dict[str, Parts], beside: dict[str, str]) -> Iterator[str]:
    """Yield the real paths of the files and folders that a kustomization is made of, those of its sources, too.

    `beside` are the kustomizations that are `known` by their folders.
    """
    waiting, seen = [file], {file}
    while waiting:
        file = waiting.pop()
        for part in (*known[file].sources, *known[file].files):
            place = os.path.realpath(os.path.join(os.path.dirname(file), part))
            yield place
            other = beside.get(place)
            if other is not None and other not in seen:
                seen.add(other)
                waiting.append(other)
                yield other
