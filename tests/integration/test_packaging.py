"""Wheel and source distribution: what is in them, and that what they install is the whole tool."""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import regfix
from support import PAUSE, PAUSE_MOVED, environment, git, grow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
NAME = f"regfix-{regfix.__version__}"
PROGRAMS = {"regfix", "regfix-krm", "regfix-postrender", "kubectl-regfix", "kubectl_complete-regfix"}

UNREACHABLE = ("Failed to fetch", "error sending request", "dns error", "Temporary failure in name resolution")
"""What uv says where there is no package index."""


def tool(name: str) -> str:
    """Return a program that is installed beside this Python, else on the PATH; skips the test where there is none."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return found or pytest.skip(f"no {name}: pip install {name}")


def run(*arguments: str | Path, cwd: Path, stdin: str = "", **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Run a program outside of this project and its environment."""
    env = environment(PYTHONPATH=None, VIRTUAL_ENV=None, **changes)
    return subprocess.run(
        list(map(str, arguments)),
        cwd=cwd,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def install(*arguments: str | Path, cwd: Path, **changes: str | None) -> None:
    """Run an installer, which needs a package index."""
    done = run(*arguments, cwd=cwd, **changes)
    if done.returncode and any(sign in done.stderr for sign in UNREACHABLE):
        pytest.skip(f"no package index: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stdout + done.stderr


def build(folder: Path, *options: str) -> Path:
    for module in ("build", "hatchling"):
        if find_spec(module) is None:
            pytest.skip(f"no {module}: pip install {module}")
    done = run(sys.executable, "-m", "build", "-q", "--no-isolation", "--outdir", folder, *options, ROOT, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that is built from it."""
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    return built / f"{NAME}-py3-none-any.whl"


@pytest.fixture(scope="session")
def sdist(built: Path) -> Path:
    return built / f"{NAME}.tar.gz"


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a virtual environment that holds the wheel and what it needs, and no more."""
    folder = tmp_path_factory.mktemp("installed")
    uv = tool("uv")
    install(uv, "venv", "-q", "--python", sys.executable, "venv", cwd=folder)
    install(uv, "pip", "install", "-q", "--python", "venv/bin/python", wheel, cwd=folder)
    return folder / "venv" / "bin"


def known(*below: str) -> set[str]:
    """Return the files that git knows, or would take; skips the test in what is no clone."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *below)
    if listed.returncode:
        pytest.skip("this is no clone of the project")
    return {name for name in os.fsdecode(listed.stdout).split("\0") if name and (ROOT / name).exists()}


# --- what is in them ---


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """The catalogue, scripts for shells and the mark for type checkers are in it; no tests, no documentation."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    meta = {f"{NAME}.dist-info/{name}" for name in
            ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")}  # fmt: skip
    package = {name.removeprefix("src/") for name in known("src/regfix")}
    assert names == package | meta
    assert {"regfix/py.typed", "regfix/catalogue/kubernetes.json", "regfix/cli/shells/regfix.zsh"} < package


def test_the_source_distribution_is_what_git_knows(sdist: Path) -> None:
    """Tests, fixtures and documentation are in it, with the schemas; nothing that only lies in the folder."""
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    assert names - known() == {"PKG-INFO"}
    for wanted in ("docs/reference/output.schema.json", "tests/conftest.py", "fixtures/.gitattributes", "CHANGELOG.md",
                   "plugin.yaml", "plugin.complete", ".pre-commit-hooks.yaml", "pyproject.toml", "LICENSE"):  # fmt: skip
        assert wanted in names
    missing = {name for name in known() - names if not name.startswith((".ci/", ".github/", ".gitlab"))}
    assert missing == set()


def test_both_give_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """Byte for byte: it depends on nothing but the sources."""
    assert (build(tmp_path, "--wheel") / wheel.name).read_bytes() == wheel.read_bytes()


def test_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        meta = email.message_from_bytes(archive.read(f"{NAME}.dist-info/METADATA"))
        programs = archive.read(f"{NAME}.dist-info/entry_points.txt").decode()
    assert (meta["Name"], meta["Version"], meta["License-Expression"]) == ("regfix", regfix.__version__, "Apache-2.0")
    assert meta["Requires-Python"] == ">=3.11"
    assert meta["Description-Content-Type"] == "text/markdown"
    assert not any(one.startswith("License ::") for one in meta.get_all("Classifier", []))
    assert {"registry", "dask"} <= set(meta.get_all("Provides-Extra", []))
    assert set(re.findall(r"^([\w-]+) = regfix", programs, re.MULTILINE)) == PROGRAMS


def test_an_index_would_take_them(built: Path) -> None:
    """The description renders, classifiers are known."""
    if find_spec("twine") is None:
        pytest.skip("no twine: pip install twine")
    done = run(sys.executable, "-m", "twine", "--no-color", "check", "--strict", *built.iterdir(), cwd=built)
    assert (done.returncode, done.stdout.count("PASSED")) == (0, 2), done.stdout + done.stderr


# --- what they install ---


def test_the_main_job_is_done_in_a_clean_environment(installed: Path, tmp_path: Path) -> None:
    grow(tmp_path, {"x.yaml": PAUSE, "chart/Chart.yaml": "name: c\nversion: 1.0.0\n", "chart/values.yaml": PAUSE,
                    "chart/templates/x.yaml": "image: {{ .Values.image | quote }}\n"})  # fmt: skip
    home = run(installed / "python", "-c", "import regfix; print(regfix.__file__)", cwd=tmp_path).stdout
    assert home.startswith(str(installed.parent))
    assert run(installed / "regfix", "rewrite", "--check", cwd=tmp_path).returncode == 1
    done = run(installed / "regfix", "rewrite", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "2 references in 2 files rewritten\n")
    assert [(tmp_path / name).read_text() for name in ("x.yaml", "chart/values.yaml")] == [PAUSE_MOVED] * 2
    assert run(installed / "regfix", "rewrite", "--check", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("typed", "stdin", "shown"),
    [
        ("regfix --version", "", f"regfix {regfix.__version__}\n"),
        ("python -m regfix --version", "", f"regfix {regfix.__version__}\n"),
        ("regfix rules show bitnami", "", "docker.io/bitnamilegacy"),
        ("regfix completion zsh", "", "#compdef regfix\n"),
        ("regfix rewrite --quiet -", PAUSE, PAUSE_MOVED),
        ("regfix-postrender", PAUSE, PAUSE_MOVED),
        ("regfix-krm", "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: Pod\n"
                       "  spec:\n    containers:\n    - image: k8s.gcr.io/pause:3.2\n", "registry.k8s.io/pause:3.2"),
        ("kubectl-regfix --help", "", "Usage: regfix cluster"),
        ("kubectl_complete-regfix --all-c", "", "--all-contexts"),
    ],
)  # fmt: skip
def test_programs_run(typed: str, stdin: str, shown: str, installed: Path, tmp_path: Path) -> None:
    program, *arguments = typed.split()
    done = run(installed / program, *arguments, cwd=tmp_path, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout


@pytest.mark.parametrize(
    ("typed", "extra"), [("tags registry.example.com/a", "registry"), ("verify .", "registry"),
                         ("bulk plan --dask tcp://localhost:1", "dask")],
)  # fmt: skip
def test_what_needs_an_extra_says_which(typed: str, extra: str, installed: Path, tmp_path: Path) -> None:
    grow(tmp_path, {"x.yaml": PAUSE, "plan": "https://git.invalid/a.git\n"})
    done = run(installed / "regfix", *typed.split(), cwd=tmp_path)
    assert done.returncode == 2
    assert f"(pip install 'regfix[{extra}]')" in done.stderr


def test_types_are_found(installed: Path, tmp_path: Path) -> None:
    """A type checker of somebody else reads those of the installed package."""
    if find_spec("mypy") is None:
        pytest.skip("no mypy: pip install mypy")
    grow(tmp_path, {"x.py": "import regfix\nreveal_type(regfix.rewrite_text('', ['a.io=b.io']).text)\n"})
    checker = (sys.executable, "-m", "mypy", "--strict", "--python-executable", installed / "python", "x.py")
    done = run(*checker, cwd=tmp_path)
    assert "Revealed type is" in done.stdout
    assert "Any" not in done.stdout
    assert done.returncode == 0, done.stdout


def test_it_runs_from_the_wheel_itself(wheel: Path, tmp_path: Path) -> None:
    """As a part of an archive of somebody else: what is no module is read by the loader of the package."""
    grow(tmp_path, {"x.yaml": PAUSE})
    argv = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(wheel)!r}); from regfix.__main__ import main; main()",
    ]
    for arguments, shown in ((["completion", "bash"], "complete -o default"), (["rules", "show", "gcr"], "gcr.io"),
                             (["rewrite", "--dry-run"], PAUSE_MOVED)):  # fmt: skip
        done = run(*argv, *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert shown in done.stdout


def programs_of(folder: Path) -> Iterator[str]:
    return (path.name for path in folder.iterdir())


def test_pipx_installs_all_programs(wheel: Path, tmp_path: Path) -> None:
    grow(tmp_path, {"x.yaml": PAUSE})
    homes: Mapping[str, str] = {"PIPX_HOME": str(tmp_path / "home"), "PIPX_BIN_DIR": str(tmp_path / "bin"),
                                "PIPX_MAN_DIR": str(tmp_path / "man")}  # fmt: skip
    install(tool("pipx"), "install", "--python", sys.executable, wheel, cwd=tmp_path, **homes)
    assert set(programs_of(tmp_path / "bin")) == PROGRAMS
    done = run(tmp_path / "bin" / "regfix", "rewrite", "x.yaml", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "x.yaml").read_text()) == (0, PAUSE_MOVED)


def test_uvx_runs_it(wheel: Path, tmp_path: Path) -> None:
    """Installed for one run, here with an extra."""
    grow(tmp_path, {"x.yaml": PAUSE})
    uvx = (tool("uvx"), "-q", "--python", sys.executable, "--from", f"{wheel}[registry]", "regfix")
    install(*uvx, "--version", cwd=tmp_path)
    for typed, said in (
        ("rewrite --check x.yaml", (1, "1 reference in 1 file would be rewritten\n")),
        ("tags localhost:1/a", (2, "error: localhost:1/a: unreachable: Connection refused\n")),
    ):
        done = run(*uvx, *typed.split(), cwd=tmp_path)
        assert (done.returncode, done.stderr) == said


def test_extras_can_be_had_together(wheel: Path, tmp_path: Path) -> None:
    """What they ask for can be resolved, for a newer Python than the one that runs the tests, too."""
    grow(tmp_path, {"in.txt": f"regfix[registry,dask] @ {wheel.as_uri()}\n"})
    install(tool("uv"), "pip", "compile", "-q", "--python-version", "3.14", "in.txt", "-o", "out.txt", cwd=tmp_path)
    found = re.findall(r"^([\w.-]+)==", (tmp_path / "out.txt").read_text(), re.MULTILINE)
    assert {"httpx", "sniffio", "distributed"} <= set(found)
