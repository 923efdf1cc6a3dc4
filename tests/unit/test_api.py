"""The public API, as a script uses it that moves the references of many projects."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import regfix
from regfix import (
    Action,
    Outcome,
    Reference,
    RegfixError,
    Rule,
    RuleError,
    SourceError,
    Status,
    rewrite,
    rewrite_text,
    scan,
)

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = "k8s.gcr.io", "registry.k8s.io"
RULES = [f"{OLD}={NEW}"]
IMAGE = f"image: {OLD}/pause:3.2  # pause\r\n"


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    """Two projects, with something of everything."""
    files = {
        "one/values.yaml": IMAGE,
        "one/templates/pod.yaml": 'image: {{ .Values.image | default "k8s.gcr.io/pause" }}\n',
        "one/templates/none.yaml": "a: {{ .b }}\n",
        "one/README.md": f"Pull {OLD}/pause:3.2 from {OLD}.\n",
        "one/ignored.yaml": IMAGE,
        "one/.helmignore": "nothing\n",
        "two/broken.yaml": f"image: {OLD}/x\n\tb: [\n",
        "two/latin.yaml": b"image: k8s.gcr.io/x # \xe9\n",
        "two/pod.json": '{"image":"k8s.gcr.io/pause"}',
        "two/bom.yaml": b"\xef\xbb\xbfimage: k8s.gcr.io/x",
        "two/prose.yaml": f"a: about {OLD}\n",
        "two/other.yaml": "image: quay.io/x\n",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def by_name(folder: Path, outcomes: object) -> dict[str, Outcome]:
    return {str(outcome.source).removeprefix(f"{folder}/"): outcome for outcome in outcomes}  # type: ignore[attr-defined]


# --- texts ---


def test_a_text_and_what_was_found() -> None:
    text, findings = rewrite_text(IMAGE, RULES)
    assert text == IMAGE.replace(OLD, NEW)
    assert [(f.source, f.reference, f.result, str(f.rule)) for f in findings] == [
        ("<text>", f"{OLD}/pause:3.2", f"{NEW}/pause:3.2", RULES[0])
    ]


def test_rules_are_texts_or_rules_in_any_iterable() -> None:
    expected = IMAGE.replace(OLD, NEW)
    for rules in (RULES, tuple(RULES), iter(RULES), [Rule.parse(RULES[0])], {RULES[0]}):
        assert rewrite_text(IMAGE, rules).text == expected


def test_no_rules_change_nothing() -> None:
    assert rewrite_text(IMAGE, []) == (IMAGE, ())


@pytest.mark.parametrize(
    "rules", [["x"], ["k8s.gcr.io"], ["a.io=b.io", "a.io=c.io"], ["a.io=b.io", "b.io=a.io"], ["https://a.io=b.io"]]
)
def test_rules_that_do_not_hold_are_an_error(rules: list[str], tmp_path: Path) -> None:
    for call in (
        lambda: rewrite_text(IMAGE, rules),
        lambda: rewrite([tmp_path], rules),
        lambda: list(scan([tmp_path], rules)),
    ):
        with pytest.raises(RuleError) as caught:
            call()
        assert isinstance(caught.value, RegfixError)
        assert isinstance(caught.value, ValueError)


def test_scan_refuses_rules_at_once(tmp_path: Path) -> None:
    with pytest.raises(RuleError):
        scan([tmp_path], ["x"])


def test_the_kind_is_a_text_too() -> None:
    template = f"{{{{ if x }}}}\n{IMAGE}{{{{ end }}}}\n"
    assert rewrite_text(template, RULES, kind="template").text == template.replace(OLD, NEW)
    assert rewrite_text(f"FROM {OLD}/x\n", RULES, kind="text").text == f"FROM {NEW}/x\n"
    with pytest.raises(ValueError, match="'toml' is not a valid Kind"):
        rewrite_text(IMAGE, RULES, kind="toml")


def test_a_text_that_is_no_yaml_is_an_error_with_its_name() -> None:
    with pytest.raises(SourceError, match=r"^values\.yaml:2:\d+: not valid YAML"):
        rewrite_text(f"a: {OLD}/x\n\tb: [\n", RULES, name="values.yaml")


def test_the_text_may_begin_with_a_byte_order_mark() -> None:
    assert rewrite_text("\ufeff" + IMAGE, RULES).text == "\ufeff" + IMAGE.replace(OLD, NEW)


@pytest.mark.parametrize(
    "text",
    ["\ufeffk8s.gcr.io/pause", "\ufeffimage: &a k8s.gcr.io/x\n", "\ufeff# k8s.gcr.io/x\n", "\ufeff|\n k8s.gcr.io/x\n"],
)
def test_whatever_follows_the_byte_order_mark(text: str) -> None:
    result = rewrite_text(text, RULES)
    assert result.text == text.replace(OLD, NEW)
    (found,) = result.findings
    assert text[found.edits[0].span.start :].startswith(OLD), "offsets count code points of the text that was given"


def test_edits_can_be_made_by_the_caller() -> None:
    text = f"é: {OLD}/a\n😀: [{OLD}/b, c]\n"
    result = rewrite_text(text, RULES)
    for edit in sorted((edit for found in result.findings for edit in found.edits), reverse=True):
        assert text[edit.span.start : edit.span.end] == edit.old
        text = text[: edit.span.start] + edit.new + text[edit.span.end :]
    assert text == result.text


# --- trees ---


def test_all_projects_in_one_call(projects: Path) -> None:
    before = contents(projects)
    outcomes = by_name(projects, rewrite([projects], RULES))
    changed = {name for name, outcome in outcomes.items() if outcome.status is Status.CHANGED}
    assert changed == {"one/values.yaml", "one/templates/pod.yaml", "one/ignored.yaml", "two/pod.json", "two/bom.yaml"}
    after = contents(projects)
    assert {name for name in after if after[name] != before[name]} == changed
    assert all(after[name] == before[name].replace(OLD.encode(), NEW.encode()) for name in changed)


def test_what_stays_is_told(projects: Path) -> None:
    outcomes = by_name(projects, rewrite(str(projects), RULES))
    assert [str(f.reason) for f in outcomes["two/prose.yaml"].findings] == ["prose"]
    assert {str(f.reason) for f in outcomes["one/README.md"].findings} == {"text", "prose"}
    assert "two/other.yaml" not in outcomes
    assert "one/templates/none.yaml" not in outcomes


def test_what_fails_carries_its_error_and_its_references(projects: Path) -> None:
    outcomes = by_name(projects, rewrite(projects, RULES))
    for name, why in (("two/broken.yaml", "not valid YAML"), ("two/latin.yaml", "not UTF-8")):
        outcome = outcomes[name]
        assert outcome.status is Status.FAILED
        assert why in str(outcome.error)
        assert [str(f.reason) for f in outcome.findings if f.action is Action.LEAVE] == ["failed"]


def test_a_dry_run_writes_nothing_and_says_the_same(projects: Path) -> None:
    before = contents(projects)
    said = [(o.source, o.status, o.findings) for o in rewrite([projects], RULES, write=False)]
    assert contents(projects) == before
    done = [(o.source, o.status, len(o.findings)) for o in rewrite([projects], RULES)]
    assert [(source, status, len(findings)) for source, status, findings in said] == done


def test_a_second_run_changes_nothing(projects: Path) -> None:
    rewrite([projects], RULES)
    after = contents(projects)
    assert not [o for o in rewrite([projects], RULES) if o.status is Status.CHANGED]
    assert contents(projects) == after


def test_paths_are_texts_or_paths_once(projects: Path) -> None:
    name = projects / "one" / "values.yaml"
    outcomes = rewrite([str(name), name, projects / "one" / ".." / "one" / "values.yaml"], RULES)
    assert [outcome.status for outcome in outcomes] == [Status.CHANGED]


def test_text_files_on_request(projects: Path) -> None:
    rewrite([projects / "one" / "README.md"], RULES, text=True)
    assert (projects / "one" / "README.md").read_text() == f"Pull {NEW}/pause:3.2 from {OLD}.\n"


def test_excluded_files_stay(projects: Path) -> None:
    outcomes = by_name(projects, rewrite([projects], RULES, exclude=["two/", "*.md"]))
    assert not [
        name for name, outcome in outcomes.items() if outcome.status is Status.CHANGED and name.startswith("two/")
    ]


def test_comments_may_stay(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"# {OLD}/a\nb: {OLD}/c\n")
    rewrite([path], RULES, comments=False)
    assert path.read_text() == f"# {OLD}/a\nb: {NEW}/c\n"


def test_without_rules_the_preset_counts_and_no_settings_are_read(tmp_path: Path) -> None:
    (tmp_path / ".regfix.yaml").write_text("rules: {quay.io: ghcr.io}\n")
    (tmp_path / "x.yaml").write_text("a: [k8s.gcr.io/a, gcr.io/google-containers/b, quay.io/c]\n")
    rewrite([tmp_path / "x.yaml"])
    assert (tmp_path / "x.yaml").read_text() == "a: [registry.k8s.io/a, registry.k8s.io/b, quay.io/c]\n"


@pytest.mark.parametrize("path", ["nowhere", "no/where"])
def test_a_path_that_is_not_there(tmp_path: Path, path: str) -> None:
    try:
        outcomes = list(rewrite([tmp_path / path], RULES))
    except RegfixError as error:
        assert path in str(error)
    else:
        assert [outcome.status for outcome in outcomes] == [Status.FAILED]


def test_scan_lists_every_reference_and_writes_nothing(projects: Path) -> None:
    before = contents(projects)
    outcomes = by_name(projects, scan([projects], RULES))
    assert contents(projects) == before
    assert [(f.reference, f.action) for f in outcomes["two/other.yaml"].findings] == [("quay.io/x", Action.NONE)]
    assert [f.action for f in outcomes["one/values.yaml"].findings] == [Action.REWRITE]
    assert outcomes["two/broken.yaml"].status is Status.FAILED


def test_scan_goes_file_by_file(projects: Path) -> None:
    first = next(iter(scan([projects], RULES)))
    assert isinstance(first, Outcome)


def test_outcomes_hold_no_texts(projects: Path) -> None:
    """Thousands of them fit in memory."""
    assert all(o.decoded is None and o.after is None for o in (*rewrite([projects], RULES), *scan([projects], RULES)))


def test_a_script_can_count(projects: Path) -> None:
    total: dict[str, int] = {}
    for outcome in rewrite([projects], RULES):
        for found in outcome.findings:
            if found.action is Action.LEAVE:
                total[str(found.reason)] = total.get(str(found.reason), 0) + 1
    assert total == {"prose": 2, "text": 1, "failed": 2}


# --- the module ---


def test_every_public_name_is_there() -> None:
    for name in regfix.__all__:
        assert getattr(regfix, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'rewrit'"):
        regfix.rewrit  # noqa: B018


def test_importing_is_cheap() -> None:
    script = "import sys, regfix; print(sorted(set(sys.modules) & {'yaml', 'ruamel.yaml', 'typer', 'regfix.api'}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_references_for_scripts() -> None:
    reference = Reference.parse("nginx:1.27")
    assert reference.normalized == "docker.io/library/nginx:1.27"
    assert (reference.host, reference.path, reference.suffix) == ("docker.io", ("library", "nginx"), ":1.27")
    assert Reference.parse("docker.io/library/nginx").familiar == "nginx"
    assert {Reference.parse("a"), Reference.parse("a")} == {Reference("", "a")}


LIGHT = "kind: Lighthouse\nspec:\n  lamp: acme/lamp:1\n  host: k8s.gcr.io\n"
HUB = "docker.io=harbor.example.com/hub"


def test_fields_say_what_no_key_tells(tmp_path: Path) -> None:
    """The fields of the settings for scripts: with them a value is a reference, or is left alone."""
    moved = LIGHT.replace("acme/", "harbor.example.com/hub/acme/")
    lamp = regfix.Field("$.spec.lamp", kind="Lighthouse")
    assert rewrite_text(LIGHT, [HUB]).text == LIGHT
    assert rewrite_text(LIGHT, [HUB], fields=[lamp]).text == moved
    assert rewrite_text(LIGHT, [HUB], fields=[lamp._replace(kind="Ship")]).text == LIGHT
    (tmp_path / "a.yaml").write_text(LIGHT)
    (outcome,) = scan(tmp_path, [HUB], fields=[lamp])
    assert [f.reference for f in outcome.findings if f.action is Action.REWRITE] == ["acme/lamp:1"]
    rewrite(tmp_path, [HUB], fields=[lamp])
    assert (tmp_path / "a.yaml").read_text() == moved
    with pytest.raises(regfix.SettingsError):
        rewrite_text(LIGHT, [HUB], fields=[regfix.Field("$.spec[")])
    with pytest.raises(ValueError, match="picture"):
        rewrite_text(LIGHT, [HUB], fields=[regfix.Field("$.spec", "picture")])  # type: ignore[arg-type]


def test_fields_count_for_overrides_and_upgrades(tmp_path: Path) -> None:
    """What finds the values of an installer, and the dependencies that hold old names, looks at fields, too."""
    from regfix.commands.chart_at import load
    from regfix.helm.upgrade import held_by
    from regfix.image.rule import RuleSet
    from regfix.locate.fields import FieldFinder
    from regfix.locate.hosts import HostFinder

    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: light\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text("lamp:\n  ref: acme/lamp:1\n")
    (tmp_path / "templates" / "a.yaml").write_text("image: {{ .Values.lamp.ref }}\n")
    settings = tmp_path / ".regfix.yaml"
    settings.write_text("rules: {docker.io: harbor.example.com/hub}\nfields: [{path: $.lamp.ref}]\n")
    command = [sys.executable, "-m", "regfix", "overrides", str(tmp_path), "--config", str(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "lamp:\n  ref: harbor.example.com/hub/acme/lamp:1\n"
    rules, finder = RuleSet([Rule.parse(HUB)]), FieldFinder([regfix.Field("$.lamp.ref")])
    assert held_by(load(str(tmp_path)), rules, HostFinder(rules, finder))
    assert not held_by(load(str(tmp_path)), rules, HostFinder(rules))
