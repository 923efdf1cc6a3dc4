"""Manners of a terminal (R53): colours, progress, tables; nothing raw from names and values."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from support import MODULE, PAUSE, PAUSE_MOVED, Run, assert_no_crash, environment, grow, regfix

if TYPE_CHECKING:
    from pathlib import Path

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CLEAR = re.compile(r"\r\x1b\[K")
UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
EVIL = "\x1b]0;pwned\x07\x1b[2J\r\x08\x9b31m\u202e\u2066\u200f\u2028\x85\x7f"


def on_terminal(*arguments: str | bytes, cwd: Path, out: bool = True, err: bool = True, columns: int = 80,
                **changes: str | None) -> Run:  # fmt: skip
    """Run regfix with standard output, standard error or both on a pseudo-terminal."""
    ends: dict[str, int] = {}
    streams: dict[str, int] = {}
    for name, wanted in (("stdout", out), ("stderr", err)):
        ends[name], streams[name] = pty.openpty() if wanted else os.pipe()
    env = environment(**({"TERM": "xterm-256color", "COLUMNS": str(columns)} | changes))
    process = subprocess.Popen([*MODULE, *arguments], cwd=cwd, env=env, stdin=subprocess.DEVNULL, **streams)
    for stream in streams.values():
        os.close(stream)
    found = dict.fromkeys(ends, b"")
    while ends:
        ready, _, _ = select.select(list(ends.values()), [], [], 60)
        assert ready, "it does not end"
        for name, end in list(ends.items()):
            if end not in ready:
                continue
            try:
                data = os.read(end, 65536)
            except OSError:  # Linux says EIO at the end of a terminal
                data = b""
            found[name] += data
            if not data:
                os.close(ends.pop(name))
    run = Run(
        process.wait(timeout=10), found["stdout"].replace(b"\r\n", b"\n"), found["stderr"].replace(b"\r\n", b"\n")
    )
    assert_no_crash(run)
    return run


def assert_safe(run: Run) -> None:
    """No control character but line feeds, tabs, our own colours and the clearing of our own line."""
    for text in (run.out, run.err):
        rest = COLOUR.sub("", CLEAR.sub("", text))
        assert UNSAFE.search(rest) is None, rest
        assert "\r" not in re.sub(r"\r\d+ files[^\r\n]*", "", rest), rest


# --- colours ---


def test_r53_a_diff_has_colours_on_a_terminal_only(project: Path) -> None:
    """R53: red and green as in git; in a pipe the bytes for git apply, also with standard error on a terminal."""
    grow(project, {"x.yaml": PAUSE})
    run = on_terminal("rewrite", "--dry-run", cwd=project)
    assert f"\x1b[31m-{PAUSE[:-1]}\x1b[0m\n\x1b[32m+{PAUSE_MOVED[:-1]}\x1b[0m" in run.out.replace("\x1b[m", "\x1b[0m")
    plain = on_terminal("rewrite", "--dry-run", cwd=project, out=False)
    assert plain.stdout == regfix("rewrite", "--dry-run", cwd=project).stdout
    assert "\x1b" not in plain.out
    assert COLOUR.sub("", run.out) == plain.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["rewrite", "--dry-run"],
        ["rewrite", "--check"],
        ["scan"],
        ["rewrite", "nowhere"],
        ["--help"],
        ["rewrite", "--nonsense"],
        ["rules", "list"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("changes", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_r53_who_wants_no_colours_gets_no_escapes(project: Path, changes: dict[str, str], arguments: list[str]) -> None:
    """R53: NO_COLOR and a dumb terminal hold for both streams."""
    grow(project, {"x.yaml": PAUSE})
    run = on_terminal(*arguments, cwd=project, **changes)
    assert ("\x1b" if "TERM" in changes else "\x1b[3") not in run.said


def test_r53_an_empty_no_color_says_nothing(project: Path) -> None:
    """R53: as no-color.org has it."""
    grow(project, {"x.yaml": PAUSE})
    assert "\x1b[31m" in on_terminal("rewrite", "--dry-run", cwd=project, NO_COLOR="").out


@pytest.mark.parametrize(
    "arguments",
    [
        ["rewrite", "--dry-run"],
        ["scan"],
        ["rewrite"],
        ["scan", "--format", "json"],
        ["scan", "--format", "csv"],
        ["--help"],
        ["rewrite", "--bad"],
    ],
    ids=" ".join,
)
def test_r53_in_a_pipe_there_are_no_escapes(project: Path, arguments: list[str]) -> None:
    """R53: whatever TERM says."""
    grow(project, {"x.yaml": PAUSE, "bad.yaml": f"[{PAUSE}"})
    run = regfix(*arguments, cwd=project, env=environment(TERM="xterm-256color"))
    assert "\x1b" not in run.said
    assert "\r" not in run.said


# --- nothing raw ---

CONTENTS = {
    "beside": f"image: k8s.gcr.io/pause:3.2 # {EVIL}\n".replace("\r", "").replace("\x08", "").replace("\x07", ""),
    "key": '"\\e[31m\\a\\r\\L\\x9b\\u202e":\n  image: k8s.gcr.io/pause:3.2\n',
    "left": f"# ask k8s.gcr.io {EVIL}\na: 1\n",
    "url": f"a: 'https://k8s.gcr.io/{EVIL}'\n",
}
COMMANDS = [
    ["rewrite", "--dry-run"],
    ["rewrite", "--check", "-v"],
    ["rewrite", "--diff", "-v"],
    ["scan", "-v"],
    ["scan", "--format", "csv"],
    ["scan", "--format", "json"],
    ["rewrite", "--dry-run", "--format", "json"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_r53_nothing_raw_from_contents_reaches_a_terminal(project: Path, arguments: list[str]) -> None:
    """R53: ESC, BEL, CR, C1, bidi in comments, keys, values, templates and text."""
    grow(project, {f"{name}.yaml": text for name, text in CONTENTS.items()})
    grow(
        project,
        {
            "templates/x.yaml": f"{{{{ a }}}} {EVIL}\n{PAUSE}# {EVIL}\n",
            "x.md": f"{EVIL} {PAUSE}",
            "bad.yaml": f'"\\e{EVIL}": [\n{PAUSE}',
            "crlf.yaml": f"a: 1\r\n{PAUSE[:-1]}\r\nb: 2\r\n",
        },
    )
    assert_safe(on_terminal(*arguments, "--text", cwd=project))


@pytest.mark.parametrize("arguments", [*COMMANDS, ["rewrite"]], ids=" ".join)
@pytest.mark.parametrize("pipe", [False, True])
def test_r53_nothing_raw_from_names_is_printed(project: Path, arguments: list[str], pipe: bool) -> None:
    """R53: in files that move, stay, fail, are skipped or missing; in a pipe too."""
    evil = EVIL.replace("/", "")
    grow(
        project,
        {
            f"{evil}.yaml": PAUSE,
            f"bad{evil}.yaml": f"[{PAUSE}",
            f"{evil}/left.yaml": "# see k8s.gcr.io\na: 1\n",
            f"ignored{evil}.yaml": PAUSE,
            ".gitignore": "ignored*\n",
            f"n\n{evil}.md": PAUSE,
        },
    )
    os.symlink("nowhere", project / f"link{evil}.yaml")
    paths = [".", f"missing{evil}", f"link{evil}.yaml"]
    run = regfix(*arguments, *paths, cwd=project) if pipe else on_terminal(*arguments, *paths, cwd=project)
    assert run.code == 2
    assert_safe(run)


@pytest.mark.parametrize(
    "arguments",
    [
        ["rewrite", "--EVIL"],
        ["EVIL"],
        ["rewrite", "--format", "EVIL"],
        ["rewrite", "--rule", "EVIL"],
        ["rewrite", "--rule", "EVIL=a.io"],
        ["rewrite", "--preset", "EVIL"],
        ["rewrite", "--config", "EVIL"],
        ["rewrite", "--exclude", "EVIL["],
        ["rewrite", "-zEVIL"],
        ["rules", "explain", "EVIL"],
        ["rules", "show", "EVIL"],
        ["scan", "--format=EVIL"],
        ["rewrite", "--dry-run=EVIL"],
    ],
    ids=ascii,
)
def test_r53_nothing_raw_from_arguments_is_printed(project: Path, arguments: list[str]) -> None:
    """R53: they may be file names that a shell has put there."""
    run = on_terminal(*(argument.replace("EVIL", EVIL) for argument in arguments), cwd=project)
    assert_safe(run)


def test_r53_nothing_raw_from_settings_is_printed(project: Path) -> None:
    """R53: keys, values and the path of the settings."""
    for text in (
        '"\\e[31m\\u202e": 1\n',
        'rules: {"\\e[31m\\u202e": a.io}\n',
        'presets: ["\\e[31m"]\n',
        'exclude: ["\\e[31m\\a["]\n',
        "a: \u202e\x85 [\n",
        "rules: {k8s.gcr.io: b.io}\n",
    ):
        folder = f"p{EVIL}"
        grow(project, {f"{folder}/.regfix.yaml": text, f"{folder}/.git/HEAD": ""})
        for arguments in (["rewrite", "-v"], ["scan", "-v"], ["rules", "list"]):
            assert_safe(on_terminal(*arguments, *([folder] if arguments[0] != "rules" else []), cwd=project))


def test_r53_output_is_what_it_says_it_is(project: Path) -> None:
    """R53: an escaped name can be told from one that has a backslash; JSON gives the name itself."""
    grow(project, {"a\x1b.yaml": PAUSE, "b\\x1b.yaml": PAUSE})
    out = regfix("rewrite", "--check", cwd=project).out
    assert "a\\x1b.yaml" in out
    paths = [source["path"] for source in json.loads(regfix("scan", "--format", "json", cwd=project).stdout)["sources"]]
    assert [os.path.basename(path) for path in paths] == ["a\x1b.yaml", "b\\x1b.yaml"]


def test_r53_no_formula_reaches_a_spreadsheet(project: Path) -> None:
    """R53: a cell of CSV that begins like a formula is text."""
    grow(project, {"=cmd|'x'!A0.yaml": PAUSE, "@x.yaml": PAUSE, "+x.yaml": PAUSE, "-x.yaml": PAUSE})
    run = regfix("scan", "--format", "csv", "=cmd|'x'!A0.yaml", "@x.yaml", "+x.yaml", "./-x.yaml", cwd=project)
    assert all(line[:1] not in "=@+-" and line[:2] not in ('"=', '"@') for line in run.out.splitlines())


# --- table and progress ---


def test_r53_scan_shows_a_table_on_a_terminal(project: Path) -> None:
    """R53: under a header, aligned, with what the rules would do; in a pipe a line each for grep."""
    grow(project, {"a.yaml": PAUSE, "longer-name.yaml": "spec:\n  containers:\n  - image: quay.io/a/b:1\n"})
    lines = on_terminal("scan", cwd=project).out.splitlines()
    assert lines[0].split() == ["LOCATION", "KEY", "REFERENCE", "ACTION", "RESULT"]
    assert "registry.k8s.io/pause:3.2" in lines[1]
    for name in ("KEY", "REFERENCE", "ACTION"):
        column = lines[0].index(name)
        assert all(line[column - 1] == " " and line[column] != " " for line in lines[1:3])
    piped = regfix("scan", cwd=project).out.splitlines()
    assert len(piped) == 2
    assert all(re.match(r"(\./)?[\w.-]+\.yaml:\d+:\d+: ", line) for line in piped)


def many(folder: Path) -> None:
    """Make a tree that takes longer than people wait without a sign."""
    body = PAUSE + "# padding padding padding\n" * 1500
    grow(folder, {f"{number:03}.yaml": body for number in range(100)})


def test_progress_is_shown_on_a_terminal_and_cleared(project: Path) -> None:
    """R53: the counter is gone when the result comes; a pipe does not see it."""
    many(project)
    began = time.monotonic()
    run = on_terminal("rewrite", "--dry-run", cwd=project, out=False)
    took = time.monotonic() - began
    shown = list(re.finditer(r"\r\d+ [^\r]*", run.err))
    assert shown or took < 0.6, "nobody was told that something happens"
    assert CLEAR.sub("", re.sub(r"\r\d+ [^\r\n\x1b]*(?=\r)", "", run.err)).splitlines()[0].startswith("100 references")
    assert "\r" not in regfix("rewrite", "--dry-run", cwd=project).err


@pytest.mark.parametrize(("arguments", "changes"), [(["-q"], {}), ([], {"TERM": "dumb"})], ids=["quiet", "dumb"])
def test_no_progress_where_it_is_not_wanted(project: Path, arguments: list[str], changes: dict[str, str]) -> None:
    """R53: with -q, and on a terminal that cannot clear a line."""
    many(project)
    run = on_terminal("rewrite", "--check", *arguments, cwd=project, out=False, **changes)
    assert "\x1b" not in run.err
    if arguments:
        assert run.err == ""
