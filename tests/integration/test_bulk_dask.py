"""`regfix bulk --dask` with a real cluster on loopback: a scheduler and two workers, processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from projects import WHO, bulk, git, kill, make_projects, require_one_commit_each, started_bulk, states_written
from support import environment, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("distributed", reason="the extra regfix[dask] is not installed")

START = "import sys; from distributed.cli.{0} import main; sys.argv[0] = '{0}'; main()"


@contextmanager
def started(folder: Path, kind: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a part of a cluster, and end it."""
    with open(folder / f"{kind}.log", "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", START.format(f"dask_{kind}"), "--scheduler-file", "cluster.json", *arguments],
            cwd=folder, env=environment(**WHO),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=20)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a scheduler with two workers, and one of these."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    place = ("--dashboard-address", "127.0.0.1:0", "--host", "127.0.0.1")
    with ExitStack() as stack:
        stack.enter_context(started(folder, "scheduler", *place, "--port", "0"))
        wait_until((folder / "cluster.json").exists, 30)
        workers = [
            stack.enter_context(started(folder, "worker", *place, "--no-nanny", "--nthreads", "2", "--name", name))
            for name in ("one", "two")
        ]
        address = json.loads((folder / "cluster.json").read_text("utf-8"))["address"]
        log = folder / "worker.log"
        wait_until(lambda: log.read_text("utf-8").count("Registered to") >= 2, 30)
        yield address, workers[0]


def test_a_cluster_that_loses_a_worker_does_all_projects(
    tmp_path: Path, cluster: tuple[str, subprocess.Popen[bytes]]
) -> None:
    """300 projects, a worker killed on the way: each has exactly one right commit; a second run changes nothing."""
    address, worker = cluster
    made = make_projects(tmp_path, 300)
    with started_bulk(tmp_path, "plan", "--dask", address, "--format", "jsonl") as process:
        wait_until(lambda: states_written(tmp_path) >= 60, 30)
        kill(worker)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err[-2000:]
    found = [json.loads(line) for line in out.splitlines()]
    assert len({record["name"] for record in found}) == len(found) == 300
    require_one_commit_each(tmp_path, git(made[0], "rev-parse", "refs/heads/main").strip(), 300)
    again = bulk(tmp_path, "plan", "--dask", address, "--format", "jsonl", "--shard", "1/30")
    assert again.code == 0, again.said
    assert [json.loads(line)["earlier"] for line in again.out.splitlines()] == [True] * 10


def test_no_scheduler_is_told(tmp_path: Path) -> None:
    """Within bounded time, and nothing is done."""
    make_projects(tmp_path, 1)
    run = bulk(tmp_path, "plan", "--dask", "tcp://127.0.0.1:1", DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="1s")
    assert run.code == 2
    assert "error: --dask tcp://127.0.0.1:1: no Dask scheduler answers" in run.err
