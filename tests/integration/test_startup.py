"""What a start costs: not in seconds, but in the modules that a run imports."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from support import PAUSE, PAUSE_MOVED, environment, grow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEVER = {
    # the half of typer that reads signatures, and what it imports
    "typer.main", "typer.params", "typer.completion", "typer.rich_utils", "annotated_doc", "shellingham", "rich",
    "pathlib", "platform", "shutil", "subprocess", "traceback", "urllib", "uuid",
    # what `inspect` imports and typer does not need
    "tokenize",
    # the loaders and dumpers of PyYAML
    "yaml.cyaml", "yaml.dumper", "yaml.loader", "yaml.resolver",
    # what only some files or reports need
    "argparse", "csv", "dataclasses", "json", "jsonpath_ng", "logging", "ruamel", "socket", "tarfile", "tempfile",
    "regfix.api", "regfix.chart.tree", "regfix.discover.ignore", "regfix.discover.walk", "regfix.locate.template",
    "regfix.overrides.needed", "regfix.report.diff", "regfix.report.forms", "regfix.settings.load",
}  # fmt: skip
"""Modules that three small manifests never need."""

START = """
    errors
    __main__ cli cli.app cli.console cli.late cli.options cli.rewrite
    commands commands.rewrite commands.rules_in_force commands.sink
    discover discover.found discover.targets
    image image.catalogue image.host image.prefix image.rule
    locate locate.hosts locate.kind
    report report.escape report.summary report.text
    run run.file run.pipeline
    settings settings.find settings.model
    text text.leftover text.read
    chart chart.vendored
"""
"""What every run of `rewrite` needs. A module more is a decision: it costs each commit of each user."""

WITH_MATCH = {
    "regfix.check", "regfix.edits", "regfix.plan", "regfix.rewriting", "regfix.syntax.yamlevents", "regfix.text.write",
    "yaml._yaml",
}  # fmt: skip
"""Modules that a run needs only if there is something to write."""


def imported(folder: Path, *arguments: str) -> set[str]:
    """Return the modules that a run of the command line imports; those that run late, once they have run."""
    script = (
        "import os, sys\n"
        "before, leave = set(sys.modules), os._exit\n"
        "def told(code):\n"
        "    ran = {name for name, module in sys.modules.items() if type(module).__name__ != '_LateModule'}\n"
        "    print('\\0', *ran - before, flush=True)\n"
        "    leave(code)\n"
        "os._exit = told\n"
        "from regfix.__main__ import main; main()"
    )
    argv = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(argv, cwd=folder, env=environment(), capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("\0")[2].split())


def test_a_run_without_a_match_imports_little(project: Path) -> None:
    names = ("a.yaml", "b.yaml", "c.yaml")
    grow(project, dict.fromkeys(names, "image: quay.io/pear:1\n"))
    found = imported(project, "rewrite", *names)
    assert {name for name in found if name.startswith("regfix.")} == {f"regfix.{name}" for name in START.split()}
    assert "typer.core" in found
    assert found & (NEVER | WITH_MATCH) == set()


def test_a_run_with_matches_imports_what_it_needs(project: Path) -> None:
    names = ("a.yaml", "b.yaml", "c.yaml")
    grow(project, dict.fromkeys(names, PAUSE))
    found = imported(project, "rewrite", *names)
    assert {(project / name).read_text() for name in names} == {PAUSE_MOVED}
    assert found >= WITH_MATCH
    assert found & NEVER == set()


@pytest.mark.parametrize(
    "arguments",
    [[], ["--help"], ["--version"], ["rewrite", "--help"], ["cluster", "--help"], ["completion", "bash"],
     ["__complete", "r"], ["__complete", "rewrite", "--f"], ["__complete", "rewrite", "--format", ""]],
    ids=" ".join,
)  # fmt: skip
def test_what_explains_and_completes_imports_little(project: Path, arguments: list[str]) -> None:
    """A shell asks at each press of Tab."""
    width_of_the_terminal = {"shutil"}
    assert imported(project, *arguments) & (NEVER - width_of_the_terminal) == set()


def test_the_interpreter_of_this_test_tells_what_it_imports(project: Path) -> None:
    """The tests above would pass if nothing was reported."""
    grow(project, {"a.yaml": PAUSE})
    assert "regfix.cli.console" in imported(project, "--version")
    assert "regfix.report.diff" in imported(project, "rewrite", "--dry-run", "a.yaml")


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command with its name, those below others too."""
    from regfix.cli.app import Program

    groups: list[tuple[str, Any]] = [("regfix", Program())]
    for typed, group in groups:
        for name in group.list_commands(None):
            command = group.get_command(None, name)
            yield f"{typed} {name}", command
            if hasattr(command, "list_commands"):
                groups.append((f"{typed} {name}", command))


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_command_takes_what_it_declares(name: str, command: Any) -> None:
    from regfix.cli.options import ANSWERS, REGISTRIES
    from regfix.cli.registries import manner

    declared = {param.name for param in command.params}
    taken = set(inspect.signature(command.callback).parameters) if command.callback else set()
    if "asking" in taken:  # handed on as they are
        assert set(inspect.signature(manner).parameters) >= declared - taken
        taken = taken - {"asking"} | {param.name for param in (*REGISTRIES, *ANSWERS) if param.name in declared}
    assert (taken, command.name) == (declared, name.split()[-1])
    assert command.help
