"""Pages of help on real terminals, and what is said about a command line that makes no sense."""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import struct
import subprocess
import termios
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support import MODULE, PAUSE, contents, environment, grow, regfix

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


def commands(group: Any = None, typed: str = "") -> Iterator[str]:
    """Yield what is typed for every command behind the name of the program."""
    from regfix.cli.app import Program

    yield typed
    group = group or Program()
    for name in getattr(group, "list_commands", lambda _: ())(None):
        yield from commands(group.get_command(None, name), f"{typed} {name}".strip())


COMMANDS = list(commands())


@cache
def shown(command: str, columns: int) -> str:
    """Return the page of a command on a terminal of some columns."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
    attributes = termios.tcgetattr(theirs)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    try:
        with subprocess.Popen([*MODULE, *command.split(), "--help"], stdin=theirs, stdout=theirs, stderr=theirs,
                              env=environment(TERM="xterm-256color")) as process:  # fmt: skip
            os.close(theirs)
            pieces = []
            while piece := _read(ours):
                pieces.append(piece)
        assert process.returncode == 0
    finally:
        os.close(ours)
    return b"".join(pieces).decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # EIO: the other side is closed
        return b""


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_its_terminal(command: str) -> None:
    """A line breaks at blanks alone: on each terminal the words are the same."""
    page = shown(command, 80)
    assert max(map(len, page.splitlines())) < 80
    for columns in (40, 200):
        assert shown(command, columns).split() == page.split()
    narrow = shown(command, 40).partition("Exit codes:")[0].partition("Examples:")[0].partition("Read more:")[0]
    assert [line for line in narrow.splitlines() if len(line) >= 40 and " " in line.strip()] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_is_complete(command: str, tmp_path: Path) -> None:
    """Usage, description, options, exit codes, examples, and pages that there are; nothing that is meant for a renderer."""
    page = shown(command, 80)
    usage, description, *parts = page.split("\n\n")
    assert usage.startswith(f"Usage: regfix {command}".strip())
    assert re.match(r"  [A-Z].*[.]$", description, re.DOTALL)
    titles = [part.partition(":\n")[0] for part in parts]
    assert titles[-1] == "Read more" or command.startswith(("rules ", "tags"))
    assert re.search("^  -h, --help ", page, re.MULTILINE)
    assert not re.search(r"[`\x1b\x08]|\[/?(bold|dim)|\*\*", page)
    if command and not command.startswith(("rules", "completion")):
        assert "Exit codes" in titles
    for place in re.findall(r"^  (docs/\S+)$", page, re.MULTILINE):
        assert (ROOT / place).exists()


def test_texts_are_for_commands_and_options_that_there_are() -> None:
    from regfix.cli.app import Program
    from regfix.cli.manual import EXAMPLES, EXITS, GROUPS, PAGES

    assert {*EXAMPLES, *EXITS, *PAGES} <= set(COMMANDS)
    root, names = Program(), set()
    for command in COMMANDS[1:]:
        group: Any = root
        for word in command.split():
            group = group.get_command(None, word)
        names |= {name for param in group.params for name in (param.name, f"{command}.{param.name}")}
    assert {name for group in GROUPS.values() for name in group} - names == set()


EXAMPLE = re.compile(r"^  # .*\n  (.*)$", re.MULTILINE)


def test_there_are_examples() -> None:
    assert sum(len(EXAMPLE.findall(shown(command, 80))) for command in COMMANDS) > 20


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_are_command_lines(command: str, tmp_path: Path) -> None:
    """Each is parsed by the command itself; what it would do is left out."""
    from regfix.cli.app import Program

    for typed in EXAMPLE.findall(shown(command, 80)):
        found = re.search(r"regfix ([^>)]*)", typed)
        assert found is not None
        words = shlex.split(found[1])
        group: Any = Program()
        while hasattr(group, "list_commands"):
            group = group.get_command(None, words.pop(0))
        group.make_context(group.name, words)


def test_alone_it_shows_how_to_start(tmp_path: Path) -> None:
    """The three commands that a newcomer needs, and where the others are told."""
    run = regfix(cwd=tmp_path)
    assert (run.code, run.err) == (0, "")
    assert re.findall(r"^  (regfix .*?)  ", run.out, re.MULTILINE) == [
        "regfix rewrite ./charts --dry-run", "regfix rewrite ./charts", "regfix scan ./charts",
    ]  # fmt: skip
    assert "'regfix --help'" in run.out
    assert len(run.out.splitlines()) < 12


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("help", "--help"), ("help rewrite", "rewrite --help"), ("help rules show", "rules show --help"),
     ("version", "--version")],
)  # fmt: skip
def test_words_of_other_tools(typed: str, meant: str, tmp_path: Path) -> None:
    run = regfix(*typed.split(), cwd=tmp_path)
    assert (run.code, run.err) == (0, "")
    assert run.out == regfix(*meant.split(), cwd=tmp_path).out


# --- what makes no sense ---


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("rewrit", "there is no command 'rewrit' (did you mean rewrite? see regfix --help)"),
        ("nonsense", "there is no command 'nonsense' (see regfix --help)"),
        ("help nonsense", "there is no command 'nonsense' (see regfix --help)"),
        ("rules lst", "there is no command 'lst' (did you mean list? see regfix rules --help)"),
        ("--vers", "there is no option --vers (did you mean --version? see regfix --help)"),
        ("rewrite --dryrun", "there is no option --dryrun (did you mean --dry-run? see regfix rewrite --help)"),
        ("--preset gcr rewrite",
         "there is no option --preset (write it behind the command, as in regfix rewrite --preset)"),
        ("rewrite k8s.gcr.io=registry.k8s.io",
         "k8s.gcr.io=registry.k8s.io: cannot be read: no such file or directory (a rule stands behind --rule)"),
        ("rewrite --nonsense", "there is no option --nonsense (see regfix rewrite --help)"),
        ("rewrite -nz", "there is no option -z (see regfix rewrite --help)"),
        ("rewrite --format", "--format needs a value (write --format VALUE)"),
        ("rewrite --check=1", "--check takes no value (write --check alone)"),
        ("upgrades . --format yaml",
         "--format: 'yaml' is not one of text, json (see regfix upgrades --help)"),
        ("rules explain", "REFERENCE is missing: an image reference (see regfix rules explain --help)"),
        ("rules show", "PRESET is missing: name of a preset (see regfix rules show --help)"),
        ("upgrades a b", "unexpected: b (see regfix upgrades --help)"),
        ("rewrite --rule k8s.gcr.io", "--rule: 'k8s.gcr.io' is not a rule: there is no '=' (write OLD=NEW)"),
        ("rewrite --dry-run --check", "--dry-run, --check and --diff exclude each other (choose one of them)"),
        ("rewrite --config nowhere", "nowhere: cannot be read: no such file or directory (check the path)"),
        ("rewrite --catalogue nowhere", "nowhere: cannot be read: no such file or directory (check the path)"),
        ("rewrite nowhere", "nowhere: cannot be read: no such file or directory (check the path)"),
        ("rewrite --no-cache", "--no-cache means nothing here (it goes with --verify)"),
        ("rewrite --verify --plain-http a/b", "--plain-http a/b: it is no host (write HOST or HOST:PORT)"),
        ("overrides .", ".: not a chart: no Chart.yaml in it (name the folder or the archive of a chart)"),
        ("init nowhere", "nowhere: there is no such folder (name the root of the project)"),
        ("bulk nowhere", "nowhere: cannot be read: no such file or directory (check the path)"),
        ("bulk .", ".: a plan is a file, and this is a folder (write the project into a file, or pipe it: echo PROJECT | "
                   "regfix bulk -)"),
        ("bulk plan --shard 3/2",
         "--shard 3/2: there is no part 3 of 2 (they count from 1 to 2; N alone is for all of a Job)"),
        ("cluster -n a -A", "--namespace and --all-namespaces exclude each other (leave one of them out)"),
        ("cluster --from-file nowhere", "nowhere: cannot be read: no such file or directory (check the path)"),
        ("scan --as-of tomorrow --catalogue", "--as-of: 'tomorrow' is no date (write it as 2026-12-08)"),
        ("completion", "SHELL is missing: the shell: bash, zsh or fish (see regfix completion --help)"),
    ],
)  # fmt: skip
def test_an_error_says_what_to_do(typed: str, said: str, tmp_path: Path) -> None:
    grow(tmp_path, {"x.yaml": PAUSE, "plan": "git@example.com:a.git\n"})
    before = contents(tmp_path)
    run = regfix(*typed.split(), cwd=tmp_path)
    assert run.code == 2
    assert run.err.splitlines()[0].replace(f"{tmp_path}{os.sep}", "") == f"error: {said}"
    assert contents(tmp_path) == before


def test_places_in_settings_are_told_from_the_working_folder(tmp_path: Path) -> None:
    """As all other places are."""
    grow(tmp_path, {".git/HEAD": "", "a/.regfix.yaml": "rulez: {}\n", "a/b/x.yaml": PAUSE})
    said = [
        regfix("rewrite", ".", cwd=tmp_path / folder).err.partition(": unknown setting")[0] for folder in ("a", "a/b")
    ]
    assert said == ["error: .regfix.yaml:1:1", f"error: {tmp_path}/a/.regfix.yaml:1:1"]
    (tmp_path / "a/.regfix.yaml").write_text("rules: {k8s.gcr.io: b.io}\n")
    told = regfix("rewrite", "--dry-run", "-v", cwd=tmp_path / "a").err
    assert "settings: .regfix.yaml\n" in told
    assert "rule: k8s.gcr.io=b.io (.regfix.yaml:1:9)\n" in told
