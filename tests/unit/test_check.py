"""The check before a write: bytes, structure, stability. The rest is in tests/property/test_property_check.py."""

from __future__ import annotations

import itertools

import pytest

from regfix import Edit, Rule, SourceError, rewrite_text
from regfix.check import _is_settled, check
from regfix.image.rule import RuleSet
from regfix.locate.analysis import Analysis, analyse
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import Kind
from regfix.plan import Policy, edits_of, plan
from regfix.syntax.added import adds_only
from regfix.syntax.fingerprint import fingerprint
from regfix.text.edit import apply_edits
from regfix.text.source import Source
from regfix.text.span import Span

RULES = RuleSet([Rule.parse("k8s.gcr.io=registry.k8s.io")])
HOSTS = HostFinder(RULES)
BEFORE = "image: k8s.gcr.io/pause # one\nb: [c, k8s.gcr.io/etcd]\n"
AFTER = BEFORE.replace("k8s.gcr.io", "registry.k8s.io")


def planned(text: str = BEFORE, kind: Kind = Kind.YAML) -> tuple[Source, Analysis, list[Edit]]:
    source = Source("x.yaml", text)
    analysis = analyse(text, kind, HOSTS, source.name)
    return source, analysis, edits_of(plan(source, analysis, RULES, Policy()))


def proves(after: str, edits: list[Edit] | None = None, text: str = BEFORE, kind: Kind = Kind.YAML) -> bool:
    """Tell whether the check lets a text pass."""
    source, analysis, known = planned(text, kind)
    try:
        check(source, after, known if edits is None else edits, analysis, RULES, HOSTS, Policy())
    except SourceError as error:
        assert error.where == "x.yaml"
        assert "nothing was written" in str(error)
        return False
    return True


def test_what_the_edits_make_passes() -> None:
    assert proves(AFTER)


@pytest.mark.parametrize(
    "after",
    [
        BEFORE,
        "",
        AFTER + "\n",
        AFTER.rstrip("\n"),
        AFTER.replace(" # one", ""),
        AFTER.replace("# one", "# One"),
        AFTER.replace("[c,", "['c',"),
        AFTER.replace("[c,", "[ c,"),
        AFTER.replace("\n", "\r\n"),
        AFTER.replace("pause", "paus"),
        AFTER.replace("registry.k8s.io/etcd", "k8s.gcr.io/etcd"),
        "---\n" + AFTER,
        AFTER + "---\n",
        "\ufeff" + AFTER,
        AFTER.replace("b:", "b :"),
        AFTER.replace("registry.k8s.io", "registry.k8s.i0"),
    ],
)
def test_another_byte_does_not(after: str) -> None:
    assert not proves(after)


@pytest.mark.parametrize(
    "new",
    ["registry.k8s.io #", "a: b", "'registry.k8s.io", "registry.k8s.io\n", "- registry.k8s.io", "&a registry.k8s.io", "!t registry.k8s.io",
     "{registry.k8s.io", "*registry.k8s.io", "|\n  registry.k8s.io", "@registry.k8s.io", "# registry.k8s.io"],
)  # fmt: skip
def test_an_edit_that_changes_the_structure_does_not_pass(new: str) -> None:
    _, _, edits = planned()
    edits = [Edit(edits[0].span, edits[0].old, new), *edits[1:]]
    assert not proves(apply_edits(BEFORE, edits), edits)


def test_an_edit_of_another_scalar_does_not_pass() -> None:
    _, _, edits = planned()
    at = BEFORE.index("[c") + 1
    edits = sorted([*edits, Edit(Span(at, at + 1), "c", "d")])
    assert not proves(apply_edits(BEFORE, edits), edits)


def test_two_scalars_that_change_places_do_not_pass() -> None:
    """The fingerprint is a sum, but knows the order."""
    text = "a: x\nb: y\nc: k8s.gcr.io/z\n"
    _, _, edits = planned(text)
    edits = [Edit(Span(3, 4), "x", "y"), Edit(Span(8, 9), "y", "x"), *edits]
    assert not proves(apply_edits(text, edits), edits, text)


def test_no_two_of_many_scalars_may_change_places() -> None:
    """A sum of plain hashes of tuples is the same for one pair in forty."""
    text = "".join(f"k{number}: v{number * number}\n" for number in range(70))
    known = fingerprint(text, ())
    lines = text.splitlines(keepends=True)
    for one, other in itertools.combinations(range(70), 2):
        changed = list(lines)
        changed[one], changed[other] = f"k{one}: v{other * other}\n", f"k{other}: v{one * one}\n"
        assert fingerprint("".join(changed), ()) != known


def test_an_edit_behind_the_last_document_does_not_pass() -> None:
    _, _, edits = planned()
    edits = [*edits, Edit(Span(len(BEFORE), len(BEFORE)), "", "c: [\n")]
    assert not proves(apply_edits(BEFORE, edits), edits)


def test_a_result_that_a_second_run_would_change_does_not_pass() -> None:
    text = "image: k8s.gcr.io/pause\n"
    _, _, edits = planned(text)
    again = [Edit(edits[0].span, edits[0].old, "k8s.gcr.io/mirror")]
    assert not proves(apply_edits(text, again), again, text)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ('image: {{ default "k8s.gcr.io/pause" .x }}\n', 'a"b'),
        ('image: {{ default "k8s.gcr.io/pause" .x }}\n', "a\nb"),
        ("image: {{ `k8s.gcr.io/pause` }}\n", "a`b"),
        ("image: k8s.gcr.io/pause\n{{ .x }}\n", "{{ .y }}"),
        ("image: k8s.gcr.io/pause\n{{ .x }}\n", "{{"),
        ("{{/* k8s.gcr.io/pause */}}\n", "*/}}{{/*"),
    ],
)
def test_an_edit_that_changes_the_actions_of_a_template_does_not_pass(text: str, new: str) -> None:
    _, _, edits = planned(text, Kind.TEMPLATE)
    assert proves(apply_edits(text, edits), edits, text, Kind.TEMPLATE)
    edits = [Edit(edits[0].span, edits[0].old, new), *edits[1:]]
    assert not proves(apply_edits(text, edits), edits, text, Kind.TEMPLATE)


def test_long_streams_are_checked_where_they_change() -> None:
    fill = "---\nx: '" + "y" * 9000 + "'\n"
    text = fill + "---\nimage: k8s.gcr.io/a\n" + fill + "---\nb: k8s.gcr.io/c\n" + fill
    after = text.replace("k8s.gcr.io", "registry.k8s.io")
    assert proves(after, text=text)
    for old, new in (("b:", "c:"), ("x: 'y", "x: 'z"), ("---\nb", "--- \nb")):
        assert not proves(after.replace(old, new), text=text)


@pytest.mark.parametrize(
    "text",
    ["|\n'k8s.gcr.io/pause' x\n", '>-\n"k8s.gcr.io/pause\nx\n', '--- |\n"k8s.gcr.io/pause"\n\n x\n'],
)
def test_a_block_scalar_that_begins_with_a_quote_passes(text: str) -> None:
    assert rewrite_text(text, ["k8s.gcr.io=registry.k8s.io"]).text == text.replace("k8s.gcr.io", "registry.k8s.io")


OVERLAY = "resources: ['https://x.example/a']\nimages:\n- name: k8s.gcr.io/a\n  newTag: x\n- {name: k8s.gcr.io/b}\n"


def test_a_key_for_the_new_name_passes() -> None:
    _, _, edits = planned(OVERLAY, Kind.OVERLAY)
    assert [edit.new for edit in edits] == ["\n  newName: registry.k8s.io/a", ", newName: registry.k8s.io/b"]
    assert proves(apply_edits(OVERLAY, edits), edits, OVERLAY, Kind.OVERLAY)


@pytest.mark.parametrize(
    ("at", "new"),
    [
        (63, "\nnewName: registry.k8s.io/a"),  # of the kustomization
        (63, "\n      newName: registry.k8s.io/a"),  # part of the name
        (69, "\n  newName: registry.k8s.io/a"),  # in the middle of a word
        (63, "\n  newName: 'registry.k8s.io/a"),
        (63, "\n  newName: registry.k8s.io/a\n  newTag: y"),
        (63, "\n  newName: registry.k8s.io/a # and more"),
        (63, "\n  newDigest: registry.k8s.io/a"),
    ],
)
def test_no_other_key_passes(at: int, new: str) -> None:
    edit = Edit(Span(at, at), "", new)
    assert not proves(apply_edits(OVERLAY, [edit]), [edit], OVERLAY, Kind.OVERLAY)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("a: b\n", "a: b\nc: d\n", True),
        ("a: b\n", "a: b\nc: 'd'\n", True),
        ("a: b\n", "a: b\nc: !x d\n", False),
        ("a: b\n", "a: b\nc: &x d\n", False),
        ("a: b\n", "c: d\na: b\n", False),
        ("a: b\n", "a: b\nc: e\n", False),
        ("a: b\n", "a: b\n", False),
        ("a: b\n", "{a: b, c: d}\n", False),
        ("a: b\n", "a: b\nc: [d]\n", False),
        ("a: b\n", "a: b\nc: d\n[", False),
    ],
)
def test_what_is_added_and_nothing_else(before: str, after: str, same: bool) -> None:
    assert adds_only(before, after, [(4, ("c", "d"))]) == same


@pytest.mark.parametrize("before", [0, 1, 9, 100, 4096])
def test_a_host_at_the_end_of_a_piece_of_a_long_text_is_seen(before: int) -> None:
    text = "a: b\n" * 200_000
    at = 256 * 1024 - before
    assert _is_settled(text, HOSTS)
    assert not _is_settled(f"{text[:at]}k8s.gcr.io/a{text[at:]}", HOSTS)
    assert not _is_settled(f'{text[:at]}"\\x6b8s.gcr.io/a"{text[at:]}', HOSTS)
