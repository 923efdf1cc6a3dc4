"""The GitHub Action, run step by step as a runner does, and the workflows and pipelines of the pages, linted."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft7Validator

import get_schema
from get_actionlint import actionlint
from regfix.locate.site import Reason
from support import PAUSE, environment, git, grow, regfix

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
FENCE = re.compile(r"^```yaml file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def snippets(page: str) -> dict[str, str]:
    """Return the YAML files that a page shows."""
    return dict(FENCE.findall((ROOT / "docs/how-to" / page).read_text("utf-8")))


class Runner:
    """Runs the steps of the action in a workspace, with the files and variables that a runner gives."""

    def __init__(self, workspace: Path, base: Path) -> None:
        self.workspace = workspace
        self._base = base
        for name in ("temp", "output", "summary"):
            (base / name).mkdir(parents=True) if name == "temp" else (base / name).write_text("")

    def step(self, step: Mapping[str, Any], inputs: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run one step: its script as it is, expressions in its environment only."""
        given = {name: spec.get("default", "") for name, spec in ACTION["inputs"].items()} | dict(inputs)
        env = {
            name: EXPRESSION.sub(lambda found: given[found[1].removeprefix("inputs.")], text)
            for name, text in step.get("env", {}).items()
        }
        script = self._base / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        files = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary", "RUNNER_TEMP": "temp"}
        env |= {name: str(self._base / file) for name, file in files.items()}
        env |= {"GITHUB_ACTION_PATH": str(ROOT), "GITHUB_ACTIONS": "true"}
        return subprocess.run(argv, cwd=self.workspace, env=environment(**env), capture_output=True, text=True,
                              check=False, timeout=240)  # fmt: skip

    def check(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run the step that checks, with these inputs (`_` for `-`)."""
        return self.step(ACTION["runs"]["steps"][1], {name.replace("_", "-"): text for name, text in inputs.items()})

    def file(self, name: str) -> str:
        return (self._base / name).read_text("utf-8")


@pytest.fixture
def runner(project: Path, tmp_path: Path) -> Runner:
    """A runner on which regfix is installed already."""
    found = Runner(project, tmp_path / "runner")
    program = tmp_path / "runner/temp/regfix/bin/regfix"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m regfix "$@"\n')
    program.chmod(0o755)
    return found


def test_the_action_installs_itself(project: Path, tmp_path: Path) -> None:
    """The first step for real, and with what it installed the second."""
    runner = Runner(project, tmp_path / "runner")
    grow(project, {"x.yaml": PAUSE})
    installed = runner.step(ACTION["runs"]["steps"][0], {})
    assert installed.returncode == 0, installed.stderr
    run = runner.check()
    assert (run.returncode, run.stdout.count("::error ")) == (1, 1), run.stderr


def test_annotations_summary_and_output(runner: Runner) -> None:
    grow(runner.workspace, {"x.yaml": PAUSE, "d/y.yaml": PAUSE})
    run = runner.check(sarif_file="out.sarif")
    assert (run.returncode, run.stderr) == (1, "")
    assert [line.split(",")[0] for line in run.stdout.splitlines()] == ["::error file=d/y.yaml", "::error file=x.yaml"]
    assert "2 references in 2 files would move." in runner.file("summary")
    assert runner.file("output") == "exit-code=1\n"
    log = json.loads((runner.workspace / "out.sarif").read_text())
    assert list(Draft7Validator(get_schema.schema("sarif")).iter_errors(log)) == []
    assert len(log["runs"][0]["results"]) == 2


def test_inputs_become_options(runner: Runner) -> None:
    grow(
        runner.workspace,
        {"a b/x.yaml": PAUSE + "b: {image: quay.io/x}\n", "y.yaml": PAUSE, "s.yaml": "rules: {quay.io: r.corp}\n"},
    )
    run = runner.check(
        paths="a b\n\n", rules="k8s.gcr.io=one.corp\nquay.io=two.corp\n", summary="false", options="--no-ignore"
    )
    assert (run.returncode, run.stdout.count("moves to one.corp"), run.stdout.count("moves to two.corp")) == (1, 1, 1)
    assert runner.file("summary") == ""
    assert runner.check(config="s.yaml").stdout.count("moves to r.corp") == 1
    assert regfix("rewrite", "--check", "--write-baseline", "b.json", cwd=runner.workspace).code == 0
    assert runner.check(baseline="b.json").returncode == 0
    assert runner.check(presets="istio").returncode == 0
    assert runner.check(fail_on_findings="false").returncode == 0
    assert runner.file("output").splitlines()[-1] == "exit-code=1"


def test_what_changed_since_a_revision(runner: Runner) -> None:
    identity = ("-c", "user.name=Keeper", "-c", "user.email=keeper@example.com")
    for name in ("old.yaml", "new.yaml"):
        grow(runner.workspace, {name: PAUSE})
        assert git(runner.workspace, "add", ".").returncode == 0
        assert git(runner.workspace, *identity, "commit", "-qm", "x").returncode == 0
    run = runner.check(diff_from="HEAD^")
    assert (run.returncode, "new.yaml" in run.stdout, "old.yaml" in run.stdout) == (1, True, False)
    run = runner.check(diff_from="HEAD~9")
    assert (run.returncode, "regfix: error: --diff-from HEAD~9: git knows no such revision" in run.stderr) == (2, True)


@pytest.mark.parametrize(
    "text", ["$(touch mark)", "`touch mark`", "; touch mark", '"; touch mark; "', "--diff", "x' y"]
)
@pytest.mark.parametrize("name", sorted(set(ACTION["inputs"]) - {"summary", "fail-on-findings", "options"}))
def test_no_input_is_a_script_or_an_option(runner: Runner, name: str, text: str) -> None:
    grow(runner.workspace, {"x.yaml": PAUSE})
    run = runner.check(**{name: text, "fail-on-findings": "false", "summary": "false"})
    assert run.returncode in (0, 2)
    assert not (runner.workspace / "mark").exists()
    assert (runner.workspace / "x.yaml").read_text() == PAUSE


def test_nothing_of_a_file_is_a_command_for_the_runner(runner: Runner) -> None:
    grow(runner.workspace, {
        "::add-mask::a\n::stop-commands::x.yaml": f"[{PAUSE}", "##[add-mask]b.yaml": f"[{PAUSE}",
        ".regfix.yaml": "exclude: ['::error::x']\nfields:\n- path: '$.x['\n  is: reference\n",
    })  # fmt: skip
    for _ in range(2):
        run = runner.check()
        assert run.returncode == 2
        lines = [line.strip() for line in (run.stdout + run.stderr).splitlines()]
        assert lines
        assert [line for line in lines if not line.startswith(("::error file=", "::notice file=", "regfix: "))] == []
        assert "##[" not in run.stderr
        (runner.workspace / ".regfix.yaml").unlink(missing_ok=True)


def test_the_action_is_valid() -> None:
    assert list(Draft7Validator(get_schema.schema("action")).iter_errors(ACTION)) == []
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text("utf-8")))
    assert used == set(ACTION["inputs"])
    page = (ROOT / "docs/how-to/run-in-github-actions.md").read_text("utf-8")
    for name, spec in ACTION["inputs"].items():
        row = re.search(rf"^\|[^|]*`{name}`.*\|$", page, re.MULTILINE)
        assert row is not None, name
        assert row[0].split("|")[-2].strip(" `") == spec["default"], name


@pytest.fixture(scope="module")
def workflows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the workflows of the page, which use the action at hand."""
    folder = tmp_path_factory.mktemp("workflows")
    assert git(folder, "init", "-q").returncode == 0
    shutil.copy(ROOT / "action.yml", folder)
    for name, text in snippets("run-in-github-actions.md").items():
        local = re.sub(r"example/regfix@\S+", "./", text)
        assert local != text
        grow(folder, {name: local})
    return folder


def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("zizmor")
    if not program.exists():
        pytest.skip("no zizmor: install the extra dev")
    argv = [str(program), "--offline", "--no-config", "--no-progress"]
    grow(tmp_path, {Path(name).name: text for name, text in snippets("run-in-github-actions.md").items()})
    files = sorted(tmp_path.glob("*.yml"))
    assert len(files) == 2
    for arguments in ([*map(str, files)], ["--pedantic", str(ROOT / "action.yml")]):
        done = subprocess.run(
            [*argv, *arguments], capture_output=True, text=True, check=False, timeout=60, env=environment(GH_TOKEN=None)
        )
        assert done.returncode == 0, done.stdout
    hurt = tmp_path / "hurt.yml"
    hurt.write_text(
        files[0].read_text().replace("steps:", "steps:\n      - run: echo ${{ github.event.pull_request.title }}")
    )
    argv.append(str(hurt))
    assert subprocess.run(argv, capture_output=True, check=False, timeout=60, env=environment(GH_TOKEN=None)).returncode


def test_actionlint_finds_nothing(workflows: Path) -> None:
    files = [str(path.relative_to(workflows)) for path in workflows.glob(".github/workflows/*.yml")]
    argv = [actionlint(), "-no-color", *files]
    done = subprocess.run(argv, cwd=workflows, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")
    path = workflows / files[0]
    text = path.read_text()
    path.write_text(re.sub(r"(uses: \./.*\n +with:\n)", r"\1          nonsense: 1\n", text))
    done = subprocess.run(argv, cwd=workflows, capture_output=True, text=True, check=False, timeout=60)
    path.write_text(text)
    assert "nonsense" in done.stdout


def test_pipelines_of_gitlab_are_valid() -> None:
    validator = Draft7Validator(get_schema.schema("gitlab-ci"))
    pages = snippets("run-in-gitlab.md")
    assert len(pages) == 2
    for text in pages.values():
        assert [error.message for error in validator.iter_errors(yaml.safe_load(text))] == []
    broken = yaml.safe_load(pages[".gitlab-ci.yml"])
    broken["registries"]["artifacts"]["when"] = "sometimes"
    assert not validator.is_valid(broken)


def pipeline(name: str) -> list[str]:
    (job,) = yaml.safe_load(snippets("run-in-gitlab.md")[name]).values()
    return list(job["script"])


def test_the_scripts_of_gitlab_run(project: Path, tmp_path: Path) -> None:
    """As its runner does it: line after line in one shell that stops at the first that fails."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "regfix").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m regfix "$@"\n')
    (programs / "regfix").chmod(0o755)
    identity = ("-c", "user.name=Keeper", "-c", "user.email=keeper@example.com")
    grow(project, {"old.yaml": PAUSE})
    for arguments in (["branch", "-M", "main"], ["add", "."], [*identity, "commit", "-qm", "x"]):
        git(project, *arguments)
    clone = tmp_path / "clone"
    assert git(tmp_path, "clone", "-q", f"file://{project}", str(clone)).returncode == 0
    grow(clone, {"new.yaml": PAUSE})
    env = environment(
        PATH=f"{programs}:{os.environ['PATH']}", CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main", HOME=str(tmp_path)
    )
    for name, codes in ((".gitlab-ci.yml", 1), ("only-what-changed.yml", 1)):
        script = "set -eo pipefail\n" + "\n".join(pipeline(name)).replace("/opt/regfix/bin/", "")
        done = subprocess.run(
            ["bash", "-c", script], cwd=clone, env=env, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == codes, done.stderr
        if (clone / "gl-code-quality-report.json").exists():  # another job has a checkout of its own
            (clone / "gl-code-quality-report.json").replace(tmp_path / "report.json")
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["./new.yaml"]
    report = json.loads((tmp_path / "report.json").read_text())
    assert [entry["location"]["path"] for entry in report] == ["new.yaml", "old.yaml"]


KEYS = {"description", "check_name", "fingerprint", "severity", "location"}


def test_the_code_quality_report_has_what_gitlab_asks_for(tree: Path) -> None:
    """The fields that its documentation lists: unique fingerprints, known severities, paths in the project."""
    run = regfix("rewrite", "--check", "--format", "gitlab", cwd=tree)
    assert (run.code, run.stdout.isascii()) == (2, True)
    report = json.loads(run.stdout)
    assert len(report) == len(run.out.splitlines()) - 2
    assert len({entry["fingerprint"] for entry in report}) == len(report)
    for entry in report:
        assert set(entry) == KEYS
        assert not entry["location"]["path"].startswith(("/", "./"))
        assert entry["location"]["lines"]["begin"] >= 1
    severities = {(entry["check_name"].removeprefix("regfix/"), entry["severity"]) for entry in report}
    assert {("move", "major"), ("failed", "critical"), ("prose", "info")} <= severities
    assert {name for name, _ in severities} <= {"move", "failed", *Reason}
    assert "move minor" in {" ".join(pair) for pair in {
        (entry["check_name"].removeprefix("regfix/"), entry["severity"])
        for entry in json.loads(regfix("scan", "--format", "gitlab", cwd=tree).stdout)}}  # fmt: skip


def test_an_empty_report_is_an_empty_list(project: Path) -> None:
    assert json.loads(regfix("rewrite", "--check", "--format", "gitlab", cwd=project).stdout) == []
