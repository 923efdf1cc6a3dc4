"""`regfix bulk` where things go wrong: servers, signals, other runs, hostile settings."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
import yaml

from images import copy, layout
from projects import (
    BRANCH,
    FILES,
    WHO,
    bulk,
    checkout,
    clones,
    git,
    make_project,
    make_projects,
    require_one_commit,
    require_one_commit_each,
    started_bulk,
    states_written,
)
from repository import registry
from support import PAUSE, grow, regfix, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


class Server(BaseHTTPRequestHandler):
    """Answers every question with one status, and counts how many are asked at the same time."""

    status: ClassVar[int] = 404
    seconds: ClassVar[float] = 0.0
    asked: ClassVar[list[str]] = []
    now: ClassVar[int] = 0
    most: ClassVar[int] = 0
    lock: ClassVar[threading.Lock] = threading.Lock()

    def do_GET(self) -> None:
        with self.lock:
            self.asked.append(self.path)
            type(self).now += 1
            type(self).most = max(self.now, self.most)
        time.sleep(self.seconds)
        with self.lock:
            type(self).now -= 1
        self.send_response(self.status)
        if self.status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


@contextmanager
def serving(status: int, seconds: float = 0.0) -> Iterator[tuple[str, type[Server]]]:
    """Serve on loopback: the host with its port, and what was asked."""
    kind = type("Kind", (Server,), {"status": status, "seconds": seconds, "asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}", kind
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "asked", "why"),
    [(401, 1, "a login is needed"), (403, 1, "a login is needed"), (404, 1, "there is no such project"),
     (503, 2, "git clone failed")],
)  # fmt: skip
def test_only_what_may_pass_is_tried_again(tmp_path: Path, status: int, asked: int, why: str) -> None:
    """A login that is missing is told at once; nobody is asked for it."""
    with serving(status) as (host, kind):
        grow(tmp_path, {"plan": f"http://{host}/team/app.git\n"})
        began = time.monotonic()
        run = bulk(tmp_path, "plan", "--attempts", "2")
    assert run.code == 2
    assert f"error: {host}/team/app: {why}: " in run.err
    assert len(kind.asked) == asked
    assert (time.monotonic() - began > 0.75) == (asked > 1)


ODD = {
    "apart": (["switch", "-q", "--detach"], ["remote", "remove", "origin"], "the checkout has no remote origin"),
    "taken": (["branch", "regfix"], ["status"], "a branch is in the way of the new one"),
    "born": (["switch", "-q", "--orphan", "new"], ["status"], "it has no default branch, or no commit"),
    "ours": (["switch", "-qc", BRANCH], ["status"], f"{BRANCH} is the branch to begin with"),
}
"""Checkouts in a state that needs somebody: two commands that bring them there, and what is said."""


def test_checkouts_in_odd_states_are_told_and_stay(tmp_path: Path) -> None:
    source = make_project(tmp_path / "source.git")
    for name, (*commands, _) in ODD.items():
        folder = checkout(source, tmp_path / name)
        for command in commands:
            git(folder, *command)
    merging = checkout(source, tmp_path / "merging")
    for branch, text in (("other", "b: 1\n"), ("main", "c: 1\n")):
        git(merging, "switch", "-qC", branch, "origin/main")
        grow(merging, {"app.yaml": text})
        git(merging, "commit", "-qam", "x")
    subprocess.run(["git", "merge", "-q", "other"], cwd=merging, capture_output=True, check=False)
    (tmp_path / "way.git").mkdir()
    git(tmp_path, "clone", "-q", "--bare", str(source), str(tmp_path / "way.git"))
    git(tmp_path / "way.git", "branch", "regfix")
    grow(tmp_path, {"plan": "\n".join([*ODD, "merging", "way.git", "ssh://keeper@127.0.0.1:1/a/b.git"])})
    run = bulk(tmp_path, "plan", "--push", "--attempts", "1")
    assert run.code == 2
    for name, (*_, said) in ODD.items():
        assert f"error: {name}: {said}" in run.err
    assert "error: merging: the checkout has changes that are not committed" in run.err
    assert "error: way.git: a branch is in the way of the new one" in run.err
    if shutil.which("ssh"):
        assert "error: 127.0.0.1:1/a/b: git clone failed: ssh: connect to host 127.0.0.1 port 1: " in run.err
    assert "7 projects: 0 changed" in run.err


@pytest.mark.parametrize("text", ["kind: Pod\nitems: [\n", "a\0b\n", "- a\n\x1b\n", "\n"])
def test_what_is_no_list_is_told(tmp_path: Path, text: str) -> None:
    """YAML, and what is no text at all, on standard input."""
    run = regfix("bulk", "-", cwd=tmp_path, stdin=None, input=text.encode())
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("error: -:")
    assert run.err.count("\n") == 1
    assert not (tmp_path / "regfix-bulk").exists()


def test_one_host_is_asked_by_so_many_at_a_time(tmp_path: Path) -> None:
    """--per-host holds whatever --jobs is."""
    with serving(404, 0.1) as (host, kind):
        grow(tmp_path, {"plan": "".join(f"http://{host}/team/{number}.git\n" for number in range(8))})
        run = bulk(tmp_path, "plan", "--jobs", "8", "--per-host", "2")
    assert run.code == 2
    assert len(kind.asked) == 8
    assert kind.most == 2


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    """--timeout bounds each call; the others are done."""
    make_projects(tmp_path, 1)
    with serving(404, 4) as (host, _):
        grow(tmp_path, {"plan": f"http://{host}/team/app.git\np000.git\n"})
        began = time.monotonic()
        run = bulk(tmp_path, "plan", "--timeout", "1", "--attempts", "1")
        assert time.monotonic() - began < 4
    assert run.code == 2
    assert f"error: {host}/team/app: git clone: it took too long (--timeout gives more time)" in run.err
    assert "p000.git" in run.out
    assert "committed" in run.out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_interrupted_ends_soon_and_goes_on(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """What it started ends with it, and the next run does the rest."""
    made = make_projects(tmp_path, 60)
    with started_bulk(tmp_path, "plan") as process:
        wait_until(lambda: states_written(tmp_path) >= 10)
        process.send_signal(number)
        began = time.monotonic()
        process.communicate(timeout=20)
    assert process.returncode == code
    assert time.monotonic() - began < 5
    assert states_written(tmp_path) < 60
    assert bulk(tmp_path, "plan").code == 0
    require_one_commit_each(tmp_path, git(made[0], "rev-parse", "main").strip(), len(made))


def test_two_runs_at_the_same_time_do_everything_once(tmp_path: Path) -> None:
    """They wait for each other, project by project."""
    made = make_projects(tmp_path, 30)
    with started_bulk(tmp_path, "plan", "--format", "jsonl") as one, started_bulk(tmp_path, "plan") as two:
        assert [process.wait(timeout=60) for process in (one, two)] == [0, 0]
    require_one_commit_each(tmp_path, git(made[0], "rev-parse", "main").strip(), len(made))


def test_nothing_that_git_is_told_to_run_is_run(tmp_path: Path) -> None:
    """Templates with hooks, hooks, monitors and conversion of line ends in the settings of the user."""
    project = make_projects(tmp_path, 1)[0]
    touch = f"#!/bin/sh\ntouch {tmp_path}/was-run\n"
    names = ("post-checkout", "pre-push", "reference-transaction", "post-index-change", "monitor")
    grow(tmp_path, {f"template/hooks/{name}": touch for name in names})
    for name in names:
        (tmp_path / "template/hooks" / name).chmod(0o755)
    hooks = tmp_path / "template/hooks"
    grow(tmp_path, {"gitconfig": f"[core]\nhooksPath={hooks}\nfsmonitor={hooks}/monitor\nautocrlf=true\n[init]\n"
                    f"templateDir={tmp_path}/template\n[push]\nrecurseSubmodules=check\n"})  # fmt: skip
    run = bulk(tmp_path, "plan", GIT_CONFIG_GLOBAL=str(tmp_path / "gitconfig"))
    assert run.code == 0, run.said
    assert not (tmp_path / "was-run").exists()
    require_one_commit(clones(tmp_path)[0], git(project, "rev-parse", "main").strip())


def test_a_state_that_is_not_understood_means_that_nothing_is_done(tmp_path: Path) -> None:
    """A file of another version, cut off, or of something else."""
    project = make_projects(tmp_path, 1)[0]
    assert bulk(tmp_path, "plan").code == 0
    state = next((tmp_path / "regfix-bulk/state").glob("*.json"))
    good = state.read_text("utf-8")
    for bad in ("", good[:50], "[]", json.dumps({**json.loads(good), "format": 99}), '{"format": 1}', "[" * 50_000):
        state.write_text(bad, "utf-8")
        run = bulk(tmp_path, "plan")
        assert run.code == 0, run.said
        require_one_commit(clones(tmp_path)[0], git(project, "rev-parse", "main").strip())


def test_a_clone_that_was_left_in_the_middle_is_brought_back(tmp_path: Path) -> None:
    """Files that are half rewritten, or by other rules, a lock of the index, a clone that was begun."""
    project = make_projects(tmp_path, 1)[0]
    assert bulk(tmp_path, "plan", "--dry-run").code == 0
    clone = clones(tmp_path)[0]
    grow(clone, {"app.yaml": "half: ", ".git/index.lock": ""})
    grow(clone.with_name(clone.name + ".part"), {"HEAD": ""})
    run = bulk(tmp_path, "plan")
    assert run.code == 0, run.said
    require_one_commit(clone, git(project, "rev-parse", "main").strip())


def test_settings_that_change_begin_anew_and_replace_what_was_pushed(tmp_path: Path) -> None:
    """The branch that regfix pushed gets the new commit; a commit that somebody put on it is not lost."""
    project = make_projects(tmp_path, 1)[0]
    base = git(project, "rev-parse", "main").strip()
    assert bulk(tmp_path, "plan", "--push").code == 0
    assert bulk(tmp_path, "plan", "--push", "--rule", "k8s.gcr.io=mirror.io/k8s").code == 0
    assert "mirror.io/k8s/pause" in git(project, "show", f"{BRANCH}:app.yaml")
    assert git(project, "rev-list", "--count", f"{base}..{BRANCH}") == "1\n"
    theirs = tmp_path / "theirs"
    git(tmp_path, "clone", "--quiet", "--branch", BRANCH, str(project), str(theirs))
    grow(theirs, {"app.yaml": "fixed: 1\n"})
    git(theirs, "commit", "--quiet", "-am", "fixed")
    git(theirs, "push", "--quiet", "origin", BRANCH)
    there = git(project, "rev-parse", BRANCH)
    run = bulk(tmp_path, "plan", "--push")
    assert run.code == 2
    assert "is at the server already, with something else on it" in run.err
    assert git(project, "rev-parse", BRANCH) == there


def test_a_pull_request_that_fails_is_tried_again_by_the_next_run(tmp_path: Path) -> None:
    """The push is not done again; what the program says is told without what is raw in it."""
    make_projects(tmp_path, 1)
    grow(tmp_path, {"gh": "#!/bin/sh\nprintf 'no \\033[31mtoken' >&2\nexit 4\n"})
    (tmp_path / "gh").chmod(0o755)
    run = bulk(tmp_path, "plan", "--push", "--pull-request", "gh", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert run.code == 2
    assert "error: p000.git: gh list failed: no \\x1b[31mtoken" in run.err
    grow(tmp_path, {"gh": "#!/bin/sh\necho https://git.example.com/1\n"})
    run = bulk(tmp_path, "plan", "--push", "--pull-request", "gh", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert run.code == 0, run.said
    assert "https://git.example.com/1" in run.out


def test_paths_are_all_that_is_rewritten(tmp_path: Path) -> None:
    """From a server that can, only they are downloaded; a path that leads out is refused."""
    files = {**FILES, "other/b.yaml": PAUSE, "deploy/a/c.yaml": PAUSE, "out": "../..", "deploy/link": "../other"}
    project = make_project(tmp_path / "a.git", files, {"out": "120000", "deploy/link": "120000"})
    grow(tmp_path, {"plan.yaml": "paths: [deploy]\nprojects: [a.git]\n", "out.yaml": "paths: [out]\nprojects: [a.git]\n",
                    "none.yaml": "paths: [none]\nprojects: [a.git]\n"})  # fmt: skip
    assert bulk(tmp_path, "plan.yaml").code == 0
    changed = git(clones(tmp_path)[0], "diff", "--name-only", "main", BRANCH)
    assert changed == "deploy/a/c.yaml\n"
    for plan in ("out", "none"):
        run = bulk(tmp_path, f"{plan}.yaml")
        assert run.code == 2
        assert f"error: a.git: {plan}: a path of the plan is not in the project" in run.err
    assert project.is_dir()


def test_a_chart_is_proven_in_a_project(tmp_path: Path, helm: str) -> None:
    """What a proof refuses stays, is told in the message, and the exit code is 1."""
    chart = {"good/Chart.yaml": "apiVersion: v2\nname: good\nversion: 1.0.0\n",
             "good/templates/pod.yaml": f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n  - name: a\n    {PAUSE}",
             "bad/Chart.yaml": "apiVersion: v2\nname: bad\nversion: 1.0.0\n",
             "bad/templates/pod.yaml": f"{{{{ fail \"no\" }}}}\n{PAUSE}"}  # fmt: skip
    make_project(tmp_path / "a.git", chart)
    grow(tmp_path, {"plan.yaml": "prove: true\nprojects: [a.git]\n"})
    run = bulk(tmp_path, "plan.yaml", "--helm", helm)
    assert run.code == 1, run.said
    assert "a.git: not everything is confirmed" in run.err
    clone = clones(tmp_path)[0]
    assert git(clone, "diff", "--name-only", "main", BRANCH) == "good/templates/pod.yaml\n"
    message = git(clone, "log", "-1", "--format=%B", BRANCH)
    assert "proven: good: 1 image moved" in message
    assert "bad: nothing of it was changed" in message


def test_images_are_confirmed_in_a_project(tmp_path: Path) -> None:
    """What the registry does not have stays, is told in the message, and the exit code is 1; so without an answer."""
    with registry(tmp_path / "registry") as running:
        copy(layout(tmp_path / "lamp", "a"), running, "old/lamp:1", "new/lamp:1")
        copy(layout(tmp_path / "horn", "b"), running, "old/horn:1")
        text = f"a: {{image: {running.host}/old/lamp:1}}\nb: {{image: {running.host}/old/horn:1}}\n"
        make_project(tmp_path / "a.git", {"app.yaml": text})
        grow(tmp_path, {"plan": "a.git\n", "plan.yaml": "verify: true\nprojects: [a.git]\n"})
        rule = ("--rule", f"{running.host}/old={running.host}/new")
        env = {"SSL_CERT_FILE": str(running.certificate), "HOME": str(tmp_path), "REGISTRY_AUTH_FILE": "/none"}
        run = bulk(tmp_path, "plan", "--verify", *rule, **env, XDG_CACHE_HOME=str(tmp_path / "cache"))
        assert run.code == 1, run.said
        assert "a.git: not everything is confirmed" in run.err
        clone = clones(tmp_path)[0]
        assert git(clone, "show", f"{BRANCH}:app.yaml") == text.replace("old/lamp", "new/lamp")
        assert "old/horn:1" in git(clone, "log", "-1", "--format=%B", BRANCH).partition("[unconfirmed]")[2]
        trusting = ("--ca", str(running.certificate), "--no-cache", "--folder", "third")
        run = bulk(tmp_path, "plan.yaml", *rule, *trusting, HOME=str(tmp_path), REGISTRY_AUTH_FILE="/none")
        assert (run.code, "a.git: not everything is confirmed" in run.err) == (1, True), run.said
        clone = next((tmp_path / "third/projects").iterdir())
        assert git(clone, "show", f"{BRANCH}:app.yaml") == text.replace("old/lamp", "new/lamp")
    gone = bulk(tmp_path, "plan.yaml", *rule, "--folder", "second", **env, XDG_CACHE_HOME=str(tmp_path / "empty"))
    assert (gone.code, "a.git: not everything is confirmed" in gone.err) == (1, True), gone.said
    assert git(next((tmp_path / "second/projects").iterdir()), "branch", "--list", BRANCH) == ""


def test_the_job_of_the_page_is_one(tmp_path: Path) -> None:
    """The manifest is valid for Kubernetes, and its arguments are those of the program."""
    validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    page = (ROOT / "docs/how-to/many-projects.md").read_text("utf-8")
    text = page.partition("file=job.yaml\n")[2].partition("```")[0]
    job = yaml.safe_load(text)
    validate.validate(job, "1.31", strict=True)
    make_projects(tmp_path, 9)
    command, plan, *arguments = job["spec"]["template"]["spec"]["containers"][0]["args"]
    assert (command, plan) == ("bulk", "/plan/projects")
    at = arguments.index("--folder") + 1
    done = []
    for index in range(job["spec"]["completions"]):
        arguments[at] = f"work-{index}"
        run = bulk(tmp_path, "plan", *arguments, JOB_COMPLETION_INDEX=str(index))
        assert run.code == 0, run.said
        done += [json.loads(line)["name"] for line in run.out.splitlines()]
    assert sorted(done) == [f"p{number:03}.git" for number in range(9)]
    assert WHO.keys() >= {env["name"] for env in job["spec"]["template"]["spec"]["containers"][0]["env"]} - {"HOME"}
