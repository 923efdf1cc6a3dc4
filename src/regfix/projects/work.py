"""The work on one project, step by step; each step can be begun again after the process was killed in it."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from contextlib import suppress
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import RegfixError
from regfix.projects.git import ATTRIBUTES, Git
from regfix.projects.model import Accounting, ProjectError, Record, Status
from regfix.projects.network import patiently
from regfix.projects.state import State, Step, load, locked, save
from regfix.projects.tree import changes, import_stream, prepare

if TYPE_CHECKING:
    from regfix.program import Programs
    from regfix.projects.model import Project, Rewriter
    from regfix.projects.network import Hosts


class How(NamedTuple):
    """What is to be done for each project, and how.

    Clones and states lie below `folder`. `author` and `committer` are names for commits, with an address. `request` is
    gh, glab, or `command` for the template of the plan. `timeout` is in seconds for each call of a program.
    """

    folder: str
    author: str = ""
    committer: str = ""
    dry_run: bool = False
    again: bool = False
    push: bool = False
    request: str = ""
    timeout: float = 600.0
    attempts: int = 3


def prepare_folder(folder: str) -> None:
    """Make what all projects need below a folder; raises OSError."""
    for name in ("state", "projects", "template/info"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    _write(os.path.join(folder, ".gitignore"), "*\n")
    _write(os.path.join(folder, "template/info/attributes"), ATTRIBUTES)


def _write(path: str, text: str) -> None:
    """Write a file unless it is there: as a whole, since others read it, and write it, at the same time."""
    if not os.path.exists(path):
        with NamedTemporaryFile("w", dir=os.path.dirname(path), prefix=".new-", delete=False) as file:
            file.write(text)
        os.replace(file.name, path)


def work(project: Project, how: How, rewrite: Rewriter, programs: Programs, hosts: Hosts) -> Record:
    """Do what is left to do for a project and return what became of it; whatever goes wrong is in the record."""
    state = os.path.join(how.folder, "state", project.address.slug)
    worker: _Worker | None = None
    error: RegfixError
    try:
        prepare_folder(how.folder)
        with locked(f"{state}.lock") as lock:
            git = Git(programs, project.address, how.timeout, lock)
            worker = _Worker(project, how, rewrite, git, hosts, f"{state}.json")
            return worker.run()
    except RegfixError as failed:
        error = failed
    except OSError as failed:
        error = ProjectError("the work on it failed", why=f"{failed.filename or ''}: {failed.strerror}".lstrip(": "))
    except Exception as failed:  # one project never stops the others
        error = ProjectError("unexpected error", why=f"{type(failed).__name__}: {failed}", hint="please report it")
    return worker.failed(error) if worker is not None else Record(project, Status.FAILED, error=error)


class _Worker:
    """The steps for one project, under its lock."""

    def __init__(self, project: Project, how: How, rewrite: Rewriter, git: Git, hosts: Hosts, path: str) -> None:
        self._project = project
        self._how = how
        self._rewrite = rewrite
        self._git = git
        self._hosts = hosts
        self._path = path
        self._clone = os.path.join(os.path.abspath(how.folder), "projects", project.address.slug)
        self._settings = _fingerprint(project)
        self._state = load(path)
        self._fresh = False  # whether the clone is as git made it, in this run

    def run(self) -> Record:
        """Do the steps that are left. Raises RegfixError, OSError."""
        if self._how.again or self._state.settings != self._settings:
            self._state = State(self._settings, pushed=self._state.pushed)
        before = self._state.step
        if self._state.step is Step.NEW:
            self._clone_it()
        if self._state.step is Step.CLONED:
            found = self._rewrite_it()
            if self._how.dry_run:
                return self._record(before, found)
        if self._state.accounting.files and not self._how.dry_run:
            self._publish()
        return self._record(before, self._state.accounting)

    def failed(self, error: RegfixError) -> Record:
        """Return the record of a project with what was done before something went wrong."""
        state = self._state
        return Record(self._project, Status.FAILED, state.step.name.lower(), base=state.base_branch,
                      commit=state.commit, accounting=state.accounting, error=error)  # fmt: skip

    def _record(self, before: Step, found: Accounting) -> Record:
        state = self._state
        return Record(
            self._project, Status.CHANGED if found.files else Status.UNCHANGED, state.step.name.lower(),
            before is state.step and before >= Step.REWRITTEN, state.base_branch, state.commit, state.request, found,
        )  # fmt: skip

    def _save(self, state: State) -> None:
        save(self._path, state)
        self._state = state

    def _clone_it(self) -> None:
        checkout = self._checkout()
        if checkout and self._git.said("status", "--porcelain", "--untracked-files=no", cwd=checkout):
            raise ProjectError("the checkout has changes that are not committed", hint="commit or stash them; it was "
                               "not touched")  # fmt: skip
        part = f"{self._clone}.part"
        patiently(lambda: self._clone_to(part), self._how.attempts, self._hosts, self._project.address.host)
        base, branch = self._head(part)
        if self._project.branch == branch:
            raise ProjectError(f"{branch} is the branch to begin with", hint="name another with --branch")
        _remove(self._clone)
        os.replace(part, self._clone)
        self._fresh = True
        self._save(self._state._replace(step=Step.CLONED, base=base, base_branch=branch))

    def _clone_to(self, part: str) -> None:
        _remove(part)
        project, address = self._project, self._project.address
        arguments = ["clone", "--quiet", f"--template={os.path.join(os.path.abspath(self._how.folder), 'template')}",
                     "--no-tags", "--no-recurse-submodules"]  # fmt: skip
        arguments += [f"--branch={project.base}"] if project.base else []
        if self._checkout():
            arguments.append("--shared")
        elif address.host or address.url.startswith("file:"):
            arguments += ["--depth=1", "--single-branch"]
        partial = bool(project.paths and address.host)
        arguments += ["--filter=blob:none", "--no-checkout"] if partial else []
        self._git.said(*arguments, "--", address.url, part)
        if partial:
            folders = sorted({path if "." not in os.path.basename(path) else os.path.dirname(path) or "."
                              for path in project.paths})  # fmt: skip
            if "." not in folders:
                self._git.said("sparse-checkout", "set", "--cone", "--", *folders, cwd=part)
            self._git.said("checkout", "--quiet", cwd=part)

    def _head(self, clone: str) -> tuple[str, str]:
        """Return the commit that the work begins at, and its branch."""
        done = self._git.run("rev-parse", "HEAD", "--abbrev-ref", "HEAD", cwd=clone)
        if done.code:
            raise ProjectError("it has no default branch, or no commit", hint="name a branch as base in the plan")
        commit, branch = done.stdout.decode("utf-8", "replace").split("\n")[:2]
        return commit, "" if branch == "HEAD" else branch

    def _rewrite_it(self) -> Accounting:
        if not self._fresh:
            self._restore()
        notes = prepare(self._git, self._clone)
        found = self._rewrite(self._clone, self._project, write=not self._how.dry_run)
        found = found._replace(notes=(*notes, *found.notes))
        self._fresh = False
        if not self._how.dry_run:
            if found.files and not changes(self._git, self._clone):
                found = found._replace(files=0, references=0)
            date = f"{int(time.time())} {time.strftime('%z')}"
            self._save(self._state._replace(step=Step.REWRITTEN, accounting=found, date=date))
        return found

    def _restore(self) -> None:
        """Bring a clone that another run left back to its base."""
        _remove(os.path.join(self._clone, ".git", "index.lock"))
        self._git.said("reset", "--quiet", "--hard", self._state.base, cwd=self._clone)

    def _publish(self) -> None:
        if self._state.step is Step.REWRITTEN:
            self._commit_it()
        if self._state.step is Step.COMMITTED and self._how.push:
            from regfix.projects.push import push

            patiently(lambda: push(self._git, self._where(), self._project, self._state, self._clone),
                      self._how.attempts, self._hosts, self._project.address.host)  # fmt: skip
            self._save(self._state._replace(step=Step.PUSHED, pushed=self._state.commit))
        if self._state.step is Step.PUSHED and self._how.request:
            from regfix.projects.request import request

            told = patiently(lambda: request(self._git, self._where(), self._project, self._state, self._how.request),
                             self._how.attempts, self._hosts, self._project.address.host)  # fmt: skip
            self._save(self._state._replace(step=Step.REQUESTED, request=told))

    def _commit_it(self) -> None:
        """Make the one commit, on its branch; a branch that is there was made by a run that was killed behind that."""
        branch, state = self._project.branch, self._state
        ref = f"refs/heads/{branch}"
        if self._git.run("rev-parse", "--quiet", "--verify", ref, cwd=self._clone).code:
            author, committer = (f"{name} {state.date}" for name in (self._how.author, self._how.committer))
            message = f"{state.accounting.title}\n\n{state.accounting.message}"
            changed = changes(self._git, self._clone)
            pieces = import_stream(branch, author, committer, message, state.base, self._clone, changed)
            self._git.said("fast-import", "--quiet", "--done", cwd=self._clone, stdin=b"".join(pieces))
        _remove(os.path.join(self._clone, ".git", "index.lock"))
        self._git.said("checkout", "--quiet", "--force", branch, "--", cwd=self._clone)
        commit = self._git.said("rev-parse", ref, cwd=self._clone).decode().strip()
        if checkout := self._checkout():
            from regfix.projects.push import deliver

            commit = deliver(self._git, checkout, self._clone, self._project, commit)
        self._save(state._replace(step=Step.COMMITTED, commit=commit))

    def _where(self) -> str:
        """Return the folder that pushes: the user's checkout, else the clone."""
        return self._checkout() or self._clone

    def _checkout(self) -> str:
        """Return the folder of a project that is a checkout of the user's, else an empty text."""
        address = self._project.address
        is_path = not address.host and not address.url.startswith("file:")
        return address.url if is_path and os.path.lexists(os.path.join(address.url, ".git")) else ""


def _fingerprint(project: Project) -> str:
    """Return a name for the settings that a commit depends on."""
    parts = project._replace(address=project.address._replace(secret=""), request=())
    return hashlib.sha256(repr(tuple(parts)).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        with suppress(FileNotFoundError):
            os.unlink(path)
