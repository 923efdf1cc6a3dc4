"""Walking folders: every regular file below the named paths, in an order of its own, with a reason for the rest.

One pass with an explicit stack, however deep the tree; it holds the entries of the folders from the root down to
the current one, and nothing of those that are done. Entries come sorted by the bytes of their names (R8).
Symbolic links are neither followed nor read (R27), but for a folder that the user names by a link; so no loop can
occur. What is not a regular file is not opened (R28).
"""

from __future__ import annotations

import errno
import os
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from regfix.discover.found import Failed, File, Found, Leftover, Skipped, SkipReason
from regfix.discover.ignore import exclude_rules, latin
from regfix.discover.matcher import Listing
from regfix.discover.scope import RuleFiles, Scope
from regfix.discover.targets import VCS_FOLDERS
from regfix.errors import SourceError, UsageError
from regfix.text.leftover import LEFTOVER, is_leftover
from regfix.text.read import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.discover.ignore import GitRules
    from regfix.discover.targets import Target, Targets

_HINTS = {
    errno.EACCES: "check the permissions of the folder and of those above it",
    errno.ENAMETOOLONG: "name a folder further down, from within the one above it",
}


class _Folder(NamedTuple):
    """A folder under way.

    `place` is its real path with a slash behind it. `named`: the names in it that the user gave, each with whether it
    is done; `plain`: there are no such names, no rule leaves anything out, and no file is a leftover.
    """

    entries: Iterator[os.DirEntry[str]]
    place: str
    scope: Scope
    named: dict[str, bool] | None
    plain: bool


class Walk:
    """Walks the folders among the targets of a run; `exclude` are patterns as in a .gitignore."""

    def __init__(self, targets: Targets, *, exclude: Sequence[str], ignore_files: bool) -> None:
        """Take the targets, to know which of them lie below others. Raises UsageError for an idle pattern."""
        self._targets = targets
        self._rules = RuleFiles(active=ignore_files)
        self._exclude = _exclude_rules(exclude)
        self._stack: list[_Folder] = []

    def below(self, target: Target) -> Iterator[Found]:
        """Return what lies below a target that is a folder."""
        return chain(self._enter_root(target), self._walk())

    def _walk(self) -> Iterator[Found]:
        """Yield from the folders on the stack, and those below, until it is empty: the loop that is run per file."""
        stack = self._stack
        while stack:
            folder = stack[-1]
            plain = folder.plain
            for entry in folder.entries:
                try:
                    if plain and entry.is_file(follow_symlinks=False):
                        yield File(entry.path, False)
                        continue
                    met = self._meet(folder, entry)
                except OSError as error:
                    met = (_unreadable(entry.path, error),)
                yield from met
                if stack[-1] is not folder:
                    break
            else:
                stack.pop()

    def _meet(self, folder: _Folder, entry: os.DirEntry[str]) -> Sequence[Found]:
        """Return what an entry gives; a folder to walk goes onto the stack."""
        name = entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if folder.plain and is_folder:
            return self._enter(entry.path, f"{folder.place}{name}/", folder.scope)
        names = folder.named or {}
        if names.get(name):
            return ()
        if named := name in names:
            names[name] = True
        path, is_file = entry.path, entry.is_file(follow_symlinks=False)
        if is_file and is_leftover(name):
            return (Leftover(path),)
        if not named and (why := folder.scope.reason(folder.place, name, folder=is_folder)):
            return (Skipped(path, why),)
        if is_folder:
            return self._enter(path, f"{folder.place}{name}/", folder.scope)
        if is_file:
            return (File(path, named),)
        return (Skipped(path, SkipReason.SYMLINK if entry.is_symlink() else SkipReason.SPECIAL),)

    def _enter_root(self, target: Target) -> Sequence[Found]:
        scope, failures = self._rules.above(target.real)
        if self._exclude:
            scope = scope._replace(exclude=(len(latin(target.real)), self._exclude))
        return (*failures, *self._enter(target.path, target.real, scope))

    def _enter(self, path: str, place: str, above: Scope) -> Sequence[Found]:
        """Put a folder onto the stack; return what could not be read.

        A folder that vanished since its name was read is passed over: nothing is left of it to be done.
        """
        try:
            with os.scandir(path) as found:
                entries = {entry.name: entry for entry in found}
        except OSError as error:
            vanished = isinstance(error, FileNotFoundError) and self._stack
            return () if vanished else (_unreadable(path, error),)
        scope, failures = self._rules.enter(above, place, path, entries)
        named = self._targets.inside(place)
        if not VCS_FOLDERS.isdisjoint(entries):
            entries = {name: entry for name, entry in entries.items() if name not in VCS_FOLDERS}
        entries = self._wanted(place, entries)
        listing = Listing.of(entries)
        left = _in_order(entries, listing)
        if failures:
            reported = {failed.path for failed in failures}
            left = [entry for entry in left if entry.path not in reported]
        plain = named is None and LEFTOVER not in listing.text and scope.is_silent(listing)
        self._stack.append(_Folder(iter(left), place, scope, named, plain))
        return failures

    def _wanted(self, place: str, entries: dict[str, os.DirEntry[str]]) -> dict[str, os.DirEntry[str]]:
        """Return the entries of the folder at `place` that the walk is about: all of them."""
        return entries


def _in_order(entries: dict[str, os.DirEntry[str]], listing: Listing) -> list[os.DirEntry[str]]:
    """Return the entries sorted by the bytes of their names."""
    # The order of code points is that of the bytes, but for surrogate escapes.
    names = sorted(entries) if listing.text.isascii() else sorted(entries, key=os.fsencode)
    return [entries[name] for name in names]


def _exclude_rules(patterns: Sequence[str]) -> GitRules | None:
    """Build the rules of the exclude patterns. Raises UsageError for one that git would not take for a pattern."""
    try:
        return exclude_rules(patterns) if patterns else None
    except ValueError as error:
        raise UsageError(f"exclude pattern {error} matches nothing", hint="see gitignore(5)") from None


def _unreadable(path: str, error: OSError) -> Failed:
    hint = _HINTS.get(error.errno or 0, "")
    return Failed(path, SourceError("cannot be read", where=path, why=reason(error), hint=hint))
