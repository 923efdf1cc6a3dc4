"""Reading: regular files only, whole, bounded, nothing left open."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from regfix.errors import SourceError
from regfix.text import read
from regfix.text.read import MAX_SOURCE_BYTES, read_file, read_worth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROCFS = pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs procfs")
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user or make a device")


@pytest.fixture(autouse=True)
def _must_not_block() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise AssertionError("reading blocked")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def open_descriptors() -> list[str]:
    return os.listdir("/proc/self/fd")


def refusal(path: str | Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_file(str(path))
    assert caught.value.where == str(path)
    return caught.value


@pytest.mark.parametrize("data", [b"", b"a", b"image: x\r\n", b"\0\xff\xfe", b"x" * 3_000_000])
def test_returns_every_byte_and_the_identity(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    found, state = read_file(str(path))
    assert found == data
    assert os.path.samestat(state.stat, path.lstat())
    assert (state.stat.st_size, state.stat.st_nlink) == (len(data), 1)


def test_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a")
    path.chmod(0o444)
    before = path.lstat()
    read_file(str(path))
    after = path.lstat()
    assert (after.st_mtime_ns, after.st_ctime_ns) == (before.st_mtime_ns, before.st_ctime_ns)


@pytest.mark.parametrize(
    "name",
    [b"a" * 255, "\N{SNOWMAN}".encode() * 85, b"caf\xe9-\xff.yaml", b"two\nlines\r.yaml", b"-rf", b" ", b"\x1b[31m"],
)
def test_any_file_name_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: bytes) -> None:
    monkeypatch.chdir(tmp_path)
    Path(os.fsdecode(name)).write_bytes(b"a")
    assert read_file(os.fsdecode(name))[0] == b"a"
    assert read_file(os.path.join(str(tmp_path), os.fsdecode(name)))[0] == b"a"


@pytest.mark.parametrize("path", ["nul\0byte", "\ud800", ""])
def test_a_path_that_cannot_exist_is_a_source_error(path: str) -> None:
    assert refusal(path).what == "cannot be read"


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def make_device(path: Path) -> None:
    os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))  # /dev/zero: reading it would never end


ODDITIES: list[object] = [
    pytest.param(lambda path: path.mkdir(), "a folder", id="folder"),
    pytest.param(os.mkfifo, "a named pipe", id="fifo"),
    pytest.param(make_socket, "a socket", id="socket"),
    pytest.param(make_device, "a device", id="device", marks=AS_ROOT),
    pytest.param(lambda path: path.symlink_to("target"), "a symbolic link", id="symlink"),
    pytest.param(lambda path: path.symlink_to("x.yaml"), "a symbolic link", id="symlink to itself"),
]


@pytest.mark.parametrize(("make", "kind"), ODDITIES)
def test_what_is_not_a_regular_file_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("target").write_bytes(b"a")
    make(Path("x.yaml"))
    opened: list[object] = []
    monkeypatch.setattr(os, "open", lambda *args, **_: opened.append(args))
    assert refusal("x.yaml").why == f"it is {kind}"
    assert opened == []


def test_the_writer_of_a_pipe_is_not_woken(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    os.mkfifo(path)
    woken = threading.Event()

    def write() -> None:
        descriptor = os.open(path, os.O_WRONLY)
        woken.set()
        os.close(descriptor)

    writer = threading.Thread(target=write)
    writer.start()
    refusal(path)
    assert not woken.wait(0.1)
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    writer.join()


@pytest.mark.parametrize(("make", "kind"), ODDITIES)
def test_an_exchange_between_lstat_and_open_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], kind: str
) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"abc")
    (tmp_path / "target").write_bytes(b"abc")
    real = os.lstat

    def exchange(name: str) -> os.stat_result:
        status = real(name)
        path.unlink()
        make(path)
        return status

    monkeypatch.setattr(os, "lstat", exchange)
    before = open_descriptors()
    with pytest.raises(SourceError):
        read_file(str(path))
    assert open_descriptors() == before


def test_a_file_at_the_limit_is_read_and_one_above_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MAX_SOURCE_BYTES", 1024 * 1024)
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a" * 1024 * 1024)
    assert len(read_file(str(path))[0]) == 1024 * 1024
    path.write_bytes(b"a" * (1024 * 1024 + 1))
    assert refusal(path).why == "it is larger than the limit of 1 MiB"


def test_the_stated_limit_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.touch()
    os.truncate(path, MAX_SOURCE_BYTES + 1)
    assert "256 MiB" in str(refusal(path))


def test_a_file_that_grows_and_grows_ends_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MAX_SOURCE_BYTES", 1024 * 1024)
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a")
    real = os.read

    def grow(descriptor: int, size: int) -> bytes:
        with path.open("ab") as file:
            file.write(b"b" * 100_000)
        return real(descriptor, size)

    monkeypatch.setattr(os, "read", grow)
    assert refusal(path).why == "it is larger than the limit of 1 MiB"


@pytest.mark.parametrize("size", [0, 1, 5, 2_500_000])
def test_a_file_that_changed_its_length_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"abc")
    real = os.lstat

    def resize(name: str) -> os.stat_result:
        status = real(name)
        path.write_bytes(b"x" * size)
        return status

    monkeypatch.setattr(os, "lstat", resize)
    data, state = read_file(str(path))
    assert data == b"x" * size
    assert state.stat.st_size == size


@PROCFS
def test_a_file_without_a_size_is_read() -> None:
    assert read_file("/proc/self/status")[0].startswith(b"Name:")


@PROCFS
def test_an_input_error_is_reported() -> None:
    error = refusal("/proc/self/mem")  # address 0 is not mapped: EIO
    assert error.why == "input/output error"
    assert error.hint


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.ESTALE, errno.EAGAIN, errno.EMFILE])
@pytest.mark.parametrize("name", ["lstat", "open", "read", "close"])
def test_every_error_is_a_source_error_without_a_leak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"abc")
    real_close = os.close

    def fail(*args: int, **_: object) -> None:
        if name == "close":
            real_close(*args)
        raise OSError(number, os.strerror(number))

    before = open_descriptors()
    with monkeypatch.context() as patch:
        patch.setattr(os, name, fail)
        error = refusal(path)
    assert error.why[0].islower()
    assert open_descriptors() == before


@AS_ROOT
def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"abc")
    path.chmod(0)
    tmp_path.chmod(0o755)
    script = (
        "import os\nfrom regfix.text.read import read_file\nfrom regfix.errors import SourceError\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: read_file('x.yaml')\nexcept SourceError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True,
                         check=True)  # fmt: skip
    assert run.stdout.startswith("x.yaml: cannot be read: permission denied")


def test_signals_do_not_disturb_reading(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"abc" * 100_000)
    count = 0

    def tick(*_: object) -> None:
        nonlocal count
        count += 1

    signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        while count < 50:
            assert len(read_file(str(path))[0]) == 300_000
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@PROCFS
def test_a_thousand_reads_leave_no_descriptor_open(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"abc")
    os.mkfifo(tmp_path / "pipe")
    before = open_descriptors()
    for _ in range(1000):
        read_file(str(path))
        for bad in (tmp_path / "pipe", tmp_path, tmp_path / "none"):
            with pytest.raises(SourceError):
                read_file(str(bad))
    assert open_descriptors() == before


def holds_b(data: bytes) -> bool:
    return b"b" in data


@pytest.mark.parametrize("size", [1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 3_000_000])
def test_a_file_that_is_worth_it_is_read_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a" * (size - 1) + b"b")
    found = read_worth(str(path), holds_b)
    assert found is not None
    assert (found[0], found[1].stat.st_size) == (path.read_bytes(), size)


def test_a_small_file_that_is_not_worth_it_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a" * 1000)
    before = open_descriptors()
    assert read_worth(str(path), holds_b) is None
    assert open_descriptors() == before


def test_what_is_no_file_any_more_is_told_as_ever(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").symlink_to(tmp_path / "y.yaml")
    os.mkfifo(tmp_path / "z.yaml")
    for name, why in (("x.yaml", "a symbolic link"), ("z.yaml", "a named pipe"), ("gone.yaml", "no such file")):
        with pytest.raises(SourceError, match=why):
            read_worth(str(tmp_path / name), holds_b)


def test_a_read_that_ends_early_is_no_end_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a file system may do it, on a share or after an error in the middle."""
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a" * 1000 + b"b")
    real = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, size: real(descriptor, min(size, 10)))
    found = read_worth(str(path), holds_b)
    assert found is not None
    assert found[0] == path.read_bytes()
