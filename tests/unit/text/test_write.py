"""Writing: the new content with all that belonged to the old file, or the old file and a reason."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import functools
import operator
import os
import signal
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from regfix.errors import SourceError
from regfix.text import write
from regfix.text.read import FileState, read_file
from regfix.text.write import is_leftover, remove_leftover, replace_file, require_replaceable

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to change owners or become another user")
OLD, NEW = b"image: k8s.gcr.io/pause\r\n", b"image: registry.k8s.io/pause\r\n"
LEFTOVER = f".regfix-{'0123456789abcdef' * 2}.tmp"
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"


def make(folder: Path, name: str = "x.yaml", data: bytes = OLD) -> tuple[str, FileState]:
    path = folder / name
    path.write_bytes(data)
    return str(path), read_file(str(path))[1]


def refusal(path: str, state: FileState, old: bytes = OLD, new: bytes = NEW) -> SourceError:
    """Return the error of a replacement that must fail, having looked that it leaves nothing behind."""
    folder = Path(path).parent
    names = sorted(os.listdir(folder)) if folder.exists() else None
    descriptors = os.listdir("/proc/self/fd")
    with pytest.raises(SourceError) as caught:
        replace_file(path, old, new, state)
    assert os.listdir("/proc/self/fd") == descriptors
    assert (sorted(os.listdir(folder)) if folder.exists() else None) == names
    assert caught.value.where == path
    return caught.value


def identity(status: os.stat_result) -> tuple[int, ...]:
    """Return what a file that was left alone still has (all but the time of the last access)."""
    return status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def acl(user: int) -> bytes:
    """Return an ACL as the kernel stores it (acl(5)): rw for the owner, r-x for `user`, r for the rest."""
    entries = [(1, 6, 0xFFFFFFFF), (2, 5, user), (4, 4, 0xFFFFFFFF), (16, 7, 0xFFFFFFFF), (32, 4, 0xFFFFFFFF)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def set_attribute(path: str | Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"{name} cannot be set here: {error.strerror}")


def attributes(path: str) -> dict[str, bytes]:
    return {name: os.getxattr(path, name) for name in os.listxattr(path)}


@pytest.mark.parametrize(
    ("old", "new"), [(OLD, NEW), (b"", b"a"), (b"a", b""), (b"ab", b"ac"), (b"a" * 3_000_000, b"b" * 2_500_001)]
)
def test_the_new_bytes_replace_the_old(tmp_path: Path, old: bytes, new: bytes) -> None:
    path, state = make(tmp_path, data=old)
    replace_file(path, old, new, state)
    assert Path(path).read_bytes() == new
    assert os.listdir(tmp_path) == ["x.yaml"]
    assert os.lstat(path).st_ino != state.stat.st_ino


def test_a_write_that_is_done_by_halves_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, state = make(tmp_path)
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:7]))
    replace_file(path, OLD, NEW, state)
    assert Path(path).read_bytes() == NEW


def test_the_order_is_write_sync_look_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, state = make(tmp_path)
    calls: list[str] = []

    def spy(name: str) -> None:
        real = getattr(os, name)

        def noted(*args: object, **more: object) -> object:
            calls.append(name)
            return real(*args, **more)

        monkeypatch.setattr(os, name, noted)

    for name in ("write", "fsync", "pread", "rename"):
        spy(name)
    replace_file(path, OLD, NEW, state)
    order = list(dict.fromkeys(calls[calls.index("write") :]))
    assert order == ["write", "fsync", "pread", "rename"]


def test_the_temporary_file_is_private_and_beside_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = make(tmp_path)
    os.chmod(path, 0o666)
    seen: list[tuple[bool, int]] = []
    real = os.write

    def look(descriptor: int, data: bytes) -> int:
        (temporary,) = set(os.listdir(tmp_path)) - {"x.yaml"}
        seen.append((is_leftover(temporary), stat.S_IMODE((tmp_path / temporary).stat().st_mode)))
        return real(descriptor, data)

    before = os.umask(0)
    try:
        monkeypatch.setattr(os, "write", look)
        replace_file(path, OLD, NEW, read_file(path)[1])
    finally:
        os.umask(before)
    assert seen == [(True, 0o600)]


# --- what belongs to the file ---


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o666, 0o4755, 0o2755, 0o1644, 0o7777])
def test_the_mode_is_kept_whatever_the_umask(tmp_path: Path, mode: int, umask: int) -> None:
    path, _ = make(tmp_path)
    os.chmod(path, mode)
    state = read_file(path)[1]
    before = os.umask(umask)
    try:
        replace_file(path, OLD, NEW, state)
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.lstat(path).st_mode) == mode


@AS_ROOT
@pytest.mark.parametrize("mode", [0o640, 0o6755])
def test_owner_group_and_mode_are_kept(tmp_path: Path, mode: int) -> None:
    path, _ = make(tmp_path)
    os.chown(path, 12345, 23456)
    os.chmod(path, mode)
    replace_file(path, OLD, NEW, read_file(path)[1])
    status = os.lstat(path)
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (12345, 23456, mode)


@AS_ROOT
def test_the_group_of_a_folder_does_not_rub_off(tmp_path: Path) -> None:
    path, state = make(tmp_path)
    os.chown(tmp_path, 0, 23456)
    tmp_path.chmod(0o2775)
    replace_file(path, OLD, NEW, state)
    assert os.lstat(path).st_gid == state.stat.st_gid


def as_nobody(folder: Path) -> str:
    """Replace x.yaml in the folder as another user; return what is said ("" for done)."""
    script = (
        "import os\nfrom regfix.text.read import read_file\nfrom regfix.text.write import replace_file\n"
        "from regfix.errors import SourceError\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        f"try: replace_file('x.yaml', {OLD!r}, {NEW!r}, read_file('x.yaml')[1])\n"
        "except SourceError as error: print(error, end='')"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True,
                         check=False)  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


@AS_ROOT
@pytest.mark.parametrize(
    ("owner", "mode", "folder_mode", "said"),
    [
        pytest.param(65534, 0o644, 0o777, "", id="own file"),
        pytest.param(0, 0o666, 0o777, "its owner cannot be kept", id="owner"),
        pytest.param(0, 0o644, 0o777, "it is read-only for this user", id="read-only file"),
        pytest.param(65534, 0o444, 0o777, "it is read-only for this user", id="own read-only file"),
        pytest.param(65534, 0o644, 0o755, "its folder is read-only for this user", id="read-only folder"),
    ],
)
def test_another_user_keeps_all_or_is_refused(
    tmp_path: Path, owner: int, mode: int, folder_mode: int, said: str
) -> None:
    path, _ = make(tmp_path)
    os.chown(path, owner, 65534)
    os.chmod(path, mode)
    tmp_path.chmod(folder_mode)
    answer = as_nobody(tmp_path)
    assert said in answer
    assert bool(said) == bool(answer)
    assert Path(path).read_bytes() == (OLD if said else NEW)
    assert os.listdir(tmp_path) == ["x.yaml"]
    assert not said or "unchanged" in answer


@AS_ROOT
def test_a_group_bit_that_would_be_lost_is_a_refusal(tmp_path: Path) -> None:
    path, _ = make(tmp_path)
    os.chown(path, 65534, 23456)  # a group that nobody is not in
    os.chmod(path, 0o2755)
    tmp_path.chmod(0o777)
    assert "its owner cannot be kept" in as_nobody(tmp_path)
    assert Path(path).read_bytes() == OLD


def test_extended_attributes_are_kept(tmp_path: Path) -> None:
    path, _ = make(tmp_path)
    set_attribute(path, "user.origin", b"\0\xff" * 100)
    set_attribute(path, "user.empty", b"")
    before = attributes(path)
    replace_file(path, OLD, NEW, read_file(path)[1])
    assert attributes(path) == before


@AS_ROOT
def test_trusted_attributes_are_kept(tmp_path: Path) -> None:
    path, _ = make(tmp_path)
    set_attribute(path, "trusted.origin", b"x")
    replace_file(path, OLD, NEW, read_file(path)[1])
    assert attributes(path)["trusted.origin"] == b"x"


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_an_acl_is_kept(tmp_path: Path, umask: int) -> None:
    path, _ = make(tmp_path)
    set_attribute(path, ACCESS, acl(12345))
    mode = os.lstat(path).st_mode
    before = os.umask(umask)
    try:
        replace_file(path, OLD, NEW, read_file(path)[1])
    finally:
        os.umask(before)
    assert attributes(path)[ACCESS] == acl(12345)
    assert os.lstat(path).st_mode == mode


@pytest.mark.parametrize("own", [False, True])
def test_the_default_acl_of_the_folder_is_not_taken_over(tmp_path: Path, own: bool) -> None:
    path, _ = make(tmp_path)
    if own:
        set_attribute(path, ACCESS, acl(12345))
    before, mode = attributes(path), os.lstat(path).st_mode
    set_attribute(tmp_path, DEFAULT, acl(23456))
    replace_file(path, OLD, NEW, read_file(path)[1])
    assert attributes(path) == before
    assert os.lstat(path).st_mode == mode


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("fchown", "owner"),
        ("fchmod", "mode"),
        ("setxattr", "ACL or extended attributes"),
        ("getxattr", "extended attributes"),
        ("listxattr", "extended attributes"),
    ],
)
def test_what_cannot_be_kept_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, said: str
) -> None:
    path, _ = make(tmp_path)
    set_attribute(path, "user.origin", b"x")
    if os.geteuid() == 0:
        os.chown(path, 12345, 23456)
    elif call == "fchown":
        pytest.skip("needs root")
    state = read_file(path)[1]

    def fail(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, call, fail)
    error = refusal(path, state)
    assert error.why == f"its {said} cannot be kept: operation not permitted"
    assert Path(path).read_bytes() == OLD


@pytest.mark.parametrize("call", ["fchown", "fchmod", "setxattr"])
def test_what_is_silently_not_kept_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path, _ = make(tmp_path)
    set_attribute(path, "user.origin", b"x")
    if os.geteuid() == 0:
        os.chown(path, 12345, 23456)
    elif call == "fchown":
        pytest.skip("needs root")
    state = read_file(path)[1]
    monkeypatch.setattr(os, call, lambda *_: None)
    assert "stores" in refusal(path, state).why
    assert Path(path).read_bytes() == OLD


def test_a_file_system_without_attributes_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, state = make(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "listxattr", fail)
    replace_file(path, OLD, NEW, state)
    assert Path(path).read_bytes() == NEW


def test_an_attribute_that_signs_the_content_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, state = make(tmp_path)
    monkeypatch.setattr(os, "listxattr", lambda _: ["security.ima"])
    monkeypatch.setattr(os, "getxattr", lambda *_: b"\3")
    assert "security.ima" in refusal(path, state).why


# --- the file is not what was read ---


def test_hard_links_are_refused_with_their_number(tmp_path: Path) -> None:
    path, _ = make(tmp_path)
    os.link(path, tmp_path / "y.yaml")
    os.link(path, tmp_path / "z.yaml")
    state = read_file(path)[1]
    error = refusal(path, state)
    assert error.why == "it has 3 names (hard links)"
    assert {(tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == {OLD}
    with pytest.raises(SourceError, match="3 names"):
        require_replaceable(path, state)


def test_a_symbolic_link_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    path, state = make(tmp_path, "target.yaml")
    link = tmp_path / "x.yaml"
    link.symlink_to("target.yaml")
    assert refusal(str(link), state).why == "it is now a symbolic link"
    assert link.is_symlink()
    assert Path(path).read_bytes() == OLD


@pytest.mark.parametrize("kind", ["folder", "fifo", "symlink"])
def test_a_file_that_became_something_else_is_left(tmp_path: Path, kind: str) -> None:
    path, state = make(tmp_path)
    os.rename(path, tmp_path / "moved")
    if kind == "folder":
        os.mkdir(path)
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        os.symlink("moved", path)
    assert "changed while regfix was running; nothing written" in str(refusal(path, state))
    assert (tmp_path / "moved").read_bytes() == OLD


@pytest.mark.parametrize("now", [b"", OLD + b"#", OLD[:-1], OLD.replace(b"p", b"P"), OLD * 2])
def test_a_change_by_somebody_else_is_not_overwritten(tmp_path: Path, now: bytes) -> None:
    path, state = make(tmp_path)
    Path(path).write_bytes(now)
    assert "changed while regfix was running; nothing written" in str(refusal(path, state))
    assert Path(path).read_bytes() == now


def test_another_file_with_the_same_bytes_is_a_change(tmp_path: Path) -> None:
    path, state = make(tmp_path)
    other, _ = make(tmp_path, "other")
    os.rename(other, path)
    assert "changed while" in str(refusal(path, state))
    assert Path(path).read_bytes() == OLD


def test_a_file_that_vanished_is_not_brought_back(tmp_path: Path) -> None:
    path, state = make(tmp_path)
    os.unlink(path)
    assert "vanished while regfix was running" in str(refusal(path, state))
    assert os.listdir(tmp_path) == []


def test_a_folder_that_vanished_is_not_brought_back(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    path, state = make(tmp_path / "a")
    os.unlink(path)
    os.rmdir(tmp_path / "a")
    assert "vanished while regfix was running" in str(refusal(path, state))
    assert os.listdir(tmp_path) == []


def test_a_file_that_holds_the_result_already_is_done(tmp_path: Path) -> None:
    path, state = make(tmp_path)
    other, _ = make(tmp_path, "other", NEW)
    os.rename(other, path)  # as a second run of regfix does it
    before = identity(os.lstat(path))
    replace_file(path, OLD, NEW, state)
    assert identity(os.lstat(path)) == before


def test_nothing_to_change_is_not_written(tmp_path: Path) -> None:
    path, state = make(tmp_path)
    before = identity(os.lstat(path))
    replace_file(path, OLD, OLD, state)
    assert identity(os.lstat(path)) == before


def change_content(path: str) -> None:
    Path(path).write_bytes(b"mine")


def change_mode(path: str) -> None:
    os.chmod(path, 0o600)


def change_attribute(path: str) -> None:
    set_attribute(path, "user.new", b"x")


def change_links(path: str) -> None:
    os.link(path, f"{path}.link")


@pytest.mark.parametrize("change", [change_content, change_mode, change_attribute, change_links])
def test_a_change_during_the_write_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: object) -> None:
    path, state = make(tmp_path)
    real = os.fsync
    time.sleep(0.02)  # before Linux 6.13 the change time moves on only every few milliseconds

    def meanwhile(descriptor: int) -> None:
        change(path)  # type: ignore[operator]
        real(descriptor)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(SourceError, match="changed while regfix was running; nothing written"):
        replace_file(path, OLD, NEW, state)
    assert Path(path).read_bytes() in (OLD, b"mine")
    assert not [name for name in os.listdir(tmp_path) if is_leftover(name)]


def test_a_file_that_vanishes_during_the_write_is_not_brought_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, state = make(tmp_path)
    monkeypatch.setattr(os, "fsync", lambda _: os.unlink(path))
    with pytest.raises(SourceError, match="vanished while"):
        replace_file(path, OLD, NEW, state)
    assert os.listdir(tmp_path) == []


def test_the_same_result_during_the_write_is_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, state = make(tmp_path)
    other, _ = make(tmp_path, "other", NEW)
    inode = os.lstat(other).st_ino
    monkeypatch.setattr(os, "fsync", lambda _: os.rename(other, path))
    replace_file(path, OLD, NEW, state)
    assert os.lstat(path).st_ino == inode
    assert os.listdir(tmp_path) == ["x.yaml"]


def test_a_lock_of_another_program_is_waited_for_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, state = make(tmp_path)
    monkeypatch.setattr(write, "_LOCK_SECONDS", 0.05)
    with open(path, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert refusal(path, state).why == "another program holds a lock on it"
    replace_file(path, OLD, NEW, state)
    assert Path(path).read_bytes() == NEW


# --- errors ---


@pytest.mark.parametrize(
    "number",
    [getattr(errno, name) for name in ("ENOSPC", "EIO", "EXDEV", "EBUSY", "EDQUOT", "EROFS", "EPERM", "EFBIG")],
)
@pytest.mark.parametrize("call", ["write", "fsync", "rename", "pread"])
def test_every_error_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    path, state = make(tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        error = refusal(path, state)
    assert error.why == os.strerror(number)[0].lower() + os.strerror(number)[1:]
    assert "the file is unchanged" in error.hint
    assert Path(path).read_bytes() == OLD
    assert identity(os.lstat(path)) == identity(state.stat)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, MemoryError])
@pytest.mark.parametrize("call", ["write", "fsync", "rename", "fchmod", "listxattr"])
def test_an_interruption_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, kind: type[BaseException]
) -> None:
    path, state = make(tmp_path)

    def interrupt(*_: object, **__: object) -> None:
        raise kind

    before = os.listdir("/proc/self/fd")
    with monkeypatch.context() as patch:
        patch.setattr(os, call, interrupt)
        with pytest.raises(kind):
            replace_file(path, OLD, NEW, state)
    assert os.listdir("/proc/self/fd") == before
    assert os.listdir(tmp_path) == ["x.yaml"]
    assert identity(os.lstat(path)) == identity(state.stat)


def test_a_signal_on_top_of_an_error_leaves_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As timeout(1) sends two: one is being handled, the other is pending when the clearing up begins."""
    path, state = make(tmp_path)
    send = ctypes.CDLL(None)["raise"]
    send.argtypes = [ctypes.c_int]
    # All in C, so that Python has no occasion to run the handler: raise(SIGUSR1), then a TypeError.
    fail = functools.partial(functools.reduce, operator.concat, map(send, [signal.SIGUSR1]))

    def stop(*_: object) -> None:
        raise SystemExit(143)

    before = signal.signal(signal.SIGUSR1, stop)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fail)
            with pytest.raises(SystemExit) as caught:
                replace_file(path, OLD, NEW, state)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert isinstance(caught.value.__context__, TypeError)
    assert os.listdir(tmp_path) == ["x.yaml"]
    assert Path(path).read_bytes() == OLD


def test_a_thousand_writes_leave_no_descriptor_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = make(tmp_path)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a thousand of these take seconds on a disk
    before = os.listdir("/proc/self/fd")
    for _ in range(500):
        replace_file(path, OLD, NEW, read_file(path)[1])
        replace_file(path, NEW, OLD, read_file(path)[1])
        with pytest.raises(SourceError):
            replace_file(path, b"other", NEW, read_file(path)[1])
    assert os.listdir("/proc/self/fd") == before
    assert os.listdir(tmp_path) == ["x.yaml"]


# --- names ---


@pytest.mark.parametrize(
    "name", [b"a" * 255, "\N{SNOWMAN}".encode() * 85, b"caf\xe9-\xff.yaml", b"two\nlines\r.yaml", b"-rf", b" "]
)
def test_any_file_name_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: bytes) -> None:
    monkeypatch.chdir(tmp_path)
    path = os.fsdecode(name)
    Path(path).write_bytes(OLD)
    for given in (path, os.path.join(str(tmp_path), path)):
        Path(path).write_bytes(OLD)
        replace_file(given, OLD, NEW, read_file(given)[1])
        assert Path(path).read_bytes() == NEW
    assert os.listdir(os.fsencode(tmp_path)) == [name]


def test_a_path_as_long_as_the_system_takes_it(tmp_path: Path) -> None:
    folder = str(tmp_path)
    while len(folder) < 4095 - 202:
        folder = os.path.join(folder, "d" * min(200, 4095 - 3 - len(folder)))
        os.mkdir(folder)
    path = os.path.join(folder, "x" * (4095 - 1 - len(folder)))
    assert len(path) == 4095
    Path(path).write_bytes(OLD)
    replace_file(path, OLD, NEW, read_file(path)[1])
    assert Path(path).read_bytes() == NEW


# --- leftovers ---


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (LEFTOVER, True),
        (LEFTOVER.upper(), False),
        (LEFTOVER + "x", False),
        ("x" + LEFTOVER, False),
        (LEFTOVER.replace("0", "g"), False),
        (LEFTOVER.replace("5", "\n"), False),
        (LEFTOVER.replace("5", "\N{FULLWIDTH DIGIT FIVE}"), False),
        (LEFTOVER[:-5] + ".tmp", False),
        (".regfix.yaml", False),
        (".regfix-.tmp", False),
        ("x.yaml", False),
        ("", False),
    ],
)
def test_only_names_of_the_writer_are_leftovers(name: str, expected: bool) -> None:
    assert is_leftover(name) is expected


def test_a_leftover_of_a_dead_run_is_removed(tmp_path: Path) -> None:
    (tmp_path / LEFTOVER).write_bytes(b"half")
    assert remove_leftover(str(tmp_path / LEFTOVER)) is True
    assert os.listdir(tmp_path) == []
    assert remove_leftover(str(tmp_path / LEFTOVER)) is False


def test_the_temporary_file_of_a_live_run_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, state = make(tmp_path)
    answers: list[bool] = []
    for call in ("write", "fsync", "fchmod", "rename"):

        def look(*args: object, real: object = getattr(os, call), **more: object) -> object:
            answers.extend(remove_leftover(str(tmp_path / name)) for name in os.listdir(tmp_path) if is_leftover(name))
            return real(*args, **more)  # type: ignore[operator]

        monkeypatch.setattr(os, call, look)
    replace_file(path, OLD, NEW, state)
    assert answers == [False] * 4
    assert Path(path).read_bytes() == NEW


@pytest.mark.parametrize("kind", ["folder", "fifo", "symlink", "file of another name"])
def test_what_is_not_a_leftover_is_not_removed(tmp_path: Path, kind: str) -> None:
    path = tmp_path / LEFTOVER
    (tmp_path / "target").write_bytes(OLD)
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "symlink":
        path.symlink_to("target")
    else:
        path = tmp_path / "target"
    names = sorted(os.listdir(tmp_path))
    descriptors = os.listdir("/proc/self/fd")
    assert remove_leftover(str(path)) is False
    assert sorted(os.listdir(tmp_path)) == names
    assert os.listdir("/proc/self/fd") == descriptors


def test_removing_never_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / LEFTOVER).write_bytes(b"half")

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    assert remove_leftover("nul\0byte") is False
    for call in ("unlink", "open", "lstat", "fstat"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, fail)
            assert remove_leftover(str(tmp_path / LEFTOVER)) is False


@pytest.mark.parametrize("how", ["locked by the cleaner", "removed by the cleaner"])
def test_a_temporary_file_that_is_cleaned_away_at_birth_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    path, state = make(tmp_path)
    real = fcntl.flock
    held: list[int] = []

    def steal(descriptor: int, operation: int) -> None:
        for name in os.listdir(tmp_path):
            if is_leftover(name) and not held:
                held.append(os.open(tmp_path / name, os.O_RDWR))
                real(held[0], fcntl.LOCK_EX)
                os.unlink(tmp_path / name)
                if how == "removed by the cleaner":
                    os.close(held[0])
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", steal)
    replace_file(path, OLD, NEW, state)
    if how == "locked by the cleaner":
        os.close(held[0])
    assert held
    assert Path(path).read_bytes() == NEW
    assert os.listdir(tmp_path) == ["x.yaml"]


def test_a_file_system_without_locks_can_be_written_and_its_leftovers_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, state = make(tmp_path)
    (tmp_path / LEFTOVER).write_bytes(b"half")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    replace_file(path, OLD, NEW, state)
    assert Path(path).read_bytes() == NEW
    assert remove_leftover(str(tmp_path / LEFTOVER)) is False
    assert sorted(os.listdir(tmp_path)) == [LEFTOVER, "x.yaml"]
