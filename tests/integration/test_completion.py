"""Completion in the real shells: keys are typed on a pseudo-terminal, and what stands on the line then is looked at."""

from __future__ import annotations

import fcntl
import os
import re
import select
import shlex
import shutil
import subprocess
import termios
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import SCRIPT, environment, grow, regfix, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SHELLS = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config", "--private", "-i"],
}
"""How each is started without the settings of the user."""

LOAD = {
    "bash": "source <(regfix completion bash)",
    "zsh": "PS1='$ '; autoload -U compinit; compinit -u -D; source <(regfix completion zsh)",
    "fish": "regfix completion fish | source",
}
"""How its completion is loaded, as the page has it."""

HOME, END, TAB = "\x01", "\x05", "\t"


class Terminal:
    """A shell on a pseudo-terminal. It does what keys say in their order, so that nothing has to be waited for."""

    def __init__(self, shell: str, folder: Path) -> None:
        self.shell, self.home = shell, str(folder)
        self._told = folder / "told"
        programs = folder / "programs"
        grow(programs, {"tell": f'#!/bin/sh\nprintf "%s\\n" "$@" . >{shlex.quote(str(self._told))}.new\n'
                                f"mv {shlex.quote(str(self._told))}.new {shlex.quote(str(self._told))}\n"})  # fmt: skip
        (programs / "tell").chmod(0o755)
        (programs / "regfix").symlink_to(SCRIPT[0])
        path = f"{programs}:{os.environ['PATH']}"
        env = environment(TERM="xterm", PATH=path, HOME=str(folder), COLUMNS=None, PYTHONDONTWRITEBYTECODE="1")
        self._ours, theirs = os.openpty()
        os.set_blocking(self._ours, False)
        self._process = subprocess.Popen(
            [shell, *SHELLS[shell]], stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=env,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(theirs)
        self.shown = ""

    def type(self, keys: str) -> None:
        """Type keys when the shell edits a line; until then the terminal would take some of them for itself."""
        wait_until(lambda: not termios.tcgetattr(self._ours)[3] & termios.ICANON)
        os.write(self._ours, keys.encode())

    def line(self, keys: str) -> list[str]:
        """Type keys, and return the words that the command line has then; what came on the screen is in `shown`."""
        self._told.unlink(missing_ok=True)
        self.shown = ""
        self.type(f"{keys}{HOME}tell {END}\r")
        end = time.monotonic() + 20
        while not self._told.exists():
            assert time.monotonic() < end, self.shown
            if select.select([self._ours], [], [], 0.02)[0]:
                self.shown += os.read(self._ours, 65536).decode("utf-8", "replace")
        return self._told.read_text().split("\n")[:-2]

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        os.close(self._ours)


@contextmanager
def opened(shell: str, folder: Path, start: str) -> Iterator[Terminal]:
    """Start a shell that runs a line, and stop it in the end."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell}: apt-get install {shell}")
    terminal = Terminal(shell, folder)
    try:
        terminal.type(f"{start}\r")
        assert terminal.line("") == []
        yield terminal
    finally:
        terminal.close()


@pytest.fixture(scope="module", params=SHELLS)
def terminal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    shell = request.param
    folder = tmp_path_factory.mktemp(shell)
    grow(folder, {"values.yaml": "", "my charts/Chart.yaml": "", "my-notes.txt": "", "manifest.yaml": ""})
    with opened(shell, folder, LOAD[shell]) as terminal:
        yield terminal


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("regfix rew", ["regfix", "rewrite"]),
        ("regfix rules expl", ["regfix", "rules", "explain"]),
        ("regfix rewrite --dry", ["regfix", "rewrite", "--dry-run"]),
        ("regfix --vers", ["regfix", "--version"]),
        ("regfix rewrite --format js", ["regfix", "rewrite", "--format", "json"]),
        ("regfix rewrite --format=js", ["regfix", "rewrite", "--format=json"]),
        ("regfix scan . --format c", ["regfix", "scan", ".", "--format", "csv"]),
        ("regfix rewrite --vendored=ov", ["regfix", "rewrite", "--vendored=override"]),
        ("regfix rewrite --preset bit", ["regfix", "rewrite", "--preset", "bitnami"]),
        ("regfix rules show wea", ["regfix", "rules", "show", "weaveworks"]),
        ("regfix rewrite -r k8s", ["regfix", "rewrite", "-r", "k8s.gcr.io="]),
        ("regfix completion zs", ["regfix", "completion", "zsh"]),
        ("regfix rewrite val", ["regfix", "rewrite", "values.yaml"]),
        ("regfix rewrite --config man", ["regfix", "rewrite", "--config", "manifest.yaml"]),
        ("regfix rewrite --config=man", ["regfix", "rewrite", "--config=manifest.yaml"]),
        ("regfix init my", ["regfix", "init", "my charts"]),
        ("regfix rewrite my\\ charts/Ch", ["regfix", "rewrite", "my charts/Chart.yaml"]),
        ("regfix rewrite -f values.yaml --prov", ["regfix", "rewrite", "-f", "values.yaml", "--prove"]),
        ("regfix rewrite --rule a.io=b.io:5000/x --dry", ["regfix", "rewrite", "--rule", "a.io=b.io:5000/x", "--dry-run"]),
        ("regfix tags man", ["regfix", "tags", "man"]),
        ("regfix nonsense rew", ["regfix", "nonsense", "rew"]),
        ("regfix bulk --folder m", ["regfix", "bulk", "--folder", "my charts"]),
        ("./programs/regfix rew", ["./programs/regfix", "rewrite"]),
        ("~/programs/regfix rew", ["~/programs/regfix", "rewrite"]),
    ],
)  # fmt: skip
def test_tab_completes(terminal: Terminal, typed: str, completed: list[str]) -> None:
    words = terminal.line(typed + TAB)
    home = terminal.home
    assert [word.removesuffix("/").replace(home, "~") for word in words] == completed, terminal.shown


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("regfix ru", "rules"),
        ("regfix rules ", "list show explain"),
        ("regfix scan --format ", "text json csv sarif github markdown"),
        ("regfix rewrite --ve", "--verify --verbose"),
        ("regfix rewrite --preset kube", "kubernetes kubernetes-renamed kubernetes-staging kubecost kubeflow"),
    ],
)
def test_several_are_listed(terminal: Terminal, typed: str, offered: str) -> None:
    terminal.line(f"{typed}{TAB}{TAB}")
    found = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", " ", terminal.shown)
    assert set(offered.split()) - set(re.split(r"[^\w-]+", found)) == set(), found


def test_words_have_descriptions(terminal: Terminal) -> None:
    """In bash there is no place for them."""
    terminal.line(f"regfix rewrite --ve{TAB}{TAB}")
    assert ("Ask the registries" in terminal.shown) == (terminal.shell != "bash"), terminal.shown


@pytest.mark.parametrize(
    ("shell", "path", "start"),
    [
        ("zsh", "functions/_regfix", "PS1='$ '; fpath=(~/functions $fpath); autoload -U compinit; compinit -u -D"),
        ("fish", ".config/fish/completions/regfix.fish", "set -p fish_complete_path ~/.config/fish/completions"),
    ],
)
def test_the_script_is_a_file_where_the_shell_looks(shell: str, path: str, start: str, tmp_path: Path) -> None:
    grow(tmp_path, {path: regfix("completion", shell, cwd=tmp_path).stdout})
    with opened(shell, tmp_path, start) as terminal:
        for _ in range(2):
            assert terminal.line(f"regfix rew{TAB}") == ["regfix", "rewrite"], terminal.shown


# --- the answers ---


def answer(*words: str, cwd: Path, **changes: str | None) -> tuple[list[str], int]:
    """Return the words without their descriptions, and the sum of directives."""
    run = regfix("__complete", *words, cwd=cwd, env=environment(**changes))
    assert (run.code, run.err) == (0, "")
    *lines, last = run.out.splitlines()
    return [line.partition("\t")[0] for line in lines], int(last.removeprefix(":"))


FILES, ERROR, NO_FILES, NO_SPACE, FOLDERS = 0, 1, 4, 2, 16


@pytest.mark.parametrize(
    ("words", "offered", "directives"),
    [
        (["r"], ["rewrite", "rules"], NO_FILES),
        (["--"], ["--version", "--help"], NO_FILES),
        (["rules", ""], ["list", "show", "explain"], NO_FILES),
        (["rewrite", "--d"], ["--dry-run", "--diff", "--diff-from"], NO_FILES),
        (["rewrite", "--dry-run", "--d"], ["--diff", "--diff-from"], NO_FILES),
        (["rewrite", "--vendored", ""], ["override", "rewrite", "ignore"], NO_FILES),
        (["scan", "--format=c"], ["csv"], NO_FILES),
        (["rewrite", "-r", "k8s"], ["k8s.gcr.io="], NO_FILES | NO_SPACE),
        (["rewrite", ""], [], FILES),
        (["rewrite", "--", "--d"], [], FILES),
        (["rewrite", "-f", ""], [], FILES),
        (["init", ""], [], FOLDERS),
        (["rewrite", "--timeout", ""], [], NO_FILES),
        (["tags", ""], [], NO_FILES),
        (["nonsense", ""], [], NO_FILES),
        ([], ["init", "rewrite", "scan", "overrides", "upgrades", "verify", "tags", "rules", "bulk", "cluster", "krm",
              "completion"], NO_FILES),
    ],
)  # fmt: skip
def test_what_can_come_next(words: list[str], offered: list[str], directives: int, tmp_path: Path) -> None:
    assert answer(*words, cwd=tmp_path) == (offered, directives)


def test_contexts_are_those_of_kubectl(tmp_path: Path) -> None:
    """Those that a shell would have to quote are not offered: one of them may be made to be run."""
    grow(tmp_path, {"kubectl": "#!/bin/sh\necho arn:aws:eks:eu-west-1:1:cluster/a\necho 'b$(id)'\necho admin@b\n"})
    (tmp_path / "kubectl").chmod(0o755)
    words = ("cluster", "--kubectl", "./kubectl", "--context", "a")
    assert answer(*words, cwd=tmp_path) == (["arn:aws:eks:eu-west-1:1:cluster/a", "admin@b"], NO_FILES)
    assert answer("cluster", "--context", "", cwd=tmp_path, PATH="") == ([], ERROR)


def test_a_shell_that_is_not_known(tmp_path: Path) -> None:
    run = regfix("completion", "tcsh", cwd=tmp_path)
    assert (run.code, run.err) == (2, "error: no completion for 'tcsh' (there is one for bash, zsh, fish)\n")


@pytest.mark.parametrize("words", [["rewrite", "--form"], ["rewrite", "--format", ""]], ids=" ".join)
def test_helm_completes_its_plugin(helm: str, words: list[str], tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    for name in ("plugin.yaml", "plugin.complete"):
        shutil.copy(ROOT / name, plugin)
    homes = {f"HELM_{kind}_HOME": str(tmp_path / kind) for kind in ("CACHE", "CONFIG", "DATA")}
    env = environment(PATH=f"{Path(SCRIPT[0]).parent}:{os.environ['PATH']}", **homes)
    subprocess.run([helm, "plugin", "install", str(plugin)], env=env, capture_output=True, check=True)
    done = subprocess.run([helm, "__complete", "regfix", *words], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == regfix("__complete", *words, cwd=tmp_path).out


def test_kubectl_completes_its_plugin(kubectl: str, tmp_path: Path) -> None:
    env = environment(PATH=f"{Path(SCRIPT[0]).parent}:{os.environ['PATH']}", HOME=str(tmp_path))
    argv = [kubectl, "__complete", "regfix", "--all-c"]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == regfix("__complete", "cluster", "--all-c", cwd=tmp_path).out
    assert done.stdout.startswith("--all-contexts\t")
