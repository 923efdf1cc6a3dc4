"""Faults (R20 to R29) as a user meets them: full disks, missing rights, links, races, two runs at once."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from support import (
    HUB,
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
    measured,
    regfix,
    states,
    unprivileged,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

LEFTOVER = f".regfix-{'0123456789abcdef' * 2}.tmp"


def names(count: int) -> dict[str, str]:
    """Return files that all move."""
    return {f"{number:03}.yaml": PAUSE for number in range(count)}


# --- R20: what a killed run leaves ---


def test_r20_leftovers_are_no_input_and_the_next_run_removes_them(project: Path) -> None:
    """R20: a dry run lets them lie, as it writes nothing; a file whose name is only like theirs is a user's."""
    alike = [".regfix-1.tmp", f"{LEFTOVER}.yaml", LEFTOVER.upper(), f"x{LEFTOVER}"]
    grow(project, {"x.yaml": PAUSE, LEFTOVER: PAUSE, f"sub/{LEFTOVER}": PAUSE} | dict.fromkeys(alike, "a: 1\n"))
    shown = regfix("rewrite", "--dry-run", "--text", cwd=project)
    assert LEFTOVER not in shown.out.replace(f"{LEFTOVER}.yaml", "").replace(f"x{LEFTOVER}", "")
    assert len(litter(project)) == 4
    assert regfix("rewrite", "--text", cwd=project).code == 0
    assert sorted(contents(project)) == sorted(["x.yaml", *alike])


# --- R21: the disk says no ---

FAULTS = {
    "no space while writing": ("write", "ENOSPC"),
    "quota while writing": ("write", "EDQUOT"),
    "error while writing": ("write", "EIO"),
    "error while syncing": ("fsync", "EIO"),
    "no space while syncing": ("fsync", "ENOSPC"),
    "another disk": ("rename", "EXDEV"),
    "mounted": ("rename", "EBUSY"),
    "error while renaming": ("rename", "EIO"),
    "no room for a name": ("open", "ENOSPC"),
    "rights cannot be kept": ("fchmod", "EPERM"),
    "owner cannot be kept": ("fchown", "EPERM"),
}
FAIL = """
real = os.{call}
def fail(*arguments, **more):
    if {call!r} != "open" or str(arguments[0]).startswith(".regfix-"):
        fail.count += 1
        if fail.count == 2:
            raise OSError(errno.{error}, os.strerror(errno.{error}))
    return real(*arguments, **more)
fail.count = 0
os.{call} = fail
"""


@pytest.mark.parametrize("name", FAULTS)
def test_r21_the_second_of_three_files_meets_a_fault(project: Path, tmp_path: Path, name: str) -> None:
    """R21: the old file intact, the temporary one gone, the source named, the others done, exit 2."""
    call, error = FAULTS[name]
    grow(project, names(3))
    for file in names(3):
        os.chmod(project / file, 0o640)
        if call == "fchown":
            if os.geteuid() != 0:
                pytest.skip("needs root, to give a file away")
            os.chown(project / file, 12345, 12345)
    before = states(project)
    run = regfix("rewrite", cwd=project, env=instrumented(tmp_path / "hook", FAIL.format(call=call, error=error)))
    assert run.code == 2
    assert "001.yaml: " in run.err
    assert contents(project) == {
        "000.yaml": PAUSE_MOVED.encode(),
        "001.yaml": PAUSE.encode(),
        "002.yaml": PAUSE_MOVED.encode(),
    }
    assert states(project)["001.yaml"] == before["001.yaml"]


def test_r21_a_full_disk(project: Path) -> None:
    """R21: a real one, where mounting is possible."""
    (project / "disk").mkdir()
    script = (
        "mount -t tmpfs -o size=256k none disk && cp big.yaml disk/a.yaml && cp small.yaml disk/b.yaml && "
        '"$@"; code=$?; cmp big.yaml disk/a.yaml && cat disk/b.yaml && ls -A disk; exit $code'
    )
    grow(project, {"big.yaml": PAUSE + "# x\n" * 40_000, "small.yaml": PAUSE})
    for more in ((), ("--user", "--map-root-user")):
        command = ("unshare", *more, "--mount", "--propagation", "private")
        if (
            subprocess.run(
                [*command, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
            ).returncode
            == 0
        ):
            break
    else:
        pytest.skip("mounting is not possible here")
    run = regfix("rewrite", "-q", "disk", cwd=project, command=(*command, "sh", "-c", script, "-", *MODULE))
    assert run.code == 2
    assert "disk/a.yaml: " in run.err
    assert "no space left" in run.err.lower()
    assert run.out == f"{PAUSE_MOVED}a.yaml\nb.yaml\n"


# --- R22: what cannot be read or written ---


def test_r22_what_cannot_be_read_or_written_is_reported(project: Path) -> None:
    """R22: files, folders, ignore files; the rest is done."""
    grow(
        project,
        {
            "no/read.yaml": PAUSE,
            "closed/x.yaml": PAUSE,
            "no/write.yaml": PAUSE,
            "ro/x.yaml": PAUSE,
            "z.yaml": PAUSE,
            "listless/x.yaml": PAUSE,
        },
    )
    modes = {"no/read.yaml": 0o200, "no/write.yaml": 0o400, "closed": 0o000, "listless": 0o300, "ro": 0o500}
    for name, mode in modes.items():
        os.chmod(project / name, mode)
    try:
        run = regfix("rewrite", cwd=project, command=unprivileged())
        scan = regfix("scan", cwd=project, command=unprivileged())
    finally:
        for name in modes:
            os.chmod(project / name, 0o700)
    assert run.code == scan.code == 2
    for name in ("no/read.yaml", "closed", "listless"):
        assert f"{name}: " in run.err
        assert f"{name}: " in scan.err
    assert "no/write.yaml: " in run.err
    assert "ro/x.yaml: " in run.err
    assert [name for name, data in contents(project).items() if data != PAUSE.encode()] == ["z.yaml"]


@pytest.mark.parametrize("path", ["missing.yaml", "missing/", "x.yaml/y", "a" * 300, "a/" * 3000, "\n"])
def test_r22_a_path_that_is_not_there_is_named(project: Path, path: str) -> None:
    """R22: and the others are done."""
    grow(project, {"x.yaml": PAUSE})
    run = regfix("rewrite", path, "x.yaml", cwd=project)
    assert (run.code, (project / "x.yaml").read_text()) == (2, PAUSE_MOVED)
    assert "cannot be read" in run.err


# --- R23: how a file is written ---

WATCH = """
log = os.open(os.environ["CALLS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def watch(name):
    real = getattr(os, name)
    def watched(*arguments, **more):
        result = real(*arguments, **more)
        os.write(log, f"{name} {arguments!r} {more!r} {result!r}\\n".encode())
        return result
    setattr(os, name, watched)
for name in ("open", "fsync", "rename", "replace", "unlink", "truncate", "ftruncate"):
    watch(name)
"""


def test_r23_a_new_file_is_made_beside_the_old_one_and_takes_its_name(project: Path, tmp_path: Path) -> None:
    """R23: O_EXCL, private, synced, renamed; the old one is never opened for writing."""
    grow(project, {"sub/x.yaml": PAUSE})
    calls = tmp_path / "calls"
    assert regfix("rewrite", cwd=project, env=instrumented(tmp_path / "hook", WATCH, CALLS=str(calls))).code == 0
    lines = calls.read_text().splitlines()
    writing = os.O_WRONLY | os.O_RDWR | os.O_TRUNC
    opened = [eval(line[5:].split(") {")[0] + ")") for line in lines if line.startswith("open ('.regfix-")]
    assert len(opened) == 1
    name, flags, mode = opened[0]
    assert flags & os.O_EXCL
    assert flags & os.O_CREAT
    assert flags & os.O_NOFOLLOW
    assert mode == 0o600
    order = [line.split(" ")[0] for line in lines if name in line or line.startswith("fsync")]
    assert order[:3] == ["open", "fsync", "rename"]
    for line in lines:
        if line.startswith("open (") and "x.yaml" in line:
            assert not eval(line[5:].split(") {")[0] + ")")[1] & writing
    renamed = next(line for line in lines if line.startswith("rename"))
    assert f"'{name}', 'x.yaml'" in renamed, "in the same folder"


# --- R24: many files ---


def test_r24_no_descriptor_leaks(project: Path) -> None:
    """R24: with 24 descriptors, over files that are written, fail, are skipped."""
    import resource

    grow(
        project,
        names(120)
        | {f"bad{n}.yaml": f"[{PAUSE}" for n in range(120)}
        | {f"d{n}/charts/x/.helmignore": "x\n" for n in range(60)}
        | {f"d{n}/.gitignore": "x\n" for n in range(60)},
    )
    run = regfix("rewrite", cwd=project, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24)))
    assert run.code == 2
    assert run.err.count("error: ") == 120
    assert all(data.decode() == PAUSE_MOVED for name, data in contents(project).items() if name in names(120))


def test_r24_memory_does_not_grow_with_the_number_of_files(tmp_path: Path) -> None:
    """R24: ten times as many files, the same memory (a few MiB apart)."""
    peaks = []
    body = PAUSE + "# padding padding padding padding\n" * 200
    for count in (150, 1500):
        folder = tmp_path / str(count)
        grow(folder, {f"{n % 50}/{n}.yaml": body for n in range(count)})
        peaks.append(measured("rewrite", "-q", cwd=folder, timeout=60).peak)
    assert peaks[1] - peaks[0] < 6 * 1024 * 1024, peaks


# --- R25: what belongs to a file ---


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_r25_the_mode_is_kept_whatever_the_umask(project: Path, umask: int) -> None:
    """R25: executable, group-writable, setgid, world-writable."""
    modes = [0o600, 0o644, 0o664, 0o755, 0o666, 0o2755, 0o4755, 0o640]
    grow(project, names(len(modes)))
    for name, mode in zip(names(len(modes)), modes, strict=True):
        os.chmod(project / name, mode)
    assert regfix("rewrite", cwd=project, umask=umask).code == 0
    assert [stat.S_IMODE(os.stat(project / name).st_mode) for name in names(len(modes))] == modes
    assert all(data == PAUSE_MOVED.encode() for data in contents(project).values())


def test_r25_owner_and_attributes_are_kept(project: Path) -> None:
    """R25: as far as this system has them."""
    grow(project, names(1))
    path = project / "000.yaml"
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
    try:
        os.setxattr(path, "user.note", b"mine")
    except OSError as error:
        pytest.skip(f"no extended attributes here: {error}")
    before = os.stat(path)
    assert regfix("rewrite", cwd=project).code == 0
    after = os.stat(path)
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert os.getxattr(path, "user.note") == b"mine"


def test_r25_a_file_whose_owner_cannot_be_kept_is_refused(project: Path) -> None:
    """R25: somebody else's file in a folder of one's own."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to give a file away")
    grow(project, names(2))
    os.chown(project / "000.yaml", 12345, 12345)
    os.chmod(project / "000.yaml", 0o666)
    before = states(project)
    run = regfix("rewrite", cwd=project, command=unprivileged())
    assert run.code == 2
    assert "000.yaml: " in run.err
    assert states(project)["000.yaml"] == before["000.yaml"]
    assert (project / "001.yaml").read_text() == PAUSE_MOVED
    assert litter(project) == []


# --- R26: changed meanwhile ---

MEANWHILE = """
real = os.fsync
def fsync(*arguments):
    real(*arguments)
    {action}
os.fsync = fsync
"""
ACTIONS = {
    "changed": ("open(os.environ['VICTIM'], 'a').write('more\\n')", PAUSE + "more\n"),
    "changed, same size": ("open(os.environ['VICTIM'], 'r+').write('I')", "I" + PAUSE[1:]),
    "replaced": ("open('new', 'w').write('other\\n'); os.replace('new', os.environ['VICTIM'])", "other\n"),
    "vanished": ("os.path.exists(os.environ['VICTIM']) and os.unlink(os.environ['VICTIM'])", None),
    "now a link": ("os.unlink(os.environ['VICTIM']); os.symlink('z.yaml', os.environ['VICTIM'])", "link"),
    "mode": ("os.chmod(os.environ['VICTIM'], 0o600)", PAUSE),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_r26_a_file_that_changes_just_before_the_rename_is_left(project: Path, tmp_path: Path, name: str) -> None:
    """R26: and named; one that vanished is not brought back."""
    action, expected = ACTIONS[name]
    hook = MEANWHILE.format(action=f"if not os.path.exists('done'): open('done', 'w').close(); {action}")
    grow(project, {"a.yaml": PAUSE, "z.yaml": PAUSE})
    run = regfix("rewrite", cwd=project, env=instrumented(tmp_path / "hook", hook, VICTIM="a.yaml"))
    assert run.code == 2
    assert "a.yaml: " in run.err
    found = contents(project)
    assert found["z.yaml"] == PAUSE_MOVED.encode()
    assert found.get("a.yaml") == {None: None, "link": b"z.yaml"}.get(expected, (expected or "").encode())
    assert litter(project) == []


# --- R27, R28: what is no plain file ---


def test_r27_links_are_neither_replaced_nor_followed_out(project: Path, tmp_path: Path) -> None:
    """R27: loops end; a link that is named is not followed either."""
    grow(tmp_path, {"outside/x.yaml": PAUSE})
    grow(project, {"real/x.yaml": PAUSE})
    links = {
        "out.yaml": "../outside/x.yaml",
        "out": "../outside",
        "in.yaml": "real/x.yaml",
        "loop": ".",
        "real/up": "..",
        "self.yaml": "self.yaml",
        "dangling.yaml": "nowhere",
        "abs": str(tmp_path / "outside"),
    }
    for name, target in links.items():
        os.symlink(target, project / name)
    assert regfix("rewrite", cwd=project).code == 0
    run = regfix("rewrite", "out.yaml", "self.yaml", "dangling.yaml", cwd=project)
    assert "symlink" in run.err or "symbolic link" in run.err
    assert (tmp_path / "outside/x.yaml").read_text() == PAUSE
    assert (project / "real/x.yaml").read_text() == PAUSE_MOVED
    assert {name: os.readlink(project / name) for name in links} == links


def test_r27_a_file_with_several_names_is_refused_or_keeps_them_alike(project: Path) -> None:
    """R27: both names show the same bytes afterwards."""
    grow(project, {"a.yaml": PAUSE, "z.yaml": PAUSE})
    os.link(project / "a.yaml", project / "b.yaml")
    run = regfix("rewrite", cwd=project)
    found = contents(project)
    assert found["a.yaml"] == found["b.yaml"]
    assert found["z.yaml"] == PAUSE_MOVED.encode()
    if found["a.yaml"] == PAUSE.encode():
        assert run.code == 2
        assert "a.yaml: " in run.err
        assert "b.yaml: " in run.err


@pytest.mark.parametrize("named", [False, True])
def test_r28_what_is_no_regular_file_is_not_opened(project: Path, named: bool) -> None:
    """R28: FIFOs, sockets, devices, folders named x.yaml; nothing waits for a writer."""
    grow(project, {"folder.yaml/x.yaml": PAUSE, "z.yaml": PAUSE})
    os.mkfifo(project / "fifo.yaml")
    special = ["fifo.yaml", "socket.yaml"]
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(project)  # the name of a socket is short
        try:
            server.bind("socket.yaml")
        finally:
            os.chdir(here)
        if os.geteuid() == 0:
            os.mknod(project / "device.yaml", 0o600 | stat.S_IFCHR, os.makedev(1, 7))
            special.append("device.yaml")
        run = regfix("rewrite", "-v", *([*special, "."] if named else ["."]), cwd=project, timeout=20)
    assert run.code in (0, 2)
    assert (project / "folder.yaml/x.yaml").read_text() == (project / "z.yaml").read_text() == PAUSE_MOVED
    for name in special:
        assert name in run.err
        assert not stat.S_ISREG(os.lstat(project / name).st_mode)


# --- R29: two at once ---


def test_r29_two_runs_at_once_do_no_damage(project: Path) -> None:
    """R29: the same run three times at once: all is moved once, no litter, no traceback, and none fails."""
    grow(project, {f"{n % 10}/{name}": PAUSE for n, name in enumerate(names(400))})
    runs = [subprocess.Popen([*MODULE, "rewrite", "-q"], cwd=project, env=environment(), stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE) for _ in range(3)]  # fmt: skip
    for process in runs:
        out, err = process.communicate(timeout=60)
        run = Run(process.returncode, out, err)
        assert_no_crash(run)
        assert (run.code, run.err) == (0, "")
    assert set(contents(project).values()) == {PAUSE_MOVED.encode()}
    assert litter(project) == []


def test_r29_two_runs_with_different_rules_lose_no_edit(project: Path) -> None:
    """R29: what one of them could not do is reported and done by the next run."""
    text = "- image: k8s.gcr.io/pause:3.2\n- image: nginx:1.27\n"
    grow(project, {f"{name}": text for name in names(150)})
    commands = [["--rule", f"{OLD}=registry.k8s.io"], list(HUB)]
    runs = [subprocess.Popen([*MODULE, "rewrite", "-q", *more], cwd=project, env=environment(), stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE) for more in commands]  # fmt: skip
    for process, more in zip(runs, commands, strict=True):
        out, err = process.communicate(timeout=60)
        run = Run(process.returncode, out, err)
        assert_no_crash(run)
        assert run.code == (2 if run.err else 0)
        assert regfix("rewrite", "-q", *more, cwd=project).code == 0
    assert set(contents(project).values()) == {
        b"- image: registry.k8s.io/pause:3.2\n- image: harbor.corp/hub/library/nginx:1.27\n"
    }
    assert litter(project) == []


def test_r20_r29_a_writing_run_is_not_disturbed_by_a_cleaning_one(project: Path, tmp_path: Path) -> None:
    """R20, R29: the temporary file of a run that lives is not removed by another run."""
    grow(project, {"sub/x.yaml": PAUSE})
    hook = MEANWHILE.format(action="open('ready', 'w').close()\n    import time\n    time.sleep(2)")
    slow = subprocess.Popen([*MODULE, "rewrite", "-q"], cwd=project, env=instrumented(tmp_path / "hook", hook),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    wait_until((project / "ready").exists)
    began = time.monotonic()
    assert len(litter(project)) == 1
    regfix("rewrite", "-q", "--rule", "nothing.example=a.io", cwd=project)
    alive = time.monotonic() - began < 2
    assert len(litter(project)) == 1 or not alive
    out, err = slow.communicate(timeout=30)
    assert (slow.returncode, out, err) == (0, b"", b"")
    assert (project / "sub/x.yaml").read_text() == PAUSE_MOVED
