"""A real registry on loopback with many small images, and how often it was asked for manifests."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KIND = "application/vnd.oci.image"


class Registry:
    """A registry that runs: its host with the port, and its log."""

    def __init__(self, host: str, log: Path) -> None:
        self.host = host
        self._log = log

    def questions(self) -> int:
        """How often it was asked for a manifest until now."""
        lines = self._log.read_text("utf-8", "replace").splitlines()
        return sum("/manifests/" in line and ('"HEAD ' in line or '"GET ' in line) for line in lines)

    def fill(self, repositories: list[str], tags: list[str]) -> None:
        """Put an image of its own under each tag of each repository; those of `old/x` and `new/x` are the same."""
        http = HTTPConnection(self.host, timeout=30)
        for repository in repositories:
            config = self._blob(http, repository, b'{"os": "linux", "architecture": "amd64"}')
            for tag in tags:
                layer = self._blob(http, repository, f"{repository.partition('/')[2]} {tag}".encode())
                manifest = {
                    "schemaVersion": 2,
                    "mediaType": f"{KIND}.manifest.v1+json",
                    "config": {"mediaType": f"{KIND}.config.v1+json", **config},
                    "layers": [{"mediaType": f"{KIND}.layer.v1.tar", **layer}],
                }
                body, kind = json.dumps(manifest).encode(), {"Content-Type": f"{KIND}.manifest.v1+json"}
                self._send(http, "PUT", f"/v2/{repository}/manifests/{tag}", body, kind)

    def _blob(self, http: HTTPConnection, repository: str, data: bytes) -> dict[str, object]:
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        place = urlsplit(self._send(http, "POST", f"/v2/{repository}/blobs/uploads/", b"", {}))
        self._send(http, "PUT", f"{place.path}?{place.query}&digest={digest}", data, {})
        return {"digest": digest, "size": len(data)}

    @staticmethod
    def _send(http: HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str]) -> str:
        http.request(method, path, body, headers)
        answer = http.getresponse()
        said = answer.read()
        if answer.status not in (201, 202):
            raise RuntimeError(f"{method} {path}: {answer.status} {said[:200]!r}")
        return answer.headers.get("Location", "")


@contextmanager
def registry(folder: Path) -> Iterator[Registry]:
    """Run Debian's docker-registry without TLS on loopback."""
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    config, log = folder / "config.yml", folder / "log"
    config.write_text(
        f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '{host}'}}\n"
        f"storage: {{filesystem: {{rootdirectory: '{folder}/data'}}}}\n"
    )
    with log.open("wb") as out:
        process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=out, stderr=out)
        try:
            _wait_for(host)
            yield Registry(host, log)
        finally:
            process.kill()
            process.wait(10)


@contextmanager
def far_away(host: str, delay: float) -> Iterator[str]:
    """Give another host on loopback by which a registry is reached, its every question `delay` seconds on the way."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_accept, args=(listening, host, delay), daemon=True).start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def _accept(listening: socket.socket, host: str, delay: float) -> None:
    address, _, port = host.partition(":")
    while True:
        try:
            near, _ = listening.accept()
            far = socket.create_connection((address, int(port)))
        except OSError:
            return
        for one, other, wait in ((near, far, delay), (far, near, 0.0)):
            threading.Thread(target=_carry, args=(one, other, wait), daemon=True).start()


def _carry(one: socket.socket, other: socket.socket, delay: float) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            time.sleep(delay)
            other.sendall(data)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _wait_for(host: str) -> None:
    address, _, port = host.partition(":")
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection((address, int(port)), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
