"""Releases as Helm keeps them in a cluster, made by the real helm, and of charts that are written here."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
from typing import TYPE_CHECKING

from support import environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kubernetes import Json, Replay

VERSION = {"major": "1", "minor": "33", "gitVersion": "v1.33.0"}
"""What the API server says of itself; Helm 4 asks for it."""


def write_chart(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a chart file by file."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def installed(helm: str, replay: Replay, chart: Path, name: str, *arguments: str, namespace: str = "shop") -> Json:
    """Return the release that Helm would keep of an install, with its status as after that."""
    replay.answers["/version"] = json.dumps(VERSION).encode()
    config = replay.kubeconfig(chart.parent)
    done = subprocess.run(
        [helm, "install", name, str(chart), f"--namespace={namespace}", "--dry-run=client", "--output=json", "--disable-openapi-validation",
         f"--kubeconfig={config}", *arguments],
        capture_output=True, check=False, timeout=60, env=environment(HOME=str(chart.parent)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    release: Json = json.loads(done.stdout)
    release["info"]["status"] = "deployed"
    return release


def packed(content: bytes, *, kind: str = "Secret", short: int = 0) -> str:
    """Return bytes as the data of an object: gzip, `short` of some bytes, in base64, once more for a Secret."""
    whole = gzip.compress(content, mtime=0)  # names of tests are made of it
    data = base64.b64encode(whole[: len(whole) - short])
    return (base64.b64encode(data) if kind == "Secret" else data).decode()


def kept(release: Json, *, kind: str = "Secret", data: str | None = None, **labels: str) -> Json:
    """Return the object in which Helm keeps a release; `labels` in the place of the usual ones."""
    said = {"owner": "helm", "name": release["name"], "status": release["info"]["status"],
            "version": str(release["version"]), **labels}  # fmt: skip
    name = f"sh.helm.release.v1.{said['name']}.v{said['version']}"
    metadata = {"name": name, "namespace": release["namespace"], "uid": f"uid-{kind}-{name}", "labels": said}
    content = packed(json.dumps(release).encode(), kind=kind) if data is None else data
    typed = {"type": "helm.sh/release.v1"} if kind == "Secret" else {}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": {"release": content}, **typed}
