"""What regfix takes of a warm run of pre-commit on a commit of three files; run by hand, like run.py.

usage: python benchmarks/pre_commit.py [RUNS]      needs pre-commit and git; its environment is made once, by pip
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMIT = 1 / 3
"""What regfix may take of the time of pre-commit."""

MANIFEST = "spec:\n  containers:\n" + "".join(
    f"  - name: c{number}\n    image: {{host}}/team/app-{number}:1.{number}\n" for number in range(20)
)


def main(runs: int) -> int:
    """Measure without and with references that move; return 1 if regfix took more than the limit."""
    with tempfile.TemporaryDirectory() as folder:
        hooks, project = _hooks(Path(folder) / "regfix"), Path(folder) / "project"
        env = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "GIT_DIR")}
        env |= {"PRE_COMMIT_HOME": f"{folder}/home", "GIT_CONFIG_GLOBAL": os.devnull}
        project.mkdir()
        (project / ".pre-commit-config.yaml").write_text(
            f"repos:\n- repo: {hooks}\n  rev: v1\n  hooks:\n  - id: regfix\n"
        )
        _git(project, "init", "-q")
        shares = [_share(project, host, runs, env) for host in ("quay.io", "k8s.gcr.io")]
    return 1 if max(shares) > LIMIT else 0


def _share(project: Path, host: str, runs: int, env: dict[str, str]) -> float:
    """Print and return the share of regfix, the median over the rounds."""
    names = ["a.yaml", "b.yaml", "c.yaml"]
    whole, own = [], []
    for _ in range(runs + 1):
        _restore(project, names, host)
        whole.append(_seconds([shutil.which("pre-commit") or "pre-commit", "run"], project, env))
        _restore(project, names, host)
        program = next(Path(env["PRE_COMMIT_HOME"]).glob("repo*/py_env*/bin/regfix"))
        own.append(_seconds([str(program), "rewrite", "--force-exclude", *names], project, env))
    share = statistics.median(a / b for a, b in zip(own[1:], whole[1:], strict=True))  # the first one warms up
    sys.stdout.write(
        f"{host}: pre-commit {statistics.median(whole[1:]) * 1000:.0f} ms, regfix alone "
        f"{statistics.median(own[1:]) * 1000:.0f} ms, share {share:.2f} (limit {LIMIT:.2f})\n"
    )
    return share


def _restore(project: Path, names: list[str], host: str) -> None:
    for name in names:
        (project / name).write_text(MANIFEST.format(host=host))
    _git(project, "add", ".")


def _seconds(argv: list[str], cwd: Path, env: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(argv, cwd=cwd, env=env, capture_output=True, check=False)
    return time.perf_counter() - start


def _hooks(folder: Path) -> Path:
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder / name)
    _git(folder, "init", "-q")
    _git(folder, "add", ".")
    _git(folder, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "x")
    _git(folder, "tag", "v1")
    return folder


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 11))
