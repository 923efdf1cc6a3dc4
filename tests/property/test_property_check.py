"""The check before a write catches what is not planned, by bytes and by structure (R2, section 4 of the design)."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from go_templates import parts_of_go
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from parsers import both, mapped, pyyaml, ruamel
from yaml_streams import Sample, yaml_samples

from regfix import Edit, Rule, SourceError
from regfix.check import check
from regfix.image.rule import RuleSet
from regfix.locate.analysis import Analysis, analyse
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import Kind
from regfix.plan import Policy, edits_of, plan
from regfix.text.edit import apply_edits
from regfix.text.source import Source
from regfix.text.span import Span

POLICY = Policy()


class Planned(NamedTuple):
    """A source on its way to the check."""

    source: Source
    analysis: Analysis
    edits: list[Edit]
    rules: RuleSet
    hosts: HostFinder

    def check(self, after: str, edits: list[Edit] | None = None) -> None:
        check(self.source, after, self.edits if edits is None else edits, self.analysis, self.rules, self.hosts, POLICY)


def planned(text: str, rules: tuple[str, ...] = ("k8s.gcr.io=registry.k8s.io",), kind: Kind = Kind.YAML) -> Planned:
    rule_set = RuleSet(Rule.parse(rule) for rule in rules)
    hosts = HostFinder(rule_set)
    source = Source("x.yaml", text)
    analysis = analyse(text, kind, hosts, source.name)
    return Planned(source, analysis, edits_of(plan(source, analysis, rule_set, POLICY)), rule_set, hosts)


PIECES = ("", " ", "  ", "\n", "\r\n", "\t", '"', "'", "#", "# x\n", ":", ": ", "- ", "---\n", "...\n", "{", "}", "x", "é", "e\u0301", "0",
          "\u200b", "\ufeff", "k8s.gcr.io", "|", "&a ", "!t ", "\\")  # fmt: skip


@st.composite
def tampered(draw: st.DrawFn, text: str) -> str:
    """Return a text with some of its code points replaced, dropped, doubled or moved."""
    start = draw(st.integers(0, len(text)))
    end = min(len(text), start + draw(st.integers(0, 4)))
    how = draw(st.integers(0, 5))
    if how == 0:
        return text[:start] + text[end:]
    if how == 1:
        return text[:start] + text[start:end] * 2 + text[end:]
    if how == 2:
        return text.replace("\r\n", "\n") if draw(st.booleans()) else text.replace("\n", "\r\n")
    if how == 3:
        return draw(
            st.sampled_from((text + "\n", text.rstrip(), text.lstrip(), text.upper(), text.replace("'", '"'), ""))
        )
    if how == 4:
        lines = text.splitlines(keepends=True)
        line = draw(st.integers(0, max(0, len(lines) - 1)))
        return "".join(lines[:line] + lines[line + 1 :])
    return text[:start] + draw(st.sampled_from(PIECES)) + text[end:]


@settings(max_examples=200)
@given(st.data(), yaml_samples())
def test_a_text_that_is_not_what_the_edits_make_is_caught(data: st.DataObject, sample: Sample) -> None:
    assume(both(sample.before))
    plan = planned(sample.before, sample.rules)
    assume(plan.edits)
    after = apply_edits(sample.before, plan.edits)
    plan.check(after)
    other = data.draw(tampered(after))
    if other != after:
        with pytest.raises(SourceError, match="did not pass the check"):
            plan.check(other)


TEXTS = (
    "image: k8s.gcr.io/pause:3.2\nreplicas: 2 # two\n",
    "- image: 'k8s.gcr.io/pause:3.2'\n  name: x\n",
    'image: "k8s.gcr.io/pause:3.2"\nx: [1, 2]\n',
    "a: {image: k8s.gcr.io/pause, b: c}\n",
    "args:\n- --image=k8s.gcr.io/pause:3.2\n- y\n",
    "a: |\n  image: k8s.gcr.io/pause\n  b: c\nd: e\n",
    "a: >-\n  one k8s.gcr.io/pause\n\n  two\nd: e\n",
    "a: 'one\n  k8s.gcr.io/pause\n  two'\nd: e\n",
    'a: "one \\\n  k8s.gcr.io/pause \\u00e9"\nd: e\n',
    "? k8s.gcr.io/pause\n: x\n",
    "a: b # k8s.gcr.io/pause\nc: d\n",
    "# image: k8s.gcr.io/pause\nc: d\n",
    "image: &x k8s.gcr.io/pause\nb: *x\n",
    "image: !!str k8s.gcr.io/pause\n---\nb: c\n",
    '{"image":"k8s.gcr.io/pause"}',
)
NEW = ("registry.k8s.io", "registry.k8s.io ", " registry.k8s.io", "a #", "a: b", "a:", "a\nb", "a\n  b", "a\r\n", "'", '"', "''", '"a"', "#", "",
       "- ", "[", "]", "{", "}", ",", "a,b", "&x ", "*x", "!t ", "|\n", "\\", "\\n", "\\x", "é", "\ufeff", "\x07", "a\t", "@", "`", "%", "---\n",
       "\n---\n", "\n...\n", "x" * 2000, "\u2028", "\x85", "? ", "<<")  # fmt: skip


@settings(max_examples=400)
@given(st.sampled_from(TEXTS), st.sampled_from(NEW))
def test_an_edit_that_does_more_than_its_words_say_is_caught(text: str, new: str) -> None:
    """Were a rule to bring in anything but a name: what parsers read has to be the old value with the new words in it."""
    plan = planned(text)
    assert len(plan.edits) == 1
    edit = Edit(plan.edits[0].span, plan.edits[0].old, new)
    after = apply_edits(text, [edit])
    expected = {name: mapped(trees, lambda value: value.replace(edit.old, new)) for name, trees in both(text).items()}
    try:
        plan.check(after, [edit])
    except SourceError:
        assert new != "registry.k8s.io"
    else:
        read = both(after)
        assert read
        assert {name: expected[name] for name in read} == read


@settings(max_examples=300)
@given(st.sampled_from([text for text in TEXTS if not {"&", "!"}.intersection(text)]), st.data())
def test_an_edit_beside_the_planned_ones_is_caught(text: str, data: st.DataObject) -> None:
    """Also where it is declared: outside of the scalars with references nothing that a parser sees may change."""
    plan = planned(text)
    start = data.draw(st.integers(0, len(text) - 1))  # at the very end: test_check.py
    end = min(len(text), start + data.draw(st.integers(0, 3)))
    new = data.draw(st.sampled_from(PIECES))
    noted = [Span(p.start + s.span.start, p.start + s.span.end) for p in plan.analysis.pieces for s in p.shape.scalars]
    assume(not any(start <= span.end and span.start <= end for span in (*noted, plan.edits[0].span)))
    edits = sorted([*plan.edits, Edit(Span(start, end), text[start:end], new)])
    after = apply_edits(text, edits)
    now = pyyaml(after) or ruamel(after)  # as regfix asks them
    if now != mapped(pyyaml(text), lambda value: value.replace("k8s.gcr.io", "registry.k8s.io")):
        with pytest.raises(SourceError):
            plan.check(after, edits)


TEMPLATES = (
    'image: {{ .Values.image | default "k8s.gcr.io/pause:3.2" }}\nb: {{ if x }}c{{ end }}\n',
    "image: k8s.gcr.io/{{ .Values.name }}:1\n{{/* note */}}\n",
    "{{- /* k8s.gcr.io/pause */ -}}\na: {{ `}}` }}\n{{ `k8s.gcr.io/pause` }}\n",
)


@settings(max_examples=300)
@given(st.sampled_from(TEMPLATES), st.sampled_from((*NEW, "{{", "}}", "{{/*", "*/", "`", "{{ x }}", "%}", "{%", "{#")))
def test_an_edit_that_opens_or_closes_an_action_is_caught(text: str, new: str) -> None:
    plan = planned(text, kind=Kind.TEMPLATE)
    edit = Edit(plan.edits[0].span, plan.edits[0].old, new)
    after = apply_edits(text, [edit, *plan.edits[1:]])
    parts = parts_of_go(after)
    if parts is None or runs(parts) != runs(str(parts_of_go(text))):
        with pytest.raises(SourceError):
            plan.check(after, [edit, *plan.edits[1:]])


def runs(parts: str) -> str:
    """Return the tokens in order, each as its letter."""
    return re.sub(r"(.)\1*", r"\1", parts)
