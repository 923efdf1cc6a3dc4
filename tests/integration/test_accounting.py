"""The accounting (R3, R12, R15, R30): what stays of a source registry in a file that is read is listed with its place.

An independent search for bounded mentions of the rules' hosts is held against what regfix says.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import grow, regfix, rule_options, some, states

RULES = [("k8s.gcr.io", "registry.k8s.io"), ("docker.io", "harbor.corp/hub")]
MENTION = re.compile(r"(?<![\w.-])(?:k8s\.gcr\.io|(?:index\.|registry-1\.)?docker\.io)(?![\w-]|\.[A-Za-z0-9]|:\d)")

WORDS = st.sampled_from(
    [
        "k8s.gcr.io/pause:3.2",
        "docker.io/nginx",
        "docker.io/library/nginx:1",
        "index.docker.io/a/b",
        "k8s.gcr.io",
        "docker.io",
        "https://k8s.gcr.io/v2/",
        "https://index.docker.io/v1/",
        "//docker.io/x",
        "harbor.corp/k8s.gcr.io/x",
        "./docker.io/x",
        "k8s.gcr.io.",
        "k8s.gcr.io/",
        "k8s.gcr.io//x",
        "k8s.gcr.io/X",
        "k8s.gcr.io/-",
        "k8s.gcr.io/*",
        "k8s.gcr.io:port",
        "docker.io:{{ .p }}",
        "k8s.gcr.io/{{ .x }}",
        "{{ .x }}/k8s.gcr.io/y",
        "${X}k8s.gcr.io/y",
        "k8s.gcr.io${X}",
        "$(X)/docker.io/y",
        "docker.io/${X}",
        "k8s.gcr.io\\/pause",
        "docker.io\\/nginx",
        "k8s\\.gcr\\.io/pause",
        "me@k8s.gcr.io",
        "@docker.io/x",
        "k8s.gcr.io@sha256:x",
        "k8s.gcr.io/a,docker.io/b",
        "(docker.io/x)",
        "'k8s.gcr.io/x'",
        '"docker.io"',
        "image=docker.io/x",
        "registry=k8s.gcr.io",
        "image: nginx",
        "registry: docker.io",
        "repository: a/b",
        "-",
        "#",
        "x",
        "and",
        "notk8s.gcr.io/x",
        "k8s.gcr.io.evil/x",
        "{{",
        "}}",
        "{{/*",
        "*/}}",
        "`",
        "|",
        ": ",
    ]
)
LINES = st.builds(
    lambda indent, words: indent + " ".join(words),
    st.sampled_from(["", "", "  ", "    ", "# ", "- "]),
    st.lists(WORDS, max_size=5),
)
TEXTS = st.builds("\n".join, st.lists(LINES, min_size=1, max_size=12))


def as_yaml(text: str) -> str:
    """Return a text as a YAML document that holds it as comments, a literal, and quoted scalars."""
    lines = text.split("\n")
    quoted = "".join(f"k{n}: '{line.replace(chr(39), chr(39) * 2)}'\n" for n, line in enumerate(lines))
    double = "".join(f"d{n}: {json.dumps(line)}\n" for n, line in enumerate(lines))
    literal = "text: |2\n" + "".join(f"  {line}\n" for line in lines)
    comments = "".join(f"# {line}\n" for line in lines)
    return quoted + comments + literal + double + f"registry: docker.io # {lines[0]}\n"


def left(said: str) -> list[tuple[str, ...]]:
    """Return what is listed, without columns, which edits before it move."""
    return re.findall(r"^  (.*:\d+):\d+: (.*)$", said, re.MULTILINE)


def mentions(text: str) -> set[int]:
    """Return the numbers of the lines in which a host of the rules stands by itself."""
    return {number for number, line in enumerate(text.split("\n"), 1) if MENTION.search(line)}


@some(15)
@given(st.lists(TEXTS, min_size=12, max_size=12))
def test_r12_r30_whatever_stays_is_listed(texts: list[str]) -> None:
    """R12, R30: in YAML, templates and text; a second run lists the same and changes nothing."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number, text in enumerate(texts):
            grow(
                folder,
                {
                    f"{number}.yaml": as_yaml(text),
                    f"templates/{number}.yaml": text + "\n{{ end }}",
                    f"{number}.txt": text,
                },
            )
        run = regfix("rewrite", "--text", *rule_options(RULES), cwd=folder)
        assert run.code == 0, run.err
        listed: dict[str, set[int]] = {}
        for name, line in re.findall(r"^  (?:\./)?([^:\n]+):(\d+):\d+: ", run.err, re.MULTILINE):
            listed.setdefault(name, set()).add(int(line))
        for path in sorted(folder.rglob("*.*")):
            name, text = str(path.relative_to(folder)), path.read_text()
            silent = mentions(text) - listed.get(name, set())
            assert silent == set(), (name, [text.split("\n")[number - 1] for number in silent])
        before = states(folder)
        again = regfix("rewrite", "--text", *rule_options(RULES), cwd=folder)
        assert states(folder) == before
        assert left(again.err) == left(run.err)


MISSED = [
    "https://index.docker.io/v1/",
    "docker.io\\/nginx",
    "me@docker.io",
    "//docker.io/x",
    "a: docker.io",
    "docker.io:{{ .p }}",
    "harbor.corp/docker.io/x",
    "docker.io.",
    "docker.io/X",
    "docker.io/*",
]


@pytest.mark.parametrize("word", MISSED)
@pytest.mark.parametrize("name", ["x.yaml", "templates/x.yaml", "x.txt"])
def test_r30_docker_hub_is_a_source_registry_like_any_other(project: Path, word: str, name: str) -> None:
    """R30, R12: what stays of it is listed, too."""
    text = f"note: '{word}'\n# see {word}\n"
    grow(project, {name: text})
    run = regfix("rewrite", "--text", "--rule", "docker.io=harbor.corp/hub", cwd=project)
    after = (project / name).read_text()
    assert [line for line in mentions(after) if f"{name}:{line}:" not in run.err] == []


def test_r3_what_stays_in_files_that_are_no_manifests_is_listed(project: Path) -> None:
    """R3: without --text they are read, but not rewritten."""
    grow(
        project, {"README.md": "# x\n\ndocker pull k8s.gcr.io/pause:3.2\n", "Dockerfile": "FROM k8s.gcr.io/pause:3.2\n"}
    )
    run = regfix("rewrite", cwd=project)
    assert run.code == 0
    assert "README.md:3:13: k8s.gcr.io/pause:3.2" in run.err
    assert "Dockerfile:1:6: k8s.gcr.io/pause:3.2" in run.err


def test_r3_what_is_not_read_is_counted(project: Path) -> None:
    """R3, R22: with the reason; -v names each."""
    grow(
        project,
        {
            ".gitignore": "a.yaml\n",
            "a.yaml": "x",
            "b.yaml": "x",
            "c/Chart.yaml": "name: c\n",
            "c/.helmignore": "d.yaml\n",
            "c/d.yaml": "x",
        },
    )
    (project / "l.yaml").symlink_to("b.yaml")
    run = regfix("rewrite", "-v", "--exclude", "b.yaml", cwd=project)
    for name in ("a.yaml", "b.yaml", "c/d.yaml", "l.yaml"):
        assert re.search(rf"not read: (\./)?{name} \(", run.err)
    assert len(re.findall(r"^1 not read: ", run.err, re.MULTILINE)) == 4
