"""Each requirement is tested: its number stands in the name or the docstring of a test."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
NUMBERS = [*range(1, 9), *range(10, 14), *range(15, 20), *range(20, 30), *range(30, 38), *range(40, 47),
           *range(50, 55), *range(60, 68)]  # fmt: skip


@cache
def named() -> set[int]:
    """Return the numbers that tests name, as `r12` in their names or `R12` in their docstrings."""
    found: set[int] = set()
    for path in TESTS.rglob("test_*.py"):
        if path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found |= {
                    int(number) for number in re.findall(r"(?:_r|\bR)(\d+)", f"{node.name} {ast.get_docstring(node)}")
                }
    return found


@pytest.mark.parametrize("number", NUMBERS)
def test_each_requirement_has_a_test(number: int) -> None:
    """Whoever drops the last test of a requirement hears of it."""
    assert number in named()


def test_no_test_names_a_requirement_that_is_none() -> None:
    """A number that is mistyped proves nothing."""
    assert named() - set(NUMBERS) == set()
