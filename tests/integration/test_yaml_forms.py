"""Bytes and formats (R2, R10 to R18): every form in which YAML and templates hold a reference."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from support import HUB, OLD, PAUSE, contents, grow, moved, regfix, rewritten, some, states

if TYPE_CHECKING:
    from collections.abc import Callable

    from support import Run

BOTH = ("--rule", "k8s.gcr.io=registry.k8s.io", *HUB)


class Variant(NamedTuple):
    """A reference before and after."""

    before: str
    after: str


WRITTEN = Variant("k8s.gcr.io/pause:3.2", "registry.k8s.io/pause:3.2")
SHORT = Variant("nginx:1.27", "harbor.corp/hub/library/nginx:1.27")

FORMS = {
    "plain": "image: IMG\n",
    "single quotes": "image: 'IMG'\n",
    "double quotes": 'image: "IMG"\n',
    "literal": "image: |\n  IMG\n",
    "literal strip": "image: |-\n  IMG\nb: 1\n",
    "literal keep": "image: |+\n  IMG\n\n\n",
    "literal with indent": "image: |2-\n   IMG\n",
    "folded": "image: >\n  IMG\n",
    "folded strip": "a:\n- image: >-\n    IMG\n",
    "folded with comment": "image: >- # c\n  IMG\n",
    "next line": "image:\n  IMG\n",
    "next line behind comment": "image:  # c\n  # d\n\n    IMG\n",
    "next line quoted": "image:\n  'IMG'\n",
    "flow": "{image: IMG}\n",
    "flow quoted": '{image: "IMG", b: [1]}\n',
    "flow over lines": "{\n  image:\n    IMG\n  ,\n}\n",
    "flow in sequence": "a: [{image: IMG}, {image: IMG, b: 1}]\n",
    "pair in flow sequence": "a: [image: IMG, b]\n",
    "json": '{"image":"IMG"}',
    "json over lines": '{\n\t"image" : "IMG"\n}\n',
    "anchor": "image: &a IMG\n",
    "anchor quoted": 'image: &a "IMG"\n',
    "anchor on its own line": "image: &a\n  IMG\n",
    "tag": "image: !!str IMG\n",
    "tag and anchor": "image: !!str &a 'IMG'\n",
    "anchor and tag": "image: &a !!str IMG\n",
    "verbatim tag": "image: !<tag:yaml.org,2002:str> IMG\n",
    "plain tag": "image: ! IMG\n",
    "tag and literal": "image: !!str |-\n  IMG\n",
    "explicit key": "? image\n: IMG\n",
    "explicit key with comments": "? image # a\n# b\n: # c\n  IMG\n",
    "explicit key in flow": "{? image : IMG}\n",
    "quoted key": '"image": IMG\n',
    "quoted key, blank": "'image' : IMG\n",
    "escaped key": '"im\\x61ge": IMG\n',
    "anchored key": "&k image: IMG\n",
    "tagged key": "!!str image: IMG\n",
    "anchored and tagged key": "!!str &k image: IMG\n",
    "alias for a key": "a: &k image\n*k : IMG\nb: {*k : IMG}\n",
    "anchors on key and value": "&k image: &v IMG\nb: *v\n".replace("b:", "otherImage:"),
    "block scalars as keys": "? |-\n  image\n: IMG\n? >-\n\n  otherImage\n: IMG\n",
    "behind complex keys": "? [a, b]\n: image: IMG\n? {a: b}\n: {image: IMG}\n? - a\n: image: IMG\n",
    "behind complex keys in flow": "{[a]: {image: IMG}, ? {b: c} : {image: IMG}}\n",
    "explicit pair in flow": "[? image : IMG]\n",
    "behind empty nodes": "a: &x\nb: !!null\n?\n: image: IMG\nc: *x\n? d\nimage: IMG\n",
    "behind long keys": f"{'k' * 1000}: 1\n? {'k' * 5000}\n: image: IMG\n",
    "documents": "image: IMG\n---\na: 1\n...\n---\nimage: IMG\n...\n",
    "documents of one line": "--- {image: IMG}\n--- # c\nimage: IMG\n---\n",
    "empty documents": "---\n---\n# c\n---\nimage: IMG\n...\n---\n...\n# c\n---\n",
    "bare documents": "image: IMG\n...\nimage: IMG\n... # c\n\n# d\nimage: IMG\n",
    "tagged document": "--- !!map\nimage: IMG\n--- !local\n# c\nimage: IMG\n--- &a\nimage: IMG\n",
    "directive 1.1": "%YAML 1.1\n---\nimage: IMG\n",
    "directive 1.2": "%YAML 1.2\n# c\n---\nimage: IMG\n",
    "tag directive": "%TAG !e! tag:example.com,2000:\n---\na: !e!b\n  image: IMG\n",
    "tag directives": "%TAG ! tag:example.com,2000:\n%TAG !! tag:yaml.org,2002:\n--- !a\nimage: !!str IMG\n",
    "directives with comments": "# c\n%YAML 1.2 # d\n# e\n\n---\nimage: IMG\n",
    "comment behind": "image: IMG # c\n",
    "comment behind tab": "image: IMG\t# c\n",
    "comment glued": "image: 'IMG' #c\n",
    "tab behind colon": "image:\tIMG\n",
    "trailing blanks": "image: IMG   \nb: 1\t\n",
    "wide colon": "image   :     IMG\n",
    "sequence without indent": "containers:\n- image: IMG\n- name: x\n  image: IMG\n",
    "compact sequences": "- - - image: IMG\n    - b\n",
    "deep": "".join(f"{' ' * n}k{n}:\n" for n in range(30)) + " " * 30 + "image: IMG\n",
    "merge": "a: &a {image: IMG}\nb:\n  <<: *a\n  c: 1\n",
    "literal behind blank lines": "image: |\n\n\n  IMG\n",
    "folded before comments": "image: >-\n\n  IMG\n\n\n# c\n",
    "literal before a comment": "image: |-\n  IMG\n # c\nb: 1\n",
    "literal with trailing blanks": "image: |\n  IMG \t\nb: 1\n",
    "indented root": "  image: IMG\n  b: 1\n",
    "tabs between tokens": "image: \t!!str\t&a\t IMG \t# c\n",
    "tabs in flow": "{\n\timage:\tIMG\t,\n\tb: 1\n}\n",
    "next line behind tag and comment": "image: !!str # c\n  # d\n  IMG\n",
    "next line behind anchor": "image: &a\n\n  'IMG'\n",
    "crlf": "a: 1\r\nimage: IMG\r\nb: |\r\n  x\r\n",
    "crlf literal": "image: |\r\n  IMG\r\n",
    "lone cr": "a: 1\rimage: IMG\rb: 2\r",
    "lone cr, literal": "image: |\r\r  IMG\rb: 2\r",
    "lone cr, documents": "image: IMG # c\r---\rimage: IMG\r...\r# d\r",
    "mixed line ends": "image: >-\r  IMG\r\nb:\n  image:\r\n    IMG\rc: 2\n",
    "line ends of YAML 1.1": "a: 1\x85image: IMG\u2028b: |\x85  x\u2029c: {image: IMG}\n",
    "no final newline": "a: 1\nimage: IMG",
    "bom": "\ufeffimage: IMG\n",
    "bom and directive": "\ufeff%YAML 1.1\n---\nimage: IMG\n",
    "bom before documents": "\ufeffimage: IMG\n...\n\ufeffimage: IMG\n\ufeff---\nimage: IMG\n\ufeff# c\n---\nimage: IMG\n",
    "bom before directives": "image: IMG\n...\n\ufeff%YAML 1.1\n---\nimage: IMG\n",
    "odd blanks and breaks in values": 'a: "x\x85y\u2028z\xa0"\nimage: IMG\n',
    "wide characters": "# \u00e4\u20ac\U0001f600\na: \U0001f600\nimage: IMG # \u00e4\n",
    "non-string neighbours": "a: 010\nb: 1_000\nc: 0x1F\nd: 12:30:45\ne: ~\nf: yes\nimage: IMG\ng: 1.10\n",
    "other image keys": "initImage: IMG\nsidecar_image: IMG\nproxy-image: IMG\n",
}


@pytest.fixture(scope="module", params=[WRITTEN, SHORT], ids=["written", "short"])
def forms(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run, Variant]:
    """All forms, each a file, after one run."""
    folder: Path = tmp_path_factory.mktemp("forms")
    variant: Variant = request.param
    grow(folder, {f"{name}.yaml": text.replace("IMG", variant.before) for name, text in FORMS.items()})
    return folder, regfix("rewrite", *BOTH, cwd=folder), variant


@pytest.mark.parametrize("name", FORMS)
def test_r2_r10_every_form_is_mapped_and_no_other_byte_changes(forms: tuple[Path, Run, Variant], name: str) -> None:
    """R2, R10: whatever the style; line ends, trailing blanks and a missing final newline stay."""
    folder, run, variant = forms
    assert run.code == 0, run.err
    after = (folder / f"{name}.yaml").read_bytes().decode()
    assert after == FORMS[name].replace("IMG", variant.after)


def test_r2_a_second_pass_over_all_forms_is_a_no_op(forms: tuple[Path, Run, Variant]) -> None:
    """R2, R6: nothing is left to do."""
    folder, _, _ = forms
    before = states(folder)
    assert regfix("rewrite", *BOTH, "--check", cwd=folder).code == 0
    assert regfix("rewrite", *BOTH, cwd=folder).code == 0
    assert states(folder) == before


# --- random documents ---

REFERENCES = [
    WRITTEN,
    SHORT,
    Variant("k8s.gcr.io/a/b-c:1.10", "registry.k8s.io/a/b-c:1.10"),
    Variant("k8s.gcr.io/a@sha256:" + "0" * 64, "registry.k8s.io/a@sha256:" + "0" * 64),
    Variant("docker.io/bitnami/redis:7", "harbor.corp/hub/bitnami/redis:7"),
    Variant("bitnami/redis", "harbor.corp/hub/bitnami/redis"),
    Variant("quay.io/a/b:1", "quay.io/a/b:1"),
    Variant("harbor.corp/k8s.gcr.io/pause:3.2", "harbor.corp/k8s.gcr.io/pause:3.2"),
    Variant("localhost:5000/nginx", "localhost:5000/nginx"),
    Variant("k8s.gcr.io:443/pause", "k8s.gcr.io:443/pause"),
    Variant("notk8s.gcr.io/pause", "notk8s.gcr.io/pause"),
]
SCALARS = [
    "{}",
    "'{}'",
    '"{}"',
    "!!str {}",
    "&x{n} {}",
    "&y{n} '{}'",
    "|-\n{i}{}",
    ">-\n{i}{}",
    "\n{i}{}",
    '\n{i}# c\n{i}"{}"',
]
OTHERS = [
    "x",
    "1.10",
    "010",
    "'it''s'",
    '"\\u00e4\\t"',
    "[1,  2]",
    "{a: b,c: d}",
    "~",
    "yes",
    "nginx",
    "|\n{i}text: [\n{i}  more",
    ">\n{i}folded\n\n{i}text",
    "&z{n} [a]",
    "https://k8s.example/x",
]
KEYS = ["image", '"image"', "'image'", "sidecarImage", "image  "]
NEIGHBOURS = ["name", "command", "'a b'", '"q"', "port", "note"]
ENDS = ["\n", "\n", "\n", " \n", "   # c\n", "\n\n", "\n# k: v\n"]


@st.composite
def documents(draw: Callable[..., str]) -> tuple[str, str]:
    """Return a random YAML document before and after."""
    before: list[str] = []
    after: list[str] = []
    count = 0

    def put(text: str, more: str | None = None) -> None:
        before.append(text)
        after.append(text if more is None else more)

    def scalar(style: str, old: str, new: str, indent: str) -> None:
        nonlocal count
        count += 1
        shapes = [
            style.replace("{n}", str(count)).replace("{i}", indent + "  ").replace("{}", text) for text in (old, new)
        ]
        end = draw(st.sampled_from(ENDS)) if style[:1] not in ("|", ">") else "\n"
        blank = "" if style.startswith("\n") else " "
        put(f":{blank}{shapes[0]}{end}", f":{blank}{shapes[1]}{end}")

    def mapping(indent: str, depth: int) -> None:
        used: set[str] = set()
        for _ in range(draw(st.integers(1, 4))):
            what = draw(st.sampled_from("iiokkl" if depth < 4 else "iio"))
            names = KEYS if what == "i" else NEIGHBOURS
            key = draw(st.sampled_from(names))
            if key.strip(" '\"") in used:
                continue
            used.add(key.strip(" '\""))
            put(indent + key)
            if what == "i":
                found = draw(st.sampled_from(REFERENCES))
                scalar(draw(st.sampled_from(SCALARS)), found.before, found.after, indent)
            elif what == "o":
                text = draw(st.sampled_from(OTHERS))
                scalar(text, "", "", indent)
            elif what == "k":
                put(":\n")
                mapping(indent + draw(st.sampled_from([" ", "  ", "    "])), depth + 1)
            else:
                put(":\n")
                for _ in range(draw(st.integers(1, 2))):
                    put(f"{indent}-\n")
                    mapping(indent + "  ", depth + 1)
        if not used:
            put(f"{indent}none: 1\n")

    for _ in range(draw(st.integers(1, 2))):
        put(draw(st.sampled_from(["---\n", "--- # c\n", "--- !!map\n"])))
        mapping("", 0)
    ends = draw(st.sampled_from(["\n", "\r\n"]))
    return "".join(before).replace("\n", ends), "".join(after).replace("\n", ends)


@some(12)
@given(st.lists(documents(), min_size=15, max_size=15))
def test_r2_random_documents(pairs: list[tuple[str, str]]) -> None:
    """R2, R10, R17: each reference under an image key is mapped; every other byte stays."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        grow(folder, {f"{number}.yaml": before for number, (before, _) in enumerate(pairs)})
        run = regfix("rewrite", *BOTH, cwd=folder)
        for number, (before, after) in enumerate(pairs):
            found = (folder / f"{number}.yaml").read_bytes().decode()
            assert found == after, (before, run.err)
        assert run.code == 0


# --- bytes ---


@pytest.mark.parametrize("text", [
    PAUSE + "a: 1   \r\n\r\n\tb" + PAUSE[5:],
    "# x\r\n" + PAUSE + "# y\r\r\n" + PAUSE.replace("image", "k"),
    f"a: |\r\n  x  \n  {OLD}/a:1 \t\r\n\n\n\n# end\r\n  \n",
    f"a: '{OLD}/a:1' \t\n\n\n",
    f"a: '{OLD}/a:1'\n" + "\n" * 50 + "   ",
    f"{{a: '{OLD}/a:1'}}",
])  # fmt: skip
def test_r10_line_ends_and_blanks_stay(project: Path, text: str) -> None:
    """R10: mixed line ends too, blanks at the ends of lines and of the file, a missing final newline."""
    text = text.replace("\tb: ", "b: ")
    assert rewritten(project, text) == moved(text)


def test_r11_a_byte_order_mark_stays(project: Path) -> None:
    """R11: it stands where it stood, once."""
    grow(
        project,
        {"x.yaml": b"\xef\xbb\xbf" + PAUSE.encode(), "templates/x.yaml": b"\xef\xbb\xbf{{ a }}\n" + PAUSE.encode()},
    )
    assert regfix("rewrite", cwd=project).code == 0
    assert (project / "x.yaml").read_bytes() == b"\xef\xbb\xbf" + moved(PAUSE).encode()
    assert (project / "templates/x.yaml").read_bytes() == b"\xef\xbb\xbf{{ a }}\n" + moved(PAUSE).encode()


UNREADABLE = {
    "utf-16": PAUSE.encode("utf-16"),
    "utf-16-le": PAUSE.encode("utf-16-le"),
    "utf-16-be": PAUSE.encode("utf-16-be"),
    "utf-32": PAUSE.encode("utf-32"),
    "latin-1": f"# \u00e4\n{PAUSE}".encode("latin-1"),
    "nul": b"a: \0\n" + PAUSE.encode(),
    "overlong": b"# \xc0\xaf\n" + PAUSE.encode(),
    "surrogates": b"# \xed\xa0\xbd\xed\xb8\x80\n" + PAUSE.encode(),
    "cut": PAUSE.encode() + b"# \xe2\x82",
    "gzip": b"\x1f\x8b\x08\0" + PAUSE.encode(),
}


@pytest.mark.parametrize("place", ["x.yaml", "templates/x.yaml", "x.tpl"])
def test_r11_other_encodings_are_refused_and_named(project: Path, place: str) -> None:
    """R11: byte for byte as they were, exit 2, whatever the kind of the file."""
    files = {f"{name}/{place}": data for name, data in UNREADABLE.items()}
    grow(project, files)
    before = states(project)
    run = regfix("rewrite", cwd=project)
    assert run.code == 2
    assert states(project) == before
    assert [name for name in files if name not in run.err] == []


def test_r11_undecodable_text_files_are_never_transcoded(project: Path) -> None:
    """R11: also with --text, where a host stands in them."""
    text = f"docker pull {OLD}/pause:3.2 # ".encode()
    grow(project, {"a.md": text + b"\xe4\n", "b.sh": text + b"\xff", "c.bin": text + b"\0"})
    before = states(project)
    run = regfix("rewrite", "--text", cwd=project)
    assert states(project) == before
    assert run.code == 2
    assert "a.md" in run.err
    assert "b.sh" in run.err


ESCAPED = {
    "slash": 'image: "k8s.gcr.io\\/pause:3.2"\n',
    "hex": 'image: "k8s\\x2egcr.io/pause:3.2"\n',
    "unicode": 'image: "\\u006b8s.gcr.io/pause:3.2"\n',
    "long unicode": 'image: "k8s\\U0000002egcr.io/pause:3.2"\n',
    "all": 'image: "' + "".join(f"\\x{ord(c):02x}" for c in "k8s.gcr.io/pause:3.2") + '"\n',
    "break in the host": 'image: "k8s.gcr.\\\n  io/pause:3.2"\n',
    "break behind the host": 'image: "k8s.gcr.io/\\\n  pause:3.2"\n',
    "break in the repository": 'image: "k8s.gcr.io/pa\\\n  use:3.2"\n',
    "crlf break": 'image: "k8s.gcr.\\\r\n  io/pause:3.2"\r\n',
    "json slash": '{"image":"k8s.gcr.io\\/pause:3.2"}',
    "json unicode": '{"image":"k8s\\u002egcr.io/pause:3.2"}',
    "json slashes": '{"a":"http:\\/\\/x","image":"k8s.gcr.io\\/a\\/b:1"}',
    "escape before": 'args: "\\tk8s.gcr.io/pause:3.2"\n',
    "escape behind": 'image: "k8s.gcr.io/pause:3.2\\n"\n',
    "registry": 'image:\n  registry: "k8s\\x2egcr.io"\n  repository: pause\n',
    "repository": 'image:\n  registry: k8s.gcr.io\n  repository: "\\x70ause"\n',
    "in a sequence": 'args: ["--image=k8s\\x2egcr.io/pause:3.2"]\n',
    "in a key": '"k8s\\x2egcr.io/pause": 1\n',
    "in a string": 'data: |\n  {"image": "k8s.gcr.io\\/pause:3.2"}\n',
    "twice escaped": 'a: "{\\"image\\":\\"k8s.gcr.io\\\\/pause:3.2\\"}"\n',
    "folded": "image: 'k8s.gcr.io/\n  pause:3.2'\n",
    "hub": 'image: "ngin\\x78:1.27"\n',
    "hub slash": '{"image":"bitnami\\/redis:7"}',
    "hub break": 'image: "ngi\\\n  nx:1.27"\n',
    "hub written": '{"image":"docker.io\\/bitnami\\/redis:7"}',
}


@pytest.mark.parametrize("name", ESCAPED)
def test_r12_escapes_inside_a_reference_are_never_missed_silently(project: Path, name: str) -> None:
    """R12: the value is moved, or the place is reported with file and line."""
    text = ESCAPED[name]
    grow(project, {"x.yaml": text})
    run = regfix("rewrite", *BOTH, cwd=project)
    after = (project / "x.yaml").read_bytes().decode()
    if after == text:
        assert "x.yaml:" in run.err, "neither moved nor reported"
    else:
        assert run.code == 0
        value = json.dumps(yaml.safe_load(after))
        assert "registry.k8s.io" in value or "harbor.corp/hub" in value
        assert OLD not in value


NOT_A_KEY = {
    "double quotes": 'note: "see\n  image: nginx:1.27\n  here"\n',
    "single quotes": "note: 'image: nginx:1.27'\n",
    "plain": "note: see\n  image nginx:1.27\n",
    "folded": "note: >\n  image: nginx\n  and so on: no document\n  at all\n",
    "flow": 'a: ["image: nginx", "x"]\n',
    "escape": 'note: "a\\nimage: nginx\\n"\n',
    "key": '"image: nginx": x\n',
    "comment in a string": "a: '# image: nginx'\n",
}


@pytest.mark.parametrize("name", NOT_A_KEY)
def test_r13_text_that_looks_like_a_key_is_none(project: Path, name: str) -> None:
    """R13: inside another scalar; a short name there is a word like any other."""
    grow(project, {"x.yaml": NOT_A_KEY[name]})
    assert regfix("rewrite", *HUB, cwd=project).code == 0
    assert (project / "x.yaml").read_text() == NOT_A_KEY[name]


DUPLICATES = {
    "image": "image: k8s.gcr.io/a:1\nimage: k8s.gcr.io/b:1\n",
    "flow": "{image: k8s.gcr.io/a:1, image: k8s.gcr.io/b:1}\n",
    "split": "image:\n  registry: k8s.gcr.io\n  repository: a\n  registry: k8s.gcr.io\n",
    "split repository": "image:\n  registry: k8s.gcr.io\n  repository: a\n  repository: b\n",
    "mapping": "image:\n  registry: k8s.gcr.io\n  repository: a\nimage:\n  registry: k8s.gcr.io\n  repository: b\n",
}


@pytest.mark.parametrize("name", DUPLICATES)
def test_r15_duplicate_keys_are_all_moved_or_reported(project: Path, name: str) -> None:
    """R15: never one without the other in silence."""
    text = DUPLICATES[name]
    grow(project, {"x.yaml": text})
    run = regfix("rewrite", cwd=project)
    after = (project / "x.yaml").read_text()
    lines = [number for number, line in enumerate(after.splitlines(), 1) if OLD in line]
    if after != moved(text):
        assert all(f"x.yaml:{number}:" in run.err for number in lines), (after, run.err)


def test_r15_duplicate_short_names_are_all_moved(project: Path) -> None:
    """R15: where no registry is written."""
    assert rewritten(project, "image: nginx:1\nimage: redis:1\n", *HUB) == (
        "image: harbor.corp/hub/library/nginx:1\nimage: harbor.corp/hub/library/redis:1\n"
    )


ALIASES = {
    "image": ("a:\n  image: &i IMG\nb:\n  image: *i\nc: {image: *i}\n", True),
    "anchor under another key": ("x-img: &i IMG\na:\n  image: *i\nb:\n  image: *i\n", True),
    "anchor in a sequence": ("x:\n- &i IMG\na: {image: *i}\n", True),
    "merge": ("base: &b\n  image: IMG\n  c: 1\na:\n  <<: *b\nb: {<<: [*b]}\n", True),
    "mapping": ("a: &a {image: IMG}\nb: *a\nc: [*a, *a]\n", True),
    "redefined": ("a: {image: &i IMG}\nb: {image: *i}\nc: {image: &i quay.io/x}\nd: {image: *i}\n", True),
}


@pytest.mark.parametrize("variant", [WRITTEN, SHORT], ids=["written", "short"])
@pytest.mark.parametrize("name", ALIASES)
def test_r16_a_reference_behind_an_alias_is_changed_once(project: Path, name: str, variant: Variant) -> None:
    """R16: at the anchor; then all who use it have moved."""
    text, _ = ALIASES[name]
    assert rewritten(project, text.replace("IMG", variant.before), *BOTH) == text.replace("IMG", variant.after)


def test_r16_an_anchor_that_is_also_something_else_is_left_or_reported(project: Path) -> None:
    """R16: a word that is an image in one place and a name in the other is not moved in silence."""
    text = "app: &n nginx\nimage: *n\nname: *n\n"
    grow(project, {"x.yaml": text})
    run = regfix("rewrite", *HUB, cwd=project)
    after = (project / "x.yaml").read_text()
    assert after == text
    assert "x.yaml:" in run.err


def test_r17_nothing_is_normalised(project: Path) -> None:
    """R17: numbers, quotes, escapes, tags beside an edit stay as they are written."""
    text = (
        "image:\n  registry: 'k8s.gcr.io'\n  repository: \"pause\"\n  tag: 1.10\n"
        "version: 010\nx: 1_000\ny: 0o14\nz: +.5\non: yes\nnull: ~\nd: 2001-01-01\n"
        'j: {"a":"\\u00e9\\/","image":"k8s.gcr.io/a:1.10"}\n'
        "q: 'a''b'\nt:   1.0e+3\n"
    )
    assert rewritten(project, text) == moved(text)


TEMPLATES = {
    "actions around": "{{- if .Values.a }}\nimage: k8s.gcr.io/pause:3.2\n{{- end -}}\n",
    "tag from an action": 'image: "k8s.gcr.io/pause:{{ .Values.tag | default "3.2" }}"\n',
    "braces in a string": '{{ "}}" }}{{ "{{" }}\nimage: k8s.gcr.io/pause:3.2\n',
    "braces in a raw string": "{{ `}} \" '` }}\nimage: k8s.gcr.io/pause:3.2\n",
    "quotes in a comment": "{{/* it's \" ` }} a */}}\nimage: k8s.gcr.io/pause:3.2\n",
    "trimmed comment": "{{- /* a: [ */ -}}\nimage: k8s.gcr.io/pause:3.2\n",
    "comment over lines": "{{/*\n}} {{ x\n*/}}\nimage: k8s.gcr.io/pause:3.2\n",
    "character": "{{ '\"' }}\nimage: k8s.gcr.io/pause:3.2\n",
    "escaped quote": '{{ "a\\"}}" }}\nimage: k8s.gcr.io/pause:3.2\n',
    "default": 'image: {{ .Values.image | default "k8s.gcr.io/pause:3.2" }}\n',
    "raw default": "image: {{ .Values.image | default `k8s.gcr.io/pause:3.2` }}\n",
    "comment of yaml": "{{ a }}\n# image: k8s.gcr.io/pause:3.2\n",
    "crlf": "{{ a }}\r\nimage: k8s.gcr.io/pause:3.2\r\n{{ b }}",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_r18_references_in_templates_move_and_actions_stay(project: Path, name: str) -> None:
    """R18: whatever stands in actions, comments and raw strings around them."""
    text = TEMPLATES[name]
    assert rewritten(project, text, name="templates/x.yaml") == moved(text)


SAFE = {
    "field": "a: {{ .Values.k8s.gcr.io }}\n",
    "variable host": 'image: "{{ .Values.registry }}k8s.gcr.io/pause"\n',
    "glued behind": "image: k8s.gcr.io{{ .Values.port }}/pause\n",
    "glued before": "image: {{ .Values.mirror }}k8s.gcr.io/pause\n",
    "below a variable": "image: {{ .Values.mirror }}/k8s.gcr.io/pause\n",
    "pattern": '{{ regexReplaceAll "k8s\\\\.gcr\\\\.io/.*" .a "x" }}\n',
    "part of a string": '{{ hasPrefix "xk8s.gcr.io/" .a }}\n',
}


@pytest.mark.parametrize("name", SAFE)
def test_r18_what_is_not_surely_a_reference_stays(project: Path, name: str) -> None:
    """R18, R35: code of actions, and text that an action completes."""
    grow(project, {"templates/x.yaml": SAFE[name]})
    assert regfix("rewrite", cwd=project).code == 0
    assert contents(project) == {"templates/x.yaml": SAFE[name].encode()}
