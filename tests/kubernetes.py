"""A replay of the Kubernetes API on loopback: discovery and lists of objects, read by the real kubectl.

Lists are paged by `limit` and `continue`. What is forbidden, expired or broken is said by the test.
"""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Json = dict[str, Any]

TYPES = {
    "Pod": ("v1", "pods"), "ReplicationController": ("v1", "replicationcontrollers"), "Secret": ("v1", "secrets"),
    "ConfigMap": ("v1", "configmaps"), "Namespace": ("v1", "namespaces"), "Deployment": ("apps/v1", "deployments"),
    "ReplicaSet": ("apps/v1", "replicasets"), "StatefulSet": ("apps/v1", "statefulsets"),
    "DaemonSet": ("apps/v1", "daemonsets"), "Job": ("batch/v1", "jobs"), "CronJob": ("batch/v1", "cronjobs"),
}  # fmt: skip
"""The version and the plural of each kind; those of custom resources are given to the replay."""


@dataclass
class Replay:
    """The objects of a cluster, what it refuses, and what was asked of it.

    `forbidden` are pairs of a plural and a namespace (empty: over all). `expire` is how many tokens are too old,
    `token` the bearer token that is asked for, `slow` what each list takes, in seconds.
    """

    objects: Sequence[Json] = ()
    types: Mapping[str, tuple[str, str]] = field(default_factory=lambda: TYPES)
    forbidden: frozenset[tuple[str, str]] = frozenset()
    expire: int = 0
    token: str = ""
    slow: float = 0
    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def kubeconfig(self, folder: Path, *contexts: str, user: Json | None = None, **cluster: Any) -> Path:
        """Write a kubeconfig with contexts for this replay, the first of them the current one."""
        names = contexts or ("replay",)
        content = {
            "apiVersion": "v1", "kind": "Config", "current-context": names[0],
            "clusters": [{"name": "c", "cluster": {"server": self.url, **cluster}}],
            "users": [{"name": "u", "user": user or {}}],
            "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in names],
        }  # fmt: skip
        path = folder / "kubeconfig"
        path.write_text(json.dumps(content), "utf-8")
        return path

    def answer(self, target: str, token: str) -> tuple[int, bytes]:
        """Return the code and the body for a GET."""
        parts = urlsplit(target)
        if self.token and token != f"Bearer {self.token}":
            return _status(401, "Unauthorized", "Unauthorized")
        if target in self.answers or parts.path in self.answers:
            return 200, self.answers.get(target) or self.answers[parts.path]
        if parts.path in ("/api", "/apis"):
            return self._discovery(parts.path, "")
        steps = parts.path.strip("/").split("/")
        version = steps[1] if steps[0] == "api" else "/".join(steps[1:3])
        rest = steps[2:] if steps[0] == "api" else steps[3:]
        if not rest:
            return self._discovery(parts.path, version)
        namespace = rest[1] if len(rest) == 3 else ""
        return self._list(version, rest[-1], namespace, {k: v[0] for k, v in parse_qs(parts.query).items()})

    def _discovery(self, path: str, version: str) -> tuple[int, bytes]:
        versions = sorted({one for one, _ in self.types.values()})
        if path == "/api":
            return _ok({"kind": "APIVersions", "versions": ["v1"]})
        if path == "/apis":
            groups = [{"name": one.split("/")[0], "versions": [_version(one)], "preferredVersion": _version(one)}
                      for one in versions if "/" in one]  # fmt: skip
            return _ok({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
        resources = [
            {"name": plural, "singularName": kind.lower(), "kind": kind, "namespaced": kind != "Namespace",
             "verbs": ["get", "list"]}
            for kind, (one, plural) in self.types.items() if one == version
        ]  # fmt: skip
        return _ok({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources})

    def _list(self, version: str, plural: str, namespace: str, query: Mapping[str, str]) -> tuple[int, bytes]:
        kind = next((kind for kind, said in self.types.items() if said == (version, plural)), "")
        if not kind:
            return _status(404, "NotFound", "the server could not find the requested resource")
        if {(plural, namespace), (plural, "*")} & self.forbidden:
            return _status(403, "Forbidden", f'{plural} is forbidden: User "u" cannot list resource "{plural}"')
        time.sleep(self.slow)
        found = [
            o for o in self.objects if o["kind"] == kind and o["apiVersion"] == version and _fits(o, namespace, query)
        ]
        start = int(query.get("continue", "0"))
        if start and self.expire:
            self.expire -= 1
            return _status(410, "Expired", "The provided continue parameter is too old")
        end = start + (int(query.get("limit", "0")) or len(found) or 1)
        metadata = {"resourceVersion": "7", **({"continue": str(end)} if end < len(found) else {})}
        items = [{key: one[key] for key in one if key not in ("kind", "apiVersion")} for one in found[start:end]]
        return _ok({"kind": f"{kind}List", "apiVersion": version, "metadata": metadata, "items": items})


def _fits(one: Json, namespace: str, query: Mapping[str, str]) -> bool:
    """Tell whether an object is in a namespace, and has the labels and the type that a query asks for."""
    metadata = one["metadata"]
    selector, labels = query.get("labelSelector", ""), metadata.get("labels", {})
    equal = [pair.split("=") for pair in re.sub(r"\S+ notin \([^)]*\)", "", selector).split(",") if pair]
    other = [(found[1], found[2].split(",")) for found in re.finditer(r"([^\s,]+) notin \(([^)]*)\)", selector)]
    fields = [pair.split("=") for pair in query.get("fieldSelector", "").split(",") if pair]
    return (
        namespace in ("", metadata.get("namespace"))
        and all(labels.get(key) == value for key, value in equal)
        and not any(labels.get(key) in values for key, values in other)
        and all(one.get(key) == value for key, value in fields)
    )


def _version(group_version: str) -> Json:
    return {"groupVersion": group_version, "version": group_version.split("/")[-1]}


def _ok(content: Json) -> tuple[int, bytes]:
    return 200, json.dumps(content).encode()


def _status(code: int, reason: str, message: str) -> tuple[int, bytes]:
    content = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
    return code, json.dumps(content).encode()


@contextmanager
def serving(replay: Replay, tls: ssl.SSLContext | None = None) -> Iterator[Replay]:
    """Serve a replay until the end of the block; `asked` takes every request, of whatever method."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.timeout = 30
            super().handle_one_request()

        def do_GET(self) -> None:
            self._answer(*replay.answer(self.path, self.headers.get("Authorization", "")))

        def refuse(self) -> None:
            self._answer(*_status(405, "MethodNotAllowed", "this is a replay"))

        def _answer(self, code: int, body: bytes) -> None:
            replay.asked.append((self.command, self.path))
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    for method in ("POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.refuse)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    replay.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def certified(folder: Path) -> tuple[str, ssl.SSLContext]:
    """Return the path of a certificate for loopback, and the context of a server with it."""
    key, certificate = str(folder / "key.pem"), str(folder / "cert.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=replay", "-addext", "subjectAltName=IP:127.0.0.1"],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


def owned(by: Json) -> Json:
    """Return the metadata that makes an object owned by another."""
    said = {"apiVersion": by["apiVersion"], "kind": by["kind"], "name": by["metadata"]["name"]}
    return {"ownerReferences": [{**said, "uid": by["metadata"]["uid"], "controller": True}]}


def thing(kind: str, name: str, spec: Json, namespace: str = "shop", owner: Json | None = None, **more: Any) -> Json:
    """Return an object of the API as a server keeps it."""
    metadata = {"name": name, "namespace": namespace, "uid": f"uid-{kind}-{namespace}-{name}",
                "managedFields": [{"manager": "kubectl", "operation": "Update"}], **(owned(owner) if owner else {}),
                **more.pop("metadata", {})}  # fmt: skip
    return {
        "apiVersion": more.pop("version", "") or TYPES[kind][0],
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
        **more,
    }


def pod_spec(*images: str, **more: Any) -> Json:
    """Return the specification of a pod with a container for each image: c0, c1 ..."""
    return {"containers": [{"name": f"c{at}", "image": image} for at, image in enumerate(images)], **more}


def template(*images: str, **more: Any) -> Json:
    """Return the specification of a controller with such a pod."""
    return {"replicas": 1, "template": {"spec": pod_spec(*images)}, **more}
