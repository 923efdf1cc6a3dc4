"""One chart rendered by the user's Helm, within bounds and without any of the user's plugins, repositories or secrets.

Sources: cmd/helm/template.go and pkg/action/install.go of https://github.com/helm/helm (the `# Source:` lines).
"""

from __future__ import annotations

import os
import re
import time
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.helm.run import HelmError, run_helm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regfix.helm.run import Done

KUBE_VERSION = "1.31.0"
"""The version of Kubernetes that charts are rendered for, unless the user names one."""

OLDER_KUBE_VERSIONS = ("1.24.0", "1.19.0", "1.15.0")
"""Those that are tried for a chart whose `kubeVersion` refuses it."""

MAX_RENDERS = 250
"""Calls of Helm for one chart."""

MAX_SECONDS = 900.0
"""What all calls of Helm for one chart may take, in seconds."""

MAX_OUTPUT = 64 * 1024 * 1024
"""What one render may print, in bytes."""


class Document(NamedTuple):
    """One rendered document: the template it comes from, as Helm names it, and its text."""

    template: str
    text: str


class Render(NamedTuple):
    """What Helm made of a chart: its documents, or why there are none, with all that it said."""

    documents: tuple[Document, ...] = ()
    why: str = ""
    said: str = ""


class Renderer:
    """Renders one chart again and again, until its bounds are reached."""

    def __init__(self, helm: str, home: str, kube_version: str | None = None) -> None:
        """Take the binary, a folder for its own files, and the version of Kubernetes that the user wants."""
        self._helm = helm
        self._home = home
        self._deadline = time.monotonic() + MAX_SECONDS
        self._choices = [kube_version] if kube_version else [KUBE_VERSION, *OLDER_KUBE_VERSIONS]
        self.renders = 0

    @property
    def kube_version(self) -> str:
        """The version of Kubernetes that the chart is rendered for."""
        return self._choices[0]

    def render(self, chart: str, values: Sequence[str] = ()) -> Render:
        """Render the chart in a folder with values files; raises HelmError when a bound is reached."""
        done = self._call(chart, values)
        while done.code and len(self._choices) > 1 and b"kubeVersion" in done.stderr:
            del self._choices[0]
            done = self._call(chart, values)
        if done.code:
            said = done.stderr.decode("utf-8", "replace")
            return Render(why=_why(said) or done.why, said=said)
        try:
            return Render(tuple(_documents(done.stdout.decode("utf-8"))))
        except UnicodeDecodeError:
            return Render(why="what Helm renders is not UTF-8")

    def _call(self, chart: str, values: Sequence[str]) -> Done:
        left = self._deadline - time.monotonic()
        if self.renders >= MAX_RENDERS or left <= 0:
            bound = f"{MAX_RENDERS} renders" if left > 0 else f"{MAX_SECONDS:g} seconds"
            raise HelmError("the proof was given up", why=f"it took more than {bound}")
        self.renders += 1
        files = [argument for path in values for argument in ("--values", path)]
        arguments = ["template", "release-name", chart, "--kube-version", self.kube_version, *files]
        return run_helm(self._helm, arguments, cwd=self._home, env=private_homes(self._home), limit=MAX_OUTPUT)


def private_homes(home: str) -> Mapping[str, str]:
    """Return the variables that keep Helm away from all that is the user's: plugins, repositories, logins, clusters."""
    folders = {f"HELM_{kind}_HOME": os.path.join(home, kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    return folders | {
        "HELM_PLUGINS": os.path.join(home, "plugins"),
        "HELM_REGISTRY_CONFIG": os.path.join(home, "registry.json"),
        "HELM_REPOSITORY_CACHE": os.path.join(home, "repository"),
        "HELM_REPOSITORY_CONFIG": os.path.join(home, "repositories.yaml"),
        "HELM_NAMESPACE": "default",
        "HELM_DEBUG": "false",
        "KUBECONFIG": os.devnull,
    }


def helm_version(helm: str, home: str) -> str:
    """Return what Helm says of its version (`v4.3.1`); raises HelmError where it says nothing like it."""
    done = run_helm(helm, ["version", "--template", "{{.Version}}"], cwd=home, env=private_homes(home))
    version = done.stdout.decode("utf-8", "replace").strip()
    if done.code or not re.fullmatch(r"v[34]\.[\w.+-]{1,60}", version):
        raise HelmError("not a Helm that can be used", where=helm, why=done.why if done.code else "",
                        hint="the proof needs Helm 3 or 4")  # fmt: skip
    return version


def _why(said: str) -> str:
    """Return what Helm says went wrong, on one line; Helm 4 says it on several."""
    start = said.find("Error: ")
    lines = said[start + len("Error: ") :].split("\n") if start >= 0 else []
    rest = (line for line in lines if not line.startswith("Use --debug flag"))
    return " ".join(" ".join(rest).split())[:1000]


@cache
def _source_line() -> re.Pattern[str]:
    return re.compile(r"^---\n# Source: (.*)\n", re.MULTILINE)


def _documents(text: str) -> list[Document]:
    pieces = _source_line().split(text)
    return [Document(name, body) for name, body in zip(pieces[1::2], pieces[2::2], strict=True)]
