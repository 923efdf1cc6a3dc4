"""Outcomes of the members of archives, carried out: each archive is repacked once with all that is planned for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.chart.archive import Budget, open_archive, safe_name
from regfix.chart.repack import repacked
from regfix.errors import SourceError
from regfix.rewriting import as_written, left_as_failed
from regfix.run.archive import SIGNATURE
from regfix.text.read import read_file
from regfix.text.write import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from regfix.outcome import Outcome

    Contents = Mapping[str, tuple[bytes, bytes]]
    """What members hold and shall hold, by their names; those of an archive within stand behind its name and `!`."""

_ENDING = ".tgz"


def archive_of(source: str) -> str:
    """Return the archive that a source lies in, by its path; an empty text for a file."""
    at = source.find(_ENDING + "!")
    return source[: at + len(_ENDING)] if at >= 0 else ""


def is_signed(path: str) -> bool:
    """Tell whether a provenance file signs what an archive is now."""
    return os.path.lexists(path + SIGNATURE)


def by_archive(outcomes: Iterable[Outcome]) -> dict[str, dict[str, tuple[bytes, bytes]]]:
    """Return what is planned for the members of archives, by the paths of these."""
    found: dict[str, dict[str, tuple[bytes, bytes]]] = {}
    for outcome in outcomes:
        path = archive_of(outcome.source)
        if path and outcome.decoded is not None and outcome.after is not None:
            encode = outcome.decoded.encode
            both = encode(outcome.decoded.text), encode(outcome.after)
            found.setdefault(path, {})[outcome.source[len(path) + 1 :]] = both
    return found


def with_members(data: bytes, path: str, contents: Contents, budget: Budget | None = None) -> bytes:
    """Return an archive with new contents of members; raises SourceError where they are not what was planned on."""
    budget = budget or Budget()
    archive = open_archive(data, path, budget)
    names = [safe_name(member.name) for member in archive.members]
    new: dict[int, bytes] = {}
    for name in dict.fromkeys(name.partition("!")[0] for name in contents):
        if names.count(name) != 1:
            raise SourceError("the chart archive is not rewritten", where=path, why=f"{name} is not in it once")
        index = names.index(name)
        now = archive.content(archive.members[index])
        within = {key[len(name) + 1 :]: both for key, both in contents.items() if key.startswith(name + "!")}
        if within:
            new[index] = with_members(now, f"{path}!{name}", within, budget)
        elif contents[name][0] == now:
            new[index] = contents[name][1]
        else:
            raise SourceError("changed while regfix was running; nothing written", where=f"{path}!{name}")
    return repacked(archive, new)


def write_members(outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """Rewrite the archives that outcomes are planned for, and yield all outcomes as they turned out."""
    failed: dict[str, SourceError] = {}
    for path, contents in by_archive(outcomes).items():
        try:
            data, state = read_file(path)
            replace_file(path, data, with_members(data, path, contents), state)
        except SourceError as error:
            failed[path] = error
    for outcome in outcomes:
        path = archive_of(outcome.source) if outcome.after is not None else ""
        if path in failed:
            yield left_as_failed(outcome, failed[path])
        else:
            yield as_written(outcome) if path else outcome
