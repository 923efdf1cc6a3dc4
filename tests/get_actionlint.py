"""actionlint for tests: the one on the PATH, else built by Go, and kept in a cache folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

MODULE = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"


def actionlint() -> str:
    """Return the program; skips the test where it cannot be had."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(tempfile.gettempdir(), "regfix-tests")
    kept = Path(base) / "actionlint-1.7.12" / "actionlint"
    found = shutil.which("actionlint") or (str(kept) if kept.exists() else None)
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if found is None and go is not None:
        argv = [go, "install", MODULE]
        env = {**os.environ, "GOBIN": str(kept.parent), "GOFLAGS": "-mod=mod"}
        subprocess.run(argv, env=env, capture_output=True, check=False, timeout=300, cwd=tempfile.gettempdir())
        found = str(kept) if kept.exists() else None
    if found is None:
        pytest.skip("no actionlint: install it, or Go")
    return found
