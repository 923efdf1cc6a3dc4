"""Bounded time and memory (R19, R65): huge, deep and hostile input is rewritten rightly, or reported; never a hang."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from support import HUB, OLD, PAUSE, PAUSE_MOVED, grow, measured, moved

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REF = "k8s.gcr.io/pause:3.2"
MIB = 1024 * 1024


# --- huge ---


def test_r19_a_file_of_100_mb(project: Path) -> None:
    """R19: within a minute and 1.5 GiB."""
    block = "".join(
        f"  key{n}: a value of a usual length in a file that some program wrote, number {n}\n" for n in range(2500)
    )
    text = "".join(f"part{n}:\n{block}  image: {REF}\n" for n in range(500))
    assert len(text) > 100_000_000
    grow(project, {"x.yaml": text, "y.yaml": PAUSE})
    run = measured("rewrite", "-q", cwd=project, timeout=60)
    assert run.code == 0, run.err
    assert run.peak < 1536 * MIB
    assert (project / "x.yaml").read_text() == moved(text)
    assert (project / "y.yaml").read_text() == PAUSE_MOVED


def test_r19_a_file_above_the_limit_is_reported(project: Path) -> None:
    """R19: the limit is named, nothing of the file is read, the others are done."""
    grow(project, {"x.yaml": PAUSE, "y.yaml": PAUSE})
    with open(project / "x.yaml", "r+b") as file:
        file.truncate(4 * 1024 * MIB)
    run = measured("rewrite", "-q", cwd=project, timeout=10)
    assert run.code == 2
    assert "x.yaml: " in run.err
    assert "MiB" in run.err
    assert run.peak < 200 * MIB
    assert (project / "y.yaml").read_text() == PAUSE_MOVED


LINES = {
    "json": lambda: '{"a":[' + ",".join(f'{{"image":"{REF}","b":"{"x" * 1000}"}}' for _ in range(10_000)) + "]}",
    "one word": lambda: f"a: {'x' * 10_000_000}\nimage: {REF}\n",
    "one scalar with hits": lambda: "a: " + f"{REF} {'x' * 1000} " * 10_000 + "\n",
    "comment": lambda: f"image: {REF} # {'x' * 10_000_000}\n# {REF}\n",
    "flow": lambda: f"[{f'{REF}, ' * 2000}{'x, ' * 500_000}x]\n",
    "blanks": lambda: f"image: {REF}{' ' * 10_000_000}\n",
}


@pytest.mark.parametrize("name", LINES)
def test_r19_a_line_of_10_mb(project: Path, name: str) -> None:
    """R19: in whatever construct."""
    text = LINES[name]()
    grow(project, {"x.yaml": text})
    run = measured("rewrite", "-q", cwd=project, timeout=30)
    assert run.code == 0, run.err
    assert run.peak < 1024 * MIB
    assert (project / "x.yaml").read_text() == moved(text)


@pytest.mark.parametrize("name", ["x.txt", "templates/x.yaml"])
def test_r19_a_line_of_10_mb_in_text_and_templates(project: Path, name: str) -> None:
    """R19: templates and text are lexed in linear time."""
    text = f"{{{{ a }}}} {REF} {'x' * 5_000_000} {REF} {'{{ b }}' * 100_000}"
    grow(project, {name: text})
    run = measured("rewrite", "-q", "--text", cwd=project, timeout=15)
    assert (run.code, (project / name).read_text()) == (0, moved(text))


# --- deep, many, nested ---

LEVELS = 10_000
HOSTILE = {
    "flow sequences": f"{'[' * LEVELS}{REF}{']' * LEVELS}\n",
    "flow mappings": f"{'{a: ' * LEVELS}{{image: {REF}}}{'}' * LEVELS}\n",
    "block sequences": f"{'- ' * LEVELS}image: {REF}\n",
    "block mappings": "".join(f"{' ' * n}a:\n" for n in range(LEVELS // 5)) + f"{' ' * (LEVELS // 5)}image: {REF}\n",
    "explicit keys": f"{'? ' * LEVELS}image: {REF}\n",
    "json": f'{{"a":{"[" * LEVELS}{{"image":"{REF}"}}{"]" * LEVELS}}}',
    "open flow": f"{'[' * LEVELS}{REF}",
    "open mappings": f"{'{a: ' * LEVELS}{REF}",
    "closed only": f"a: {REF}\n{']' * LEVELS}",
    "deep, for the slow parser": f"a: !l,t x\nb: {'[' * LEVELS}{REF}{']' * LEVELS}\n",
    "tags": f"{'!a ' * LEVELS}{REF}\n",
    "anchors in a row": f"{'&a ' * LEVELS}{REF}\n",
    "billion laughs": f"a: &a [{REF}]\n" + "".join(
        f"a{n}: &a{n} [{', '.join(['*a' if n == 0 else f'*a{n - 1}'] * 10)}]\n" for n in range(60)),
    "billion merges": "a: &a {image: nginx}\n" + "".join(
        f"a{n}: &a{n}\n  <<: [{', '.join(['*a' if n == 0 else f'*a{n - 1}'] * 10)}]\n" for n in range(60)) + PAUSE,
    "a chain of merges": "a0: &a0 {image: nginx}\n" + "".join(
        f"a{n}: &a{n}\n  <<: *a{n - 1}\n  k{n}Image: nginx\n" for n in range(1, 2_000)),
    "a short chain of merges": "a0: &a0 {aImage: nginx}\n".replace("aImage", "image") + "".join(
        f"a{n}: &a{n}\n  <<: *a{n - 1}\n  image: nginx\n" for n in range(1, 2_000)),
    "anchors": "".join(f"k{n}: &a{n} v\n" for n in range(100_000)) + PAUSE,
    "the same anchor": "a: &a v\nb: *a\n" * 50_000 + PAUSE,
    "anchored images": "".join(f"k{n}: {{image: &a{n} {REF}}}\nj{n}: {{image: *a{n}}}\n" for n in range(10_000)),
    "aliases of an image": f"a: {{image: &a {REF}}}\n" + "".join(f"k{n}: {{image: *a}}\n" for n in range(50_000)),
    "alias of itself": f"a: &a\n  image: {REF}\n  b: *a\n  c: [*a]\n",
    "keys": "".join(f"k{n}: v\n" for n in range(100_000)) + PAUSE,
    "documents": f"---\n{PAUSE}" * 10_000,
    "empty documents": "---\n" * 100_000 + PAUSE,
    "directives": "%YAML 1.1\n---\na: 1\n...\n" * 5_000 + f"---\n{PAUSE}",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_r19_deep_and_hostile_input(project: Path, name: str) -> None:
    """R19: within 15 s and 512 MiB, rewritten rightly or reported with exit 2."""
    text = HOSTILE[name]
    grow(project, {"x.yaml": text, "y.yaml": PAUSE})
    run = measured("rewrite", "-q", *HUB, "--preset", "kubernetes", cwd=project, timeout=15)
    after = (project / "x.yaml").read_text()
    if run.code == 2:
        assert "x.yaml" in run.err
        assert after == text
    else:
        assert (run.code, after) == (0, moved(text).replace("image: nginx", "image: harbor.corp/hub/library/nginx"))
    assert run.peak < 512 * MIB
    assert (project / "y.yaml").read_text() == PAUSE_MOVED


def test_r5_r19_a_file_for_which_memory_does_not_suffice_is_reported(project: Path) -> None:
    """R19, R5: it is left before the work begins, for an interpreter without memory cannot tell any more."""
    large = f"- {PAUSE}" * 150_000
    grow(project, {"a.yaml": large, "z.yaml": PAUSE})
    run = measured("rewrite", "-q", cwd=project, timeout=60, memory=160 * MIB)
    assert run.code == 2
    assert "a.yaml: not read, memory does not suffice: about " in run.err
    assert (project / "a.yaml").read_text() == large
    assert (project / "z.yaml").read_text() == PAUSE_MOVED


@pytest.mark.parametrize("text", [f"- {PAUSE}", f"---\n{PAUSE}", f"- {{a: &a v, image: {REF}}}\n", "a: &a b\n"])
def test_r19_memory_that_is_said_to_suffice_does_suffice(project: Path, text: str) -> None:
    """R19: at each limit a large file is either done, or reported."""
    large = text * 10_000 + f"# {REF}\n"
    codes = []
    for limit in range(50, 170, 20):
        grow(project, {"a.yaml": large})
        run = measured("rewrite", "-q", cwd=project, timeout=60, memory=limit * MIB)
        assert (project / "a.yaml").read_text() == (large if run.code else moved(large))
        codes.append(run.code)
    assert codes == sorted(codes, reverse=True)
    assert {0, 2} == set(codes)


# --- growth ---


class Growth(NamedTuple):
    """Input by its size, and a size at which a linear run takes some tenths of a second."""

    make: Callable[[int], str]
    size: int
    name: str = "x.yaml"
    options: tuple[str, ...] = ()
    after: Callable[[str], str | None] = moved


def stays(text: str) -> str:
    """What is no reference, or is not to be written."""
    return text


def hub(text: str) -> str:
    """Short names move."""
    return text.replace("nginx", "harbor.corp/hub/library/nginx")


def anything(_: str) -> None:
    """Whether this is a reference at all is not the question here."""


GROWTH = {
    "comments": Growth(lambda n: f"a: 1\n{f'# {PAUSE}' * n}", 2_500),
    "comments behind": Growth(lambda n: f"a: 1 # {REF}\n" * n, 2_500),
    "comments with short names": Growth(lambda n: "a: 1\n" + "# image: nginx\n" * n, 2_500, options=HUB, after=hub),
    "one comment": Growth(lambda n: f"a: 1 # {f'{REF} ' * n}\n", 8_000),
    "one plain scalar": Growth(lambda n: f"a: {f'{REF} ' * n}\n", 8_000),
    "one quoted scalar": Growth(lambda n: f'a: "{f"{REF}, " * n}"\n', 8_000),
    "one escaped scalar": Growth(lambda n: f'a: "\\t{f"{REF}, " * n}"\n', 8_000),
    "one single-quoted scalar": Growth(lambda n: f"a: '''{f'{REF}, ' * n}'\n", 8_000),
    "one literal": Growth(lambda n: "a: |\n" + f"  {REF}\n" * n, 2_500),
    "one folded": Growth(lambda n: "a: >\n" + f"  {REF}\n" * n, 2_500),
    "literals": Growth(lambda n: f"- |\n  {REF}\n" * n, 2_500),
    "one flow sequence": Growth(lambda n: f"a: [{f'{REF}, ' * n}]\n", 6_000),
    "one line of json": Growth(lambda n: '{"a":[' + ",".join([f'{{"image":"{REF}"}}'] * n) + "]}", 6_000),
    "documents": Growth(lambda n: f"---\n{PAUSE}" * n, 2_500),
    "split keys": Growth(lambda n: f"- registry: {OLD}\n  repository: a/b\n" * n, 2_500),
    "split keys of one mapping": Growth(lambda n: f"registry: {OLD}\nrepository: a\n" * n, 2_500),
    "keys of one mapping": Growth(lambda n: "".join(f"k{i}Image: {REF}\n" for i in range(n)), 2_500),
    "hits below many levels": Growth(
        lambda n: "[" * (n // 14) + "{" + "".join(f"k{i}: {REF}, " for i in range(n)) + "}" + "]" * (n // 14), 3_000
    ),
    "escapes": Growth(lambda n: f'- "\\t{REF}\\n \\u00e9"\n' * n, 2_500),
    "hidden by escapes": Growth(lambda n: 'a: "' + "k8s\\x2egcr.io/a " * n + '"\n', 4_000, after=stays),
    "surrogates": Growth(lambda n: '{"a":"' + "\\ud83d\\ude00 " * n + REF + '"}', 15_000, "x.json"),
    "marks between documents": Growth(lambda n: f"{PAUSE}...\n\ufeff" * n + "a: 1\n", 2_500),
    "marks in a scalar": Growth(lambda n: "a: '" + "\n\ufeff# x" * n + f"'\n{PAUSE}", 50_000),
    "documents without a match": Growth(lambda n: f"{PAUSE}---\n" + "a: 1\n---\n" * n, 50_000),
    "comments that begin again and again": Growth(lambda n: f"a: 1 # {f'# {REF} ' * n}\n", 5_000),
    "quotes in a template": Growth(lambda n: "{{ a }} " + f"\"' {REF} # " * n + "\n", 5_000, "templates/x.yaml"),
    "documents in scalars": Growth(lambda n: "a.yaml: |\n  image: nginx\n" * n, 1_500, options=HUB, after=hub),
    "one document in a scalar": Growth(lambda n: "a.yaml: |\n" + "  image: nginx\n" * n, 1_500, options=HUB, after=hub),
    "documents in documents": Growth(
        lambda n: "".join(" " * i + "a.yaml: |\n" for i in range(n)) + " " * n + "image: x\n",
        200,
        options=HUB,
        after=stays,
    ),
    "ignored": Growth(lambda n: f"a: {REF} # regfix: ignore\n" * n, 2_500, after=stays),
    "ignored in one line": Growth(lambda n: f"a: {f'{REF} ' * n} # regfix: ignore\n", 8_000, after=stays),
    "line ends of the mac": Growth(lambda n: f"{PAUSE[:-1]}\r" * n, 2_500),
    "dashes": Growth(lambda n: f"a: {OLD}/a{'-' * n}\n", 100_000, after=anything),
    "dashes between": Growth(lambda n: f"a: {OLD}/a{'-a' * n}\n", 50_000),
    "underscores": Growth(lambda n: f"a: {OLD}/a{'_' * n}\n", 100_000, after=anything),
    "slashes": Growth(lambda n: f"a: {OLD}{'/' * n}\n", 100_000, after=stays),
    "components": Growth(lambda n: f"a: {OLD}{'/a' * n}\n", 2_500, after=anything),
    "colons": Growth(lambda n: f"a: '{OLD}{':' * n}'\n", 100_000, after=stays),
    "colons and digits": Growth(lambda n: f"a: '{OLD}{':1' * n}'\n", 50_000, after=stays),
    "dots": Growth(lambda n: f"a: {f'{OLD}.' * n}\n", 50_000, after=stays),
    "hosts below hosts": Growth(lambda n: f"a: {f'{OLD}/' * n}\n", 500, after=anything),
    "hosts with dashes": Growth(lambda n: f"a: {f'{OLD}-' * n}\n", 20_000, after=stays),
    "backslashes": Growth(lambda n: 'a: "' + "\\\\" * n + f'{OLD}/a"\n', 100_000, after=stays),
    "many backslashes": Growth(lambda n: "# " + f"{chr(92) * 50}{OLD}/a " * n, 2_500, after=stays),
    "urls": Growth(lambda n: "a: http://x/?" + f"{OLD}=" * n + "\n", 2_500, after=stays),
    "open actions": Growth(lambda n: f"{'{{ ' * n}{REF}", 100_000, "templates/x.yaml", after=stays),
    "open actions in lines": Growth(lambda n: f"a: {{{{ b\n{PAUSE}" * n, 2_500, "templates/x.yaml", after=stays),
    "open comments": Growth(lambda n: f"{'{{/* ' * n}{REF}", 50_000, "templates/x.yaml"),
    "open quotes": Growth(lambda n: "{{ \"'` " * n + REF, 30_000, "templates/x.yaml", after=stays),
    "open braces with blanks": Growth(
        lambda n: f"{'{{- ' * 50}{' ' * n}{REF}", 100_000, "templates/x.yaml", after=stays
    ),
    "actions": Growth(lambda n: f"a: {{{{ .b }}}}\n{PAUSE}" * n, 2_500, "templates/x.yaml"),
    "actions in one line": Growth(lambda n: f"a: {f'{{{{ .b }}}} {REF} ' * n}\n", 2_500, "templates/x.yaml"),
    "lines of a template": Growth(lambda n: f"{{{{ if a }}}}\n{PAUSE * n}{{{{ end }}}}\n", 2_500, "templates/x.yaml"),
    "text": Growth(lambda n: f"docker pull {REF}\n" * n, 2_500, "x.md", ("--text",)),
    "text in one line": Growth(lambda n: f"docker pull {REF} " * n, 8_000, "x.md", ("--text",)),
    "diff of one line": Growth(lambda n: f"a: {f'{REF} ' * n}\n", 8_000, "x.yaml", ("--dry-run",), after=stays),
    "diff of many lines": Growth(lambda n: f"a: {REF}\nb: c\n" * n, 2_500, "x.yaml", ("--dry-run",), after=stays),
    "not yaml": Growth(lambda n: f"{PAUSE * n}\tb: [\n", 1_500, after=stays),
}


@pytest.mark.parametrize("name", GROWTH)
def test_r19_time_and_memory_grow_with_the_size(project: Path, name: str) -> None:
    """R19, R65: four times the input takes about four times as long; sixteen times is what a hostile file needs."""
    make, size, file, options, expected = GROWTH[name]
    used = []
    for count in (size, 4 * size):
        text = make(count)
        grow(project, {file: text})
        run = measured("rewrite", *options, cwd=project, timeout=6)
        assert run.code == (2 if name == "not yaml" else 0)
        assert (project / file).read_bytes().decode() == (expected(text) or (project / file).read_bytes().decode())
        used.append((run.seconds, run.peak))
    assert used[1][0] < 8 * max(used[0][0], 0.25), used
    assert used[1][1] - 30 * MIB < 8 * max(used[0][1] - 30 * MIB, 8 * MIB), used
