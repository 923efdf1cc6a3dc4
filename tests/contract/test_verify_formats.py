"""JSON and SARIF of `regfix verify` are what their schemas say, and tell the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

import get_schema
from images import Says, dead_host, fake, registry_with
from regfix.registry.answer import State
from regfix.registry.verify import Verdict
from regfix.report.verified import VERSION
from support import environment, grow, regfix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from images import Asked

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/reference/verify.schema.json").read_text("utf-8"))
IMAGES = {"old/a:1": "a", "new/a:1": "a", "old/b:1": "b", "new/b:1": "other", "new/c:1.2": "c", "new/odd:1": "d"}
FILES = {
    "a.yaml": "image: HOST/old/a:1\n---\nimage: HOST/old/b:1\n---\nimage: HOST/old/b:1\n",
    "b.yaml": "x: {image: HOST/old/c:1.1}\ny: {image: 'HOST/old/${NAME}'}\nz: {image: HOST/old/odd:1}\n",
    "\u202eodd\x1b.yaml": "image: HOST/old/locked:1\n# image: DEAD/old/a:1\n",
    "bad.yaml": "image: HOST/old/a:1\nports: [\n",
}


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What verify says in each format of a tree with images of every verdict."""
    project = tmp_path_factory.mktemp("project")
    (project / ".git").mkdir()
    known = registry_with(IMAGES)

    def answer(one: Asked) -> Says:
        return Says(403, "") if "/locked/" in one.path else known(one)

    with fake(answer) as running:
        dead = dead_host()
        grow(project, {name: text.replace("HOST", running.host).replace("DEAD", dead) for name, text in FILES.items()})
        options = [
            "--plain-http",
            running.host,
            "--rule",
            f"{running.host}/old={running.host}/new",
            "--rule",
            f"{dead}/old={dead}/new",
        ]
        outs = {}
        for form in ("json", "sarif"):
            run = regfix("verify", "--no-cache", *options, "--format", form, cwd=project,
                         env=environment(REGISTRY_AUTH_FILE="/none"))  # fmt: skip
            assert run.code == 2
            outs[form] = run.out
        yield outs


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"]["const"] == VERSION
    image = SCHEMA["$defs"]["image"]["properties"]
    assert set(image["verdict"]["enum"]) == set(Verdict)
    assert set(image["old"]["properties"]["state"]["enum"]) == set(State)


def test_json_is_valid_and_has_every_verdict(verified: dict[str, str]) -> None:
    report = json.loads(verified["json"])
    assert [error.message[:300] for error in Draft202012Validator(SCHEMA).iter_errors(report)] == []
    assert {one["verdict"] for one in report["images"]} == set(Verdict)
    assert (len(report["notAsked"]), len(report["errors"])) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "fine"},
        {"digest": "sha256:x"},
        {"places": []},
        {"old": None, "verdict": "same"},
        {"more": 1},
        {"image": "a"},
    ],
)
def test_the_schema_refuses_what_is_wrong(change: dict[str, Any], verified: dict[str, str]) -> None:
    report = json.loads(verified["json"])
    report["images"][0] |= change
    assert not Draft202012Validator(SCHEMA).is_valid(report)


def test_sarif_passes_the_official_schema_and_tells_what_json_tells(verified: dict[str, str]) -> None:
    schema = get_schema.schema("sarif")
    assert verified["sarif"].isascii()
    log = json.loads(verified["sarif"])
    assert [error.message[:300] for error in Draft7Validator(schema).iter_errors(log)] == []
    (run,) = log["runs"]
    told = sorted(
        (one["ruleId"], one["locations"][0]["physicalLocation"]["region"]["startLine"]) for one in run["results"]
    )
    images = json.loads(verified["json"])["images"]
    wrong = [one for one in images if one["verdict"] not in ("same", "found")]
    assert told == sorted((one["verdict"], place["line"]) for one in wrong for place in one["places"])
    assert len({one["partialFingerprints"]["regfix/v1"] for one in run["results"]}) == len(told)
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert run["invocations"][0]["executionSuccessful"] is False
    assert any("nearest tags: 1.2" in one["message"]["text"] for one in run["results"])


def test_nothing_to_say_is_a_valid_log_too(project: Path) -> None:
    out = regfix("verify", "--format", "sarif", cwd=project).out
    (run,) = json.loads(out)["runs"]
    assert (run["results"], run["invocations"][0]["executionSuccessful"]) == ([], True)
