"""The hooks in the real pre-commit: installed by it, run on commits, on all files, and tried out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import regfix
from regfix.locate.kind import Kind, kind_of
from support import PAUSE, PAUSE_MOVED, environment, git, grow

ROOT = Path(__file__).parents[2]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
IDENTITY = ("-c", "user.name=Keeper", "-c", "user.email=keeper@example.com")


def test_the_hooks_take_what_regfix_reads() -> None:
    names = ["a/b.yaml", "B.YML", "c.json", "Kustomization", "x/kustomization.yaml", "c/Chart.lock", "requirements.lock",
             "c/charts/d-1.0.0.tgz", "charts/d.tgz"]  # fmt: skip
    endings = (
        "tpl",
        "tmpl",
        "gotmpl",
        "gotpl",
        "template",
        "j2",
        "jinja",
        "jinja2",
        "yaml.in",
        "yml.in",
        "json.in",
        "tftpl",
    )
    names += [f"a.{ending}" for ending in endings]
    others = ["README.md", "a.tgz", "mycharts/a.tgz", "charts/a/b.tgz", "Dockerfile", "yaml", "x.yamlx"]
    for hook in HOOKS:
        assert [name for name in names if not re.search(hook["files"], name)] == []
        assert [name for name in others if re.search(hook["files"], name)] == []
    manifests = [name for name in names if not name.endswith((".lock", ".tgz"))]
    assert Kind.TEXT not in {kind_of(name) for name in manifests}
    assert {kind_of(name) for name in others} == {Kind.TEXT}


@pytest.fixture(scope="module")
def pre_commit() -> str:
    """The real pre-commit, beside this interpreter or on the PATH."""
    beside = Path(sys.executable).with_name("pre-commit")
    found = str(beside) if beside.exists() else shutil.which("pre-commit")
    if found is None:
        pytest.skip("no pre-commit: install the extra dev")
    return found


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a git project of its own, with one commit that is tagged."""
    folder = tmp_path_factory.mktemp("regfix")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder / name)
    for arguments in (["init", "-q"], ["add", "."], [*IDENTITY, "commit", "-qm", "x"], ["tag", "v1"]):
        assert git(folder, *arguments).returncode == 0
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the environment that it makes, for all tests of this module."""
    return tmp_path_factory.mktemp("pre-commit-home")


class Committer:
    """A git project with the hooks."""

    def __init__(self, folder: Path, program: str, home: Path) -> None:
        self.folder = folder
        self._program = program
        self._env = environment(PRE_COMMIT_HOME=str(home), GIT_CONFIG_GLOBAL=os.devnull, GIT_DIR=None)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [self._program, *arguments, "--color", "never"]
        return subprocess.run(
            argv, cwd=self.folder, env=self._env, capture_output=True, text=True, timeout=240, check=False
        )

    def add(self, files: dict[str, str]) -> None:
        grow(self.folder, files)
        assert git(self.folder, "add", *files).returncode == 0

    def commit(self) -> None:
        assert git(self.folder, *IDENTITY, "commit", "-qm", "x", "--no-verify").returncode == 0


@pytest.fixture
def committer(project: Path, pre_commit: str, hooks: Path, home: Path) -> Committer:
    found = Committer(project, pre_commit, home)
    config = f"repos:\n- repo: {hooks}\n  rev: v1\n  hooks:\n  - id: regfix\n  - id: regfix-check\n"
    found.add({".pre-commit-config.yaml": config, "old.yaml": PAUSE, "c/Chart.yaml": "name: c\n",
               "c/values.yaml": "replicas: 1\n"})  # fmt: skip
    found.commit()
    return found


SUB = {
    "c/charts/d/Chart.yaml": "{apiVersion: v2, name: d, version: 1.0.0}\n",
    "c/charts/d/values.yaml": PAUSE,
    "c/charts/d/templates/x.yaml": "image: {{ .Values.image }}\n",
}


def test_changed_files_move_and_others_stay(committer: Committer) -> None:
    committer.add({"new.yaml": PAUSE, "fine.yaml": PAUSE_MOVED, **SUB})
    first = committer.run("run")
    assert first.returncode == 1, first.stdout
    assert "files were modified by this hook" in first.stdout
    read = {name: (committer.folder / name).read_text() for name in ("new.yaml", "old.yaml", "c/values.yaml", *SUB)}
    assert read == {"new.yaml": PAUSE_MOVED, "old.yaml": PAUSE,
                    "c/values.yaml": "replicas: 1\nd:\n  image: registry.k8s.io/pause:3.2\n", **SUB}  # fmt: skip
    assert git(committer.folder, "add", ".").returncode == 0
    second = committer.run("run")
    assert (second.returncode, second.stdout.count("Passed")) == (0, 2), second.stdout


def test_the_check_fails_and_writes_nothing(committer: Committer) -> None:
    committer.add({"new.yaml": PAUSE})
    run = committer.run("run", "regfix-check")
    assert run.returncode == 1
    assert "./new.yaml:1:8: k8s.gcr.io/pause:3.2 -> registry.k8s.io/pause:3.2" in run.stdout
    assert "old.yaml" not in run.stdout
    assert (committer.folder / "new.yaml").read_text() == PAUSE


def test_all_files(committer: Committer) -> None:
    """The names may be too many for one command line; here they are few, and each is done once."""
    assert committer.run("run", "--all-files", "regfix-check").returncode == 1
    assert committer.run("run", "--all-files", "regfix").returncode == 1
    assert (committer.folder / "old.yaml").read_text() == PAUSE_MOVED
    assert committer.run("run", "--all-files").returncode == 0


def test_what_is_no_manifest_is_skipped(committer: Committer) -> None:
    committer.add({"README.md": "k8s.gcr.io/pause:3.2\n"})
    run = committer.run("run")
    assert (run.returncode, run.stdout.count("(no files to check)Skipped")) == (0, 2)


def test_try_repo(committer: Committer, hooks: Path) -> None:
    committer.add({"new.yaml": PAUSE})
    run = committer.run("try-repo", str(hooks), "regfix-check", "--files", "new.yaml", "old.yaml")
    assert (run.returncode, "2 references in 2 files would be rewritten" in run.stdout) == (1, True), run.stdout


def test_the_page_says_how(project: Path, pre_commit: str, hooks: Path, home: Path) -> None:
    """Each configuration on the page works, with the project at hand for the address, which is invented."""
    page = (ROOT / "docs" / "how-to" / "run-in-pre-commit.md").read_text("utf-8")
    configs = re.findall(r"^```yaml.*?\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(configs) == 2
    for config in configs:
        assert f"rev: v{regfix.__version__}\n" in config
        local = config.replace("https://git.example.com/tools/regfix", str(hooks)).replace(
            f"v{regfix.__version__}", "v1"
        )
        committer = Committer(project, pre_commit, home)
        committer.add({".pre-commit-config.yaml": local, "x.yaml": PAUSE, "y.md": "`docker.io/team/app:1`\n"})
        assert committer.run("run", "--all-files", "regfix").returncode == 1
    assert (project / "y.md").read_text() == "`harbor.example.com/hub/team/app:1`\n"


def test_many_processes_over_one_chart_do_no_damage(project: Path) -> None:
    """The reason for `require_serial`: who finds a file changed leaves it and says so; nothing is lost or mixed."""
    grow(project, {"c/Chart.yaml": "name: c\n", "c/values.yaml": "replicas: 1\n", **SUB})
    argv = [sys.executable, "-m", "regfix", "rewrite", "--force-exclude", "c/values.yaml", "c/charts/d/values.yaml"]
    runs = [subprocess.Popen(argv, cwd=project, env=environment(), stderr=subprocess.PIPE) for _ in range(4)]
    told = [(run.communicate(timeout=60)[1].decode(), run.returncode) for run in runs]
    assert all(code == 0 or (code == 2 and "changed" in err) for err, code in told), told
    assert (project / "c/values.yaml").read_text() == "replicas: 1\nd:\n  image: registry.k8s.io/pause:3.2\n"
