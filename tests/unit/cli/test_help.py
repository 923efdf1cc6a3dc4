"""Ways to ask for help and for the version that users of other tools try."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support import regfix

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = ([], ["init"], ["rewrite"], ["scan"], ["overrides"], ["upgrades"], ["rules"], ["rules", "explain"])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_short_option_shows_the_help(command: list[str], tmp_path: Path) -> None:
    short, long = (regfix(*command, option, cwd=tmp_path) for option in ("-h", "--help"))
    assert (short.code, short.err) == (0, "")
    assert short.out == long.out
    assert "-h, --help" in short.out


def test_the_version_has_a_short_option(tmp_path: Path) -> None:
    assert regfix("-V", cwd=tmp_path).out == regfix("--version", cwd=tmp_path).out != ""


def test_rules_alone_explains_its_commands(tmp_path: Path) -> None:
    run = regfix("rules", cwd=tmp_path)
    assert (run.code, run.err) == (0, "")
    assert run.out == regfix("rules", "--help", cwd=tmp_path).out


@pytest.mark.parametrize("command", [[], ["rules"]], ids=" ".join)
def test_commands_are_described_in_whole_sentences(command: list[str], tmp_path: Path) -> None:
    assert "..." not in regfix(*command, "--help", cwd=tmp_path).out.partition("Commands:")[2]
