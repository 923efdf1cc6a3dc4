"""Modules of a package without its `__init__`: typer itself, and packages that do not put up with it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LATE = "import sys; from regfix.cli.late import import_late; import_late('orchard', 'orchard.pear')\n"


def ran(folder: Path, script: str) -> str:
    """Return what a script prints that finds the modules of a folder."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{script}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def orchard(folder: Path, **modules: str) -> Path:
    """Make a package of that name."""
    (folder / "orchard").mkdir()
    for name, text in modules.items():
        (folder / "orchard" / f"{name}.py").write_text(text)
    return folder


def test_the_package_runs_when_it_is_asked_for(tmp_path: Path) -> None:
    orchard(tmp_path, __init__="print('ran'); from orchard.pear import ripe as ripe; late = 1", pear="ripe = True")
    after = "print('pear', sys.modules['orchard.pear'].ripe)\nimport orchard\nprint(orchard.late, orchard.pear.ripe)\n"
    assert ran(tmp_path, LATE + after) == "pear True\nran\n1 True\n"


def test_modules_find_each_other_without_the_package(tmp_path: Path) -> None:
    orchard(
        tmp_path, __init__="print('ran')", pear="from . import plum\nfrom .plum import stone", plum="stone = 'hard'"
    )
    assert ran(tmp_path, LATE + "print(sys.modules['orchard.pear'].stone)") == "hard\n"


@pytest.mark.parametrize(
    "pear",
    ["from . import late\nripe = True", "import orchard\nlate = orchard.late\nripe = True"],
    ids=["import", "attribute"],
)
@pytest.mark.parametrize("init", ["from .pear import ripe", "from . import pear; ripe = pear.ripe"])
def test_a_module_that_needs_the_whole_package_gets_it(tmp_path: Path, pear: str, init: str) -> None:
    orchard(tmp_path, __init__=f"late = 1\n{init}\n", pear=pear)
    assert ran(tmp_path, LATE + "import orchard; print(orchard.ripe, orchard.pear.late)") == "True 1\n"


def test_an_unknown_name_is_an_error_as_ever(tmp_path: Path) -> None:
    orchard(tmp_path, __init__="", pear="")
    after = "import orchard\ntry:\n    orchard.fig\nexcept AttributeError as error:\n    print(error)\n"
    assert ran(tmp_path, LATE + after) == "module 'orchard' has no attribute 'fig'\n"


def test_a_package_that_is_there_already_is_left(tmp_path: Path) -> None:
    orchard(tmp_path, __init__="print('ran')", pear="print('pear')")
    assert ran(tmp_path, "import orchard\n" + LATE + "print(type(orchard).__name__)") == "ran\npear\nmodule\n"


def test_a_package_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    after = "try:\n    import_late('meadow', 'meadow.hay')\nexcept ModuleNotFoundError as error:\n    print(error)\n"
    orchard(tmp_path, __init__="", pear="")
    assert ran(tmp_path, LATE + after) == "No module named 'meadow'\n"


def test_typer_is_whole_for_who_uses_it_next(tmp_path: Path) -> None:
    script = (
        "import regfix.cli.app, typer; print('typer.main' in sys.modules)\n"
        "app = typer.Typer(add_completion=False)\n"
        "@app.command()\n"
        "def greet(name: str) -> None: typer.echo(f'hello {name}')\n"
        "app(['pear'], standalone_mode=False)\n"
        "print(issubclass(regfix.cli.app.Program, typer.core.TyperGroup), typer.TyperException.__module__)\n"
    )
    assert ran(tmp_path, script) == "False\nhello pear\nTrue typer.exceptions\n"


def test_pyyaml_is_whole_for_who_uses_it_next(tmp_path: Path) -> None:
    script = (
        "import re; compile_now = re.compile\n"
        "import regfix.cli\n"
        "from regfix.syntax.yamlevents import fast_events\n"
        "print(len(list(fast_events('[a, b]').stream)), 'yaml.resolver' in sys.modules, re.compile is compile_now)\n"
        "import yaml\n"
        "print(yaml.safe_load('a: 1'), yaml.load('b: 2', Loader=yaml.CSafeLoader), yaml.__with_libyaml__)\n"
        "for loader, text in ((yaml.SafeLoader, 'a: \\x01'), (yaml.CSafeLoader, 'a: \\x01'), (yaml.CSafeLoader, '[')):\n"
        "    try:\n"
        "        yaml.load(text, Loader=loader)\n"
        "    except yaml.YAMLError as error:\n"
        "        print(type(error) is yaml.reader.ReaderError, type(error) is yaml.parser.ParserError)\n"
        "print(yaml.safe_load('a: \\U0001f40c'), yaml.safe_dump({'t': 'x'}).strip())\n"
    )
    expected = "8 False True\n{'a': 1} {'b': 2} True\nTrue False\nTrue False\nFalse True\n{'a': '\U0001f40c'} t: x\n"
    assert ran(tmp_path, script) == expected


def test_the_standard_library_is_whole_for_who_uses_it_next(tmp_path: Path) -> None:
    (tmp_path / "pear.py").write_text("def ripe():\n    return 'yes'\n")
    script = (
        "import regfix.cli, ast, inspect, io, linecache, pear, tokenize\n"
        "print(inspect.getsource(pear.ripe).split()[-1], ast.literal_eval('[1]'), inspect.signature(pear.ripe))\n"
        "print(len(list(tokenize.generate_tokens(io.StringIO('a = 1').readline))), bool(linecache.getlines(pear.__file__)))\n"
    )
    assert ran(tmp_path, script) == "'yes' [1] ()\n5 True\n"
