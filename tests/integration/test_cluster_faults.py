"""What is against `regfix cluster`: folders that cannot be written, a pod without a kubeconfig, a slow cluster."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from test_terminal import on_terminal

from kubernetes import Json, Replay, certified, pod_spec, serving, thing
from support import MODULE, environment, regfix

if TYPE_CHECKING:
    from pathlib import Path

OLD = "k8s.gcr.io"


def pods(count: int = 1) -> list[Json]:
    return [thing("Pod", f"p{at}", pod_spec(f"{OLD}/p{at}:1")) for at in range(count)]


def test_a_dump_that_cannot_be_written_is_told_and_leaves_nothing(kubectl: str, project: Path) -> None:
    (project / "file").write_text("mine")
    with serving(Replay(pods(200))) as replay:
        options = ("cluster", "--kubectl", kubectl, "--kubeconfig", str(replay.kubeconfig(project)))
        no_folder = regfix(*options, "--save", "file", cwd=project)
        limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); " \
                  "from regfix.__main__ import main; sys.exit(main())"  # fmt: skip
        full = regfix(*options, "--save", "kept", cwd=project, command=(sys.executable, "-c", limited))
    assert (no_folder.code, full.code) == (2, 2)
    assert "the dump cannot be written" in no_folder.err
    assert "the dump cannot be written: File too large" in full.err
    assert (project / "file").read_text() == "mine"
    assert os.listdir(project / "kept") == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_dump_is_there_as_a_whole_or_as_it_was(number: signal.Signals, kubectl: str, project: Path) -> None:
    """A run that ends early leaves the dump of the run before; what a killed one leaves the next one removes."""
    with serving(Replay(pods())) as replay:
        config = str(replay.kubeconfig(project))
        options = ("cluster", "--kubectl", kubectl, "--kubeconfig", config, "--save", "kept")
        assert regfix(*options, cwd=project).code == 0
        before = (project / "kept/replay.json").read_bytes()
        replay.slow = 5
        process = subprocess.Popen([*MODULE, *options], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while len(os.listdir(project / "kept")) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(number)
        process.communicate(timeout=20)
        assert process.returncode == (143 if number == signal.SIGTERM else -number)
        assert (project / "kept/replay.json").read_bytes() == before
        replay.slow = 0
        if number == signal.SIGKILL:
            assert len(os.listdir(project / "kept")) == 2
            assert regfix(*options, cwd=project).code == 0
    assert os.listdir(project / "kept") == ["replay.json"]


IN_A_POD = """
mount -t tmpfs tmpfs /run && account=/run/secrets/kubernetes.io/serviceaccount && mkdir -p $account &&
cp "$1" $account/ca.crt && printf good > $account/token && printf shop > $account/namespace && shift && exec "$@"
"""


def test_in_a_pod_no_kubeconfig_is_needed(kubectl: str, project: Path) -> None:
    in_namespace = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    try:
        subprocess.run([*in_namespace, "mount -t tmpfs tmpfs /run"], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no mount namespace may be made here")
    authority, context = certified(project)
    with serving(Replay(pods(), token="good"), context) as replay:
        host, port = replay.url.removeprefix("https://").split(":")
        env = environment(
            HOME=str(project), KUBERNETES_SERVICE_HOST=host, KUBERNETES_SERVICE_PORT=port, KUBECONFIG=None
        )
        run = regfix("cluster", "--kubectl", kubectl, "--format", "json", cwd=project, env=env,
                     command=(*in_namespace, IN_A_POD, "sh", authority, *MODULE))  # fmt: skip
    assert run.code == 0, run.err
    (found,) = json.loads(run.stdout)["clusters"]
    assert (found["cluster"], found["references"]) == ("in-cluster", 1)


def test_progress_on_a_terminal_counts_objects_and_shows_nothing_raw(kubectl: str, project: Path) -> None:
    with serving(Replay(pods(1200), slow=0.3)) as replay:
        config = str(replay.kubeconfig(project, "evil\x1b[2J\x07"))
        run = on_terminal("cluster", "--kubectl", kubectl, "--kubeconfig", config, "--format", "csv", cwd=project,
                          out=False, HOME=str(project))  # fmt: skip
    assert run.code == 0, run.err
    shown = re.findall(r"\r(\d+) objects of ([^\r\n]*)(?=\r)", run.err)
    assert shown
    assert {name for _, name in shown} == {r"evil\x1b[2J\x07"}
    assert [int(count) for count, _ in shown] == sorted(int(count) for count, _ in shown)
    assert "\x07" not in run.err
    assert run.err.replace("\x1b[K", "").count("\x1b") == 0
