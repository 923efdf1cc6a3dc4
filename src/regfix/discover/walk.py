"""Walking folders: every regular file below the named paths, in an order of its own, with a reason for the rest.

One pass with an explicit stack, however deep the tree; it holds the entries of the folders from the root down to
the current one, and nothing of those that are done. Entries come sorted by the bytes of their names (R8).
Symbolic links are neither followed nor read (R27), but for a folder that the user names by a link; so no loop can
occur. What is not a regular file is not opened (R28).
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, NamedTuple

from regfix.discover.found import Failed, File, Found, Leftover, Skipped, SkipReason
from regfix.discover.ignore import exclude_rules
from regfix.discover.scope import RULE_FILES, Place, RuleFiles, Scope
from regfix.discover.targets import VCS_FOLDERS
from regfix.errors import SourceError, UsageError
from regfix.text.leftover import is_leftover
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

    `named`: the names in it that the user gave, each with whether it is done; `plain`: no names, no rules to ask.
    """

    entries: Iterator[os.DirEntry[str]]
    place: Place
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
        """Yield what lies below a target that is a folder."""
        yield from self._enter_root(target)
        yield from self._walk()

    def _walk(self) -> Iterator[Found]:
        """Yield from the folders on the stack, and those below, until it is empty: the loop that is run per file."""
        stack = self._stack
        while stack:
            folder = stack[-1]
            plain = folder.plain
            for entry in folder.entries:
                try:
                    simple = plain and entry.is_file(follow_symlinks=False) and not is_leftover(entry.name)
                    met = () if simple else self._meet(folder, entry)
                except OSError as error:
                    simple, met = False, (_unreadable(entry.path, error),)
                if simple:
                    yield File(entry.path, False)
                    continue
                yield from met
                if stack[-1] is not folder:
                    break
            else:
                stack.pop()

    def _meet(self, folder: _Folder, entry: os.DirEntry[str]) -> Sequence[Found]:
        """Return what an entry gives; a folder to walk goes onto the stack."""
        name, path = entry.name, entry.path
        is_folder = entry.is_dir(follow_symlinks=False)
        names = folder.named or {}
        if names.get(name):
            return ()
        if named := name in names:
            names[name] = True
        is_file = entry.is_file(follow_symlinks=False)
        if is_file and is_leftover(name):
            return (Leftover(path),)
        if not named and (why := folder.scope.reason(folder.place, name, folder=is_folder)):
            return (Skipped(path, why),)
        if is_folder:
            return self._enter(path, folder.place.below(name), folder.scope)
        if is_file:
            return (File(path, named),)
        return (Skipped(path, SkipReason.SYMLINK if entry.is_symlink() else SkipReason.SPECIAL),)

    def _enter_root(self, target: Target) -> Sequence[Found]:
        place = Place.of(target.real)
        scope, failures = self._rules.above(target.real)
        if self._exclude:
            scope = scope._replace(exclude=(len(place.raw), self._exclude))
        return (*failures, *self._enter(target.path, place, scope))

    def _enter(self, path: str, place: Place, above: Scope) -> Sequence[Found]:
        """Put a folder onto the stack; return what could not be read.

        A folder that vanished since its name was read is passed over: nothing is left of it to be done.
        """
        try:
            with os.scandir(path) as listing:
                entries = {entry.name: entry for entry in listing}
        except OSError as error:
            vanished = isinstance(error, FileNotFoundError) and self._stack
            return () if vanished else (_unreadable(path, error),)
        scope, failures = self._rules.enter(above, place, path, entries.keys() & RULE_FILES)
        named = self._targets.inside(place.real)
        left = _in_order(entries, {failed.path for failed in failures})
        self._stack.append(_Folder(iter(left), place, scope, named, scope.silent and named is None))
        return failures


def _in_order(entries: dict[str, os.DirEntry[str]], reported: set[str]) -> list[os.DirEntry[str]]:
    """Return the entries sorted, less version control and the ignore files that are reported as unreadable."""
    for name in VCS_FOLDERS:
        entries.pop(name, None)
    # The order of code points is that of the bytes, but for surrogate escapes.
    names = sorted(entries) if "".join(entries).isascii() else sorted(entries, key=os.fsencode)
    if reported:
        names = [name for name in names if entries[name].path not in reported]
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
