"""Interruptions (R20, R50) and standard output that goes away (R51)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from support import (
    MODULE,
    OLD,
    PAUSE,
    PAUSE_MOVED,
    Run,
    assert_no_crash,
    contents,
    environment,
    grow,
    instrumented,
    litter,
    regfix,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 150
BODY = PAUSE + "# padding padding padding\n" * 500
MOVED = BODY.replace(OLD, "registry.k8s.io")


def large(folder: Path) -> None:
    """Make a tree that takes a while."""
    grow(folder, {f"{number % 9}/{number:03}.yaml": BODY for number in range(COUNT)})


SLOW = """
import time
real = os.fsync
def fsync(descriptor):
    real(descriptor)
    time.sleep(0.004)
os.fsync = fsync
"""


def start(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start a rewrite on a slow disk, and wait until it has written its first file."""
    first = folder / "0/000.yaml"
    inode = first.stat().st_ino
    process = subprocess.Popen(
        [*MODULE, "rewrite", "-q", *options],
        cwd=folder,
        env=instrumented(folder.with_name(folder.name + "-hook"), SLOW),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_until(lambda: first.stat().st_ino != inode or process.poll() is not None)
    return process


def ended(process: subprocess.Popen[bytes]) -> Run:
    out, err = process.communicate(timeout=30)
    return Run(process.returncode, out, err)


@pytest.mark.parametrize(("signals", "codes"), [
    ([signal.SIGINT], {130}),
    ([signal.SIGTERM], {143}),
    ([signal.SIGINT, signal.SIGINT, signal.SIGINT], {130}),
    ([signal.SIGTERM, signal.SIGTERM], {143}),
    ([signal.SIGINT, signal.SIGTERM], {130, 143}),
], ids=["int", "term", "int int int", "term term", "int term"])  # fmt: skip
def test_r50_a_signal_ends_a_run_cleanly(tmp_path: Path, signals: list[int], codes: set[int]) -> None:
    """R50: 130 and 143, no partial file, no litter, no traceback, whatever the user's patience."""
    chance = random.Random(50)
    hits = 0
    for attempt in range(4):
        folder = tmp_path / str(attempt)
        large(folder)
        process = start(folder)
        time.sleep(chance.uniform(0, 0.05))
        for number in signals:
            process.send_signal(number)
            time.sleep(chance.uniform(0, 0.002))
        run = ended(process)
        assert_no_crash(run)
        found = list(contents(folder).values())
        assert set(found) <= {BODY.encode(), MOVED.encode()}
        assert litter(folder) == []
        assert len(found) == COUNT
        if run.code == 0:
            assert set(found) == {MOVED.encode()}
            continue
        hits += 1
        assert run.code in codes
        assert run.out == ""
        assert run.err.count("\n") <= 1
    assert hits >= 2, "the signals came too late; the test proves nothing"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("options", [["scan"], ["rewrite", "--dry-run"], ["rewrite", "--format", "json", "--check"]])
def test_r50_a_signal_ends_a_look_too(project: Path, number: int, options: list[str]) -> None:
    """R50: while results are printed that nobody has read yet."""
    large(project)
    process = subprocess.Popen([*MODULE, *options], cwd=project, env=environment(), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)  # fmt: skip
    assert process.stdout is not None
    first = os.read(process.stdout.fileno(), 1)
    process.send_signal(number)
    run = ended(process)
    assert_no_crash(run)
    assert first != b""
    assert run.code in (0, 1, 130 if number == signal.SIGINT else 143)
    assert set(contents(project).values()) == {BODY.encode()}


def test_r20_kill_9_at_any_instant(tmp_path: Path) -> None:
    """R20: each file is wholly old or wholly new; the next run removes what is left and finishes the work."""
    chance = random.Random(20)
    large(tmp_path)
    forth, back = ("--rule", f"{OLD}=registry.k8s.io"), ("--rule", f"registry.k8s.io={OLD}")
    hits = 0
    for attempt in range(20):
        process = start(tmp_path, *(forth if attempt % 2 == 0 else back))
        time.sleep(chance.uniform(0, 0.03))
        process.kill()
        hits += ended(process).code == -signal.SIGKILL
        found = contents(tmp_path)
        left = litter(tmp_path)
        assert len(found) == COUNT + len(left)
        assert {data for name, data in found.items() if name not in left} <= {BODY.encode(), MOVED.encode()}
    assert hits >= 10, "the kills came too late; the test proves nothing"
    assert regfix("rewrite", "-q", *forth, cwd=tmp_path).code == 0
    assert set(contents(tmp_path).values()) == {MOVED.encode()}
    assert len(contents(tmp_path)) == COUNT


# --- R51: standard output ---

OUTPUTS = {
    "closed": 'exec "$@" >&-',
    "full": 'exec "$@" >/dev/full',
    "full unbuffered": 'PYTHONUNBUFFERED=1 exec "$@" >/dev/full',
}
COMMANDS = [
    ["rewrite"],
    ["rewrite", "--dry-run"],
    ["rewrite", "--diff"],
    ["rewrite", "--check"],
    ["scan"],
    ["rewrite", "--format", "json"],
    ["scan", "--format", "json"],
    ["scan", "--format", "csv"],
    ["rules", "list"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("output", OUTPUTS)
def test_r51_output_that_cannot_be_written(project: Path, output: str, arguments: list[str]) -> None:
    """R51: no traceback, exit 2 with a reason; each file is old or new."""
    files = {f"{number:03}.yaml": PAUSE for number in range(5)}
    grow(project, files)
    run = regfix(*arguments, cwd=project, command=("sh", "-c", OUTPUTS[output], "-", *MODULE))
    assert run.code == 2
    assert "standard output" in run.err
    assert set(contents(project).values()) <= {PAUSE.encode(), PAUSE_MOVED.encode()}
    assert litter(project) == []


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["rewrite", "--help"], []], ids=" ".join)
@pytest.mark.parametrize("output", OUTPUTS)
def test_r51_help_that_cannot_be_written(project: Path, output: str, arguments: list[str]) -> None:
    """R51: no traceback, not exit 0."""
    assert regfix(*arguments, cwd=project, command=("sh", "-c", OUTPUTS[output], "-", *MODULE)).code == 2


def test_r51_a_quiet_run_needs_no_output(project: Path) -> None:
    """R51: nothing to print, nothing that fails."""
    for script in [*OUTPUTS.values(), 'exec "$@" <&- >&- 2>&-', 'exec "$@" 2>&-', 'exec "$@" <&-']:
        grow(project, {"x.yaml": PAUSE, "y.yaml": PAUSE})
        assert regfix("rewrite", "-q", cwd=project, command=("sh", "-c", script, "-", *MODULE)).code == 0
        assert set(contents(project).values()) == {PAUSE_MOVED.encode()}


@pytest.mark.parametrize("closed", ["<&- >&- 2>&-", ">&- 2>&-", "2>&-", "2>/dev/full", ">/dev/full 2>&1"])
def test_r51_closed_streams_do_not_end_up_in_files(project: Path, closed: str) -> None:
    """R51: a file that gets the number of a closed stream is not written to by mistake."""
    grow(project, {"a.yaml": f"[{PAUSE}", "b.yaml": PAUSE, "c.yaml": "x: k8s.gcr.io.\n", "d.yaml": PAUSE})
    regfix("rewrite", "-v", cwd=project, command=("sh", "-c", f'exec "$@" {closed}', "-", *MODULE))
    found = contents(project)
    assert found["a.yaml"] == f"[{PAUSE}".encode()
    assert found["c.yaml"] == b"x: k8s.gcr.io.\n"
    assert {found["b.yaml"], found["d.yaml"]} <= {PAUSE.encode(), PAUSE_MOVED.encode()}
    assert litter(project) == []


@pytest.mark.parametrize("arguments", COMMANDS[:-1], ids=" ".join)
def test_r51_a_reader_that_goes_away(project: Path, arguments: list[str]) -> None:
    """R51: as `| head -c 1`: no traceback, no complaint; not exit 0 where work was left."""
    large(project)
    process = subprocess.Popen([*MODULE, *arguments], cwd=project, env=environment(PYTHONUNBUFFERED="1"),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    os.read(process.stdout.fileno(), 1)
    process.stdout.close()
    errors = process.stderr.read()
    run = Run(process.wait(timeout=30), b"", errors)
    process.stderr.close()
    assert_no_crash(run)
    found = set(contents(project).values())
    assert found <= {BODY.encode(), MOVED.encode()}
    assert litter(project) == []
    if arguments in (["rewrite"], ["rewrite", "--diff"], ["rewrite", "--format", "json"]) and BODY.encode() in found:
        assert run.code != 0
