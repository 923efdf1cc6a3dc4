"""Running the user's kubectl, the one place that talks to a cluster: reads of its configuration, and `get --raw`.

Every login works, because kubectl does it. `get --raw` sends one GET request and prints the answer as it is
(https://kubernetes.io/docs/reference/kubectl/generated/kubectl_get/); nothing else is ever asked of a cluster.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from regfix.cluster.model import ClusterError
from regfix.program import ProgramError, Programs, find_program

TIMEOUT = 120.0
"""What one call may take, in seconds."""


class ApiError(ClusterError):
    """A request failed; `reason` is that of the API (`Forbidden`, `NotFound`, `Expired`), if it gave one."""

    def __init__(self, what: str, *, where: str, why: str, hint: str = "", reason: str = "") -> None:
        super().__init__(what, where=where, why=why, hint=hint)
        self.reason = reason


def find_kubectl(named: str | None = None) -> str:
    """Return the path of the kubectl binary: the one that is named, else the one on the PATH; raises UsageError."""
    return find_program("kubectl", named, "install it, name it with --kubectl, or use --from-file")


class Kubectl(NamedTuple):
    """kubectl for one cluster: the current context where none is named."""

    program: str
    context: str = ""
    kubeconfig: str = ""

    def contexts(self) -> tuple[str, ...]:
        """Return the names of all contexts; raises ApiError."""
        said = self._run("config", "get-contexts", "--output=name")
        return tuple(line for line in said.decode("utf-8", "replace").splitlines() if line)

    def current(self) -> str:
        """Return the name of the current context; raises ApiError where there is none."""
        return self._run("config", "current-context").decode("utf-8", "replace").strip()

    def namespace(self) -> str:
        """Return the namespace of the context; raises ApiError."""
        said = self._run("config", "view", "--minify", "--output=jsonpath={.contexts[0].context.namespace}")
        return said.decode("utf-8", "replace").strip() or "default"

    def get(self, path: str) -> bytes:
        """Return the answer to a GET request for a path of the API; raises ApiError."""
        return self._run("get", f"--raw={path}")

    def _run(self, *arguments: str) -> bytes:
        chosen = [f"--context={self.context}"] if self.context else []
        chosen += [f"--kubeconfig={self.kubeconfig}"] if self.kubeconfig else []
        try:
            done = Programs().run([self.program, *arguments, *chosen], env=os.environ, timeout=TIMEOUT)
        except ProgramError as error:
            raise ApiError("kubectl was stopped", where=self.context, why=error.why or error.what) from None
        if done.code:
            raise _failed(self.context, done.stderr.decode("utf-8", "replace"), done.code)
        return done.stdout


_REASON = re.compile(r"Error from server \((\w+)\): ?(.*)", re.DOTALL)


def _failed(context: str, said: str, code: int) -> ApiError:
    """Return the error that kubectl printed; lines of its log (`E1125 ...`) say the same, at length."""
    lines = [line for line in said.splitlines() if line.strip() and not re.match(r"[EWI]\d{4} ", line)]
    text = "\n".join(lines).strip()[:2000] or f"exit code {code}"
    found = _REASON.match(text)
    if found is not None:
        return ApiError("kubectl failed", where=context, why=found[2].strip() or found[1], reason=found[1])
    text = text.removeprefix("error: ")
    if "current-context is not set" in text:
        return ApiError("there is no current context", where=context, why=text,
                        hint="name one with --context (kubectl config get-contexts lists them)")  # fmt: skip
    expired = "Unauthorized" in text or "must be logged in" in text or "getting credentials" in text
    return ApiError("kubectl failed", where=context, why=text, hint="log in again" if expired else "")
