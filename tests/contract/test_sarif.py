"""SARIF output passes the official schema, and says what the run found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator

import get_schema
from regfix.locate.site import Reason
from regfix.report.advice import ADVICE
from support import HUB, PAUSE, WITH_AN_OVERRIDE, contents, grow, regfix

if TYPE_CHECKING:
    from pathlib import Path

RUNS = [
    ["rewrite", "--check"],
    ["rewrite", "--dry-run", "--text"],
    ["rewrite", "--dry-run", *HUB],
    ["rewrite"],
    ["scan"],
    ["scan", "nowhere"],
]


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    """The official schema."""
    return get_schema.schema("sarif")


def log(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return the only run of the log."""
    out = regfix(*arguments, "--format", "sarif", cwd=folder).out
    assert out.isascii()
    document = json.loads(out)
    (run,) = document["runs"]
    return dict(run)


@pytest.mark.parametrize("arguments", RUNS, ids=" ".join)
def test_sarif_passes_the_official_schema(tree: Path, schema: dict[str, Any], arguments: list[str]) -> None:
    out = regfix(*arguments, "--format", "sarif", cwd=tree).out
    errors = [
        f"{error.json_path}: {error.message}"[:300] for error in Draft7Validator(schema).iter_errors(json.loads(out))
    ]
    assert errors == []
    assert not Draft7Validator(schema).is_valid(json.loads(out) | {"version": "2.0.0"})


def test_sarif_tells_what_json_tells(tree: Path) -> None:
    run = log(tree, "rewrite", "--dry-run")
    report = json.loads(regfix("rewrite", "--dry-run", "--format", "json", cwd=tree).out)
    found = [(f["reason"] or "move", f["line"], f["column"]) for s in report["sources"] for f in s["findings"]
             if f["action"] != "none"]  # fmt: skip
    told = [
        (r["ruleId"], region["startLine"], region["startColumn"])
        for r in run["results"]
        for region in [r["locations"][0]["physicalLocation"]["region"]]
    ]
    assert told == found
    failed = [source["path"] for source in report["sources"] if source["status"] == "failed"]
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == len(failed) > 0
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["columnKind"] == "unicodeCodePoints"


def test_the_rules_have_help_and_results_point_to_them(tree: Path) -> None:
    run = log(tree, "rewrite", "--dry-run", "--text")
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["move", *(str(reason) for reason in Reason)]
    assert set(ADVICE) == set(Reason)
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_the_fixes_are_the_edits_that_are_made(tree: Path) -> None:
    """A reader of SARIF can make them: lines and columns in code points, without a byte-order mark."""
    run = log(tree, "rewrite", "--dry-run")
    before = contents(tree)
    regfix("rewrite", "-q", cwd=tree)
    after = contents(tree)
    fixed: dict[str, list[dict[str, Any]]] = {}
    for result in run["results"]:
        for fix in result.get("fixes", ()):
            (change,) = fix["artifactChanges"]
            fixed.setdefault(change["artifactLocation"]["uri"], []).extend(change["replacements"])
    assert sorted(fixed) == sorted(name for name in before if before[name] != after[name])
    for name, replacements in fixed.items():
        lines = before[name].decode("utf-8-sig").split("\n")
        for one in sorted(
            replacements,
            key=lambda r: (r["deletedRegion"]["startLine"], r["deletedRegion"]["startColumn"]),
            reverse=True,
        ):
            region = one["deletedRegion"]
            assert region["startLine"] == region["endLine"]
            line = lines[region["startLine"] - 1]
            lines[region["startLine"] - 1] = (
                line[: region["startColumn"] - 1] + one["insertedContent"]["text"] + line[region["endColumn"] - 1 :]
            )
        assert "\n".join(lines) == after[name].decode("utf-8-sig"), name


def test_overrides_are_insertions(project: Path) -> None:
    grow(project, WITH_AN_OVERRIDE)
    (result,) = [r for r in log(project, "rewrite", "--check")["results"] if r["ruleId"] == "move"]
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    region = replacement["deletedRegion"]
    assert (region["startLine"], region["startColumn"]) == (region["endLine"], region["endColumn"])
    assert "registry.k8s.io/pause:3.2" in replacement["insertedContent"]["text"]


def fingerprints(folder: Path, *arguments: str) -> list[str]:
    """Return the fingerprints of what would move."""
    return [r["partialFingerprints"]["regfix/v1"] for r in log(folder, *arguments)["results"] if r["ruleId"] == "move"]


POD = "spec:\n  containers:\n  - name: a\n    image: k8s.gcr.io/a:1\n  - name: b\n    image: k8s.gcr.io/a:1\n"


def test_fingerprints_do_not_depend_on_lines_tags_and_folders(project: Path) -> None:
    grow(project, {"x/pod.yaml": POD})
    before = fingerprints(project, "rewrite", "--check")
    assert len(set(before)) == 2
    grow(
        project,
        {
            "x/pod.yaml": "# a comment\n\n"
            + POD.replace("a:1", "a:2").replace("containers:\n", "containers:\n  - image: quay.io/b\n")
        },
    )
    assert fingerprints(project, "rewrite", "--check") == before
    assert fingerprints(project / "x", "rewrite", "--check") == before
    assert fingerprints(project, "rewrite", "--check", str(project / "x" / "pod.yaml")) == before
    grow(project, {"x/pod.yaml": POD.replace("k8s.gcr.io/a", "k8s.gcr.io/b", 1)})
    assert len(set(before) & set(fingerprints(project, "rewrite", "--check"))) == 1
    assert set(fingerprints(project, "rewrite", "--check")) != set(before)


def test_what_was_written_is_no_result(project: Path) -> None:
    grow(project, {"x.yaml": PAUSE + "# see k8s.gcr.io\n"})
    assert [r["ruleId"] for r in log(project, "rewrite")["results"]] == ["prose"]
    assert (project / "x.yaml").read_text().startswith("image: registry.k8s.io")


def test_odd_names_and_values_are_safe(project: Path) -> None:
    grow(project, {b"a b#\xff%.yaml": PAUSE, "x.yaml": 'a: "k8s.gcr.io/x\u202e\\e:1"\n'})
    run = log(project, "rewrite", "--check")
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]]
    assert "a%20b%23%FF%25.yaml" in uris
    assert "\\u202e" not in json.dumps(run)
