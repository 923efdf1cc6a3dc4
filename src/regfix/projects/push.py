"""Bringing a commit to where it belongs: the user's checkout, or the server. Nothing of others is overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.projects.model import ProjectError

if TYPE_CHECKING:
    from regfix.projects.git import Git
    from regfix.projects.model import Project
    from regfix.projects.state import State


def deliver(git: Git, checkout: str, clone: str, project: Project, commit: str) -> str:
    """Add the branch to a checkout of the user's, and nothing else; return the commit that is on it.

    Raises ProjectError if the branch is there and holds something else.
    """
    ref = f"refs/heads/{project.branch}"
    there = git.run("rev-parse", "--quiet", "--verify", ref, cwd=checkout)
    if there.code == 0:
        found = there.stdout.decode().strip()
        if found == commit or _tree(git, checkout, found) == _tree(git, clone, commit):
            return found
        raise _taken(project, "in the checkout")
    arguments = ("--quiet", "--no-tags", "--no-write-fetch-head", "--", clone, f"{ref}:{ref}")
    git.said("fetch", *arguments, cwd=checkout)
    return commit


def push(git: Git, where: str, project: Project, state: State, clone: str) -> None:
    """Push the branch; one that holds the same files already is taken for it.

    Only what a former run pushed is replaced. Raises ProjectError, Passing.
    """
    ref = f"refs/heads/{project.branch}"
    lease = [f"--force-with-lease={ref}:{state.pushed}"] if state.pushed else []
    done = git.run("push", "--quiet", "--no-verify", *lease, "--", "origin", f"{state.commit}:{ref}", cwd=where)
    if done.code == 0:
        return
    told = done.stderr.decode("utf-8", "replace")
    if not any(said in told for said in ("fetch first", "non-fast-forward", "stale info", "(already exists)")):
        raise git.error("git push", done)
    seen = git.run("fetch", "--quiet", "--no-tags", "--depth=1", "--no-write-fetch-head", "--", "origin",
                   f"+{ref}:refs/regfix/there", cwd=clone)  # fmt: skip
    if seen.code or _tree(git, clone, "refs/regfix/there") != _tree(git, clone, state.commit):
        raise _taken(project, "at the server")


def _tree(git: Git, folder: str, commit: str) -> str:
    return git.said("rev-parse", "--verify", f"{commit}^{{tree}}", cwd=folder).decode().strip()


def _taken(project: Project, where: str) -> ProjectError:
    return ProjectError(f"the branch {project.branch} is {where} already, with something else on it",
                        hint="delete it, or name another with --branch")  # fmt: skip
