"""A replay of a large cluster, whose answers are made once, so that the server costs every client the same."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from kubernetes import Replay, pod_spec, serving, template, thing
from releases import kept

if TYPE_CHECKING:
    from collections.abc import Iterator

PODS_EACH = 50


def kubectl() -> str:
    """The path of kubectl: named by the environment, on the PATH, or fetched as for the tests."""
    from get_helm import find_kubectl

    try:
        return find_kubectl()
    except (subprocess.SubprocessError, OSError):
        return "kubectl"


@dataclass
class Remembered(Replay):
    """A replay that gives an answer again as it was."""

    known: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def answer(self, target: str, token: str) -> tuple[int, bytes]:
        """Return the code and the body for a GET."""
        if target not in self.known:
            self.known[target] = super().answer(target, token)
        return self.known[target]


@contextmanager
def large_cluster(folder: Path, pods: int, old: str) -> Iterator[Path]:
    """Serve a cluster with as many pods, 50 of each Deployment, and yield the configuration of kubectl for it.

    Every second Deployment is of a Helm release.
    """
    objects: list[dict[str, Any]] = []
    for number in range(pods // PODS_EACH):
        image = f"{old}/app-{number}:1"
        above = thing("Deployment", f"app-{number}", template(image, "quay.io/side/car:2"))
        owner = thing("ReplicaSet", f"app-{number}-1", template(image, "quay.io/side/car:2"), owner=above)
        objects += [above, owner, *(_pod(image, number, at, owner) for at in range(PODS_EACH))]
        objects += [_release(image, above, number)] if number % 2 else []
    with serving(Remembered(objects)) as replay:
        yield replay.kubeconfig(folder)


def _release(image: str, deployment: dict[str, Any], number: int) -> dict[str, Any]:
    """A release of about 300 KB of JSON: the Deployment, 40 ConfigMaps, and the templates of these."""
    noise = [hashlib.sha256(f"{number} {at}".encode()).hexdigest() for at in range(40)]
    maps = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"m{at}"}, "data": {"x": f"{text} " * 60}}
            for at, text in enumerate(noise)]  # fmt: skip
    texts = [json.dumps(one) for one in (deployment, *maps)]
    files = [{"name": f"templates/{at}.yaml", "data": base64.b64encode(text.encode()).decode()}
             for at, text in enumerate(texts)]  # fmt: skip
    values = {"image": {"repository": image.partition(":")[0], "tag": "0"}, "other": dict(enumerate(noise))}
    return kept({
        "name": f"app-{number}", "namespace": "shop", "version": 1, "info": {"status": "deployed"},
        "chart": {"metadata": {"name": "app", "version": "1.0.0"}, "templates": files, "values": values},
        "config": {"image": {"tag": "1"}},
        "manifest": "".join(f"---\n# Source: app/templates/{at}.yaml\n{text}\n" for at, text in enumerate(texts)),
    })  # fmt: skip


def _pod(image: str, number: int, at: int, owner: dict[str, Any]) -> dict[str, Any]:
    """A pod of about 7 KB, with what differs from pod to pod in a real cluster."""
    spec = pod_spec(image, "quay.io/side/car:2", nodeName=f"node-{at}")
    spec["containers"][0]["env"] = [{"name": f"VARIABLE_{n}", "value": f"some value {n}"} for n in range(25)]
    token = f"kube-api-access-{at:05d}"
    spec["containers"][0]["volumeMounts"] = [{"name": token, "mountPath": "/var/run/secrets"}]
    spec["volumes"] = [{"name": token, "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}]
    digest = "@sha256:" + "a" * 64
    statuses = [{"name": f"c{n}", "image": one["image"], "imageID": one["image"].rpartition(":")[0] + digest}
                for n, one in enumerate(spec["containers"])]  # fmt: skip
    fields = {f"f:{n}": {"f:type": {}, ".": {}} for n in range(80)}
    metadata = {
        "annotations": {"cni.projectcalico.org/podIP": f"10.{number % 256}.{at}.1/32"},
        "managedFields": [{"manager": "kubelet", "operation": "Update", "fieldsV1": fields}],
    }
    return thing("Pod", f"app-{number}-1-{at}", spec, owner=owner, metadata=metadata,
                 status={"phase": "Running", "containerStatuses": statuses})  # fmt: skip
