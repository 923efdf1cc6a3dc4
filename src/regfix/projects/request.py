"""Opening the pull request: by gh, by glab, or by a command of the plan. Once, however often it is asked for."""

from __future__ import annotations

import json
import os
import re
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from regfix.projects.model import ProjectError

if TYPE_CHECKING:
    from regfix.projects.git import Git
    from regfix.projects.model import Project
    from regfix.projects.state import State

FIELDS = ("branch", "base", "title", "body", "body_file", "url", "commit")
"""What stands in braces in a command template."""


def request(git: Git, folder: str, project: Project, state: State, how: str) -> str:
    """Open the pull request of a branch that is pushed, and return its address, as far as the program tells it.

    Raises ProjectError.
    """
    if how in _LISTS:
        found = git.program([word.format(branch=project.branch) for word in _LISTS[how]], cwd=folder)
        if found.code:
            raise git.error(f"{how} list", found)
        if address := _listed(found.stdout):
            return address
    template = project.request if how == "command" else _CREATE[how]
    with NamedTemporaryFile("w", encoding="utf-8", errors="replace", prefix="regfix-body-", suffix=".md") as file:
        file.write(state.accounting.body)
        file.flush()
        values = {
            "branch": project.branch, "base": state.base_branch, "title": state.accounting.title,
            "body": state.accounting.body, "body_file": file.name, "url": project.address.url, "commit": state.commit,
        }  # fmt: skip
        argv = [filled(word, values) for word in template]
        done = git.program(argv, cwd=folder, stdin=state.accounting.body.encode("utf-8", "replace"))
    if done.code:
        raise git.error(f"{os.path.basename(argv[0])} for the pull request", done)
    shown = re.search(r"https?://[^\s\"'<>]+", done.stdout.decode("utf-8", "replace"))
    return git.hidden(shown[0]) if shown else ""


_LISTS = {
    "gh": ("gh", "pr", "list", "--head", "{branch}", "--state", "open", "--json", "url"),
    "glab": ("glab", "mr", "list", "--source-branch", "{branch}", "--output", "json"),
}
_CREATE = {
    "gh": ("gh", "pr", "create", "--head", "{branch}", "--base", "{base}", "--title", "{title}", "--body-file", "-"),
    "glab": ("glab", "mr", "create", "--source-branch", "{branch}", "--target-branch", "{base}", "--title", "{title}",
             "--description", "{body}", "--yes"),
}  # fmt: skip


def filled(word: str, values: dict[str, str]) -> str:
    """Return a word of a template with its fields; what stands in a value is not filled again."""
    return re.sub(r"\{(" + "|".join(FIELDS) + r")\}", lambda found: values[found[1]], word)


def _listed(data: bytes) -> str:
    """Return the address of the first pull request in a list."""
    try:
        first = json.loads(data or b"[]")[0]
        return str(first.get("url") or first.get("web_url") or "open")
    except (ValueError, IndexError, AttributeError, KeyError, TypeError):
        return ""


def require_template(template: tuple[str, ...], project: Project) -> None:
    """Raise ProjectError unless there is a command."""
    if not template:
        raise ProjectError("the plan has no command for the pull request", where=project.address.name,
                           hint="write it below request, as a list of arguments")  # fmt: skip
