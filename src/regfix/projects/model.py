"""What a plan says of a project, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from regfix.errors import RegfixError

if TYPE_CHECKING:
    from regfix.projects.address import Address

BRANCH = "regfix/move-images"
"""The branch for the commit, unless the plan names another."""


class ProjectError(RegfixError):
    """Something about one project keeps it from being done; the others go on."""


class Passing(ProjectError):
    """An error of the network or a server that may be over in a moment."""


class Project(NamedTuple):
    """A project and the settings that count for it, those of the plan as a whole included.

    `base` is the branch to begin with, empty for the default branch. `rules` are texts OLD=NEW; without any, and
    without presets, those of the project's own settings count. `paths` are relative to the project's root. `title` is
    the first line of the commit, empty for one made from the accounting. `request` is a command template for the pull
    request.
    """

    address: Address
    branch: str = BRANCH
    base: str = ""
    rules: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    title: str = ""
    prove: bool = False
    verify: bool = False
    request: tuple[str, ...] = ()


class Accounting(NamedTuple):
    """What a run of the rules over a project found, ready to be told.

    `files` and `references` were rewritten, `left` is how many stay for each reason, `failed` are the errors of files
    that stay as they were. `short` tells that a proof, or a registry, did not confirm everything. `title`, `message`
    and `body` (Markdown) are for the commit and the pull request; `notes` are lines for the person.
    """

    files: int = 0
    references: int = 0
    left: tuple[tuple[str, int], ...] = ()
    failed: tuple[str, ...] = ()
    short: bool = False
    title: str = ""
    message: str = ""
    body: str = ""
    notes: tuple[str, ...] = ()


class Rewriter(Protocol):
    """Runs the rules over the files of a project."""

    def __call__(self, folder: str, project: Project, *, write: bool) -> Accounting:
        """Rewrite what is below a folder; raises RegfixError where nothing can be done."""


class Status(StrEnum):
    """What became of a project: there is a commit, there was nothing to change, or it could not be done."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class Record(NamedTuple):
    """What became of a project.

    `step` is the last one that is done, `earlier` tells that nothing was left to do. `commit` is on `branch`,
    `request` the address of the pull request.
    """

    project: Project
    status: Status
    step: str = ""
    earlier: bool = False
    base: str = ""
    commit: str = ""
    request: str = ""
    accounting: Accounting = Accounting()
    error: RegfixError | None = None
