"""Helpers of the tests that go through the real command line: runs, trees, faults."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

OLD, NEW = "k8s.gcr.io", "registry.k8s.io"
"""The host that the default preset moves, and where to."""

PAUSE = "image: k8s.gcr.io/pause:3.2\n"
PAUSE_MOVED = "image: registry.k8s.io/pause:3.2\n"
WITH_AN_OVERRIDE = {
    "c/Chart.yaml": "{apiVersion: v2, name: c, version: 1.0.0}\n",
    "c/values.yaml": "replicas: 1\n",
    "c/charts/d/Chart.yaml": "{apiVersion: v2, name: d, version: 1.0.0}\n",
    "c/charts/d/values.yaml": PAUSE,
    "c/charts/d/templates/x.yaml": "image: {{ .Values.image }}\n",
}
"""A chart that needs a value for the chart in it."""

HUB = ("--rule", "docker.io=harbor.corp/hub")

MODULE = (sys.executable, "-m", "regfix")
SCRIPT = (str(Path(sys.executable).with_name("regfix")),)

_DISPLAY = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "COLUMNS", "LINES", "PYTEST_CURRENT_TEST")


@dataclass(frozen=True, slots=True)
class Run:
    """How a process ended."""

    code: int
    stdout: bytes
    stderr: bytes
    seconds: float = 0.0
    peak: int = 0

    @property
    def out(self) -> str:
        """What went to standard output; undecodable bytes as surrogate escapes."""
        return os.fsdecode(self.stdout)

    @property
    def err(self) -> str:
        """What went to standard error."""
        return os.fsdecode(self.stderr)

    @property
    def said(self) -> str:
        """All that the user sees."""
        return self.out + self.err


def environment(**changes: str | None) -> dict[str, str]:
    """Return an environment for a run: this one without what changes the display, then `changes` (None removes)."""
    env = {name: value for name, value in os.environ.items() if name not in _DISPLAY} | {"LC_ALL": "C.UTF-8"}
    for name, value in changes.items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = value
    return env


def regfix(
    *arguments: str | bytes | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
    command: Iterable[str] = MODULE,
    **options: Any,
) -> Run:
    """Run regfix to its end; whatever the input, it neither prints a traceback nor dies of a signal (but SIGKILL)."""
    began = time.monotonic()
    done = subprocess.run([*command, *arguments], cwd=cwd, env=dict(env or environment()), timeout=timeout, check=False,
                          **({"capture_output": True, "stdin": subprocess.DEVNULL} | options))  # fmt: skip
    run = Run(done.returncode, done.stdout or b"", done.stderr or b"", time.monotonic() - began)
    assert_no_crash(run)
    return run


def assert_no_crash(run: Run) -> None:
    """No traceback, no complaint of the interpreter, no death by a signal."""
    for trace in ("Traceback", "Exception ignored", "Fatal Python error"):
        assert trace not in run.err, run.err[-3000:]
    assert run.code in (0, 1, 2, 130, 143), (run.code, run.err[-3000:])


MEASURE = """
import json, os, resource, sys
cpu, memory, *command = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_CPU, (int(cpu), int(cpu) + 1))
if int(memory):
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
pid = os.posix_spawn(command[0], command, os.environ)
_, status, usage = os.wait4(pid, 0)
with open(os.environ["USAGE"], "w") as file:
    json.dump([os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024], file)
"""
"""A small process in between: the peak of a process begins at what its parent uses."""


def measured(*arguments: str, cwd: Path, timeout: int, memory: int = 0) -> Run:
    """Run regfix and measure its seconds and its peak memory in bytes.

    `timeout` is in seconds of the processor, so that other tests beside do not matter; `memory` limits the address
    space.
    """
    with NamedTemporaryFile() as usage:
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(timeout), str(memory), *MODULE, *arguments],
            cwd=cwd, env=environment(USAGE=usage.name), stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip
        code, seconds, peak = json.load(usage)
    assert code != -signal.SIGXCPU, f"not done in {timeout} s"
    run = Run(code, done.stdout, done.stderr, seconds, peak)
    assert_no_crash(run)
    return run


def grow(folder: Path, files: Mapping[str | bytes, str | bytes] | Mapping[str, str] | Mapping[str, bytes]) -> None:
    """Make files (path to content; a path that ends with `/` is an empty folder); a str path may be undecodable."""
    for name, content in files.items():
        path = os.path.join(os.fsencode(folder), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if not path.endswith(b"/"):
            with open(path, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)


def contents(folder: Path) -> dict[str, bytes]:
    """Return what lies below a folder (but for `.git`): path to bytes, of symbolic links their target."""
    found: dict[str, bytes] = {}
    for place, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            path = os.path.join(place, name)
            key = os.path.relpath(path, folder)
            if os.path.islink(path):
                found[key] = os.fsencode(os.readlink(path))
            elif os.path.isfile(path):
                found[key] = Path(path).read_bytes()
            else:
                found[key] = b"special"
    return found


def states(folder: Path) -> dict[str, tuple[int, ...]]:
    """Return of each file what a write would change: inode, mode, owner, size, times."""
    found: dict[str, tuple[int, ...]] = {}
    for name in contents(folder):
        status = os.lstat(folder / name)
        found[name] = (status.st_ino, status.st_mode, status.st_uid, status.st_gid, status.st_nlink, status.st_size,
                       status.st_mtime_ns, status.st_ctime_ns)  # fmt: skip
    return found


def litter(folder: Path) -> list[str]:
    """Return the temporary files that lie below a folder."""
    return [name for name in contents(folder) if os.path.basename(name).startswith(".regfix-")]


def moved(text: str) -> str:
    """Return a text whose every mention of the old host is a reference, after the move."""
    return text.replace(OLD, NEW)


def diff_names(diff: bytes) -> list[str]:
    """Return the files that a diff changes, their names unquoted as git does it."""
    return [
        _unquoted(line[6:]) for line in diff.decode("utf-8", "replace").split("\n") if line[:6] in ("+++ b/", '+++ "b')
    ]


def _unquoted(name: str) -> str:
    if not name.endswith('"'):
        return name.removesuffix("\t")
    letters = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "v": "\v", "f": "\f", '"': '"', "\\": "\\"}
    raw = re.sub(
        rb"\\(?:([0-7]{3})|(.))",
        lambda found: bytes([int(found[1], 8)]) if found[1] else letters[found[2].decode()].encode(),
        name[:-1].lstrip("/").encode(),
    )
    return os.fsdecode(raw)


def some(examples: int) -> settings:
    """Return settings for properties of whole runs: a few large examples, found again by the same seed, not shrunk."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def rule_options(rules: Iterable[tuple[str, str]]) -> list[str]:
    """Return rules as options."""
    return [piece for old, new in rules for piece in ("--rule", f"{old}={new}")]


def rewritten(folder: Path, text: str, *options: str, name: str = "x.yaml") -> str:
    """Return what `rewrite` makes of one file; it must succeed, and a second run must change nothing."""
    grow(folder, {name: text})
    run = regfix("rewrite", *options, name, cwd=folder)
    assert run.code == 0, run.said
    after = (folder / name).read_bytes()
    before = states(folder)
    assert regfix("rewrite", "--check", *options, name, cwd=folder).code == 0, "a second run would change it again"
    assert states(folder) == before
    return after.decode()


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run git with no settings but the defaults."""
    env = environment(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1", HOME=str(folder), GIT_DIR=None)
    return subprocess.run(["git", "-c", "core.autocrlf=false", "-c", "core.safecrlf=false", *arguments], cwd=folder,
                          env=env, input=stdin, capture_output=True, timeout=60, check=False)  # fmt: skip


def instrumented(folder: Path, hook: str, **changes: str | None) -> dict[str, str]:
    """Return an environment in which a real regfix process runs `hook` (Python text) before anything else.

    The hook replaces functions of `os` to see what regfix does, or to let it fail as a disk would.
    """
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text("import os, errno, sys\n" + hook, encoding="utf-8")
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return environment(PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1", **changes)


def wait_until(ready: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


@cache
def unprivileged() -> tuple[str, ...]:
    """Return a command's beginning with which permission bits count: for root, one that takes its capabilities."""
    if os.geteuid() != 0:
        return MODULE
    prefix = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all")
    try:
        subprocess.run([*prefix, sys.executable, "-c", ""], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("root cannot give up its capabilities here (setpriv of util-linux)")
    return (*prefix, *MODULE)
