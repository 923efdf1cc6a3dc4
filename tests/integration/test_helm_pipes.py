"""The real Helm runs regfix: as a post-renderer, and as a plugin."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import regfix
from charts import write_tree
from support import PAUSE

ROOT = Path(__file__).parents[2]
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
    "values.yaml": "image: k8s.gcr.io/pause:3.2\n",
    "templates/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a  # why\n"
    "    image: {{ .Values.image }}\n",
    "templates/hook.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: h\n  annotations: {helm.sh/hook: pre-install}\n"
    "spec: {containers: [{name: a, image: k8s.gcr.io/hook:1}]}\n",
}


class Helm:
    """Helm with folders of its own, and regfix's programs on the PATH."""

    def __init__(self, program: str, home: Path) -> None:
        self._program = program
        homes = {f"HELM_{kind}_HOME": str(home / kind) for kind in ("CACHE", "CONFIG", "DATA")}
        self._env = {**os.environ, **homes, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self.major = int(self.run("version", "--short").stdout[1])

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        argv = [self._program, *arguments]
        return subprocess.run(argv, cwd=cwd, env=self._env, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def real(helm: str, tmp_path: Path) -> Helm:
    if not Path(sys.executable).with_name("regfix-postrender").exists():
        pytest.skip("regfix is not installed beside this Python")
    return Helm(helm, tmp_path / "home")


def images(rendered: str) -> list[str]:
    return sorted(c["image"] for pod in yaml.safe_load_all(rendered) for c in pod["spec"]["containers"])


def test_it_is_a_post_renderer(real: Helm, tmp_path: Path) -> None:
    chart = write_tree(tmp_path / "c", CHART)
    if real.major > 3:
        assert real.run("plugin", "install", str(ROOT / "plugins" / "helm-postrender")).returncode == 0
    template = ("template", "rel", str(chart), "--post-renderer", "regfix-postrender")
    done = real.run(*template)
    hook = "registry.k8s.io/hook:1" if real.major > 3 else "k8s.gcr.io/hook:1"  # Helm 3 gives it no hooks
    assert (done.returncode, images(done.stdout)) == (0, sorted([hook, "registry.k8s.io/pause:3.2"])), done.stderr
    ruled = real.run(*template, "--post-renderer-args", "--rule", "--post-renderer-args", "k8s.gcr.io=harbor.corp")
    assert "harbor.corp/pause:3.2" in images(ruled.stdout)


def test_an_error_stops_helm(real: Helm, tmp_path: Path) -> None:
    chart = write_tree(tmp_path / "c", CHART)
    if real.major > 3:
        assert real.run("plugin", "install", str(ROOT / "plugins" / "helm-postrender")).returncode == 0
    done = real.run(
        "template", "rel", str(chart), "--post-renderer", "regfix-postrender", "--post-renderer-args", "--rule=x"
    )
    assert (done.returncode != 0, done.stdout) == (True, "")
    assert real.major > 3 or "'x' is not a rule" in done.stderr


def test_it_is_a_plugin(real: Helm, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "plugin", {"plugin.yaml": (ROOT / "plugin.yaml").read_text("utf-8")})
    assert real.run("plugin", "install", str(folder)).returncode == 0
    assert real.run("regfix", "--version").stdout == f"regfix {regfix.__version__}\n"
    assert "Move container image references" in real.run("--help").stdout
    write_tree(tmp_path / "p", {"x.yaml": PAUSE, ".git/HEAD": ""})
    check = real.run("regfix", "rewrite", "--check", cwd=tmp_path / "p")
    assert (check.returncode, check.stdout) == (1, "./x.yaml:1:8: k8s.gcr.io/pause:3.2 -> registry.k8s.io/pause:3.2\n")


def test_the_plugins_have_the_version_of_the_project() -> None:
    for path in ("plugin.yaml", "plugins/helm-postrender/plugin.yaml"):
        assert yaml.safe_load((ROOT / path).read_text("utf-8"))["version"] == regfix.__version__
