"""One project of `regfix bulk`: the run of the rules over its clone, and what it says for the commit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from regfix.commands.rewrite import Mode, RewriteOptions, rewrite
from regfix.commands.rules_in_force import Choice
from regfix.commands.sink import ExitCode
from regfix.projects.model import Accounting, ProjectError
from regfix.report.markdown import markdown_lines
from regfix.report.text import plural, summary_lines
from regfix.settings.find import SETTINGS_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.commands.proving import ProveOptions
    from regfix.outcome import Outcome
    from regfix.projects.model import Project
    from regfix.registry.asking import Manner
    from regfix.report.summary import Summary

MAX_TEXT = 60_000
"""Code points of the text for a commit, and of that for a pull request: GitHub takes 65,536."""


class Rules(NamedTuple):
    """What the command line says about every project; it counts before the plan.

    `manner` is how registries are asked where the project is to be verified; None as by default.
    """

    rules: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()
    catalogue: tuple[str, ...] = ()
    prove: ProveOptions | None = None
    helm: str | None = None
    verify: bool = False
    manner: Manner | None = None


class _Quiet:
    """A sink that keeps the messages of a run."""

    terminal = colour = False

    def __init__(self) -> None:
        self.lines: list[str] = []

    def result(self, text: str) -> None:
        """Nothing is printed: the report is taken as it is."""

    def message(self, line: str) -> None:
        """Keep a line."""
        self.lines.append(line)

    def progress(self, count: int, what: str = "") -> None:
        """Nobody watches one project."""


class _Report:
    """Takes the outcomes of a run, and makes the texts of them."""

    def __init__(self, folder: str, *, done: bool) -> None:
        self._folder = folder
        self._done = done
        self.summary: Summary | None = None
        self.body = ""
        self.targets: set[str] = set()

    def __call__(self, outcomes: Iterator[Outcome], summary: Summary) -> None:
        """Take the outcomes."""
        pieces = markdown_lines(self._noted(outcomes), summary, done=self._done, named=self.local)
        self.body = self.local("".join(pieces))
        self.summary = summary

    def _noted(self, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
        for outcome in outcomes:
            for finding in outcome.findings:
                if finding.rule is not None and finding.edits:
                    self.targets.add(str(finding.rule.target))
            yield outcome

    def local(self, text: str) -> str:
        """Return a text in which files are named as the project knows them."""
        return text.replace(f"{self._folder}/", "")

    @property
    def title(self) -> str:
        """The first line of a commit."""
        where = f" to {next(iter(self.targets))}" if len(self.targets) == 1 else ""
        return f"Move container images{where}"


def rewrite_project(folder: str, project: Project, rules: Rules, *, write: bool) -> Accounting:
    """Run the rules over a clone. Rules of the command line count, else those of the plan, else the project's own.

    Raises RegfixError.
    """
    options = _options(folder, project, rules, write=write)
    sink, report = _Quiet(), _Report(folder, done=write)
    code = rewrite(options, sink, report)
    summary = report.summary
    if summary is None:
        return Accounting()
    failed = tuple(report.local(str(outcome.error)) for outcome in summary.failed)
    told = [report.local(line) for line in (*summary_lines(summary, dry=not write), *sink.lines)]
    return Accounting(
        summary.files, summary.references,
        tuple((str(reason), len(found)) for reason, found in sorted(summary.left.items())), failed,
        code == ExitCode.FINDINGS or (code == ExitCode.FAILED and not failed),
        project.title or report.title, _cut("\n".join(told)) + "\n", _cut(report.body + _proofs(sink.lines)),
        (plural(len(failed), "file") + " failed",) if failed else (),
    )  # fmt: skip


def _options(folder: str, project: Project, rules: Rules, *, write: bool) -> RewriteOptions:
    paths = [_inside(folder, os.path.join(folder, path)) for path in project.paths] or [folder]
    for path in paths:
        _require_own_settings(folder, path)
    own = rules if rules.rules or rules.presets else project
    prove, verify = rules.prove, None
    if project.prove and prove is None:
        from regfix.commands.proving import ProveOptions

        prove = ProveOptions()
    if rules.verify or project.verify:
        from regfix.registry.asking import Manner

        verify = rules.manner or Manner()
    return RewriteOptions(
        Choice(paths, own.rules, own.presets, None, rules.catalogue), Mode.WRITE if write else Mode.DRY_RUN,
        project.exclude, helm=rules.helm, prove=prove, verify=verify,
    )  # fmt: skip


def _inside(folder: str, path: str) -> str:
    """Return a path of the plan; raises ProjectError if it is not in the project."""
    real = os.path.realpath(path)
    if not (real == os.path.realpath(folder) or real.startswith(os.path.join(os.path.realpath(folder), ""))):
        raise ProjectError("a path of the plan leads out of the project", where=os.path.relpath(path, folder))
    if not os.path.lexists(path):
        raise ProjectError("a path of the plan is not in the project", where=os.path.relpath(path, folder))
    return path


def _require_own_settings(folder: str, path: str) -> None:
    """Raise ProjectError if settings on the way from a path to the root are a link that leads out of the project."""
    while True:
        _inside_if_there(folder, os.path.join(path, SETTINGS_NAME))
        if path == folder:
            return
        path = os.path.dirname(path)


def _inside_if_there(folder: str, path: str) -> None:
    if os.path.lexists(path):
        _inside(folder, path)


def _proofs(lines: list[str]) -> str:
    """Return what a proof and registries said, for Markdown."""
    return "\n```text\n" + "\n".join(lines).replace("```", "'''") + "\n```\n" if lines else ""


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT].rpartition("\n")[0] + "\n..."
