"""Ranges and the order of versions are those of the real Helm: its repository search and its templates tell which fit."""

from __future__ import annotations

import json
import os
import subprocess
from random import Random
from typing import TYPE_CHECKING

import pytest

from charts import helm_template, write_tree
from regfix.chart.version import in_range, newest, parse_version
from regfix.syntax.yamltree import Scalar, load_mapping

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VERSIONS = ["0.0.0", "0.0.0-0", "0.0.1", "0.0.3", "0.1.0", "0.2.3", "0.2.9", "0.3.0-beta", "1.0.0-alpha", "1.0.0-alpha.1",
            "1.0.0-rc.2", "1.0.0-rc.10", "1.0.0", "1.0.1", "1.2.0", "1.2.3-a-b", "1.2.3", "1.2.3+build.7", "1.9.9", "1.10.0",
            "2.0.0-0", "2.0.0", "2.1.0-rc.1", "2.1.0", "10.0.0", "11.1.1", "v3.0.0", "3.1", "4"]  # fmt: skip
BOUNDS = ["0", "0.0", "0.0.0", "0.0.3", "0.2", "0.2.3", "1", "1.x", "1.2", "1.2.*", "1.2.3", "1.2.3-0", "v2", "2.0.0", "2.0.0-0",
          "2.1.0-rc.1", "*", "X", "1.x.3", "1.2-a"]  # fmt: skip
OPERATORS = ["", "=", "!=", ">", ">=", "=>", "<", "<=", "=<", "~", "~>", "^"]
MORE = [">=1.0.0 <2.0.0", ">=1.0.0, <2.0.0-0", ">=1.0.0-0 <2", ">1 ,<3", "1.0 - 2.0", "1.0.0-rc.1 - 1.2", "^1 || ^11", "1 ||", "||",
        "~1.2 || >=10.0.0-0", "> 1.2", ">=  1", ">1<2", ">1,,<3", ">1,", ", >1", " ^1 ", "1.2.3.4", "==1.2.3", "a", "1.02.3",
        "1.2.3-01", "1 2", "1.2.3 || a", "- 1", "1 - ", "1.x - 2.x", ">=1.0.0 <1.2.3 || >1.2.3-0 <2.0.0", "^1.2.3+b",
        "<0.0.0", "!=1.2.x, >1.0.0-0", "9" * 25, ">=1.0.0 & <2"]  # fmt: skip
RANGES = [operator + bound for operator in OPERATORS for bound in BOUNDS]


@pytest.fixture(scope="module")
def ask(helm: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The start of a command that lists the versions in a range, of a repository that is in Helm's cache already."""
    folder = tmp_path_factory.mktemp("helm")
    entries = [{"apiVersion": "v2", "name": "bell", "version": version, "urls": ["x.tgz"]} for version in VERSIONS]
    index = {"apiVersion": "v1", "entries": {"bell": entries}}
    (folder / "here-index.yaml").write_text(json.dumps(index), "utf-8")
    (folder / "repositories.yaml").write_text("repositories: [{name: here, url: 'http://127.0.0.1:1'}]", "utf-8")
    return [helm, "search", "repo", "here/bell", "-l", "-o", "json", "--repository-cache", str(folder),
            "--repository-config", str(folder / "repositories.yaml")]  # fmt: skip


def in_helm(ask: list[str], wanted: str, folder: Path) -> list[str]:
    """Return the versions that Helm lists for a range, the newest first; none for what is no range."""
    env = {**os.environ, "HELM_CONFIG_HOME": str(folder), "HELM_DATA_HOME": str(folder)}
    done = subprocess.run([*ask, f"--version={wanted}"], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0 or "improper constraint" in done.stderr or "parser error" in done.stderr, done.stderr
    return [found["version"] for found in json.loads(done.stdout)] if done.returncode == 0 else []


def in_templates(helm: str, ranges: Sequence[str], folder: Path) -> dict[str, list[str]]:
    """Return the versions in each of many ranges, after the function of Helm's templates, in one call."""
    text = ('ranges:{{ range $wanted := .Values.ranges }}\n- [{{ range $.Values.versions }}'
            '{{ if semverCompare $wanted . }}{{ . | quote }},{{ end }}{{ end }}]{{ end }}\n')  # fmt: skip
    chart = write_tree(folder / "top", {
        "Chart.yaml": "apiVersion: v2\nname: top\nversion: 1.0.0\n", "templates/x.yaml": text,
        "values.yaml": json.dumps({"ranges": list(ranges), "versions": VERSIONS})})  # fmt: skip
    found = load_mapping(helm_template(helm, chart).partition("# Source")[2].partition("\n")[2], "x")["ranges"]
    assert isinstance(found, list)
    lists = [[one.value for one in fits if isinstance(one, Scalar)] for fits in found if isinstance(fits, list)]
    return dict(zip(ranges, lists, strict=True))


def differences(theirs: dict[str, list[str]]) -> dict[str, tuple[list[str], list[str]]]:
    """Return for each range the versions that only regfix, and only Helm, has in it."""
    wrong = {}
    for wanted, fits in theirs.items():
        ours = {version for version in VERSIONS if in_range(version, wanted)}
        if ours != set(fits):
            wrong[wanted] = (sorted(ours - set(fits)), sorted(set(fits) - ours))
    return wrong


def test_the_versions_in_a_range_are_those_of_helm(helm: str, tmp_path: Path) -> None:
    random = Random(7)
    several = [between.join(random.choices(RANGES, k=2)) for between in (" ", ", ", " || ") for _ in range(300)]
    theirs = in_templates(helm, RANGES + several, tmp_path)
    assert differences(theirs) == {}
    assert sum(map(bool, theirs.values())) > 500


def test_odd_ranges_are_read_as_helm_does(ask: list[str], tmp_path: Path) -> None:
    assert differences({wanted: in_helm(ask, wanted, tmp_path) for wanted in MORE}) == {}


def test_the_order_is_that_of_helm(ask: list[str], tmp_path: Path) -> None:
    theirs = in_helm(ask, ">=0.0.0-0", tmp_path)
    assert len(theirs) == len(VERSIONS)
    orders = [parsed.order for version in theirs if (parsed := parse_version(version)) is not None]
    assert orders == sorted(orders, reverse=True)
    assert newest(VERSIONS, "*") == theirs[0] == "11.1.1"
