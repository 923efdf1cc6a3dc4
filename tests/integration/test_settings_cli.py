"""Settings (R62 to R64): found where they count, read strictly, never rewritten."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from support import PAUSE, PAUSE_MOVED, git, grow, regfix, states

if TYPE_CHECKING:
    from pathlib import Path

NAME = ".regfix.yaml"
RULE = "rules:\n  k8s.gcr.io: b.io\n"
BY_SETTINGS = "image: b.io/pause:3.2\n"

WRONG = {
    "unknown key": ("rule:\n  k8s.gcr.io: b.io\n", 1, 1),
    "unknown key behind others": (f"{RULE}text: true\nnonsense: 1\n", 4, 1),
    "unknown key in flow": ("{text: true, nonsense: 1}\n", 1, 14),
    "key in capitals": ("Rules: {}\n", 1, 1),
    "number as key": ("1: 2\n", 1, 1),
    "null as key": ("~: 2\n", 1, 1),
    "list as key": ("? [a]\n: 2\n", 1, None),
    "rules as list": ("text: true\nrules:\n- k8s.gcr.io=b.io\n", 2, 1),
    "rules as text": ("rules: k8s.gcr.io=b.io\n", 1, 1),
    "rules as flag": ("rules: false\n", 1, 1),
    "target as list": ("rules:\n  k8s.gcr.io: [b.io]\n", 2, None),
    "target as number": ("rules:\n  k8s.gcr.io: 1.5\n", 2, None),
    "target missing": ("rules:\n  k8s.gcr.io:\n", 2, None),
    "source as number": ("rules:\n  1.5: b.io\n", 2, None),
    "source as list": ("rules:\n  [a]: b.io\n", 2, None),
    "flag as text": ("text: 'true'\n", 1, 1),
    "flag as number": ("text: true\ncomments: 1\n", 2, 1),
    "flag in the words of yaml 1.1": ("comments: no\n", 1, 1),
    "presets as text": ("presets: kubernetes\n", 1, 1),
    "preset as number": ("presets: [1]\n", 1, None),
    "unknown preset": ("text: true\npresets: [nope]\n", 2, None),
    "exclude as mapping": ("exclude: {a: b}\n", 1, 1),
    "exclude as text": ("exclude: vendor\n", 1, 1),
    "duplicate key": (f"{RULE}text: true\ntext: true\n", 4, 1),
    "duplicate rules": (f"{RULE}{RULE}", 3, 1),
    "duplicate rule": ("rules:\n  k8s.gcr.io: b.io\n  k8s.gcr.io: c.io\n", 3, 3),
    "conflict": ("rules:\n  k8s.gcr.io: b.io\n  k8s.gcr.io/: c.io\n", 3, 3),
    "cycle": ("rules:\n  a.io: b.io\n  b.io: a.io\n", None, None),
    "rule with a scheme": ("rules:\n  k8s.gcr.io: https://b.io\n", 2, 3),
    "rule with braces": ("rules:\n  k8s.gcr.io: '{{ x }}'\n", 2, 3),
    "rule with a line feed": ('rules:\n  k8s.gcr.io: "b.io\\nx: y"\n', 2, 3),
    "rule with an escape": ('rules:\n  "k8s.gcr.io\\e[31m": b.io\n', 2, 3),
    "rule with a tag": ("rules:\n  k8s.gcr.io/pause:3.2: b.io\n", 2, 3),
    "empty rule": ("rules:\n  '': b.io\n", 2, 3),
    "tagged": ("text: !python/object/apply:os.system ['touch hacked']\n", 1, None),
    "tagged rules": ("rules: !!python/object/new:os.system ['touch hacked']\n", 1, None),
    "set": ("rules: !!set {a.io, b.io}\n", None, None),
    "list at the top": ("- rules\n", 1, 1),
    "text at the top": ("rules\n", 1, 1),
    "two documents": (f"{RULE}---\n{RULE}", 3, None),
    "no yaml": ("rules:\n  k8s.gcr.io: [b.io\n", None, None),
    "tab": ("rules:\n\tk8s.gcr.io: b.io\n", 2, None),
    "unknown alias": ("text: *x\n", 1, None),
    "alias of itself": ("rules: &a\n  k8s.gcr.io: *a\n", 2, None),
    "control character": ("text: \x01true\n", 1, None),
    "not utf-8": (b"text: true # \xe4\n", 1, None),
    "utf-16": (RULE.encode("utf-16"), None, None),
    "nul": (b"text: true\0\n", None, None),
    "exclude that means nothing": ("exclude: ['']\n", 1, None),
}


@pytest.mark.parametrize("name", WRONG)
def test_r62_what_is_wrong_is_said_with_its_place(project: Path, name: str) -> None:
    """R62: exit 2 with file, line and column; nothing is written, nothing is run."""
    content, line, column = WRONG[name]
    grow(project, {NAME: content, "x.yaml": PAUSE})
    before = states(project)
    run = regfix("rewrite", cwd=project)
    assert (run.code, states(project)) == (2, before)
    place = NAME if line is None else f"{NAME}:{line}" if column is None else f"{NAME}:{line}:{column}:"
    assert place in run.err
    assert run.err.startswith("error: ")
    assert run.out == ""
    assert not (project / "hacked").exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "# nothing\n",
        "---\n",
        "{}\n",
        "rules:\n",
        "rules: {}\n",
        "presets: []\n",
        "~\n",
        "\ufefftext: false\n",
        "text: false\r\nrules: {}\r\n",
        "exclude:\n",
    ],
)
def test_r62_settings_that_say_nothing_leave_the_defaults(project: Path, content: str) -> None:
    """R62: an empty file is no error."""
    grow(project, {NAME: content, "x.yaml": PAUSE})
    assert regfix("rewrite", "x.yaml", cwd=project).code == 0
    assert (project / "x.yaml").read_text() == PAUSE_MOVED


HOSTILE = {
    "billion laughs": "a: &a [x, x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)),
    "billion laughs in rules": "rules: &a {a: b}\n" + "text: &b [*a, *a]\n" + "exclude: &c [*b, *b]\n",
    "deep flow": "exclude: " + "[" * 10_000,
    "deep closed flow": "exclude: " + "[" * 10_000 + "]" * 10_000 + "\n",
    "deep block": "exclude:\n" + "- " * 5_000 + "x\n",
    "long line": "exclude: [" + "x" * 900_000,
    "too large": "# " + "x" * 2_000_000,
    "many keys": "".join(f"k{n}: 1\n" for n in range(10_000)),
    "many anchors": "exclude:\n" + "".join(f"- &a{n} [x]\n" for n in range(10_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_r62_r19_hostile_settings_end_soon(project: Path, name: str) -> None:
    """R62, R19: exit 2 within 15 s, nothing written."""
    grow(project, {NAME: HOSTILE[name], "x.yaml": PAUSE})
    before = states(project)
    run = regfix("rewrite", cwd=project, timeout=15)
    assert (run.code, states(project)) == (2, before)
    assert NAME in run.err
    assert len(run.err) < 2_000


@pytest.mark.parametrize("content", ["rules:\n  <<: {k8s.gcr.io: b.io}\n", "<<: {rules: {k8s.gcr.io: b.io}}\n",
                                     "rules: &r\n  <<: *r\n"])  # fmt: skip
def test_r62_merge_keys_are_merged_or_refused(project: Path, content: str) -> None:
    """R62: they are not part of YAML 1.2; whoever reads them merges them, who does not says where they are."""
    grow(project, {NAME: content, "x.yaml": PAUSE})
    run = regfix("rewrite", "x.yaml", cwd=project)
    if run.code == 2:
        assert f"{NAME}:" in run.err
    else:
        assert (project / "x.yaml").read_text() == BY_SETTINGS


@pytest.mark.parametrize("command", [["scan"], ["rules", "list"], ["rules", "explain", "nginx"], ["rewrite", "--check"],
                                     ["rewrite", "--rule", "a.io=b.io"]])  # fmt: skip
def test_r62_every_command_that_reads_settings_checks_them(project: Path, command: list[str]) -> None:
    """R62: also where rules on the command line replace theirs."""
    grow(project, {NAME: "nonsense: 1\n"})
    run = regfix(*command, cwd=project)
    assert run.code == 2
    assert f"{NAME}:1:1" in run.err


def test_r62_a_settings_file_that_cannot_be_read_is_an_error(project: Path) -> None:
    """R62: a link to nowhere, a folder; not as if there were none."""
    grow(project, {"x.yaml": PAUSE, "other.yaml": RULE})
    os.symlink("nowhere", project / NAME)
    assert regfix("rewrite", cwd=project).code == 2
    (project / NAME).unlink()
    (project / NAME).mkdir()
    assert regfix("rewrite", cwd=project).code == 2
    assert regfix("rewrite", "--config", "missing.yaml", cwd=project).code == 2
    assert (project / "x.yaml").read_text() == PAUSE


def test_r62_settings_are_found_upwards_to_the_root_of_the_project_only(tmp_path: Path) -> None:
    """R62: from the paths, not from the working folder; the nearest counts."""
    grow(
        tmp_path,
        {
            NAME: "nonsense: 1\n",
            "p/a/b/x.yaml": PAUSE,
            "q/x.yaml": PAUSE,
            f"q/{NAME}": "rules: {k8s.gcr.io: c.io}\n",
            f"p/a/{NAME}": RULE,
        },
    )
    for name in ("p", "q"):
        git(tmp_path / name, "init", "-q")
    run = regfix("rewrite", "-v", "q/x.yaml", cwd=tmp_path)
    assert (tmp_path / "q/x.yaml").read_text() == "image: c.io/pause:3.2\n", run.err
    assert regfix("rewrite", ".", cwd=tmp_path / "p/a/b").code == 0
    assert (tmp_path / "p/a/b/x.yaml").read_text() == BY_SETTINGS
    (tmp_path / f"p/a/{NAME}").unlink()
    grow(tmp_path, {"p/a/b/x.yaml": PAUSE})
    assert regfix("rewrite", "p/a/b", cwd=tmp_path).code == 0
    assert (tmp_path / "p/a/b/x.yaml").read_text() == PAUSE_MOVED


def test_r62_a_work_tree_may_have_a_file_for_its_git_folder(tmp_path: Path) -> None:
    """R62: a linked work tree or a submodule is a project of its own."""
    grow(tmp_path, {NAME: "nonsense: 1\n", "sub/.git": "gitdir: ../.git/modules/sub\n", "sub/a/x.yaml": PAUSE})
    assert regfix("rewrite", "sub/a", cwd=tmp_path).code == 0
    assert (tmp_path / "sub/a/x.yaml").read_text() == PAUSE_MOVED


def test_r62_rules_of_the_command_line_replace_those_of_the_settings(project: Path) -> None:
    """R62: the rest of the settings stays in force."""
    grow(project, {NAME: "rules: {k8s.gcr.io: b.io, quay.io: b.io}\nexclude: [no]\n", "no/x.yaml": PAUSE,
                   "x.yaml": "- image: k8s.gcr.io/a\n- image: quay.io/a\n"})  # fmt: skip
    assert regfix("rewrite", "--rule", "k8s.gcr.io=c.io", cwd=project).code == 0
    assert (project / "x.yaml").read_text() == "- image: c.io/a\n- image: quay.io/a\n"
    assert (project / "no/x.yaml").read_text() == PAUSE


def test_r62_every_setting_works(project: Path) -> None:
    """R62: rules, presets, exclude, text, comments."""
    grow(
        project,
        {
            NAME: "rules: {quay.io: b.io}\npresets: [kubernetes]\nexclude: [/no/, '*.skip.yaml']\n"
            "text: true\ncomments: false\n",
            "no/x.yaml": PAUSE,
            "a.skip.yaml": PAUSE,
            "run.sh": "docker pull quay.io/a:1\n",
            "x.yaml": f"{PAUSE}# {PAUSE}",
        },
    )
    assert regfix("rewrite", cwd=project).code == 0
    assert (project / "x.yaml").read_text() == f"{PAUSE_MOVED}# {PAUSE}"
    assert (project / "run.sh").read_text() == "docker pull b.io/a:1\n"
    assert (project / "no/x.yaml").read_text() == (project / "a.skip.yaml").read_text() == PAUSE


@pytest.mark.parametrize("named", [False, True])
def test_r64_settings_are_not_rewritten_and_are_named(project: Path, named: bool) -> None:
    """R64: neither those in force nor others in the tree, nor when named; -v says which count."""
    other = "# k8s.gcr.io/pause:3.2\nrules: {k8s.gcr.io: c.io}\n"
    grow(project, {NAME: f"# k8s.gcr.io/x:1\n{RULE}", f"sub/{NAME}": other, "x.yaml": PAUSE, "mine.yaml": other})
    before = states(project)
    paths = [NAME, f"sub/{NAME}", "x.yaml"] if named else []
    run = regfix("rewrite", "-v", "--text", "--exclude", "mine.yaml", *paths, cwd=project)
    after = states(project)
    assert run.code == 0
    assert [name for name in before if before[name] != after[name]] == ["x.yaml"]
    assert f"settings: {NAME}\n" in run.err
    assert run.err.count(f"{NAME} (settings)") == 2, "what is not read is listed"
    run = regfix("rewrite", "-v", "--config", "mine.yaml", cwd=project)
    assert (run.code, (project / "mine.yaml").read_text()) == (0, other)
    assert "settings: mine.yaml" in run.err
    assert (project / NAME).read_text() == f"# k8s.gcr.io/x:1\n{RULE}"


def test_r64_no_settings_are_named_as_well(project: Path) -> None:
    """R64: and the rules with where they come from."""
    run = regfix("rewrite", "-v", cwd=project)
    assert "settings: none" in run.err
    assert "rule: k8s.gcr.io=registry.k8s.io" in run.err
