"""Lines that look like YAML but are not parsed: comments and templates."""

from __future__ import annotations

import pytest

from regfix import Action, rewrite_text
from regfix.locate.lines import comment_lines, live_lines, loose_mappings

HUB = ["docker.io=ghcr.io/hub"]


def read(text: str) -> list[tuple[tuple[str | int, ...], list[tuple[str, str]]]]:
    """Return the mappings of a text: their path, their keys and values."""
    found = loose_mappings(live_lines(text), [])
    return [(mapping.path, [(entry.key, entry.value) for entry in mapping.entries]) for mapping in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b\n", [((), [("a", "b")])]),
        ("a: b\nc: d\n", [((), [("a", "b"), ("c", "d")])]),
        ("a: 'b'\nc: \"d\"\n", [((), [("a", "b"), ("c", "d")])]),
        ("'a': b\n\"c\": d\n", [((), [("a", "b"), ("c", "d")])]),
        ("a:\n  b: c\n", [(("a",), [("b", "c")]), ((), [("a", "")])]),
        ("a:\n  b: c\nd: e\n", [(("a",), [("b", "c")]), ((), [("a", ""), ("d", "e")])]),
        ("- a: b\n  c: d\n- a: e\n", [((), [("a", "b"), ("c", "d")]), ((), [("a", "e")])]),
        ("a: b # c\n", [((), [("a", "b")])]),
        ("a: 'b',\n", [((), [("a", "b")])]),
        ("a: b,\n", [((), [("a", "b")])]),
        ("a: b,,\n", []),
        ("a: b,c,\n", [((), [("a", "b,c")])]),
        ("a: b\r\nc: d\r\n", [((), [("a", "b"), ("c", "d")])]),
        ("a: b\n\nc: d\n", [((), [("a", "b"), ("c", "d")])]),
        ("a: b\ntext\nc: d\n", [((), [("a", "b")]), ((), [("c", "d")])]),
        ("a: true\nb: 10\nc: '10'\n", [((), [("a", ""), ("b", ""), ("c", "10")])]),
        ("a.b/c-d: e\n", [((), [("a.b/c-d", "e")])]),
    ],
)
def test_neighbouring_pairs_are_a_mapping(text: str, expected: list[object]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "\n", "a b\n", "- a\n", "# a: b\n", "a:b\n", "{a: b}\n", ": b\n", "10: b\n", "a: b c\n", "a: [b]\n", "a: {b: c}\n", "a: &x b\n",
     "a: *x\n", "a: !t b\n", "a: |\n", "a: 'b\n", 'a: "b\\"c"\n', "x" * 3000 + ": b\n"],
)  # fmt: skip
def test_other_lines_hold_no_pair(text: str) -> None:
    assert [entry for _, entries in read(text) for entry in entries if entry[1]] == []


def test_values_stand_where_they_say() -> None:
    text = "a: b\r\n  - c: 'd e'\n    f: \"g\" # h\n"
    entries = [entry for mapping in loose_mappings(live_lines(text), []) for entry in mapping.entries]
    assert sorted(text[entry.span.start : entry.span.end] for entry in entries if entry.span) == ["b", "d e", "g"]


def test_entries_with_a_source_registry_are_marked() -> None:
    text = "a: k8s.gcr.io/x\nb: k8s.gcr.io/y\nc: d\n"
    found = loose_mappings(live_lines(text), [3, 19])
    assert [entry.written for mapping in found for entry in mapping.entries] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a\n", [" a"]),
        ("#a\n#b\n", ["a", "b"]),
        ("## a\n", [" a"]),
        ("  # a\n", [" a"]),
        ("a # b\n", []),
        ("# a\nb\n# c\n", [" a", "-", " c"]),
        ("# a\n\n# c\n", [" a", "-", " c"]),
        ("# a\r\n# b\r\n", [" a", " b"]),
    ],
)
def test_what_comments_say(text: str, expected: list[str]) -> None:
    lines = [line.text for line in comment_lines(text)]
    assert [line for number, line in enumerate(lines) if number or line != "-"] == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: b\n# image: nginx\n", "a: b\n# image: ghcr.io/hub/library/nginx\n"),
        ("a: b\n#image: nginx:1\n", "a: b\n#image: ghcr.io/hub/library/nginx:1\n"),
        (
            "a: b\n# image:\n#   repository: nginx\n#   tag: '1'\n",
            "a: b\n# image:\n#   repository: ghcr.io/hub/library/nginx\n#   tag: '1'\n",
        ),
        (
            "a: b\n# registry: docker.io\n# repository: a/b\n# tag: v1\n",
            "a: b\n# registry: ghcr.io/hub\n# repository: a/b\n# tag: v1\n",
        ),
        ("a: b\n# - image: 'a/b'\n", "a: b\n# - image: 'ghcr.io/hub/a/b'\n"),
    ],
)
def test_commented_out_images_move(before: str, after: str) -> None:
    assert rewrite_text(before, HUB).text == after
    left = rewrite_text(before, HUB, comments=False)
    assert left.text == before
    assert {str(finding.reason) for finding in left.findings if finding.action is Action.LEAVE} == {"comment"}


@pytest.mark.parametrize(
    "text",
    ["# image: the picture\n", "# an image: nginx\n", "# image nginx\n", "# name: nginx\n", "# image: {{ x }}\n", "# see image: nginx for more\n",
     "a: |\n  # image: nginx\n", "a: '\n  # image: nginx\n  '\n", "# image: quay.io/a/b\n", "# image: nginx.png\n", "# image: true\n"],
)  # fmt: skip
def test_comments_that_are_no_images_stay(text: str) -> None:
    assert rewrite_text("x: y\n" + text, HUB).text == "x: y\n" + text


@pytest.mark.parametrize(
    "before",
    [
        "a: b # k8s.gcr.io/pause\n",
        "a: [b] # image: k8s.gcr.io/pause\n",
        "a: it's # k8s.gcr.io/pause\n",
        'a: 5" # k8s.gcr.io/pause\n',
        "a: 'b\n  c' # k8s.gcr.io/pause\n",
        'a: "b\n  c" # k8s.gcr.io/pause\n',
        '"it\'s": # k8s.gcr.io/pause\n',
        "a: b\t# k8s.gcr.io/pause\n",
        "- # k8s.gcr.io/pause\n- a\n",
        "{a: b, # k8s.gcr.io/pause\n c: d}\n",
        "a: &x # k8s.gcr.io/pause\n  b\n",
        "a: | # k8s.gcr.io/pause\n  b\n",
        "--- # k8s.gcr.io/pause\na: b\n",
        "a: b\n... # k8s.gcr.io/pause\n",
        "#k8s.gcr.io/pause\na: b\n",
    ],
)
def test_references_in_comments_move(before: str) -> None:
    after = rewrite_text(before, ["k8s.gcr.io=registry.k8s.io"])
    assert after.text == before.replace("k8s.gcr.io", "registry.k8s.io")


@pytest.mark.parametrize(
    "text",
    [
        "a: &k8s.gcr.io/x b\n",
        "a: !k8s.gcr.io/x b\n",
        "%TAG !e! tag:k8s.gcr.io/x,2000:\n--- a\n",
        "a: !<k8s.gcr.io/x> b\n",
    ],
)
def test_references_in_markup_stay(text: str) -> None:
    result = rewrite_text(text, ["k8s.gcr.io=registry.k8s.io"])
    assert result.text == text
    assert [str(finding.reason) for finding in result.findings] == ["markup"]
