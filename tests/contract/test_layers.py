"""The layers of the source (design, section 6): who may import whom, and who may import which package."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import regfix

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(regfix.__file__).parent
LAYERS = [
    "errors",
    "program",
    "text",
    "image",
    "syntax",
    "settings",
    "chart",
    "locate",
    "discover",
    "finding",
    "outcome",
    "ignored",
    "edits",
    "tagged",
    "decide",
    "plan",
    "sure",
    "check",
    "rewriting",
    "reads",
    "overrides",
    "run",
    "api",
    "helm",
    "prove",
    "registry",
    "projects",
    "cluster",
    "report",
    "commands",
    "cli",
    "__main__",
    "__init__",
]
"""From low to high; a module imports only from its own package and from what stands before it here."""

APART = {("settings", "chart"), ("text", "image"), ("api", "report"), ("api", "commands"), ("api", "cli")}
"""Layers side by side: neither imports from the other."""

PACKAGES = {
    "typer": {"cli"},
    "yaml": {"syntax.yamlevents", "settings.load"},
    "ruamel": {"syntax.yamlevents", "settings.load"},
    "pathspec": {"discover"},
    "jsonpath_ng": {"locate"},
    "httpx": {"registry"},
    "certifi": {"registry.transport"},
    "distributed": {"commands.bulk_dask"},
}
"""Packages of others, and the modules (or all those below them) that may import them."""

SERVICES = {
    "subprocess": {"program", "registry.helper"},
    "importlib.util": {"cli.late"},
    "urllib": {"cluster.discovery", "cluster.listing", "cluster.saving"},
}
"""What of the system only a service may use, and the modules that do.

The start imports typer part by part; urllib.parse quotes paths for kubectl, and names of files.
"""


class Import(NamedTuple):
    """An import that is carried out: `module` imports `name`, in `line`."""

    module: str
    name: str
    line: int


@cache
def modules() -> dict[str, ast.Module]:
    """Return the syntax tree of each module by its name below `regfix`."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imports() -> Iterator[Import]:
    """Yield every import of the source, those in functions too, those for type checkers only not."""
    for module, tree in modules().items():
        for node in _carried_out(tree):
            if isinstance(node, ast.Import):
                yield from (Import(module, alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}:{node.lineno}: a relative import"
                yield Import(module, node.module or "", node.lineno)
            elif (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "import_module"
            ):
                name = "".join(n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
                yield from [Import(module, name, node.lineno)] if name else []


def _carried_out(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _carried_out(child)


def layer(module: str) -> str:
    """Return the layer of a module: its first name."""
    return module.split(".", maxsplit=1)[0]


def own() -> list[Import]:
    """Return the imports of regfix's own modules, without the `regfix.` in front."""
    return [
        found._replace(name=found.name.removeprefix("regfix."))
        for found in imports()
        if found.name.startswith("regfix.")
    ]


def told(found: Import) -> str:
    """Return an import for a message."""
    return f"{found.module}:{found.line} imports {found.name}"


def test_every_module_has_a_layer() -> None:
    """A new package takes its place in the order."""
    assert {layer(module) for module in modules()} <= set(LAYERS)


def test_imports_go_down() -> None:
    """R61 and the design: a module imports from its own package or from layers to its left only."""
    assert [told(f) for f in own() if LAYERS.index(layer(f.name)) > LAYERS.index(layer(f.module))] == []


def test_layers_side_by_side_do_not_know_each_other() -> None:
    """Text knows no images, charts no settings, the API no command line."""
    pairs = APART | {(b, a) for a, b in APART}
    assert [told(f) for f in own() if (layer(f.module), layer(f.name)) in pairs] == []


def test_nobody_imports_the_entry_points() -> None:
    """The command line and the API are for users."""
    assert [told(f) for f in own() if layer(f.name) in ("cli", "api", "__main__") and layer(f.name) != layer(f.module)
            and f.module != "__main__"] == []  # fmt: skip


def test_packages_of_others_have_one_place_each() -> None:
    """R61: one place for each third-party package, so that a review of how it is used is short."""
    wrong = []
    for found in imports():
        package = found.name.split(".")[0]
        if package == "regfix" or package in sys.stdlib_module_names:
            continue
        allowed = PACKAGES.get(package, set())
        if not any(found.module == place or found.module.startswith(f"{place}.") for place in allowed):
            wrong.append(told(found))
    assert wrong == []


def test_pure_layers_neither_log_nor_print() -> None:
    """Below the command line nothing is printed, logged or exited."""
    wrong = []
    for module, tree in modules().items():
        for node in ast.walk(tree):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name in ("print", "exit", "quit", "input", "eval", "exec", "__import__", "breakpoint"):
                wrong.append(f"{module}:{node.lineno} calls {name}")  # type: ignore[attr-defined]
    wrong += [told(found) for found in imports() if found.name.split(".")[0] == "logging"]
    assert wrong == []


@pytest.mark.parametrize(
    "name",
    [
        "subprocess",
        "asyncio.subprocess",
        "socket",
        "urllib",
        "http",
        "pickle",
        "marshal",
        "ctypes",
        "importlib.util",
        "multiprocessing",
    ],
)
def test_r61_nothing_is_run_fetched_or_unpickled(name: str) -> None:
    """R61: programs and networks are for the services, each in one place."""
    used = [found for found in imports() if found.name == name or found.name.startswith(f"{name}.")]
    assert [told(found) for found in used if found.module not in SERVICES.get(name, ())] == []


def test_r61_yaml_is_loaded_safely() -> None:
    """R61: no loader that makes objects is named anywhere."""
    unsafe = {
        "UnsafeLoader",
        "FullLoader",
        "Loader",
        "CLoader",
        "CUnsafeLoader",
        "CFullLoader",
        "unsafe_load",
        "full_load",
    }
    used = [f"{module}: {node.attr}" for module, tree in modules().items() for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr in unsafe]  # fmt: skip
    assert used == []
