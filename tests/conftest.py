"""What all tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support import git

_HELM_VARIABLES = {"4": "REGFIX_HELM", "3": "REGFIX_HELM3"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that is a git work tree: the settings of folders above it do not count."""
    folder = tmp_path / "project"
    folder.mkdir()
    assert git(folder, "init", "-q").returncode == 0
    return folder


@pytest.fixture(scope="session", params=["4", "3"])
def helm(request: pytest.FixtureRequest) -> str:
    """A Helm binary of each major version: named by the environment, on the PATH, or fetched; else skipped."""
    named = os.environ.get(_HELM_VARIABLES[request.param])
    if named:
        return named
    found = shutil.which("helm")
    if found and f"v{request.param}." in _version(found):
        return found
    from get_helm import get_helm

    try:
        return str(get_helm(request.param))
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"no Helm {request.param}: set {_HELM_VARIABLES[request.param]} ({error})")


@pytest.fixture(scope="session")
def kubectl() -> str:
    """A kubectl binary, which holds kustomize: named by the environment, on the PATH, or fetched; else skipped."""
    from get_helm import find_kubectl

    try:
        return find_kubectl()
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"no kubectl: set REGFIX_KUBECTL ({error})")


def _version(helm: str) -> str:
    return subprocess.run([helm, "version", "--short"], capture_output=True, text=True, check=False).stdout
