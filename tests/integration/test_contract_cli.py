"""The contract of every run (R1 to R8): what is left alone, exit codes, dry runs, order."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from support import (
    HUB,
    OLD,
    PAUSE,
    PAUSE_MOVED,
    contents,
    diff_names,
    git,
    grow,
    litter,
    moved,
    regfix,
    states,
    unprivileged,
)

if TYPE_CHECKING:
    from pathlib import Path

MIXED = {
    "a/moves.yaml": PAUSE,
    "a/moves-too.json": '{"image":"k8s.gcr.io/pause:3.2"}',
    "chart/Chart.yaml": "name: c\nversion: 1.0.0\n",
    "chart/templates/x.yaml": "image: k8s.gcr.io/pause:{{ .Values.tag }}\n",
    "chart/values.yaml": "image:\n  registry: k8s.gcr.io\n  repository: pause\n",
    "left/prose.yaml": "# ask at k8s.gcr.io, please\na: 1\n",
    "left/url.yaml": "url: https://k8s.gcr.io/v2/\n",
    "left/README.md": "docker pull k8s.gcr.io/pause:3.2\n",
    "left/nothing.yaml": "a: [1,   2]   \n\n\n",
    "bad/broken.yaml": f"a: [1\n{PAUSE}",
    "bad/utf16.yaml": PAUSE.encode("utf-16"),
}
CHANGES = ["a/moves-too.json", "a/moves.yaml", "chart/templates/x.yaml", "chart/values.yaml"]


def test_r1_only_files_with_an_edit_are_written(project: Path) -> None:
    """R1: every other file keeps content, inode, times and mode; so does everything in a second run."""
    grow(project, MIXED)
    before, bytes_before = states(project), contents(project)
    run = regfix("rewrite", cwd=project)
    assert run.code == 2
    after = states(project)
    assert sorted(name for name in MIXED if before[name] != after[name]) == CHANGES
    assert {name: data for name, data in contents(project).items() if name not in CHANGES} == {
        name: data for name, data in bytes_before.items() if name not in CHANGES
    }
    regfix("rewrite", cwd=project)
    assert states(project) == after


@pytest.mark.parametrize("options", [["--dry-run"], ["--check"], ["--dry-run", "--format", "json"]])
def test_r1_r4_a_run_that_must_not_write_writes_nothing(project: Path, options: list[str]) -> None:
    """R1, R4: --dry-run and --check open nothing for writing, not even a folder."""
    grow(project, MIXED)
    before = states(project), os.stat(project / "a").st_mtime_ns
    regfix("rewrite", *options, cwd=project)
    assert (states(project), os.stat(project / "a").st_mtime_ns) == before


@pytest.mark.parametrize("command", [["scan"], ["scan", "--format", "json"], ["rules", "list"]])
def test_r1_looking_writes_nothing(project: Path, command: list[str]) -> None:
    """R1: scan and rules leave everything as it is."""
    grow(project, MIXED)
    before = states(project)
    regfix(*command, cwd=project)
    assert states(project) == before


def test_r2_no_byte_outside_of_a_reference_changes(project: Path) -> None:
    """R2: comments, quotes, blanks and layout stay; each style of scalar is mapped (more in test_yaml_forms)."""
    text = "# c\n---\n? image\n: k8s.gcr.io/a:1   # c \nb:  {image:   'k8s.gcr.io/b' , c: \"k8s.gcr.io/c\"}\n...\n"
    grow(project, {"x.yaml": text})
    assert regfix("rewrite", cwd=project).code == 0
    assert (project / "x.yaml").read_text() == text.replace(OLD, "registry.k8s.io")


BROKEN = [
    f"a: [1\n{PAUSE}",
    f"a:\n\t- b\n{PAUSE}",
    f"a: 'open\n{PAUSE}",
    f"{PAUSE}  b: 1\n",
    f"a: *nobody\n: : :\n- {PAUSE}",
    f"{PAUSE}%bad\n---\n}}\n",
    '{"image": "k8s.gcr.io/pause:3.2"',
    f'"\\q"\n{PAUSE}',
]


def test_r3_input_that_is_no_yaml_is_left_and_named(project: Path) -> None:
    """R3: with the place of the error, exit 2; the rest is done."""
    grow(project, {f"{number}.yaml": text for number, text in enumerate(BROKEN)} | {"z.yaml": PAUSE})
    before = states(project)
    run = regfix("rewrite", cwd=project)
    assert run.code == 2
    after = states(project)
    for number in range(len(BROKEN)):
        assert before[f"{number}.yaml"] == after[f"{number}.yaml"]
        assert f"{number}.yaml:" in run.err
    assert (project / "z.yaml").read_text() == PAUSE_MOVED


def test_r3_a_broken_document_of_a_long_stream(project: Path) -> None:
    """R3: a file is YAML or not as a whole, also where only another document holds a reference."""
    text = f"---\n{PAUSE}---\n" + "".join(f"key{n}: value\n" for n in range(1000)) + "---\na: [1\n"
    grow(project, {"x.yaml": text})
    run = regfix("rewrite", cwd=project)
    assert run.code == 2
    assert "x.yaml:1006" in run.err, "the end of the file, where the bracket is still open"
    assert (project / "x.yaml").read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        "image: nginx:1.27\nb: [1\n",
        "a: b: c\nspec:\n  image: 'nginx'\n",
        "image:\n  repository: bitnami/redis\n  tag: 7\n\tb\n",
        '// a comment\n{\n  "image": "nginx:1.27",\n  "b": }\n',
    ],
)
def test_r3_images_without_a_registry_in_what_is_no_yaml(project: Path, text: str) -> None:
    """R3: a short name of Docker Hub is not missed in silence either."""
    grow(project, {"x.yaml": text, "y.yaml": "image: nginx\n"})
    run = regfix("rewrite", *HUB, cwd=project)
    assert (run.code, (project / "x.yaml").read_text()) == (2, text)
    assert "x.yaml:" in run.err
    assert (project / "y.yaml").read_text() == "image: harbor.corp/hub/library/nginx\n"


@pytest.mark.parametrize(
    "text", ["// c\n{'image': [1}\n", "image: [1\n", "repository: b: c\n", "the image: nginx: is\n"]
)
def test_r3_what_is_no_yaml_and_holds_no_image_does_not_matter(project: Path, text: str) -> None:
    """R3: a file in which nothing is to be done is not judged."""
    grow(project, {"x.yaml": text})
    assert regfix("rewrite", *HUB, cwd=project).code == 0


LONG = "".join(f"key{n}: value\n" for n in range(1000))


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("broken before", f"a: [1\n---\n{LONG}---\n{PAUSE}", 2),
        ("only prose", f"a: {OLD}\n---\n{LONG}---\na: [1\n", 2),
        ("nothing of ours", f"a: nothing\n---\n{LONG}---\na: [1\n", 0),
        ("YAML 1.2 only", f"{PAUSE}---\n{LONG}---\nk: [a:, b]\n", 0),
        ("actions", f"{PAUSE}---\n{LONG}---\na: {{{{ .b }}}}\n---\nc: {{{{ .d }}}}: {{{{ .e }}}}\n", 0),
    ],
)
def test_r3_long_streams_are_judged_as_short_ones(project: Path, name: str, text: str, code: int) -> None:
    """R3: what a file without its filling gets, it gets with it."""
    grow(project, {"long.yaml": text, "short.yaml": text.replace(LONG, "key: value\n")})
    assert regfix("rewrite", "long.yaml", cwd=project).code == code
    assert regfix("rewrite", "short.yaml", cwd=project).code == code
    after = contents(project)
    assert after["long.yaml"].decode() == (text if code else moved(text))
    assert after["short.yaml"].decode() == after["long.yaml"].decode().replace(LONG, "key: value\n")


def test_r3_templates_and_text_need_not_be_yaml(project: Path) -> None:
    """R3: templates by their place or name are lexed, other text is not parsed at all."""
    body = "{{- if .x }}\n  a: [\n" + PAUSE + "{{ end }}\n"
    grow(project, {"templates/x.yaml": body, "x.tpl": body, "notes.txt": "a: [1\n" + PAUSE})
    assert regfix("rewrite", "--text", cwd=project).code == 0
    assert all(OLD not in data.decode() for data in contents(project).values())


YAML_1_2_ONLY = [
    "a: &\u00e4 1\nb: *\u00e4\n",
    "- !local,tag x\n",
    "k: [::1]\n",
    "k: [a:, b]\n",
    "a: &x#y b\n",
    "%RESERVED x\n---\na: 1\n",
    "{: x}\n",
]


@pytest.mark.parametrize("text", YAML_1_2_ONLY)
def test_r3_where_libyaml_refuses_the_yaml_1_2_parser_is_asked(project: Path, text: str) -> None:
    """R3: libyaml 0.2.5 refuses each of these, YAML 1.2 allows them."""
    grow(project, {"x.yaml": f"{text}---\n{PAUSE}"})
    run = regfix("rewrite", cwd=project)
    assert (run.code, (project / "x.yaml").read_text()) == (0, f"{text}---\n{PAUSE_MOVED}"), run.err


EXIT_CODES = [
    ("nothing to do", {"x.yaml": "a: 1\n"}, ["rewrite"], 0),
    ("done", {"x.yaml": PAUSE}, ["rewrite"], 0),
    ("left", {"x.yaml": "a: https://k8s.gcr.io/v2\n"}, ["rewrite"], 0),
    ("dry run", {"x.yaml": PAUSE}, ["rewrite", "--dry-run"], 0),
    ("check finds", {"x.yaml": PAUSE}, ["rewrite", "--check"], 1),
    ("check finds nothing", {"x.yaml": PAUSE_MOVED}, ["rewrite", "--check"], 0),
    ("diff", {"x.yaml": PAUSE}, ["rewrite", "--diff"], 0),
    ("bad source", {"x.yaml": "a: [\n" + PAUSE}, ["rewrite"], 2),
    ("bad source and findings", {"x.yaml": "a: [\n" + PAUSE, "y.yaml": PAUSE}, ["rewrite", "--check"], 2),
    ("bad source, dry", {"x.yaml": "a: [\n" + PAUSE}, ["rewrite", "--dry-run"], 2),
    ("bad source, json", {"x.yaml": "a: [\n" + PAUSE}, ["rewrite", "--format", "json"], 2),
    ("no such path", {}, ["rewrite", "nowhere"], 2),
    ("scan", {"x.yaml": PAUSE}, ["scan"], 0),
    ("scan of a bad source", {"x.yaml": "a: [\n" + PAUSE}, ["scan"], 2),
    ("unknown option", {}, ["rewrite", "--nonsense"], 2),
    ("unknown command", {}, ["nonsense"], 2),
    ("unknown format", {}, ["rewrite", "--format", "xml"], 2),
    ("unknown preset", {}, ["rewrite", "--preset", "nope"], 2),
    ("two modes", {}, ["rewrite", "--dry-run", "--check"], 2),
    ("no rule", {}, ["rewrite", "--rule", "k8s.gcr.io"], 2),
    ("missing settings", {}, ["rewrite", "--config", "nope.yaml"], 2),
    ("no value", {}, ["rewrite", "--rule"], 2),
    ("empty path", {}, ["rewrite", ""], 2),
    ("help", {}, ["rewrite", "--help"], 0),
    ("no command", {}, [], 0),
    ("version", {}, ["--version"], 0),
]


@pytest.mark.parametrize(("files", "arguments", "code"), [case[1:] for case in EXIT_CODES],
                         ids=[case[0] for case in EXIT_CODES])  # fmt: skip
def test_r4_exit_codes(project: Path, files: dict[str, str], arguments: list[str], code: int) -> None:
    """R4: 0 done, 1 findings remain, 2 usage, settings, or a source that could not be processed."""
    grow(project, files)
    run = regfix(*arguments, cwd=project)
    assert run.code == code, run.said
    assert run.said or code == 0, "an exit code other than 0 is explained"


@pytest.mark.parametrize("option", ["--dry-run", "--check"])
def test_r4_a_dry_run_names_exactly_what_the_real_run_changes(project: Path, option: str) -> None:
    """R4: also among files that cannot be written: several names, read-only, in a folder that is read-only."""
    grow(project, MIXED | {"many/names.yaml": PAUSE, "ro/file.yaml": PAUSE, "ro/folder/x.yaml": PAUSE, "z.yaml": PAUSE})
    os.link(project / "many/names.yaml", project / "many/twin.yaml")
    os.symlink("z.yaml", project / "link.yaml")
    os.chmod(project / "ro/file.yaml", 0o444)
    os.chmod(project / "ro/folder", 0o555)
    try:
        said = regfix("rewrite", option, "--format", "json", cwd=project, command=unprivileged())
        shown = regfix("rewrite", option, cwd=project, command=unprivileged())
        before = contents(project)
        real = regfix("rewrite", cwd=project, command=unprivileged())
    finally:
        os.chmod(project / "ro/folder", 0o755)
    after = contents(project)
    changed = sorted(name for name in before if before[name] != after[name])
    assert changed == [*CHANGES, "z.yaml"]
    if option == "--dry-run":
        assert sorted(diff_names(shown.stdout)) == changed
    else:
        assert sorted({line.partition(":")[0].removeprefix("./") for line in shown.out.splitlines()}) == changed
    import json

    sources = json.loads(said.stdout)["sources"]
    assert sorted(os.path.relpath(s["path"]) for s in sources if s["status"] == "changed") == changed
    assert (real.code, shown.code, said.code) == (2, 2, 2)


@pytest.mark.parametrize("position", ["a", "m", "z"])
def test_r5_one_bad_file_never_stops_the_rest(project: Path, position: str) -> None:
    """R5: whatever is bad about it, wherever it comes in the order."""
    bad = {
        f"{position}1.yaml": "a: [\n" + PAUSE,
        f"{position}2.yaml": PAUSE.encode() + b"\xff\xfe\n",
        f"{position}3.yaml": PAUSE.encode() + b"\0",
        f"{position}4.yaml": PAUSE.encode("utf-16"),
        f"{position}5.json": "{" + PAUSE,
    }
    grow(
        project,
        bad | {f"{letter}0.yaml": PAUSE for letter in "bclnxy"} | {f"{letter}9.yaml": PAUSE for letter in "amz"},
    )
    run = regfix("rewrite", "missing.yaml", ".", cwd=project)
    assert run.code == 2
    for name, data in contents(project).items():
        if name in bad:
            assert name in run.err
            assert data == (bad[name].encode() if isinstance(bad[name], str) else bad[name])
        else:
            assert data.decode() == PAUSE_MOVED
    assert "missing.yaml" in run.err


def test_r6_a_path_given_twice_is_done_once(project: Path) -> None:
    """R6: by whatever name; the dry run shows it once."""
    grow(project, {"a/x.yaml": PAUSE})
    os.symlink("a", project / "link")
    paths = ["a/x.yaml", "a", "./a/../a", str(project), "link", "a/x.yaml", "."]
    assert len(diff_names(regfix("rewrite", "--dry-run", *paths, cwd=project).stdout)) == 1
    run = regfix("rewrite", *paths, cwd=project)
    assert (run.code, run.out.count("x.yaml")) == (0, 1)
    assert "1 reference in 1 file" in run.err


def test_r6_a_second_run_changes_nothing(project: Path) -> None:
    """R6: nor do a dry run and a check find anything then."""
    grow(project, {name: data for name, data in MIXED.items() if not name.startswith("bad")})
    assert regfix("rewrite", "--text", cwd=project).code == 0
    before = states(project)
    assert regfix("rewrite", "--text", "--check", cwd=project).code == 0
    assert regfix("rewrite", "--text", "--dry-run", cwd=project).stdout == b""
    assert regfix("rewrite", "--text", cwd=project).code == 0
    assert states(project) == before


@pytest.mark.parametrize("named", ["folder", "file"])
def test_r7_version_control_is_never_entered(project: Path, named: str) -> None:
    """R7: neither from above, nor when it is named, nor with --no-ignore."""
    folders = [".git", "sub/.git", ".hg", ".svn", "deep/er/.hg"]
    grow(project, {f"{folder}/hooks/x.yaml": PAUSE for folder in folders})
    inside = {folder: (project / folder / "hooks/x.yaml") for folder in folders}
    assert regfix("rewrite", "--no-ignore", "--text", cwd=project).code == 0
    for folder in folders:
        path = f"{folder}/hooks" if named == "folder" else f"{folder}/hooks/x.yaml"
        run = regfix("rewrite", "--no-ignore", "--text", path, cwd=project)
        assert (run.code, run.out) == (2, "")
        assert path in run.err
    assert [path.read_text() for path in inside.values()] == [PAUSE] * len(folders)


@pytest.mark.parametrize(
    "arguments",
    [
        ["rewrite", "--dry-run"],
        ["rewrite", "--check"],
        ["rewrite", "--dry-run", "--format", "json"],
        ["scan"],
        ["scan", "--format", "csv"],
        ["rewrite", "-v"],
    ],
)
def test_r8_the_output_does_not_depend_on_the_order_of_creation(tmp_path: Path, arguments: list[str]) -> None:
    """R8: nor on that of the directory entries."""
    names = [f"{'fo/' * (number % 3)}{number:02}{'x' * (number * 7 % 50)}.yaml" for number in range(40)] + [
        "B.yaml",
        "a.yaml",
    ]
    outputs = set()
    for seed in range(3):
        folder = tmp_path / str(seed) / "p"
        folder.mkdir(parents=True)
        git(folder, "init", "-q")
        random.Random(seed).shuffle(names)
        grow(folder, dict.fromkeys(names, PAUSE) | {"bad.yaml": "[" + PAUSE})
        run = regfix(*arguments, cwd=folder)
        outputs.add((run.code, run.stdout, run.stderr))
    assert len(outputs) == 1


def test_r4_settings_and_rules_fail_before_anything_is_written(project: Path) -> None:
    """R4: a run that ends with a usage error has done nothing."""
    grow(project, {"x.yaml": PAUSE})
    before = states(project)
    for arguments in (["--rule", "a=b"], ["--preset", "x"], ["--exclude", ""], ["--format", "x"], ["--config", "n"]):
        assert regfix("rewrite", *arguments, cwd=project).code == 2
    assert states(project) == before
    assert litter(project) == []
