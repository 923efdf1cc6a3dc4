"""Scalars as they are written: where the text stands, what is a string, what needs quotes (R12, R17, R67)."""

from __future__ import annotations

import pytest
import yaml
from ruamel.yaml import YAML

from regfix import Action, rewrite_text
from regfix.syntax.scalar import is_string, needs_quotes, verbatim_start

OLD = "k8s.gcr.io/pause:3.2"
NEW = "registry.k8s.io/pause:3.2"
RULES = ["k8s.gcr.io=registry.k8s.io"]


@pytest.mark.parametrize(
    "text",
    [
        "image: {}\n",
        "image: '{}'\n",
        'image: "{}"\n',
        "image: |\n  {}\n",
        "image: |-\n  {}\n",
        "image: >+\n  {}\n\n",
        "image: |2\n    {}\n",
        "image: >1-\n  {}\n",
        "image: | # comment\n  {}\n",
        "image:\n  {}\n",
        "image:\n\n  # comment\n  '{}'\n",
        "image: !!str {}\n",
        "image: !!str '{}'\n",
        "image: &a {}\n",
        "image: &a !!str {}\n",
        "image: !!str &a {}\n",
        "image: &a # comment\n  {}\n",
        "image: !<tag:yaml.org,2002:str> {}\n",
        "image: ! {}\n",
        "image: &a |\n  {}\n",
        "image: !!str >-\n  {}\n",
        "? image\n: {}\n",
        "? image\n: |\n  {}\n",
        "{{image: {}}}\n",
        "{{image: {}, a: b}}\n",
        '{{"image":"{}"}}\n',
        "[image: {}]\n",
        "- {}\n",
        "- - {}\n",
        "{}\n",
        "--- {}\n",
        "--- |\n{}\n",
        "--- >\n {}\n...\n",
        "--- '{}'\n",
        "%YAML 1.2\n--- {}\n",
        "a: 1\n---\nb: {}\n",
        "? {}\n",
        "{}: a\n",
        "'{}': a\n",
        "? {}\n: a\n",
        "[{}]: a\n",
        "a: x {} y\n",
        "a: x\n  {}\n  y\n",
        "a: 'it''s {}\n\n  y'\n",
        'a: "\\u00e9 {}\\n\\\n  y"\n',
        'a: "\\n{}\\t"\n',
        "a: |\n   x\n   {}\n",
        'a: "x\\\\n{} y"\n',
        "image: {}",
        "\timage: {}\n".lstrip(),
        "image:\t{}\n",
        "image: {} \t# comment\n",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_style_is_rewritten_in_place(text: str, end: str) -> None:
    before = text.format(OLD).replace("\n", end)
    assert rewrite_text(before, RULES).text == text.format(NEW).replace("\n", end)


@pytest.mark.parametrize("end", ["\r", "\x85", "\u2028", "\u2029", "\r\r\n"])
@pytest.mark.parametrize("style", ["|", ">-", "|2-", "| # c", "&a |", "!!str >+"])
def test_other_line_breaks(style: str, end: str) -> None:
    before = f"a: {style}\n  {OLD}\n  'x' {OLD}\nb: {OLD} # {OLD}\n".replace("\n", end)
    assert rewrite_text(before, RULES).text == before.replace(OLD, NEW)


@pytest.mark.parametrize(
    "value",
    [
        '"k8s\\x2egcr.io/pause"', '"k8s.gcr\\u002eio/pause"', '"\\x6b8s.gcr.io/pause"', '"k8s.gcr.io\\/pause"', '"\\u0020k8s.gcr.io/pause"',
        '"k8s.\\\n  gcr.io/pause"', '"k8s.gcr.io\\\n  /pause"', '"k8s.gcr.io/\\\n  pause"', '"a k8s.gcr.io/b k8s.gcr\\x2eio/c"',
        '"k8s.gcr.io\\x2fpause"',
    ],
)  # fmt: skip
def test_escapes_in_a_reference_are_told(value: str) -> None:
    result = rewrite_text(f"image: {value}\n", RULES)
    assert [finding for finding in result.findings if finding.action is Action.LEAVE and finding.position.line == 1]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param('"\\_k8s.gcr.io/pause"', id="no-break space"),
        pytest.param('"\\Nk8s.gcr.io/pause"', id="next line"),
        pytest.param('"\\Lk8s.gcr.io/pause"', id="line separator"),
    ],
)
def test_rare_escapes_in_front_of_a_reference_are_told(value: str) -> None:
    assert rewrite_text(f"image: {value}\n", RULES).findings


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ('"k8s.gcr.io/pau\\x73e:1"', "k8s.gcr.io/pause=registry.k8s.io/pause"),
        ('"gcr.io/google-containers\\x2fspecial/x"', "gcr.io/google-containers/special=ghcr.io/s"),
        ('"gcr.io/google-containers\\\n  /special/x"', "gcr.io/google-containers/special=ghcr.io/s"),
    ],
)
def test_escapes_behind_the_host_are_told(value: str, rule: str) -> None:
    assert [f for f in rewrite_text(f"image: {value}\n", [rule]).findings if f.action is Action.LEAVE]


@pytest.mark.parametrize(
    "value",
    [
        '"a.io/x\\x2fy/z:1"',
        '"a.io/x\\u002Fy/z:1"',
        '"a.io/x\\/y/z:1"',
        '"a.io/x\\U0000002fy/z:1"',
        '"a.io/x\\\n  /y/z:1"',
        '"a.io/x/\\x79/z:1"',
        '"a.io/x/\\\n  y/z:1"',
    ],
)
def test_escapes_in_the_path_do_not_pick_the_wrong_rule(value: str) -> None:
    result = rewrite_text(f"image: {value}\n", ["a.io/x=b.io/x", "a.io/x/y=c.io/y"])
    assert yaml.safe_load(result.text)["image"] in ("a.io/x/y/z:1", "c.io/y/z:1")


@pytest.mark.parametrize("escape", ["\\ud83d\\ude00", "\\uD83D\\uDE00\\ud83d\\ude00", "\\ud83d", "\\ude00\\ud83d"])
def test_json_with_an_escaped_emoji(escape: str) -> None:
    before = f'{{"{escape}": "{escape} k8s.gcr.io/pause:3.2, {escape}, k8s.gcr.io/pause:3.2"}}'
    result = rewrite_text(before, RULES)
    assert result.text == before.replace(OLD, NEW)
    if len(escape) == 12 and escape[2:4] == "d8":
        assert result.findings[0].key_path == ("\U0001f600",)


EVERY_ESCAPE = ["\\0", "\\a", "\\b", "\\t", "\\\t", "\\n", "\\v", "\\f", "\\r", "\\e", "\\ ", '\\"', "\\/", "\\\\", "\\N", "\\_", "\\L", "\\P",
                "\\x41", "\\u0041", "\\U00000041", "\\\n  ", "\\\r\n\t", "\\\n\n  "]  # fmt: skip


@pytest.mark.parametrize("escape", EVERY_ESCAPE)
@pytest.mark.parametrize("rules", [RULES, [*RULES, *(f"old{n}.example.net=new.example.net/{n}" for n in range(13))]])
def test_every_escape_around_a_reference(escape: str, rules: list[str]) -> None:
    """The reference in the value is moved, or it is told; what is none in the value stays."""
    before = f'a: "x{escape}{OLD}{escape} y"\nb: "{escape} {OLD} {escape}"\n'
    result = rewrite_text(before, rules)
    was, now = yaml.safe_load(before), yaml.safe_load(result.text)
    assert now["b"] == was["b"].replace(OLD, NEW)
    assert now["a"] in (was["a"], was["a"].replace(OLD, NEW))
    if "xk8s" in was["a"] or "Ak8s" in was["a"]:
        assert now["a"] == was["a"], "a look-alike"
    elif now["a"] == was["a"]:
        assert [finding for finding in result.findings if finding.position.line == 1 and finding.action is Action.LEAVE]


def test_what_escapes_make_of_a_name_is_told_as_it_reads() -> None:
    text = 'a: "http:\\/\\/k8s.gcr.io\\/v1 k8s.gcr.io/x k8s\\x2egcr.io/y"\n"k8s\\x2egcr.io/z": b\n'
    result = rewrite_text(text, RULES)
    assert result.text == text.replace("k8s.gcr.io/x", "registry.k8s.io/x")
    assert sorted((found.reference, str(found.reason), str(found.context)) for found in result.findings) == [
        ("k8s.gcr.io", "url", "value"),
        ("k8s.gcr.io/x", "None", "value"),
        ("k8s.gcr.io/y", "escaped", "value"),
        ("k8s.gcr.io/z", "escaped", "key"),
    ]


# --- helpers ---


@pytest.mark.parametrize(
    ("scalar", "value", "expected"),
    [
        ("abc", "abc", 0),
        ("'abc'", "abc", 1),
        ('"abc"', "abc", 1),
        ("'it''s'", "it's", None),
        ('"a\\x62c"', "abc", None),
        ("a\n b", "a b", None),
        ("''", "", 1),
        ("'abc'", "'abc'", None),
    ],
)
def test_where_a_value_stands_letter_by_letter(scalar: str, value: str, expected: int | None) -> None:
    text = f"key: {scalar} # {value}"
    found = verbatim_start(text, 5, 5 + len(scalar), value, scalar[:1])
    assert found == (None if expected is None else 5 + expected)


NOT_STRINGS = ["", "~", "null", "Null", "NULL", "true", "True", "FALSE", "yes", "No", "on", "OFF", "y", "N", "0", "1", "-1", "+1", "010", "0o14",
               "0x1F", "0b101", "1_000", "1.10", "1.", ".5", "-.5", "1e3", "1.5E-3", ".inf", "-.Inf", ".NaN", "190:20:30", "<<", "=",
               "2001-01-01", "2001-01-01T00:00:00Z", "2001-1-1 0:0:0"]  # fmt: skip
STRINGS = ["nginx", "yesno", "1.2.3", "v1.10", "1a", "0x", "0xg", "1-2", "truely", "n/a", "10.0.0.1", "a1", "nan", "inf", "1.10-rc", "--1",
           "k8s.gcr.io", "2001-01", "1:2/3", "e3", "0.0.0", "latest", "null/x", "10/x", "ye", "on-call"]  # fmt: skip


@pytest.mark.parametrize("value", NOT_STRINGS)
def test_plain_scalars_that_a_parser_reads_as_something_else(value: str) -> None:
    assert not is_string(value, plain=True)
    assert is_string(value, plain=False)


@pytest.mark.parametrize("value", STRINGS)
def test_plain_scalars_that_are_strings(value: str) -> None:
    assert is_string(value, plain=True)
    assert isinstance(yaml.safe_load(f"a: {value}")["a"], str)
    assert isinstance(YAML(typ="safe", pure=True).load(f"a: {value}")["a"], str)


@pytest.mark.parametrize("value", [*NOT_STRINGS[1:], "[::1]:5000/x", "[::1]", "a:"])
def test_names_that_need_quotes(value: str) -> None:
    assert needs_quotes(value)


@pytest.mark.parametrize(
    "value", ["nginx", "localhost:5000/x", "k8s.gcr.io/pause:3.2", "a/1.10", "10.0.0.1:5000/a", "a@sha256:" + "0" * 64]
)
def test_names_that_need_none(value: str) -> None:
    assert not needs_quotes(value)
    assert yaml.safe_load(f"a: {value}\nb: [{value}]") == {"a": value, "b": [value]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("image: k8s.gcr.io/pause:3.2 # c\n", 'image: "[::1]:5000/pause:3.2" # c\n'),
        ("image: 'k8s.gcr.io/pause:3.2'\n", "image: '[::1]:5000/pause:3.2'\n"),
        ('image: "k8s.gcr.io/pause:3.2"\n', 'image: "[::1]:5000/pause:3.2"\n'),
        ("- k8s.gcr.io/pause\n", '- "[::1]:5000/pause"\n'),
        ("{a: k8s.gcr.io/pause, b: c}\n", '{a: "[::1]:5000/pause", b: c}\n'),
        ("[k8s.gcr.io/pause,b]\n", '["[::1]:5000/pause",b]\n'),
        ("k8s.gcr.io/pause: x\n", '"[::1]:5000/pause": x\n'),
        ("image: &a k8s.gcr.io/pause\n", 'image: &a "[::1]:5000/pause"\n'),
        ("image: |\n  k8s.gcr.io/pause\n", "image: |\n  [::1]:5000/pause\n"),
        ("args: [--image=k8s.gcr.io/pause]\n", "args: ['--image=[::1]:5000/pause']\n"),
        ("a: --image=k8s.gcr.io/pause\n", "a: --image=[::1]:5000/pause\n"),
    ],
)
def test_a_new_value_that_needs_quotes_gets_them_or_the_file_is_refused(before: str, after: str) -> None:
    try:
        result = rewrite_text(before, ["k8s.gcr.io=[::1]:5000"])
    except ValueError:
        raise
    except Exception as error:
        assert "did not pass the check" in str(error)
        return
    if result.text != before:
        assert yaml.safe_load(result.text) == yaml.safe_load(after)
    else:
        assert [finding for finding in result.findings if finding.action is Action.LEAVE]
