"""`regfix bulk` with real git: from a plan to commits, pushes and pull requests."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from projects import (
    BRANCH,
    FILES,
    bulk,
    checkout,
    clones,
    git,
    kill,
    make_project,
    make_projects,
    require_one_commit,
    require_one_commit_each,
    started_bulk,
    states_written,
)
from support import PAUSE, PAUSE_MOVED, contents, grow, regfix, states, wait_until

if TYPE_CHECKING:
    from support import Run


SCHEMA = Path(__file__).parents[2] / "docs/reference/bulk.schema.json"


def records(run: Run) -> dict[str, dict[str, object]]:
    """Return the lines of JSON by the names of the projects; each is as the schema says."""
    found = [json.loads(line) for line in run.out.splitlines()]
    validator = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    assert [error.message for record in found for error in validator.iter_errors(record)] == []
    return {record["name"]: record for record in found}


def base_of(project: Path) -> str:
    return git(project, "rev-parse", "refs/heads/main").strip()


def test_a_plan_of_urls_becomes_commits(tmp_path: Path) -> None:
    """Each project gets one commit on a branch, in a clone; the project itself is not touched without --push."""
    project, *_ = made = make_projects(tmp_path, 3)
    run = bulk(tmp_path, "plan")
    assert run.code == 0, run.said
    assert len(run.out.splitlines()) == 4
    for clone in clones(tmp_path):
        require_one_commit(clone, base_of(project))
        assert git(clone, "status", "--porcelain") == ""
        message = git(clone, "log", "-1", "--format=%B", BRANCH)
        assert message.startswith("Move container images to registry.k8s.io\n\n1 reference in 1 file rewritten\n")
        assert "README.md:1:6: k8s.gcr.io" in message
        assert str(tmp_path) not in message
    assert all(git(path, "for-each-ref", "--format=%(refname)") == "refs/heads/main\n" for path in made)


def test_300_projects_killed_three_times_end_with_one_commit_each(tmp_path: Path) -> None:
    """SIGKILL three times on the way: every project ends with exactly one right commit; a second run changes nothing."""
    made = make_projects(tmp_path, 300)
    for done in (30, 110, 200):
        with started_bulk(tmp_path, "plan") as process:
            wait_until(lambda done=done: states_written(tmp_path) >= done)  # type: ignore[misc]
            assert process.poll() is None, "it was done before it was killed"
            kill(process)
    run = bulk(tmp_path, "plan", "--format", "jsonl")
    assert run.code == 0, run.said
    found = records(run)
    assert len(found) == 300
    assert 30 < sum(bool(record["earlier"]) for record in found.values()) < 300
    assert {record["status"] for record in found.values()} == {"changed"}
    require_one_commit_each(tmp_path, base_of(made[0]), 300)
    before = states(tmp_path / "regfix-bulk" / "state"), git_states(tmp_path)
    again = bulk(tmp_path, "plan", "--format", "jsonl")
    assert again.code == 0
    assert all(record["earlier"] for record in records(again).values())
    after = states(tmp_path / "regfix-bulk" / "state"), git_states(tmp_path)
    assert before == after


def git_states(folder: Path) -> list[tuple[str, int]]:
    """Return the references of all clones with the times of their files."""
    files = (path for clone in clones(folder) for path in (clone / ".git").rglob("*") if path.is_file())
    return sorted((str(path), path.stat().st_mtime_ns) for path in files)


def test_a_push_is_there_once(tmp_path: Path) -> None:
    """--push goes on from the commits that are there; a run from nothing takes what is at the server for its own."""
    made = make_projects(tmp_path, 2)
    base = base_of(made[0])
    assert bulk(tmp_path, "plan").code == 0
    commits = [git(clone, "rev-parse", BRANCH) for clone in clones(tmp_path)]
    run = bulk(tmp_path, "plan", "--push", "--format", "jsonl")
    assert run.code == 0, run.said
    assert {record["step"] for record in records(run).values()} == {"pushed"}
    assert [git(path, "rev-parse", BRANCH) for path in made] == commits
    time.sleep(1.1)  # another second, so another commit
    elsewhere = bulk(tmp_path, "plan", "--push", "--folder", "other")
    assert elsewhere.code == 0, elsewhere.said
    assert [git(path, "rev-parse", BRANCH) for path in made] == commits
    for path in made:
        require_one_commit(path, base)


def test_a_branch_of_others_is_not_overwritten(tmp_path: Path) -> None:
    """At the server and in a checkout."""
    project = make_projects(tmp_path, 1)[0]
    mine = checkout(project, tmp_path / "mine")
    grow(mine, {"app.yaml": "other: 1\n"})
    git(mine, "checkout", "--quiet", "-b", BRANCH)
    git(mine, "commit", "--quiet", "-am", "mine")
    git(mine, "push", "--quiet", "origin", BRANCH)
    git(mine, "checkout", "--quiet", "main")
    there = git(project, "rev-parse", BRANCH)
    run = bulk(tmp_path, "plan", "--push")
    assert run.code == 2
    assert f"error: p000.git: the branch {BRANCH} is at the server already, with something else on it" in run.err
    grow(tmp_path, {"plan": "mine\n"})
    run = bulk(tmp_path, "plan")
    assert run.code == 2
    assert f"error: mine: the branch {BRANCH} is in the checkout already" in run.err
    assert git(project, "rev-parse", BRANCH) == git(mine, "rev-parse", BRANCH) == there


def test_a_push_that_is_rejected_is_told(tmp_path: Path) -> None:
    """A hook of the server says no; the commit stays, and a later run goes on with the push."""
    project = make_projects(tmp_path, 2)[0]
    grow(project, {"hooks/pre-receive": "#!/bin/sh\necho 'ask the \033[31mkeeper' >&2\nexit 1\n"})
    (project / "hooks/pre-receive").chmod(0o755)
    run = bulk(tmp_path, "plan", "--push")
    assert run.code == 2
    assert "error: p000.git: the push was rejected: " in run.err
    assert "\033" not in run.said
    assert "p001.git   pushed" in run.out
    (project / "hooks/pre-receive").unlink()
    assert bulk(tmp_path, "plan", "--push").code == 0
    require_one_commit(project, base_of(project))


def test_a_checkout_gets_a_branch_and_nothing_else(tmp_path: Path) -> None:
    """The user's files, index and current branch stay as they are, hooks are not run."""
    project = make_projects(tmp_path, 1)[0]
    mine = checkout(project, tmp_path / "mine")
    for hook in ("post-checkout", "pre-commit", "pre-push", "reference-transaction", "post-index-change"):
        grow(mine, {f".git/hooks/{hook}": f"#!/bin/sh\ntouch {tmp_path}/hook-was-run\nexit 1\n"})
        (mine / ".git/hooks" / hook).chmod(0o755)
    grow(tmp_path, {"plan": "mine\n"})
    grow(mine, {"untracked.yaml": PAUSE})
    before, index = states(mine), (mine / ".git/index").stat().st_mtime_ns
    run = bulk(tmp_path, "plan", "--push")
    assert run.code == 0, run.said
    assert (states(mine), (mine / ".git/index").stat().st_mtime_ns) == (before, index)
    assert git(mine, "branch", "--show-current") == "main\n"
    for where in (mine, project):
        require_one_commit(where, base_of(project))
    assert not (tmp_path / "hook-was-run").exists()


def test_a_dirty_checkout_is_not_touched(tmp_path: Path) -> None:
    """The others are done."""
    project, *_ = make_projects(tmp_path, 2)
    mine = checkout(project, tmp_path / "mine")
    grow(mine, {"app.yaml": "mine: 1\n"})
    grow(tmp_path, {"plan": "mine\np001.git\n"})
    run = bulk(tmp_path, "plan")
    assert run.code == 2
    assert "error: mine: the checkout has changes that are not committed (commit or stash them" in run.err
    assert "p001.git   committed" in run.out
    assert git(mine, "branch", "--list", BRANCH) == ""
    assert contents(mine)["app.yaml"] == b"mine: 1\n"


BAD = {
    "nowhere.git": "there is no such project",
    "empty.git": "it has no default branch, or no commit",
    "lost.git": "it has no default branch, or no commit",
    "file": "",
    "https://127.0.0.1:1/x/y.git": "git clone failed",
}


def test_each_bad_project_has_a_line_and_the_others_are_done(tmp_path: Path) -> None:
    """One that does not exist, is empty, has no default branch, or no server; submodules, LFS, bare, shallow are fine."""
    good = make_projects(tmp_path, 1)[0]
    git(tmp_path, "init", "--quiet", "--bare", "--template=", "empty.git")
    lost = make_project(tmp_path / "lost.git")
    git(lost, "symbolic-ref", "HEAD", "refs/heads/nothing")
    grow(tmp_path, {"file": "x"})
    lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n"
    odd = {**FILES, ".gitattributes": "*.bin filter=lfs diff=lfs -text\n* text=auto eol=crlf\n", "a.bin": lfs,
           "sub": base_of(good), "out": "/etc", "in": "app.yaml"}  # fmt: skip
    make_project(tmp_path / "odd.git", odd, {"sub": "160000", "out": "120000", "in": "120000"})
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{good}", str(shallow))
    (tmp_path / "plan").write_text("\n".join([*BAD, "odd.git", "shallow", "p000.git"]), "utf-8")
    assert len(records(bulk(tmp_path, "plan", "--attempts", "1", "--dry-run", "--format", "jsonl"))) == 8
    run = bulk(tmp_path, "plan", "--attempts", "1")
    assert run.code == 2
    for name, why in BAD.items():
        shown = name.removeprefix("https://").removesuffix(".git") if "://" in name else name
        assert f"error: {shown}: {why}" in run.err
    assert "odd.git: 1 submodule, not entered; 1 LFS pointer, not read; 1 symbolic link out of the project" in run.err
    assert run.out.count("committed") == 3
    assert "8 projects: 3 changed (3 references), 0 unchanged, 5 failed" in run.err
    require_one_commit(shallow, base_of(good))
    odd_clone = next(clone for clone in clones(tmp_path) if clone.name.startswith("odd"))
    require_one_commit(odd_clone, base_of(tmp_path / "odd.git"))


def test_what_needs_no_change_gets_no_branch(tmp_path: Path) -> None:
    """Nor a push."""
    project = make_project(tmp_path / "a.git", {"app.yaml": PAUSE_MOVED})
    grow(tmp_path, {"plan": "a.git\n"})
    run = bulk(tmp_path, "plan", "--push", "--format", "jsonl")
    assert run.code == 0, run.said
    record = records(run)["a.git"]
    assert (record["status"], record["branch"], record["commit"]) == ("unchanged", None, None)
    assert git(project, "for-each-ref", "--format=%(refname)") == "refs/heads/main\n"
    assert records(bulk(tmp_path, "plan", "--push", "--format", "jsonl"))["a.git"]["earlier"] is True


def test_a_dry_run_commits_nothing(tmp_path: Path) -> None:
    """It tells what would change, and a run after it does that."""
    make_projects(tmp_path, 1)
    run = bulk(tmp_path, "plan", "--dry-run", "--format", "jsonl")
    assert run.code == 0, run.said
    record = records(run)["p000.git"]
    assert (record["status"], record["references"], record["commit"]) == ("changed", 1, None)
    assert git(clones(tmp_path)[0], "status", "--porcelain") == ""
    assert bulk(tmp_path, "plan").code == 0
    require_one_commit(clones(tmp_path)[0], base_of(tmp_path / "p000.git"))


def test_rules_of_the_command_line_the_plan_and_the_project(tmp_path: Path) -> None:
    """The command line counts, else the entry, else the plan, else the project's own settings; excludes add up."""
    own = {"app.yaml": "image: old.io/a:1\n", "x.yaml": "image: old.io/a:1\n",
           ".regfix.yaml": "rules: {old.io: project.io}\nexclude: [x.yaml]\n"}  # fmt: skip
    for name in ("a", "b", "c"):
        make_project(tmp_path / f"{name}.git", own)
    grow(tmp_path, {"own.yaml": "projects: [a.git]\nbranch: own\ntitle: By the project\n",
                    "plan.yaml": "rules: {old.io: plan.io}\nprojects:\n- b.git\n- url: c.git\n  rules:\n"
                                 "    old.io: entry.io\n  branch: ours\n"})  # fmt: skip
    assert bulk(tmp_path, "own.yaml").code == 0
    assert bulk(tmp_path, "plan.yaml").code == 0
    shown = {clone.name[0]: clone for clone in clones(tmp_path)}
    wanted = {"a": ("own", "project"), "b": (BRANCH, "plan"), "c": ("ours", "entry")}
    for name, (branch, host) in wanted.items():
        assert git(shown[name], "show", f"{branch}:app.yaml") == f"image: {host}.io/a:1\n"
        assert git(shown[name], "show", f"{branch}:x.yaml") == "image: old.io/a:1\n"
    assert git(shown["a"], "log", "-1", "--format=%s", "own") == "By the project\n"
    assert bulk(tmp_path, "plan.yaml", "--rule", "old.io=line.io").code == 0
    assert git(shown["c"], "show", "ours:app.yaml") == "image: line.io/a:1\n"


PLANS = {
    "projects: [a.git]\nbransh: x\n": "plan.yaml:2:1: unknown key 'bransh'",
    "projects:\n- url: a.git\n  rule: {}\n": "plan.yaml:3:3: unknown key 'rule' of a project",
    "projects: [a.git, ./a.git]\n": "plan.yaml:1:19: the project has two entries (the first is at plan.yaml:1:12)",
    "projects:\n- https://x.example/a/b\n- git@x.example:a/b.git\n": "plan.yaml:3:3: the project has two entries",
    "projects: a.git\n": "plan.yaml:1:1: projects is a list",
    "[]\n": "plan.yaml:1:1: a plan is a mapping",
    "projects: [3]\n": "plan.yaml:1:12: a project is an address",
    "projects: [a.git]\nprove: 1\n": "plan.yaml:2:1: prove is true or false",
    "projects: [a.git]\nbranch: -x\n": "plan.yaml:2:1: branch is not a name of a branch",
    "projects: [a.git]\npaths: [../x]\n": "plan.yaml:2:1: paths lie in the project",
    "projects: [a.git]\nrules: {a b: c.io}\n": "plan.yaml:2:9: ",
    "projects: ['ext::sh -c x']\n": "plan.yaml:1:12: helpers of transports are not used",
    "projects: ['--upload-pack=x']\n": "plan.yaml:1:12: an address does not begin with -",
    "projects: ['ftp://x.example/a']\n": "plan.yaml:1:12: no project is behind ftp://",
    "projects: []\n": "plan.yaml: the plan lists no project",
    "projects: [a\n": "plan.yaml:2:1: ",
}


@pytest.mark.parametrize("text", PLANS)
def test_a_plan_that_does_not_hold_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    """R62: exit 2, file, line and column, and nothing was done."""
    grow(tmp_path, {"plan.yaml": text})
    run = bulk(tmp_path, "plan.yaml")
    assert (run.code, run.out) == (2, "")
    assert f"error: {PLANS[text]}" in run.err, run.err
    assert not (tmp_path / "regfix-bulk").exists()


def test_a_list_tells_places_too(tmp_path: Path) -> None:
    """Comments and blank lines are counted."""
    grow(tmp_path, {"plan": "# all\n\na.git\n  a.git/\n"})
    run = bulk(tmp_path, "plan")
    assert (run.code, run.out) == (2, "")
    assert "error: plan:4:3: the project has two entries (the first is at plan:3:1)" in run.err


def test_secrets_of_a_url_are_nowhere(tmp_path: Path) -> None:
    """Neither in the output nor on the disk."""
    (tmp_path / "work").mkdir()
    url = "https://keeper:hunter2secret@127.0.0.1:1/team/app.git"
    plan = tmp_path / "plan"
    plan.write_text(f"{url}\n", "utf-8")
    for form in ("text", "jsonl", "markdown"):
        run = bulk(tmp_path / "work", str(plan), "--attempts", "1", "--format", form, "--overview", "all.md")
        assert run.code == 2
        assert "127.0.0.1:1/team/app" in run.said
        assert "hunter2secret" not in run.said
    assert all(b"hunter2secret" not in data for data in contents(tmp_path / "work").values())


GH = """#!/bin/sh
echo "$0 $*" >> "$LOG"
case "$2" in
list) cat "$LOG.open" 2>/dev/null || echo '[]';;
create) cat >> "$LOG"; echo '[{"url": "https://git.example.com/pull/7"}]' > "$LOG.open"
        echo https://git.example.com/pull/7;;
esac
"""


@pytest.mark.parametrize("tool", ["gh", "glab"])
def test_a_pull_request_is_opened_once(tmp_path: Path, tool: str) -> None:
    """By a stand-in for the forge's program: it is asked first, gets the body, and is not called by a second run."""
    make_projects(tmp_path, 1)
    grow(tmp_path, {f"bin/{tool}": GH})
    (tmp_path / "bin" / tool).chmod(0o755)
    changes = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "LOG": str(tmp_path / "log")}
    arguments = ("plan", "--push", "--pull-request", tool, "--format", "jsonl")
    for folder in ("one", "one", "two"):
        run = bulk(tmp_path, *arguments, "--folder", folder, **changes)
        assert run.code == 0, run.said
        assert records(run)["p000.git"]["pullRequest"] == "https://git.example.com/pull/7"
    log = (tmp_path / "log").read_text("utf-8")
    assert log.count("create") == 1
    assert log.count(" list ") == 2
    assert "--title Move container images to registry.k8s.io" in log
    assert "## Image references" in log
    assert str(tmp_path / "one" / "projects") not in log


def test_a_pull_request_by_a_command_of_the_plan(tmp_path: Path) -> None:
    """A list of arguments, never a shell; fields are filled once."""
    make_projects(tmp_path, 1)
    script = "import sys; open('{log}', 'w').write(repr(sys.argv[1:]) + open(sys.argv[2]).read() + sys.stdin.read())"
    grow(tmp_path, {"plan.yaml": "projects: [p000.git]\ntitle: 'a $(touch x) {branch}'\nrequest: [python3, -c, "
                    f"\"{script.replace('{log}', str(tmp_path / 'log'))}\", '{{title}}', '{{body_file}}']\n"})  # fmt: skip
    run = bulk(tmp_path, "plan.yaml", "--push", "--pull-request", "command")
    assert run.code == 0, run.said
    log = (tmp_path / "log").read_text("utf-8")
    assert log.startswith("['a $(touch x) {branch}', ")
    assert log.count("## Image references") == 2


def test_shards_are_all_projects_once(tmp_path: Path) -> None:
    """By I/N, and by the index of a Kubernetes Job."""
    make_projects(tmp_path, 5)
    parts = [records(bulk(tmp_path, "plan", "--format", "jsonl", "--shard", f"{index}/2")) for index in (1, 2)]
    jobs = [
        records(bulk(tmp_path, "plan", "--format", "jsonl", "--shard", "2", JOB_COMPLETION_INDEX=str(index)))
        for index in (0, 1)
    ]
    assert [set(part) for part in parts] == [set(part) for part in jobs]
    assert [len(part) for part in parts] == [3, 2]
    assert not set(parts[0]) & set(parts[1])
    for wrong in ("3/2", "0/2", "x", "1/0", "2"):
        assert bulk(tmp_path, "plan", "--shard", wrong, JOB_COMPLETION_INDEX=None).code == 2


def test_a_file_that_fails_is_told_and_the_rest_is_committed(tmp_path: Path) -> None:
    """The exit code is 2, the commit names the file."""
    make_project(tmp_path / "a.git", {**FILES, "bad.yaml": f"[{PAUSE}"})
    grow(tmp_path, {"plan": "a.git\n"})
    run = bulk(tmp_path, "plan", "--overview", "all.md")
    assert run.code == 2
    assert "a.git: 1 file failed" in run.err
    require_one_commit(clones(tmp_path)[0], base_of(tmp_path / "a.git"))
    assert "bad.yaml" in (tmp_path / "all.md").read_text("utf-8")


def test_settings_that_lead_out_of_a_project_are_refused(tmp_path: Path) -> None:
    """A link to a file of this machine is not read."""
    grow(tmp_path, {"plan": "a.git\n", "secret": "root:x:0\n"})
    make_project(tmp_path / "a.git", {**FILES, ".regfix.yaml": str(tmp_path / "secret")}, {".regfix.yaml": "120000"})
    run = bulk(tmp_path, "plan")
    assert run.code == 0, run.said
    assert "root:x" not in run.said
    assert "1 symbolic link out of the project, not followed" in run.err


@pytest.mark.parametrize("text", ["rules: {a.io: b.io, b.io: a.io}\nprojects: [a.git]\n"])
def test_rules_that_do_not_hold_stop_all(tmp_path: Path, text: str) -> None:
    """R63: told at once, before any project."""
    grow(tmp_path, {"plan.yaml": text})
    run = bulk(tmp_path, "plan.yaml")
    assert run.code == 2
    assert run.err.startswith("error: ")
    assert "plan.yaml" in run.err
    assert not (tmp_path / "regfix-bulk").exists()


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero")
def test_a_plan_on_standard_input_has_the_limit_of_a_file(tmp_path: Path) -> None:
    with open("/dev/zero", "rb") as endless:
        run = regfix("bulk", "-", cwd=tmp_path, stdin=endless)
    assert (run.code, run.out) == (2, "")
    assert run.err == "error: standard input is larger than the limit of 256 MiB (split it)\n"
    run = regfix("bulk", "-", cwd=tmp_path, stdin=None, input=b"\xff\n")
    assert (run.code, run.err.startswith("error: -:1: not UTF-8")) == (2, True), run.err
