"""Walking folders: every regular file below the named paths, in an order of its own, with a reason for the rest.

One pass with an explicit stack, however deep the tree; it holds the entries of the folders from the root down to
the current one, and nothing of those that are done. Entries come sorted by the bytes of their names (R8).
Symbolic links are neither followed nor read (R27), but for a folder that the user names by a link; so no loop can
occur. What is not a regular file is not opened (R28).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regfix.discover.found import Failed, File, Found, Leftover, Skipped, SkipReason
from regfix.discover.scope import RULE_FILES, Place, RuleFiles, Scope
from regfix.discover.targets import VCS_FOLDERS, Targets
from regfix.errors import SourceError, UsageError
from regfix.text.read import reason
from regfix.text.write import is_leftover

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.discover.ignore import GitRules
    from regfix.discover.targets import Target


def discover(paths: Sequence[str], *, exclude: Sequence[str] = (), ignore_files: bool = True) -> Iterator[Found]:
    """Yield what lies at and below `paths`, each thing once, in a stable order.

    `exclude` are patterns as in a .gitignore, relative to each folder among the paths. A path that is named wins
    over them and over every ignore file; `ignore_files` false leaves those out of account. What cannot be read
    is yielded as Failed, and the rest goes on. Raises UsageError for an exclude pattern that means nothing.
    """
    return _Walk(Targets(paths), RuleFiles(active=ignore_files), _exclude_rules(exclude)).run()


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder under way. `named`: names in it that the user gave; `plain`: neither those nor rules to ask."""

    entries: Iterator[os.DirEntry[str]]
    place: Place
    scope: Scope
    named: dict[str, bool] | None
    plain: bool


class _Walk:
    def __init__(self, targets: Targets, rules: RuleFiles, exclude: GitRules | None) -> None:
        self._targets = targets
        self._rules = rules
        self._exclude = exclude
        self._stack: list[_Folder] = []

    def run(self) -> Iterator[Found]:
        for target in self._targets:
            if target.found is not None:
                yield target.found
            else:
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
                    if plain and entry.is_file(follow_symlinks=False) and not is_leftover(entry.name):
                        yield File(entry.path, False)
                        continue
                    met = self._meet(folder, entry)
                except OSError as error:
                    met = [Failed(entry.path, _unreadable(entry.path, error))]
                yield from met
                if stack[-1] is not folder:
                    break
            else:
                stack.pop()
