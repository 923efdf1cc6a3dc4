"""Which files of a checkout changed since a revision, asked of the user's git; nothing that it configures is started.

Sources: git-diff(1), git-merge-base(1), git-ls-files(1), gitattributes(5) for filters.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from regfix.errors import UsageError
from regfix.program import ProgramError, Programs
from regfix.projects.git import SETTINGS, environment, more_settings, said_most

if TYPE_CHECKING:
    from regfix.program import Done

_SECONDS = 120.0
_DEEPER = "fetch more of it: fetch-depth: 0 for actions/checkout, GIT_DEPTH: 0 in GitLab, else git fetch --unshallow"
_FILTERS = rb"filter\..*\.(clean|smudge|process|required)"
"""Settings that make git start a program when it compares a file with what is committed."""


def changed_since(revision: str) -> list[str]:
    """Return the files below the working folder that changed since a revision, relative to it.

    These are the differences between the checkout and where its branch left that of the revision, and what is not
    tracked. A file that is gone is not among them; one that has another name now is. Raises UsageError where git
    cannot tell.
    """
    return _Checkout(f"--diff-from {revision}").changed(revision)


class _Checkout:
    """The checkout that the working folder lies in."""

    def __init__(self, where: str) -> None:
        """Take the place for errors. Raises UsageError for a folder that is in no checkout."""
        self._where = where
        self._env = environment() | {"GIT_NO_LAZY_FETCH": "1"}
        inside = self._git("rev-parse", "--is-inside-work-tree")
        if b"dubious ownership" in inside.stderr:
            raise self._error("the checkout belongs to another user", "if you trust it: git config --global --add "
                              f"safe.directory {os.getcwd()}")  # fmt: skip
        if inside.code:
            raise self._error("not in a git repository", "run regfix in a checkout, or leave --diff-from out")
        if inside.stdout.strip() != b"true":
            raise self._error("the git repository has no checkout here", "run regfix in a checkout")
        self._env |= more_settings(self._env, self._without_programs())

    def changed(self, revision: str) -> list[str]:
        """Return the files that changed since a revision. Raises UsageError."""
        base = self._base(self._commit(revision))
        options = ("--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "--diff-filter=d")
        tracked = self._said("diff", "--name-only", "-z", "--relative", *options, base, "--")
        new = self._said("ls-files", "--others", "--exclude-standard", "-z")
        return [os.fsdecode(name) for name in dict.fromkeys((*tracked.split(b"\0"), *new.split(b"\0"))) if name]

    def _commit(self, revision: str) -> str:
        """Return the commit that a revision names."""
        named = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        found = named.stdout.decode("ascii", "replace").strip()
        if not named.code and re.fullmatch("[0-9a-f]{40,64}", found):
            return found
        if self._is_shallow():
            raise self._error("this shallow clone does not hold the revision", _DEEPER)
        raise self._error("git knows no such revision", "name a commit, a tag, or a branch; one of the remote as in "
                          "origin/main, after git fetch")  # fmt: skip

    def _base(self, commit: str) -> str:
        """Return where the branch that is checked out left the history of a commit."""
        found = self._git("merge-base", commit, "HEAD")
        if found.code == 0:
            return found.stdout.decode("ascii").strip()
        if self._is_shallow():
            raise self._error("this shallow clone does not hold where the branch left the revision", _DEEPER)
        raise self._error("the revision and HEAD have no history in common", "name one that the branch began at")

    def _is_shallow(self) -> bool:
        return self._git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"

    def _without_programs(self) -> dict[str, str]:
        """Return settings that switch off the programs in those of the repository."""
        names = self._git("config", "--list", "--name-only", "-z").stdout.split(b"\0")
        found = [os.fsdecode(name) for name in names if re.fullmatch(_FILTERS, name, re.DOTALL)]
        return {name: "false" if name.endswith(".required") else "" for name in found}

    def _said(self, *arguments: str) -> bytes:
        done = self._git(*arguments)
        if done.code:
            raise self._error(f"git {arguments[0]} failed", said_most(done.stderr.decode("utf-8", "replace")))
        return done.stdout

    def _git(self, *arguments: str) -> Done:
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        try:
            return Programs().run(["git", *settings, *arguments], env=self._env, timeout=_SECONDS)
        except ProgramError as error:
            raise self._error("git could not be asked", error.why or error.what) from None

    def _error(self, what: str, hint: str) -> UsageError:
        return UsageError(what, where=self._where, hint=hint)
