"""Writing under real faults: kill -9, signals, full disks, mounts, limits, several runs at once.

Mounts are made in a mount namespace of a subprocess: they end with it, whatever happens.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from regfix.text.write import is_leftover, remove_leftover

HEAD = """
import os, sys
from regfix.errors import SourceError
from regfix.text.read import read_file
from regfix.text.write import is_leftover, remove_leftover, replace_file

def attempt(path, new):
    old, state = read_file(path)
    try:
        replace_file(path, old, new, state)
    except SourceError as error:
        print(error)
    else:
        print("done")

"""
A, B = b"a" * 200_000, b"b" * 150_000
SEESAW = """
A, B = b"a" * 200_000, b"b" * 150_000
for turn in range(sys.maxsize):
    if turn == 1:
        print("go", flush=True)
    for path in os.listdir("."):
        if is_leftover(path):
            continue
        old, state = read_file(path)
        replace_file(path, old, B if old == A else A, state)
"""
"""The first turn imports what writing needs: Python loses a KeyboardInterrupt in a callback of its imports."""


def start(script: str, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", HEAD + script, *arguments]
    return subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe)


def leftovers(folder: Path) -> list[Path]:
    return [folder / name for name in os.listdir(folder) if is_leftover(name)]


def finish(process: subprocess.Popen[bytes]) -> str:
    """Wait for a process that must end well; return what it printed."""
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, b"")
    return output.decode()


# --- kill and signals ---


def strike(folder: Path, script: str, signals: list[int], instant: float) -> tuple[int, bytes]:
    """Start the script, send the signals after `instant` seconds of its work; return how it ended."""
    with start(script, folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"go\n"
        time.sleep(instant)
        for number in signals:
            process.send_signal(number)
        try:
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()  # else the end of `with` would wait for it for ever
        return process.returncode, errors


def test_kill_9_at_any_instant_leaves_each_file_old_or_new(tmp_path: Path) -> None:
    chance = random.Random(20)
    names = ["x.yaml", "y.yaml", "z.tgz"]
    for name in names:
        (tmp_path / name).write_bytes(A)
    found = 0
    for _ in range(40):
        code, _ = strike(tmp_path, SEESAW, [signal.SIGKILL], chance.uniform(0, 0.02))
        assert code == -signal.SIGKILL
        assert {(tmp_path / name).read_bytes() for name in names} <= {A, B}
        litter = leftovers(tmp_path)
        found += len(litter)
        assert len(litter) <= 1
        assert all(remove_leftover(str(path)) for path in litter)
        assert sorted(os.listdir(tmp_path)) == names
    assert found > 5, "the kills did not hit writes; the test proves nothing"


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGTERM, signal.SIGTERM]])
def test_a_signal_leaves_no_partial_file_and_no_litter(tmp_path: Path, signals: list[int]) -> None:
    """Also not two at once, as timeout(1) sends them."""
    chance = random.Random(50)
    script = (
        "import signal\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\ntry:\n"
        + "".join(f"    {line}\n" for line in SEESAW.splitlines())
        + "except KeyboardInterrupt:\n    sys.exit(130)\n"
    )
    (tmp_path / "x.yaml").write_bytes(A)
    for _ in range(15):
        code, errors = strike(tmp_path, script, signals, chance.uniform(0, 0.01))
        expected = {130} if signals[0] == signal.SIGINT else {143}
        if len(signals) > 1:
            expected.add(-signal.SIGTERM)  # the second one came when the interpreter was already gone
        assert code in expected
        assert errors == b""
        assert (tmp_path / "x.yaml").read_bytes() in (A, B)
        assert os.listdir(tmp_path) == ["x.yaml"]


# --- several runs at once ---


def test_runs_of_the_same_at_once_do_no_harm(tmp_path: Path) -> None:
    script = """
print("go", flush=True)
sys.stdin.readline()
for name in sorted(os.listdir(".")):
    if is_leftover(name):
        remove_leftover(name)
        continue
    old, state = read_file(name)
    if b"old" in old:
        replace_file(name, old, old.replace(b"old", b"new"), state)
"""
    for number in range(200):
        (tmp_path / f"{number:03}.yaml").write_bytes(b"old %d\n" % number * 50)
    runs = [start(script, tmp_path) for _ in range(3)]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == b"go\n"
    for run in runs:
        assert run.stdin is not None
        run.stdin.write(b"\n")
        run.stdin.flush()
    assert [finish(run) for run in runs] == ["", "", ""]
    assert sorted(os.listdir(tmp_path)) == [f"{number:03}.yaml" for number in range(200)]
    for number in range(200):
        assert (tmp_path / f"{number:03}.yaml").read_bytes() == b"new %d\n" % number * 50


def test_two_runs_with_different_edits_lose_none(tmp_path: Path) -> None:
    script = """
mine = sys.argv[1].encode()
for _ in range(150):
    while True:
        old, state = read_file("x.yaml")
        try:
            replace_file("x.yaml", old, old + mine, state)
            break
        except SourceError as error:
            assert "changed while regfix was running" in str(error), error
"""
    (tmp_path / "x.yaml").write_bytes(b"")
    runs = [start(script, tmp_path, letter) for letter in "ab"]
    for run in runs:
        assert finish(run) == ""
    data = (tmp_path / "x.yaml").read_bytes()
    assert (data.count(b"a"), data.count(b"b"), len(data)) == (150, 150, 300)
    assert os.listdir(tmp_path) == ["x.yaml"]


def test_a_cleaning_run_never_disturbs_a_writing_one(tmp_path: Path) -> None:
    script = """
os.fsync = lambda _: None  # more writes in the time
for number in range(600):
    old, state = read_file("x.yaml")
    replace_file("x.yaml", old, b"%d" % number, state)
"""
    (tmp_path / "x.yaml").write_bytes(b"")
    run = start(script, tmp_path)
    seen = 0
    while run.poll() is None:
        for path in leftovers(tmp_path):
            seen += 1
            remove_leftover(str(path))
    assert finish(run) == ""
    assert seen > 5
    assert (tmp_path / "x.yaml").read_bytes() == b"599"
    assert os.listdir(tmp_path) == ["x.yaml"]


# --- limits, full disks, mounts, flags ---


def test_the_limit_on_file_size(tmp_path: Path) -> None:
    script = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
attempt("x.yaml", b"c" * 500_000)
attempt("x.yaml", b"c" * 299_000)
"""
    (tmp_path / "x.yaml").write_bytes(A)
    first, second = finish(start(script, tmp_path)).splitlines()
    assert first == (
        "x.yaml: cannot be written: file too large (the file is unchanged; raise the limit on file size (ulimit -f))"
    )
    assert second == "done"
    assert os.listdir(tmp_path) == ["x.yaml"]


@cache
def namespace() -> tuple[str, ...]:
    """Return the command that starts another one where it may mount; empty if there is none."""
    for more in ((), ("--user", "--map-root-user")):
        command = ("unshare", *more, "--mount", "--propagation", "private")
        try:
            probe = subprocess.run([*command, "mount", "-t", "tmpfs", "none", "/mnt"],
                                   capture_output=True, check=False)  # fmt: skip
        except FileNotFoundError:
            return ()
        if probe.returncode == 0:
            return command
    return ()


def mounted(script: str, folder: Path) -> list[str]:
    """Run the script where it may mount; return the lines that it prints. Its mounts end with it."""
    if not namespace():
        pytest.skip("mounting is not possible here")
    head = HEAD + (
        "import subprocess\n"
        "def mount(*arguments): subprocess.run(['mount', *arguments], check=True, capture_output=True)\n"
    )
    run = subprocess.run([*namespace(), sys.executable, "-c", head + script], cwd=folder,
                         capture_output=True, text=True, timeout=30, check=False)  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    assert str(folder) not in Path("/proc/self/mounts").read_text(encoding="utf-8")
    return run.stdout.splitlines()


@pytest.mark.parametrize("limit", ["size=512k", "nr_inodes=3"])
def test_a_full_disk(tmp_path: Path, limit: str) -> None:
    (tmp_path / "m").mkdir()
    script = f"""
mount("-t", "tmpfs", "-o", {limit!r}, "none", "m")
open("m/x.yaml", "wb").write(b"a" * 200_000)
if {limit!r} == "nr_inodes=3":
    open("m/y.yaml", "wb").close()
before = os.lstat("m/x.yaml").st_ctime_ns
attempt("m/x.yaml", b"b" * 400_000)
print(os.lstat("m/x.yaml").st_ctime_ns == before, open("m/x.yaml", "rb").read() == b"a" * 200_000)
print("x.yaml" in os.listdir("m"), any(is_leftover(name) for name in os.listdir("m")))
"""
    said, same, names = mounted(script, tmp_path)
    assert said.startswith("m/x.yaml: cannot be written: no space left on device (the file is unchanged")
    assert (same, names) == ("True True", "True False")


def test_a_file_that_is_a_mount_point(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(A)
    (tmp_path / "elsewhere").write_bytes(B)
    said, same = mounted("""
mount("--bind", "elsewhere", "x.yaml")
attempt("x.yaml", b"new")
print(open("x.yaml", "rb").read() == b"b" * 150_000)
""", tmp_path)  # fmt: skip
    assert "x.yaml: cannot be written: device or resource busy (the file is unchanged; it is mounted" in said
    assert same == "True"
    assert (tmp_path / "x.yaml").read_bytes() == A
    assert sorted(os.listdir(tmp_path)) == ["elsewhere", "x.yaml"]


def test_a_file_mounted_from_another_disk(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(A)
    (tmp_path / "m").mkdir()
    said, same = mounted("""
mount("-t", "tmpfs", "none", "m")
open("m/y.yaml", "wb").write(b"y")
mount("--bind", "m/y.yaml", "x.yaml")
attempt("x.yaml", b"new")
print(open("x.yaml", "rb").read() == b"y")
""", tmp_path)  # fmt: skip
    assert "(the file is unchanged; it is mounted" in said
    assert same == "True"
    assert sorted(os.listdir(tmp_path)) == ["m", "x.yaml"]


def test_a_disk_mounted_read_only(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(A)
    (said,) = mounted("""
mount("--bind", ".", ".")
mount("-o", "remount,bind,ro", ".")
attempt(os.getcwd() + "/x.yaml", b"new")
""", tmp_path)  # fmt: skip
    assert "x.yaml: not written: " in said
    assert "read-only" in said
    assert "the file is unchanged" in said
    assert (tmp_path / "x.yaml").read_bytes() == A
    assert os.listdir(tmp_path) == ["x.yaml"]


@pytest.mark.parametrize("flag", ["i", "a"])
@pytest.mark.parametrize("target", ["x.yaml", "."])
def test_flags_that_forbid_a_replacement(tmp_path: Path, flag: str, target: str) -> None:
    (tmp_path / "x.yaml").write_bytes(A)
    try:
        subprocess.run(["chattr", f"+{flag}", target], cwd=tmp_path, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"chattr does not work here: {error}")
    try:
        said = finish(start('attempt("x.yaml", b"new")', tmp_path))
    finally:
        subprocess.run(["chattr", f"-{flag}", target], cwd=tmp_path, check=True)
    assert "x.yaml: " in said
    assert "the file is unchanged" in said
    assert (tmp_path / "x.yaml").read_bytes() == A
    for path in leftovers(tmp_path):  # an append-only folder lets nobody remove anything
        assert (target, flag) == (".", "a")
        assert remove_leftover(str(path))
    assert os.listdir(tmp_path) == ["x.yaml"]
