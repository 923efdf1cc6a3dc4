"""Help for tests with charts: cases in a folder, packed subcharts, and real Helm binaries."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

CASES = Path(__file__).parents[1] / "fixtures" / "charts"


class Case(NamedTuple):
    """A chart in a working folder, what `case.toml` says, and what values.yaml shall be (None: not fixed)."""

    chart: Path
    settings: dict[str, Any]
    after: bytes | None


def names() -> list[str]:
    return sorted(path.name for path in CASES.iterdir() if path.is_dir())


def case(name: str, folder: Path) -> Case:
    """Copy a case into a folder, pack the subcharts that it names."""
    source = CASES / name
    chart = folder / "chart"
    shutil.copytree(source / "chart", chart)
    settings = tomllib.loads((source / "case.toml").read_text("utf-8"))
    for sub in settings.get("pack", ()):
        pack(chart / sub)
    after = source / "values.after.yaml"
    return Case(chart, settings, after.read_bytes() if after.exists() else None)


def pack(folder: Path) -> Path:
    """Replace a chart's folder by its archive."""
    archive = folder.with_name(folder.name + "-1.0.0.tgz")
    with tarfile.open(archive, "w:gz") as out:
        out.add(folder, arcname=folder.name)
    shutil.rmtree(folder)
    return archive


def tgz(members: dict[str, bytes]) -> bytes:
    """Return an archive with regular members."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as out:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))
    return data.getvalue()


def tree_bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def write_tree(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    return folder


def helm_template(helm: str, chart: Path, *options: str) -> str:
    """Return what Helm renders; fails with Helm's message."""
    argv = [helm, "template", "rel", str(chart), "--kube-version", "1.31.0", *options]
    with tempfile.TemporaryDirectory() as home:
        homes = {f"HELM_{kind}_HOME": home for kind in ("CACHE", "CONFIG", "DATA")}
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **homes})
    assert done.returncode == 0, done.stderr
    return done.stdout
