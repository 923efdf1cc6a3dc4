"""Images without a daemon, copied into registries by skopeo; and small registries that say what a test wants."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from support import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from repository import Registry

USER, PASSWORD = "keeper", "s3cret-Pa55"
HTPASSWD = f"{USER}:$2b$05$abcdefghijklmnopqrstuuaa.ADHinTr43GDnwh7WUO1YHHk1hS02\n"
"""The password, as bcrypt keeps it."""

LOGIN = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def layout(folder: Path, seed: str, platforms: Sequence[str] = ("linux/amd64",)) -> Path:
    """Make an OCI image layout with one image for each platform; several get an index. The seed decides its digest."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(kind: str, data: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

    manifests = []
    for platform in platforms:
        system, architecture = platform.split("/")
        layer = f"{seed} {platform}".encode().ljust(1024, b"\0")
        rootfs = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
        config = {"os": system, "architecture": architecture, "rootfs": rootfs, "config": {}}
        manifest = {
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": blob("config.v1+json", json.dumps(config).encode()), "layers": [blob("layer.v1.tar+gzip", gzip.compress(layer, mtime=0))],
        }  # fmt: skip
        said = {"os": system, "architecture": architecture}
        manifests.append({**blob("manifest.v1+json", json.dumps(manifest).encode()), "platform": said})
    if len(manifests) > 1:
        index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests}
        manifests = [blob("index.v1+json", json.dumps(index).encode())]
    manifests[0]["annotations"] = {"org.opencontainers.image.ref.name": "it"}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": manifests}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return folder


def digest_of(folder: Path) -> str:
    """The digest of the image in a layout."""
    return str(json.loads((folder / "index.json").read_text())["manifests"][0]["digest"])


def skopeo(*arguments: str, check: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
    """Run skopeo; skips without it."""
    if shutil.which("skopeo") is None:
        pytest.skip("no skopeo: install Debian's skopeo")
    done = subprocess.run(["skopeo", *arguments], capture_output=True, text=True, check=False, timeout=60,
                          env=environment(**env))  # fmt: skip
    assert not check or done.returncode == 0, done.stderr
    return done


def copy(folder: Path, registry: Registry, *names: str, **env: str) -> None:
    """Copy the image in a layout into a registry, under some names (repository:tag)."""
    for name in names:
        skopeo("copy", "-q", "--all", "--dest-tls-verify=false", f"oci:{folder}:it",
               f"docker://{registry.host}/{name}", **env)  # fmt: skip


class Asked(NamedTuple):
    """What a small registry was asked: method, path with query, the headers."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str = ""


@dataclass
class Says:
    """What a small registry answers; `pause` seconds before each of the body's bytes."""

    status: int = 200
    body: bytes | str = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0


class Fake(NamedTuple):
    """A small registry that runs: its host with the port, and what it was asked."""

    host: str
    asked: list[Asked]

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


@contextmanager
def fake(answer: Callable[[Asked], Says]) -> Iterator[Fake]:
    """Run a registry of a few lines on loopback, without TLS; `answer` says what it answers."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            one = Asked(self.command, self.path, dict(self.headers.items()), self.rfile.read(length).decode())
            asked.append(one)
            said = answer(one)
            body = said.body.encode() if isinstance(said.body, str) else said.body
            self.send_response(said.status)
            for name, value in {"Content-Length": str(len(body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            try:
                for piece in [body] if not said.pause else [body[n : n + 1] for n in range(len(body))]:
                    time.sleep(said.pause)
                    self.wfile.write(piece)
                    self.wfile.flush()
            except OSError:
                self.close_connection = True

        do_HEAD = do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield Fake(f"127.0.0.1:{server.server_port}", asked)
        finally:
            server.shutdown()
            thread.join(10)


def body_of(seed: str) -> str:
    """The manifest of an image that only a test knows, as JSON."""
    return json.dumps({"schemaVersion": 2, "annotations": {"seed": seed}})


def seeded(seed: str) -> str:
    """The digest of that manifest."""
    return f"sha256:{hashlib.sha256(body_of(seed).encode()).hexdigest()}"


def registry_with(images: Mapping[str, str]) -> Callable[[Asked], Says]:
    """A registry that has some images, `repository:tag` to seed, and nothing else."""
    bodies = {key: body_of(seed) for key, seed in images.items()}
    bodies |= {f"{key.partition(':')[0]}:{seeded(seed)}": body_of(seed) for key, seed in images.items()}

    def answer(one: Asked) -> Says:
        path = one.path.removeprefix("/v2/")
        if path.endswith("/tags/list"):
            name = path.removesuffix("/tags/list")
            tags = [key.partition(":")[2] for key in images if key.startswith(f"{name}:")]
            return Says(200, json.dumps({"tags": tags}))
        body = bodies.get(path.replace("/manifests/", ":"))
        if body is None:
            return Says(404 if path else 200)
        return Says(200, body, {"Docker-Content-Digest": f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"})

    return answer


def dead_host() -> str:
    """A host on loopback where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def token_server(folder: Path) -> Iterator[tuple[Fake, str]]:
    """Run a token service for docker-registry that knows one user; yields it and the registry's settings for it.

    It takes a user with the password, and as a refresh token the password alone.
    """
    if shutil.which("openssl") is None:
        pytest.skip("no openssl: install Debian's openssl")
    folder.mkdir(parents=True)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out",
                    str(certificate), "-days", "2", "-subj", "/CN=tokens"], check=True, capture_output=True, timeout=60)  # fmt: skip
    chain = "".join(certificate.read_text().splitlines()[1:-1])

    def answer(asked: Asked) -> Says:
        form = parse_qs(asked.body or urlsplit(asked.path).query)
        if asked.headers.get("Authorization") != f"Basic {LOGIN}" and form.get("refresh_token") != [PASSWORD]:
            return Says(401, "{}")
        kind, name, actions = form["scope"][0].split(":")
        now = int(time.time())
        claims = {"iss": "test", "sub": USER, "aud": form["service"][0], "exp": now + 300, "nbf": now - 10,
                  "iat": now - 10, "jti": str(now), "access": [{"type": kind, "name": name, "actions": actions.split(",")}]}  # fmt: skip
        head = {"typ": "JWT", "alg": "RS256", "x5c": [chain]}
        signed = ".".join(_part(json.dumps(piece).encode()) for piece in (head, claims))
        done = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(key)], input=signed.encode(), check=True,
                              capture_output=True, timeout=60)  # fmt: skip
        token = f"{signed}.{_part(done.stdout)}"
        return Says(200, json.dumps({"access_token" if asked.body else "token": token}))

    with fake(answer) as running:
        realm = f"http://{running.host}/token"
        yield running, f"{{token: {{realm: '{realm}', service: test, issuer: test, rootcertbundle: '{certificate}'}}}}"
