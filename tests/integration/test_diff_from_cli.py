"""`--diff-from`: what changed since a revision, as the real git tells it, and nothing that a repository names is run."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support import PAUSE, environment, git, grow, regfix

if TYPE_CHECKING:
    from pathlib import Path

IDENTITY = ("-c", "user.name=Keeper", "-c", "user.email=keeper@example.com")


def commit(folder: Path, files: dict[str, str], message: str = "x") -> None:
    grow(folder, files)
    assert git(folder, "add", "-A").returncode == 0
    done = git(folder, *IDENTITY, "commit", "-qm", message)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def history(project: Path) -> Path:
    """A project whose branch `work` left `main` before `main` went on."""
    commit(project, {"old.yaml": PAUSE, "gone.yaml": PAUSE, "name.yaml": PAUSE, "d/touched.yaml": "a: 1\n",
                     ".gitignore": "ignored.yaml\n"})  # fmt: skip
    assert git(project, "branch", "-M", "main").returncode == 0
    assert git(project, "switch", "-qc", "work").returncode == 0
    commit(project, {"d/touched.yaml": PAUSE})
    assert git(project, "mv", "name.yaml", "renamed.yaml").returncode == 0
    assert git(project, "rm", "-q", "gone.yaml").returncode == 0
    commit(project, {})
    assert git(project, "switch", "-q", "main").returncode == 0
    commit(project, {"main.yaml": PAUSE, "old.yaml": "# more\n" + PAUSE})
    assert git(project, "switch", "-q", "work").returncode == 0
    return project


def told(folder: Path, *arguments: str, **options: str) -> list[str]:
    """Return the files that a check is about."""
    run = regfix("rewrite", "--check", *arguments, cwd=folder, **options)  # type: ignore[arg-type]
    assert run.code in (0, 1), run.err
    return sorted({line.split(":")[0] for line in run.out.splitlines()})


def test_what_the_branch_changed_counts(history: Path) -> None:
    """What changed on the other branch meanwhile does not, nor what is gone; what has a new name does."""
    assert told(history, "--diff-from", "main") == ["./d/touched.yaml", "./renamed.yaml"]
    assert told(history, "--diff-from", "HEAD~1") == ["./renamed.yaml"]
    assert told(history, "--diff-from", "HEAD") == []
    assert regfix("rewrite", "--check", "--diff-from", "HEAD", cwd=history).code == 0
    assert told(history) == ["./d/touched.yaml", "./old.yaml", "./renamed.yaml"]


def test_what_is_not_committed_counts(history: Path) -> None:
    grow(history, {"new.yaml": PAUSE, "staged.yaml": PAUSE, "ignored.yaml": PAUSE, "old.yaml": PAUSE + "a: 1\n"})
    assert git(history, "add", "staged.yaml").returncode == 0
    (history / "renamed.yaml").unlink()
    assert told(history, "--diff-from", "main") == ["./d/touched.yaml", "./new.yaml", "./old.yaml", "./staged.yaml"]


def test_paths_and_the_working_folder_narrow_it(history: Path) -> None:
    assert told(history, "--diff-from", "main", "d") == ["./d/touched.yaml"]
    assert told(history, "--diff-from", "main", "renamed.yaml", "old.yaml") == ["./renamed.yaml"]
    assert told(history / "d", "--diff-from", "main") == ["./touched.yaml"]
    run = regfix("rewrite", "--check", "--diff-from", "main", "..", cwd=history / "d")
    assert (run.code, "not below the working folder" in run.err) == (2, True)


def test_odd_names(history: Path) -> None:
    names = ["\udcff.yaml", "new\nline.yaml", '"q".yaml', "-x.yaml", " a.yaml", "\u00e9.yaml", ":(top)x.yaml"]
    commit(history, dict.fromkeys(names, PAUSE))
    run = regfix("rewrite", "--diff-from", "HEAD~1", cwd=history)
    assert run.code == 0, run.err
    assert [name for name in names if b"registry.k8s.io" not in (history / name).read_bytes()] == []
    assert (history / "old.yaml").read_text() == PAUSE


def test_files_of_a_chart_that_did_not_change_are_read(project: Path) -> None:
    commit(project, {
        "c/Chart.yaml": "{apiVersion: v2, name: c, version: 1.0.0}\n", "c/values.yaml": "replicas: 1\n",
        "c/charts/d/Chart.yaml": "{apiVersion: v2, name: d, version: 1.0.0}\n", "c/charts/d/values.yaml": "image: x\n",
        "c/charts/d/templates/x.yaml": "image: {{ .Values.image }}\n", "other/values.yaml": PAUSE,
    })  # fmt: skip
    commit(project, {"c/charts/d/values.yaml": PAUSE})
    assert regfix("rewrite", "--diff-from", "HEAD~1", cwd=project).code == 0
    assert (project / "c/values.yaml").read_text() == "replicas: 1\nd:\n  image: registry.k8s.io/pause:3.2\n"
    assert (project / "c/charts/d/values.yaml").read_text() == PAUSE
    assert (project / "other/values.yaml").read_text() == PAUSE


def test_scan_takes_it_too(history: Path) -> None:
    run = regfix("scan", "--diff-from", "main", cwd=history)
    assert run.code == 0
    assert sorted(line.split(":")[0] for line in run.out.splitlines()) == ["./d/touched.yaml", "./renamed.yaml"]


def test_with_a_baseline_only_what_is_new_in_changed_files_counts(history: Path) -> None:
    assert regfix("rewrite", "--check", "--write-baseline", "b.json", cwd=history).code == 0
    grow(history, {"renamed.yaml": PAUSE + "b: k8s.gcr.io/b:1\n", "new.yaml": PAUSE})
    run = regfix("rewrite", "--check", "--baseline", "b.json", "--diff-from", "main", cwd=history)
    assert [line.split(":")[:2] for line in run.out.splitlines()] == [["./new.yaml", "1"], ["./renamed.yaml", "2"]]


def cloned(history: Path, *options: str) -> Path:
    folder = history.parent / "clone"
    assert git(history.parent, "clone", "-q", *options, f"file://{history}", str(folder)).returncode == 0
    return folder


def test_a_shallow_clone_says_what_to_do(history: Path) -> None:
    clone = cloned(history, "--depth", "1")
    for revision in ("origin/main", "HEAD~1"):
        run = regfix("rewrite", "--check", "--diff-from", revision, cwd=clone)
        assert (run.code, run.out) == (2, "")
        assert run.err.startswith(f"error: --diff-from {revision}: this shallow clone does not hold the revision (")
        assert "fetch-depth: 0" in run.err
    assert git(clone, "fetch", "-q", "--depth", "1", "origin", "main").returncode == 0
    run = regfix("rewrite", "--check", "--diff-from", "FETCH_HEAD", cwd=clone)
    assert (run.code, "does not hold where the branch left the revision" in run.err) == (2, True)
    assert git(clone, "fetch", "-q", "--unshallow").returncode == 0
    assert git(clone, "fetch", "-q", "origin", "main:refs/remotes/origin/main").returncode == 0
    assert told(clone, "--diff-from", "origin/main") == ["./d/touched.yaml", "./renamed.yaml"]


def test_a_shallow_clone_that_holds_it_is_enough(history: Path) -> None:
    """As for a pull request that is checked out with fetch-depth: 2."""
    assert told(cloned(history, "--depth", "2"), "--diff-from", "HEAD^") == ["./renamed.yaml"]


def test_what_git_cannot_tell_is_an_error(history: Path, tmp_path: Path) -> None:
    def said(folder: Path, revision: str = "HEAD", **env: str) -> str:
        run = regfix("rewrite", "--diff-from", revision, cwd=folder, env=environment(**env))
        assert (run.code, run.out) == (2, "")
        assert run.err.count("\n") == 1
        return run.err.partition(f"--diff-from {revision}: ")[2]

    for revision in ("none", "", "-x", "--all", "main..work", "HEAD:old.yaml", "@{-9}", "a b"):
        assert said(history, revision).startswith("git knows no such revision")
    escaped = regfix("scan", "--diff-from", "\x1b[31m", cwd=history)
    assert (escaped.code, "--diff-from \\x1b[31m: git knows" in escaped.err) == (2, True)
    (tmp_path / "plain").mkdir()
    assert said(tmp_path / "plain", GIT_CEILING_DIRECTORIES=str(tmp_path)).startswith("not in a git repository")
    bare = tmp_path / "bare.git"
    assert git(tmp_path, "clone", "-q", "--bare", str(history), str(bare)).returncode == 0
    assert said(bare).startswith("the git repository has no checkout here")
    (tmp_path / "bin").mkdir()
    assert said(history, PATH=str(tmp_path / "bin")).startswith("git could not be asked")
    assert git(history, "switch", "-q", "--orphan", "apart").returncode == 0
    commit(history, {"x.yaml": PAUSE})
    assert said(history, "main").startswith("the revision and HEAD have no history in common")


def test_a_checkout_of_somebody_else(history: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a checkout away")
    for place, folders, names in os.walk(history):
        for name in (".", *folders, *names):
            os.lchown(os.path.join(place, name), 12345, 12345)
    run = regfix("rewrite", "--check", "--diff-from", "main", cwd=history, env=environment(HOME=str(history.parent)))
    assert (run.code, "belongs to another user" in run.err, "safe.directory" in run.err) == (2, True, True)


def test_nothing_that_a_repository_names_is_started(history: Path) -> None:
    """Filters, watchers, programs for diffs and hooks: each would leave a file behind."""
    mark = history.parent / "mark"
    program = f"touch {mark}; cat"
    for name in ("filter.x.clean", "filter.x.smudge", "filter.x.process", "filter.a=b.clean", "core.fsmonitor",
                 "diff.x.command", "diff.x.textconv", "diff.external", "core.pager"):  # fmt: skip
        assert git(history, "config", name, program).returncode == 0
    assert git(history, "config", "filter.x.required", "true").returncode == 0
    hooks = history / ".git/hooks"
    grow(hooks, {"post-index-change": f"#!/bin/sh\ntouch {mark}\n"})
    (hooks / "post-index-change").chmod(0o755)
    grow(history, {".gitattributes": "*.yaml filter=x diff=x\nold.yaml filter=a=b\n", "old.yaml": PAUSE + "a: 1\n"})
    os.utime(history / "renamed.yaml", (1, 1))
    assert told(history, "--diff-from", "main") == ["./d/touched.yaml", "./old.yaml", "./renamed.yaml"]
    assert not mark.exists()
    assert git(history, "diff", "--stat").returncode in (0, 128)
    assert mark.exists(), "git itself would have started one"


def test_submodules(history: Path, tmp_path: Path) -> None:
    """One whose commit changed is read; one that only holds changes of its own is the business of its project."""
    sub = tmp_path / "sub"
    sub.mkdir()
    assert git(sub, "init", "-q").returncode == 0
    commit(sub, {"x.yaml": "a: 1\n"})
    assert git(history, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(sub), "sub").returncode == 0
    commit(history, {})
    grow(history, {"sub/x.yaml": PAUSE})
    assert told(history, "--diff-from", "HEAD") == []
    commit(history / "sub", {})
    assert told(history, "--diff-from", "HEAD") == ["./sub/x.yaml"]


def test_a_hook_of_git_may_start_it(history: Path) -> None:
    """git names its repository to hooks by variables that would mislead another call of it."""
    hook = history / ".git/hooks/pre-commit"
    grow(
        history,
        {".git/hooks/pre-commit": f"#!/bin/sh\nexec {sys.executable} -m regfix rewrite --check --diff-from HEAD\n"},
    )
    hook.chmod(0o755)
    grow(history, {"d/touched.yaml": "# k\n" + PAUSE})
    argv = ["git", *IDENTITY, "commit", "-aqm", "x"]
    done = subprocess.run(
        argv, cwd=history / "d", env=environment(HOME=str(history)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "./d/touched.yaml:2:8" in done.stdout + done.stderr
