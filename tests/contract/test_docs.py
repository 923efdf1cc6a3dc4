"""The documentation says what the program does: commands and examples are run, help texts and lists compared.

REGFIX_UPDATE_DOCS=1 writes the real outputs and help texts into the pages instead of comparing them.
"""

from __future__ import annotations

import doctest
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import regfix
from regfix.commands.sink import ExitCode
from regfix.locate.kind import Kind, kind_of
from regfix.locate.site import Reason
from regfix.settings.load import load_settings
from regfix.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
UPDATE = os.environ.get("REGFIX_UPDATE_DOCS") == "1"
FENCE = re.compile(r"^```(?P<info>.*)$")


@dataclass
class Block:
    """A fenced block: what stands behind the fence, and the lines in it."""

    info: str
    lines: list[str] = field(default_factory=list)

    @property
    def language(self) -> str:
        return self.info.split(" ", 1)[0]

    @property
    def file(self) -> str:
        """The file that the block is, by `file=NAME`."""
        return next((word[5:] for word in self.info.split() if word.startswith("file=")), "")

    @property
    def text(self) -> str:
        return "".join(line + "\n" for line in self.lines)


def page_parts(page: Path) -> Iterator[str | Block]:
    """Yield the lines outside of fenced blocks, and the blocks."""
    block = None
    for line in page.read_text("utf-8").split("\n")[:-1]:
        fence = FENCE.match(line)
        if fence is None:
            if block is None:
                yield line
            else:
                block.lines.append(line)
        elif block is None:
            block = Block(fence["info"])
        else:
            yield block
            block = None
    assert block is None, f"{page}: a block is not closed"


def blocks(page: Path) -> list[Block]:
    return [part for part in page_parts(page) if isinstance(part, Block)]


def write_page(page: Path, parts: Sequence[str | Block]) -> None:
    texts = [f"```{part.info}\n{part.text}```\n" if isinstance(part, Block) else part + "\n" for part in parts]
    page.write_text("".join(texts), "utf-8")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def pages_with(*languages: str) -> list[Path]:
    return [page for page in PAGES if any(block.language in languages for block in blocks(page))]


_PROGRAMS = (
    ("regfix", "-m regfix"),
    ("regfix-postrender", "-m regfix rewrite --quiet -"),
    ("python", ""),
    ("python3", ""),
)


class Shell:
    """A shell in a copy of the fixtures that looks like a clone; keeps the working folder and the last exit code."""

    def __init__(self, base: Path) -> None:
        self.folder = base / "clone"
        self.code = 0
        self._state = base / "state"
        for name in ("demo", "charts/story-old", "charts/story-new"):
            shutil.copytree(ROOT / "fixtures" / name, self.folder / "fixtures" / name)
        (self.folder / ".git").mkdir()
        self.programs = programs = self.folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        for program, arguments in _PROGRAMS:
            (programs / program).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {arguments} "$@"\n')
            (programs / program).chmod(0o755)
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "LC_", "PYTEST_"))},
            **{"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(base), "LC_ALL": "C.UTF-8"},
            **{"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb", "GIT_PAGER": "cat", "GIT_CONFIG_GLOBAL": os.devnull},
            **{"GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Keeper", "GIT_AUTHOR_EMAIL": "keeper@example.com"},
            **{"GIT_COMMITTER_NAME": "Keeper", "GIT_COMMITTER_EMAIL": "keeper@example.com"},
        }

    def run(self, command: str) -> str:
        """Return what a terminal shows when the command runs."""
        script = f'cd "$1" || exit; (exit {self.code}); eval "$2"; code=$?; pwd > "$3"; exit $code'
        argv = ["bash", "-c", script, "bash", str(self.folder), command, str(self._state)]
        self.code, shown = on_terminal(argv, self._environment)
        self.folder = Path(self._state.read_text().rstrip("\n"))
        shown = re.sub(r"\r[^\n]*\r\x1b\[K", "", shown.replace("\r\n", "\n"))  # less the counter
        return re.sub(r" +$", "", shown, flags=re.MULTILINE)  # editors strip trailing blanks from pages


def real_helm() -> str:
    """Return a Helm for pages that prove something; skips the test where there is none."""
    from get_helm import get_helm

    try:
        return os.environ.get("REGFIX_HELM") or str(get_helm("4"))
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"no Helm 4: set REGFIX_HELM ({error})")


def on_terminal(argv: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a program with its outputs on a pseudo-terminal; return its exit code and what it shows."""
    try:
        ours, theirs = os.openpty()
    except OSError as error:
        pytest.skip(f"no pseudo-terminal here: {error}")
    try:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment)
        os.close(theirs)
        pieces = []
        while piece := _read(ours):
            pieces.append(piece)
        return process.wait(), b"".join(pieces).decode()
    finally:
        os.close(ours)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # EIO: the other side is closed
        return b""


@dataclass
class Step:
    """A command of a console block, with the output that the page shows."""

    command: str
    shown: list[str] = field(default_factory=list)

    def matches(self, output: str) -> bool:
        """Compare; a line `...` stands for any number of lines."""
        pieces = [r"(?:.*\n)*?" if line == "..." else re.escape(line) + "\n" for line in self.shown]
        return re.fullmatch("".join(pieces), output) is not None


def steps(block: Block) -> list[Step]:
    found: list[Step] = []
    for line in block.lines:
        if line.startswith("$ "):
            found.append(Step(line[2:]))
        else:
            assert found, f"output before the first command: {line}"
            found[-1].shown.append(line)
    return found


def without_setup(command: str) -> str:
    """Drop what sets up an environment, or runs these tests, from a command."""
    parts = [part for part in command.split(" && ") if not re.search(r"-m venv|pip install|-m pytest|activate$", part)]
    return " && ".join(parts)


def run_block(shell: Shell, block: Block, where: str) -> None:
    found = steps(block)
    for step, following in zip(found, [*found[1:], None], strict=True):
        command = without_setup(step.command)
        if not command:
            continue
        output = shell.run(command)
        asked = following is not None and following.command == "echo $?"
        assert asked or shell.code == 0, f"{where}: {command}: exit code {shell.code}\n{output}"
        if UPDATE and step.shown and "..." not in step.shown[1:]:
            step.shown = [*(["..."] if step.shown[0] == "..." else []), *output.split("\n")[:-1]]
        assert not step.shown or step.matches(output), f"{where}: {command}\nshows now:\n{output}"
    if UPDATE:
        block.lines = [line for step in found for line in ("$ " + step.command, *step.shown)]


@pytest.mark.parametrize("page", pages_with("console"), ids=name)
def test_commands_show_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    parts = list(page_parts(page))
    if re.search(r"^\$ (helm|.*--prove)", page.read_text("utf-8"), re.MULTILINE):
        (shell.programs / "helm").symlink_to(real_helm())
    for part in parts:
        if isinstance(part, Block) and part.file:
            (shell.folder / part.file).parent.mkdir(parents=True, exist_ok=True)
            (shell.folder / part.file).write_text(part.text, "utf-8")
        elif isinstance(part, Block) and part.language == "console":
            run_block(shell, part, name(page))
    if UPDATE:
        write_page(page, parts)


@pytest.mark.parametrize("page", pages_with("python"), ids=name)
def test_python_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "fixtures" / "demo", tmp_path / "fixtures" / "demo")
    monkeypatch.chdir(tmp_path)
    text = "\n".join(block.text for block in blocks(page) if block.language == "python" and not block.file)
    test = doctest.DocTestParser().get_doctest(text, {}, name(page), name(page), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    report: list[str] = []
    runner.run(test, out=report.append)
    assert not runner.failures, "".join(report)


HELP = re.compile(r"^<!-- help: (?P<command>.*) -->$")


def commands() -> Iterator[str]:
    """Yield every command of the program as it is typed."""
    from regfix.cli.app import Program

    def below(command: object, typed: str) -> Iterator[str]:
        yield typed
        names = getattr(command, "list_commands", lambda _: ())(None)
        for sub in names:
            yield from below(command.get_command(None, sub), f"{typed} {sub}")  # type: ignore[attr-defined]

    return below(Program(), "regfix")


def test_help_texts_are_those_of_the_program() -> None:
    page = ROOT / "docs" / "reference" / "cli.md"
    parts = list(page_parts(page))
    shown: dict[str, Block] = {}
    for part, following in itertools.pairwise(parts):
        found = HELP.match(part) if isinstance(part, str) else None
        if found is not None:
            assert isinstance(following, Block)
            shown[found["command"]] = following
    assert sorted(shown) == sorted(commands())
    for command, block in shown.items():
        argv = [sys.executable, "-m", *command.split(), "--help"]
        environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
        real = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True).stdout
        if UPDATE:
            block.lines = real.rstrip("\n").split("\n")
        assert block.text.rstrip("\n") == real.rstrip("\n"), f"{command} --help shows now:\n{real}"
    if UPDATE:
        write_page(page, parts)


def sections(page: Path, heading: str) -> dict[str, list[str | Block]]:
    """Return the parts under each heading of one level that is a single code word."""
    found: dict[str, list[str | Block]] = {}
    parts: list[str | Block] = []
    for part in page_parts(page):
        if isinstance(part, str) and part.startswith("#"):
            title = re.fullmatch(re.escape(heading) + " `([^`]+)`", part)
            parts = found.setdefault(title[1], []) if title else []
        else:
            parts.append(part)
    return found


REASONS = sections(ROOT / "docs" / "reference" / "reasons.md", "##")


def test_every_reason_has_a_section() -> None:
    assert sorted(REASONS) == sorted(Reason)


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_the_example_of_a_reason_gets_it(reason: str, tmp_path: Path) -> None:
    examples = [part for part in REASONS[reason] if isinstance(part, Block)]
    example = examples[0]
    for block in (example, *(other for other in examples[1:] if other.file)):
        path = tmp_path / (block.file or "example.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, "utf-8")
    options = [word for word in example.info.split()[1:] if not word.startswith("file=")]
    if "--prove" in options:
        options += ["--helm", real_helm()]
    argv = [sys.executable, "-m", "regfix", "rewrite", "--check", "--format", "json", *options]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    reasons = {finding["reason"] for source in report["sources"] for finding in source["findings"]}
    assert reason in reasons, done.stdout


def test_every_setting_has_a_section() -> None:
    shown = sections(ROOT / "docs" / "reference" / "settings.md", "###")
    assert sorted(shown) == sorted(set(Settings._fields) - {"path"})


def test_every_exit_code_is_listed() -> None:
    text = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
    shown = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert shown == {code for key, code in vars(ExitCode).items() if key.isupper()}


def test_file_names_are_read_as_the_page_says() -> None:
    text = (ROOT / "docs" / "reference" / "what-is-found.md").read_text("utf-8")
    for row, kind in (("YAML, JSON", Kind.YAML), ("template", Kind.TEMPLATE), ("text", Kind.TEXT)):
        cell = re.search(rf"^\| {row} \| (.*?) \|", text, re.MULTILINE)
        assert cell is not None
        names = re.findall(r"`([^`]*\.[^`]*)`|`(Dockerfile)`", cell[1])
        assert names
        for suffix, whole in names:
            file = whole or (f"x{suffix}" if suffix.startswith(".") else suffix)
            assert kind_of(file) is kind, file


def table_examples(page: Path) -> Iterator[str]:
    """Yield the code in the second column of the table whose columns are "where" and "example"."""
    rows = itertools.dropwhile(lambda part: part != "| where | example |", page_parts(page))
    for row in itertools.takewhile(lambda part: str(part).startswith("|"), rows):
        found = re.search(r" \| `(.*)` \|$", str(row))
        if found is not None:
            yield found[1].replace("\\|", "|")


@pytest.mark.parametrize("example", list(table_examples(ROOT / "docs" / "reference" / "what-is-found.md")))
def test_what_the_page_says_is_found_is_found(example: str) -> None:
    kind = Kind.TEMPLATE if "{{" in example else Kind.YAML
    assert regfix.rewrite_text(example, ["k8s.gcr.io=registry.k8s.io"], kind=kind).text != example


def test_the_settings_of_the_pages_hold(tmp_path: Path) -> None:
    found = [block for page in PAGES for block in blocks(page) if block.file == ".regfix.yaml"]
    assert len(found) > 3
    for block in found:
        path = tmp_path / ".regfix.yaml"
        path.write_text(block.text, "utf-8")
        assert load_settings(str(path)) != Settings(str(path))


def anchors(page: Path) -> set[str]:
    """Return the anchors that a forge makes of the headings of a page."""
    titles = [part.lstrip("#").strip().lower() for part in page_parts(page) if str(part).startswith("#")]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_internal_links_resolve(page: Path) -> None:
    prose = "\n".join(part for part in page_parts(page) if isinstance(part, str))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.is_relative_to(ROOT), target
        assert linked.exists(), f"{name(page)}: {target}"
        assert not anchor or anchor in anchors(linked), f"{name(page)}: {target}"


def test_every_page_is_linked() -> None:
    linked = set()
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s#]+)", page.read_text("utf-8")):
            linked.add((page.parent / target).resolve())
    assert [name(page) for page in PAGES if page not in linked and page.name != "README.md"] == []


def test_setup_commands_are_those_of_the_project() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert (
        "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/regfix rewrite fixtures/demo --dry-run" in readme
    )
    assert "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest\n" in readme
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"Python {project['requires-python'].removeprefix('>=')} or newer" in readme
    extras = project["optional-dependencies"]
    assert "regfix[test]" in extras["dev"]
    script = ROOT / ".ci" / "run"
    if script.exists():  # it is no part of a source distribution
        text = script.read_text("utf-8")
        assert "python3 -m venv" in text
        assert "-e '.[dev]'" in text
        assert 'python" -m pytest' in text
        assert "ruff" in text
        assert "mypy" in text


def test_every_dependency_has_its_reason() -> None:
    page = (ROOT / "docs" / "decisions" / "0002-runtime-dependencies.md").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = sorted(re.split(r"[<>=]", requirement)[0] for requirement in project["dependencies"])
    assert sorted(re.findall(r"^\| ([\w.-]+)", page, re.MULTILINE)[1:], key=str) == wanted


def test_the_version_is_in_the_changelog() -> None:
    assert re.search(rf"^## .*\b{re.escape(regfix.__version__)}\b", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)


def test_each_decision_has_a_number_of_its_own_and_is_listed() -> None:
    """Pages that are written side by side take the same number easily."""
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert numbers == list(range(1, len(pages) + 1))
    for number, page in zip(numbers, pages, strict=True):
        assert page.read_text("utf-8").startswith(f"# {number}. ")
        assert number == 1 or f"[{number}. " in pages[0].read_text("utf-8"), page.name
