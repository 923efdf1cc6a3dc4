"""Real chart repositories on loopback: a folder with an index behind an HTTP server, and an OCI registry with TLS."""

from __future__ import annotations

import base64
import functools
import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from charts import tgz

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def packed(name: str, version: str, files: Mapping[str, str], more: str = "") -> bytes:
    """Return a packaged chart with these files."""
    meta = f"apiVersion: v2\nname: {name}\nversion: {version}\n{more}"
    members = {"Chart.yaml": meta, **files}
    return tgz({f"{name}/{path}": text.encode() for path, text in members.items()})


def publish(folder: Path, helm: str, *charts: tuple[str, str, bytes]) -> None:
    """Put packaged charts (name, version, archive) into a folder, and an index beside them as Helm writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, version, data in charts:
        (folder / f"{name}-{version}.tgz").write_bytes(data)
    subprocess.run([helm, "repo", "index", str(folder)], check=True, capture_output=True, timeout=60)


class _Files(SimpleHTTPRequestHandler):
    """Serves files, to those who know the password if there is one, and notes what was asked for."""

    login = ""
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        wanted = "Basic " + base64.b64encode(self.login.encode()).decode()
        if self.login and self.headers.get("Authorization") != wanted:
            self.send_error(401)
        else:
            super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Site(NamedTuple):
    """A chart repository that is served: its URL, and the paths that were asked for."""

    url: str
    asked: list[str]

    def downloads(self) -> list[str]:
        return [path for path in self.asked if path.endswith(".tgz")]


@contextmanager
def served(folder: Path, login: str = "") -> Iterator[Site]:
    """Serve a folder over HTTP on loopback; `login` is `user:password`."""
    asked: list[str] = []
    handler = type("Files", (_Files,), {"login": login, "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield Site(f"http://127.0.0.1:{server.server_port}", asked)
        finally:
            server.shutdown()
            thread.join(10)


class Registry(NamedTuple):
    """An OCI registry that runs: its host with the port, and the file with the certificate to trust."""

    host: str
    certificate: Path

    def push(self, helm: str, archive: Path, path: str, **env: str) -> None:
        argv = [helm, "push", str(archive), f"oci://{self.host}/{path}", "--ca-file", str(self.certificate)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **env})
        assert done.returncode == 0, done.stderr


@contextmanager
def registry(folder: Path, passwords: str = "", *, tls: bool = True, auth: str = "") -> Iterator[Registry]:
    """Run Debian's docker-registry on loopback; `passwords` is the content of an htpasswd file. Skips without it.

    `auth` is another way to authenticate, as the settings of the registry name it.
    """
    for program, package in (("docker-registry", "docker-registry"), ("openssl", "openssl")):
        if shutil.which(program) is None:
            pytest.skip(f"no {program}: install Debian's {package}")
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=test",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True, timeout=60)  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    keys = f", tls: {{certificate: '{certificate}', key: '{key}'}}" if tls else ""
    lines = ["version: 0.1", "log: {level: error}", f"storage: {{filesystem: {{rootdirectory: '{folder}/data'}}}}",
             f"http: {{addr: '127.0.0.1:{port}'{keys}}}", *([f"auth: {auth}"] if auth else [])]  # fmt: skip
    if passwords:
        (folder / "htpasswd").write_text(passwords, "utf-8")
        lines.append(f"auth: {{htpasswd: {{realm: test, path: '{folder}/htpasswd'}}}}")
    (folder / "config.yml").write_text("\n".join(lines), "utf-8")
    with (folder / "log").open("wb") as log:
        argv = ["docker-registry", "serve", str(folder / "config.yml")]
        process = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield Registry(f"127.0.0.1:{port}", certificate)
    finally:
        process.kill()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None, "the registry ended"
            assert time.monotonic() < end, "the registry does not answer"
            time.sleep(0.05)
        else:
            return
