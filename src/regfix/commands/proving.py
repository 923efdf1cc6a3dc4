"""The proof in `regfix rewrite`: what the user asks for, and how the proofs are told."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from regfix.commands.sink import ExitCode
from regfix.errors import UsageError
from regfix.prove.model import Verdict
from regfix.prove.run import ProvenRun
from regfix.report.proof import proof_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from regfix.commands.sink import Sink
    from regfix.finding import Finding
    from regfix.prove.chart import Ask
    from regfix.registry.confirmed import Confirmed
    from regfix.run.file import Options


_VERSION = r"v?\d+(\.\d+){0,2}([-+][0-9A-Za-z.+-]+)?"
"""A version of Kubernetes, as Helm's `--kube-version` takes it."""


class ProveOptions(NamedTuple):
    """What `--prove` takes: the version of Kubernetes, the file for the record."""

    kube_version: str | None = None
    record: str | None = None


class Proving:
    """A run with proofs, told as the run of a command."""

    def __init__(
        self, paths: Sequence[str], options: Options, prove: ProveOptions, helm: str | None,
        confirmed: Confirmed | None = None,
    ) -> None:  # fmt: skip
        """Take what an ordinary run takes; `confirmed` asks registries about the images of a chart.

        Raises UsageError where there is no Helm, no place for the record, or no such version of Kubernetes.
        """
        if prove.kube_version is not None and re.fullmatch(_VERSION, prove.kube_version) is None:
            raise UsageError(f"--kube-version: {prove.kube_version!r} is not a version", hint="write it as in 1.31.0")
        self._options = prove
        self._written = options.write
        if prove.record is not None:
            _require_place(prove.record)
        self._run = ProvenRun(paths, options, helm, prove.kube_version, _asking(confirmed))
        self.outcomes = self._run.outcomes

    def tell(self, sink: Sink, *, quiet: bool) -> int:
        """Tell the proofs, write the record, and return the exit code that they ask for. Raises UsageError."""
        short = 0
        for proof in self._run.proofs:
            fine = proof.verdict in (Verdict.PROVEN, Verdict.SKIPPED)
            short += not fine
            for line in proof_lines(proof) if not (fine and quiet) else ():
                sink.message(line)
        if self._options.record is not None:
            self._write(self._options.record)
        return ExitCode.FINDINGS if short else ExitCode.DONE

    def _write(self, path: str) -> None:
        from regfix.report.record import Record, record_json, record_markdown

        record = Record(self._run.helm, self._written, self._run.proofs)
        text = record_json(record) if path.lower().endswith(".json") else record_markdown(record)
        try:
            with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                file.write(text)
        except OSError as error:
            raise UsageError("the record was not written", where=path, why=error.strerror or str(error)) from None


def _asking(confirmed: Confirmed | None) -> Ask | None:
    """Return what asks registries about the images that findings are about."""
    if confirmed is None:
        return None
    from regfix.registry.confirmed import Wished

    def ask(findings: Iterable[Finding]) -> None:
        wished = Wished()
        for finding in findings:
            wished(finding)
        confirmed.ask(wished)

    return ask


def _require_place(path: str) -> None:
    """Raise UsageError unless a record can be written there: what is found out in the end would be too late."""
    if not path.lower().endswith((".json", ".md", ".markdown")):
        raise UsageError("no format for the record", where=f"--record {path}", hint="end its name in .json or .md")
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError("the record cannot be written", where=f"--record {path}", hint="name a file in a folder that "
                         "is there and writable")  # fmt: skip
