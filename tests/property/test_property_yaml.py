"""Any YAML: exactly the references change, in the text and in what parsers read in it (R2, R10, R13, R16, R17)."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from parsers import both, mapped
from vocabulary import DECOYS, Ref
from yaml_streams import Sample, json_samples, yaml_samples

from regfix import Action, Rule, rewrite_text
from regfix.image.rule import RuleSet
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import Kind
from regfix.plan import edits_of
from regfix.rewriting import rewrite_source
from regfix.text.source import decode

if TYPE_CHECKING:
    from collections.abc import Callable


def moves_of(sample: Sample) -> Callable[[str], str]:
    """Return what happens to a scalar: its references move, what only looks like one stays."""
    moves = sorted({*sample.references, *(Ref(decoy, decoy) for decoy in DECOYS)}, key=lambda ref: -len(ref.old))

    def change(value: str) -> str:
        for number, ref in enumerate(moves):
            value = value.replace(ref.old, chr(0xF0000 + number))
        for number, ref in enumerate(moves):
            value = value.replace(chr(0xF0000 + number), ref.new)
        return value

    return change


def expect(sample: Sample, kind: str = "yaml") -> None:
    """Only the references that the generator placed change; what parsers read changes in the same way."""
    before = both(sample.before)
    assume(before)
    result = rewrite_text(sample.before, sample.rules, kind=kind)
    assert result.text == sample.after

    after = both(result.text)
    assert {name: mapped(trees, moves_of(sample)) for name, trees in before.items()} == after
    again = rewrite_text(result.text, sample.rules, kind=kind)
    assert again.text == result.text
    assert not [finding for finding in again.findings if finding.action is Action.REWRITE]


@settings(max_examples=250)
@given(yaml_samples())
def test_exactly_the_references_in_any_yaml_change(sample: Sample) -> None:
    expect(sample)


@settings(max_examples=100)
@given(json_samples())
def test_exactly_the_references_in_any_json_change(sample: Sample) -> None:
    expect(sample)


@settings(max_examples=60)
@given(yaml_samples(), st.sampled_from(("\n", "\r\n")))
def test_a_stream_that_is_cut_into_documents_reads_the_same(sample: Sample, end: str) -> None:
    """Long streams are parsed document by document, and only where a host stands."""
    assume(sample.before.endswith("\n") and not re.search("^%", sample.before, re.MULTILINE))
    noise = f"---{end}# --- {'k8s ' * 2500}{end}note: |{end}  ---{end}  ---x{end}"
    expect(
        sample._replace(before=f"{noise}---{end}{sample.before}{noise}", after=f"{noise}---{end}{sample.after}{noise}")
    )


@settings(max_examples=60)
@given(yaml_samples())
def test_a_byte_order_mark_shifts_nothing(sample: Sample) -> None:
    """The bytes of a file with a BOM, which YAML parsers count or do not count."""
    assume(both(sample.before))
    rules = RuleSet(Rule.parse(rule) for rule in sample.rules)
    source = decode(codecs.BOM_UTF8 + sample.before.encode(), "x.yaml")
    outcome = rewrite_source(source, Kind.YAML, rules, HostFinder(rules))
    assert outcome.error is None
    after = source.text if outcome.after is None else outcome.after
    assert source.encode(after) == codecs.BOM_UTF8 + sample.after.encode()


@settings(max_examples=80)
@given(yaml_samples(), st.sampled_from(("{{/* */}}\n", "{{ if .x }}\n{{ end }}\n", "\n{{ `` }}")))
def test_a_template_that_is_mostly_yaml_changes_alike(sample: Sample, action: str) -> None:
    """Where actions keep a parser out, references are found by their text alone."""
    assume(both(sample.before) and not re.search(r"\{[{%#]", sample.before))
    end = "" if sample.before.endswith("\n") else "\n"
    result = rewrite_text(sample.before + end + action, sample.rules, kind="template")
    assert result.text == sample.after + end + action


@settings(max_examples=80)
@given(yaml_samples())
def test_a_scan_plans_what_a_rewrite_does(sample: Sample) -> None:
    assume(both(sample.before))
    rules = RuleSet(Rule.parse(rule) for rule in sample.rules)
    source = decode(sample.before.encode(), "x.yaml")
    every = rewrite_source(source, Kind.YAML, rules, HostFinder(rules), every=True)
    only = rewrite_source(source, Kind.YAML, rules, HostFinder(rules))
    assert edits_of(every.findings) == edits_of(only.findings)
    told = [finding for finding in every.findings if finding.action is not Action.NONE]
    assert told == [finding for finding in only.findings if finding.action is not Action.NONE]


@settings(max_examples=80)
@given(yaml_samples())
def test_without_comments_the_values_change_alike(sample: Sample) -> None:
    assume(both(sample.before))
    all_of_it = rewrite_text(sample.before, sample.rules)
    values = rewrite_text(sample.before, sample.rules, comments=False)
    assert both(values.text) == both(all_of_it.text)
