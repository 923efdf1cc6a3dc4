"""Fixtures for all tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

_VARIABLES = {"4": "REGFIX_HELM", "3": "REGFIX_HELM3"}


@pytest.fixture(scope="session", params=["4", "3"])
def helm(request: pytest.FixtureRequest) -> str:
    """A Helm binary of each major version: named by the environment, on the PATH, or fetched; else skipped."""
    named = os.environ.get(_VARIABLES[request.param])
    if named:
        return named
    found = shutil.which("helm")
    if found and f"v{request.param}." in subprocess.run([found, "version", "--short"], capture_output=True, text=True,
                                                        check=False).stdout:  # fmt: skip
        return found
    from get_helm import get_helm

    try:
        return str(get_helm(request.param))
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"no Helm {request.param}: set {_VARIABLES[request.param]} ({error})")
