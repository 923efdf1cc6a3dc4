"""The version stands in one place, and what repeats it says the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import regfix

ROOT = Path(__file__).parents[2]
REPEATED = (
    ("plugin.yaml", r"^version: (\S+)$"),
    ("plugins/helm-postrender/plugin.yaml", r"^version: (\S+)$"),
    ("CHANGELOG.md", r"^## (?:\[Unreleased\] )?\[?(\d+\.\d+\.\d+)\]?"),
    ("docs/how-to/use-in-pipes.md", r"^version: (\S+)$"),
    ("docs/how-to/run-in-pre-commit.md", r"^ +rev: v(\S+)$"),
)


def test_the_package_takes_it_from_the_module() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "src/regfix/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", regfix.__version__)


@pytest.mark.parametrize(("name", "pattern"), REPEATED)
def test_what_repeats_it_says_the_same(name: str, pattern: str) -> None:
    found = re.findall(pattern, (ROOT / name).read_text("utf-8"), re.MULTILINE)
    assert found
    assert set(found[:1] if name == "CHANGELOG.md" else found) == {regfix.__version__}


def test_pages_name_no_other_version() -> None:
    """Whatever else asks for regfix by a version: a requirement, a tag, an action."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *ROOT.glob("action.y*ml")]
    found = {
        (page.name, version)
        for page in pages
        for version in re.findall(r"regfix(?:\[[\w,]+\])?(?:@v|==|~=|:)(\d+\.\d+[\w.]*)", page.read_text("utf-8"))
    }
    assert {version for _, version in found} <= {regfix.__version__}
