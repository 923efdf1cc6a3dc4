"""Every option stands in a group of the page of its command, and shells know what it takes."""

from __future__ import annotations

from typing import Any

import pytest

from regfix.cli.app import Program
from regfix.cli.complete import _PATHS, _WORDS
from regfix.cli.manual import GROUPS

OUTPUT = {"output", "overview", "verbose", "quiet"}
NO_PATHS = {
    "ADDRESS", "DATE", "HOST", "I/N", "LABELS", "NAME", "NUMBER", "PATTERN", "RANGE", "REFERENCE", "REGISTRY=MIRROR",
    "REPOSITORY", "REV", "SECONDS", "TEMPLATE", "VERSION",
}  # fmt: skip
"""What help calls values that no file or folder can be."""

COMMANDS = ["init", "rewrite", "scan", "overrides", "upgrades", "verify", "tags", "bulk", "cluster"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_new_option_has_a_group(name: str) -> None:
    """Add its name to GROUPS in regfix/cli/manual.py."""
    command: Any = Program().get_command(None, name)
    grouped = {word.removeprefix(f"{name}.") for names in GROUPS.values() for word in names}
    options = {param.name for param in command.params if param.param_type_name == "option"}
    assert options - grouped - OUTPUT == set()


@pytest.mark.parametrize("name", [*COMMANDS, "krm", "completion"])
def test_what_a_value_is_called_says_whether_it_is_a_path(name: str) -> None:
    """Shells complete files by that: add a new word here, or to those in regfix/cli/complete.py."""
    command: Any = Program().get_command(None, name)
    said = {
        param.metavar.strip("[.]")
        for param in command.params
        if not getattr(param, "is_flag", False) and param.name not in _WORDS and not param.metavar.startswith("<")
    }
    assert said - set(_PATHS) - NO_PATHS == set()
