"""Running the user's git for projects that nobody vouches for: nothing in them is executed, nobody is asked.

Sources: git-config(1), gitattributes(5), "ENVIRONMENT VARIABLES" in git(1), git-fast-import(1).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from regfix.chart.origin import redacted
from regfix.program import Done, ProgramError
from regfix.projects.model import Passing, ProjectError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regfix.program import Programs
    from regfix.projects.address import Address

ATTRIBUTES = "* -text -ident -filter !working-tree-encoding\n"
"""What counts before all attributes in a project: files hold the bytes of its objects, LFS pointers stay pointers."""

SETTINGS = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.autocrlf=false", "core.safecrlf=false",
    "core.quotePath=false", "protocol.ext.allow=never", "submodule.recurse=false", "fetch.recurseSubmodules=false",
    "push.recurseSubmodules=no", "gc.auto=0", "maintenance.auto=false", "advice.detachedHead=false",
)  # fmt: skip
"""Settings for each call: no program that a project or its clone names is started."""

_PASSING = re.compile(
    r"could not resolve host|timed? ?out|connection (reset|refused|closed)|early eof|rpc failed|unexpected disconnect|"
    r"hung up unexpectedly|remote end hung up|temporary failure|network is unreachable|"
    r"returned error: (429|5\d\d)|gnutls|ssl_|tls",
    re.IGNORECASE,
)
_KNOWN = (
    (r"could not read (username|password)|authentication failed|terminal prompts disabled|permission denied|"
     r"returned error: 40[13]|access denied|invalid (username|credentials)|host key verification failed",
     "a login is needed", "give git a credential helper, or an SSH key that asks for nothing"),
    (r"dubious ownership", "it belongs to another user", "trust it with git config --global --add safe.directory"),
    (r"'origin' does not appear to be a git repository", "the checkout has no remote origin",
     "git remote add origin says where to push; without --push the branch stays in the checkout"),
    (r"cannot lock ref .* exists; cannot create",
     "a branch is in the way of the new one", "name another with --branch"),
    (r"remote branch .* not found", "there is no such branch", "name another as base in the plan"),
    (r"'origin' does not appear to be a git repository",
     "the checkout has no remote origin", "git remote add origin URL"),
    (r"repository .*not found|does not exist|does not appear to be a git repository|returned error: 404|"
     r"project you were looking for could not be found",
     "there is no such project", "or a login is needed to see it"),
    (r"\[(remote )?rejected\]|hook declined|protected branch|failed to push some refs", "the push was rejected", ""),
    (r"no space left|disk quota", "the disk is full", "free some space, then run again"),
)  # fmt: skip
"""What git says when something is wrong, what that means, and what helps."""


_BEHIND_REASON = "fatal: Could not read from remote repository."
"""What git says of all that goes wrong with SSH; the line above it tells why."""


class Git:
    """The user's git for one project."""

    def __init__(self, programs: Programs, address: Address, timeout: float, lock: int) -> None:
        """Take the time for each call in seconds, and the descriptor that is open as long as any of them runs."""
        self._programs = programs
        self._secrets = _secrets(address)
        self._timeout = timeout
        self._lock = lock
        self._env = environment(address)

    def run(self, *arguments: str, cwd: str | None = None, stdin: bytes = b"") -> Done:
        """Run git and return how it ended; raises ProjectError where it cannot, or time is over."""
        argv = ["git", *(word for setting in SETTINGS for word in ("-c", setting)), *arguments]
        return self.program(argv, cwd=cwd, stdin=stdin)

    def program(self, argv: Sequence[str], *, cwd: str | None = None, stdin: bytes = b"") -> Done:
        """Run any program in the same manner."""
        try:
            return self._programs.run(
                argv, cwd=cwd, env=self._env, stdin=stdin, timeout=self._timeout, keep=(self._lock,)
            )
        except ProgramError as error:
            kind = ProjectError if error.where else Passing
            named = next((word for word in argv[1:] if word[:1] != "-" and "=" not in word), "")
            raise kind(f"{os.path.basename(argv[0])} {named}".rstrip(), why=error.why or error.what,
                       hint="" if error.where else "--timeout gives more time") from None  # fmt: skip

    def said(self, *arguments: str, cwd: str | None = None, stdin: bytes = b"") -> bytes:
        """Run git and return what it prints; raises ProjectError, Passing where it may be better in a moment."""
        done = self.run(*arguments, cwd=cwd, stdin=stdin)
        if done.code:
            raise self.error(f"git {arguments[0]}", done)
        return done.stdout

    def error(self, what: str, done: Done) -> ProjectError:
        """Return what a failed call means."""
        text = self.hidden(done.stderr.decode("utf-8", "replace"))
        for pattern, meaning, hint in _KNOWN:
            if re.search(pattern, text, re.IGNORECASE):
                return ProjectError(meaning, why=said_most(text), hint=hint)
        kind = Passing if _PASSING.search(text) else ProjectError
        return kind(f"{what} failed", why=said_most(text) or f"exit code {done.code}")

    def hidden(self, text: str) -> str:
        """Return a text without the secrets of the project's address, and of any URL."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return redacted(text)


def said_most(text: str) -> str:
    """Return the line that says most, as it is shown to a person."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if _BEHIND_REASON in lines[1:]:
        lines = lines[: lines.index(_BEHIND_REASON)]
    for mark in ("! [", "fatal:", "error:", "remote:", "ERROR:"):
        for line in lines:
            if line.startswith(mark):
                return line.removeprefix(mark if mark != "! [" else "").strip()[:500]
    return lines[-1][:500] if lines else ""


def _secrets(address: Address) -> list[str]:
    found = re.match(r"[a-z]+://([^/]*)@", address.secret, re.IGNORECASE)
    pieces = [found[1], *found[1].split(":", 1)[1:]] if found else []
    return [piece for piece in pieces if len(piece) > 2]


def environment(address: Address | None = None) -> dict[str, str]:
    """Return the environment of each call: nothing of another project's git, no questions, messages in English.

    The secrets of an address are in it, for git replaces the address that it is given, and that alone is kept in files.
    """
    env = {name: value for name, value in os.environ.items() if name not in _OF_PROJECTS}
    env |= {
        "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_REPLACE_OBJECTS": "1", "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file", "SSH_ASKPASS_REQUIRE": "never",
        "GCM_INTERACTIVE": "never", "LC_ALL": "C.UTF-8", "LANGUAGE": "C", "GH_PROMPT_DISABLED": "1", "NO_COLOR": "1",
    }  # fmt: skip
    if address is not None and address.secret:
        env |= more_settings(env, {f"url.{address.secret}.insteadOf": address.url})
    return env


def more_settings(env: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Return what to add to an environment for these settings, whatever is in their names; nobody else sees them."""
    count = env.get("GIT_CONFIG_COUNT", "0")
    number = int(count) if count.isascii() and count.isdecimal() else 0
    added = {"GIT_CONFIG_COUNT": str(number + len(settings))}
    for at, (name, value) in enumerate(settings.items(), number):
        added |= {f"GIT_CONFIG_KEY_{at}": name, f"GIT_CONFIG_VALUE_{at}": value}
    return added


_OF_PROJECTS = frozenset({
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_CEILING_DIRECTORIES", "GIT_TEMPLATE_DIR", "GIT_EXTERNAL_DIFF",
    "GIT_CONFIG", "GIT_SHALLOW_FILE", "GIT_QUARANTINE_PATH", "GIT_INTERNAL_SUPER_PREFIX", "GIT_TRACE", "GIT_TRACE_CURL",
    "GIT_CURL_VERBOSE",
})  # fmt: skip
