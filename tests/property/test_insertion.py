"""Insertions over generated values files: pure, proven, and where they belong."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from regfix.chart.merging import deep_merge, lookup, put, same
from regfix.overrides.insertion import insert
from regfix.syntax.yamltree import Scalar, load_mapping
from regfix.text.edit import apply_edits

KEYS = st.sampled_from(["image", "sub", "global", "a-b", "ein schlüssel", "8080", "x.y/z", "registry"])
PLAIN = ["harbor.test/x", "1.10", "true", "null", "''", '"quoted: yes"', "[1, 2]", "{}", "{a: b}", "# none", "&id v"]
BLOCKS = ["|\n{0}text\n\n{0}more\n", "|-\n{0}text\n", "|+\n{0}text\n\n\n", ">\n{0}folded\n", "\n{0}- a\n{0}- b: 1\n"]


@st.composite
def block(draw: st.DrawFn, depth: int, pad: str, width: int) -> str:
    """A block mapping as people write it: comments, blank lines, odd styles, nested mappings."""
    lines = []
    for key in draw(st.lists(KEYS, min_size=1, max_size=3, unique=True)):
        if draw(st.integers(0, 5)) == 0:
            lines.append(draw(st.sampled_from(["\n", f"{pad}# comment\n", "# outside\n"])))
        kind = draw(st.integers(0, 3 if depth else 1))
        if kind >= 2:
            inner = draw(block(depth=depth - 1, pad=pad + " " * width, width=width))
            lines.append(f"{pad}{key}:{draw(st.sampled_from(['', ' # why']))}\n{inner}")
        elif kind == 1:
            lines.append(f"{pad}{key}: " + draw(st.sampled_from(BLOCKS)).format(pad + "  "))
        else:
            lines.append(f"{pad}{key}: {draw(st.sampled_from(PLAIN))}{draw(st.sampled_from(['', '  # c']))}\n")
    return "".join(lines)


@st.composite
def files(draw: st.DrawFn) -> str:
    text = draw(st.one_of(
        block(depth=2, pad="", width=draw(st.sampled_from([1, 2, 4]))),
        st.sampled_from(["", "# only a comment\n", "---\n", "{}", "{ }\n", '{"a": {"b": 1}}', "{a: {b: c,}}\n", "\n\n",
                         "a: 1\n...\n", "--- # x\na: 1"]),
    ))  # fmt: skip
    if draw(st.booleans()):
        text = draw(st.sampled_from(["---\n", "# head\n\n", ""])) + text if not text.startswith("-") else text
    if draw(st.integers(0, 3)) == 0:
        text = text.rstrip("\n")
    if draw(st.integers(0, 3)) == 0:
        text = text + draw(st.sampled_from(["\n\n", "# tail\n", "  \n", "\t\n"]))
    return text.replace("\n", "\r\n") if draw(st.integers(0, 3)) == 0 else text


VALUES = st.one_of(
    st.sampled_from([Scalar("harbor.test/x/y"), Scalar("1.10"), Scalar("1.10", plain=True), Scalar("yes"),
                     Scalar("a: b # c"), Scalar("l1\nl2\n"), Scalar("-x"), Scalar("ä\u2028\x7f"), Scalar("")]),
    st.just([Scalar("a"), {"image": Scalar("harbor.test/p:1"), "deep": {"x": Scalar("null")}}, []]),
    st.text(max_size=8).filter(lambda text: all(c.isprintable() or c == "\n" for c in text)).map(Scalar),
)  # fmt: skip
PATHS = st.lists(KEYS, min_size=1, max_size=3).map(tuple)


@settings(max_examples=600, deadline=None)
@given(files(), st.lists(st.tuples(PATHS, VALUES), min_size=1, max_size=4))
def test_an_insertion_is_pure_and_merges(text: str, wanted: list[tuple[tuple[str, ...], object]]) -> None:
    try:
        before = load_mapping(text, "values.yaml")
    except Exception:
        return  # not every combination is YAML
    overrides: dict[str, object] = {}
    for path, value in wanted:
        if lookup(before, path) is None and lookup(overrides, path) is None:
            put(overrides, path, value)  # type: ignore[arg-type]
    insertion = insert(text, overrides, "values.yaml")  # type: ignore[arg-type]
    edits = [one.edit for one in insertion.inserted]
    after = apply_edits(text, edits)
    assert all(edit.old == "" for edit in edits)
    rest, shift = after, 0
    for edit in edits:
        at = edit.span.start + shift - shift
        rest = rest[:at] + rest[at + len(edit.new) :]
    assert rest == text
    left = overrides
    for path, _ in insertion.refused:
        from regfix.chart.merging import without

        left = without(left, path)  # type: ignore[assignment,arg-type]
    assert same(load_mapping(after, "values.yaml"), deep_merge(before, left))  # type: ignore[arg-type]
    if "\r\n" in text and text.count("\r\n") == text.count("\n"):
        assert after.count("\r\n") == after.count("\n")
    if text and not text.endswith("\n") and edits:
        assert not after.endswith("\n")


@settings(max_examples=300, deadline=None)
@given(block(depth=2, pad="", width=2), st.dictionaries(st.sampled_from(["new", "other"]), VALUES, min_size=1))
def test_a_block_of_ones_own_is_never_refused(text: str, overrides: dict[str, object]) -> None:
    try:
        load_mapping(text, "values.yaml")
    except Exception:
        return
    assert not insert(text, overrides, "values.yaml").refused  # type: ignore[arg-type]
