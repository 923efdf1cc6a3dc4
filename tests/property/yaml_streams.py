"""Random YAML written as text, with references at places that are known because they are put there.

The idea of the yaml-test-suite: every way in which the same data can be written. Nothing here asks regfix anything;
the collections come from `yaml_texts`, the scalars from `yaml_scalars`, the references from `vocabulary`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st
from vocabulary import MANY_HOSTS, RULES, Pieces, Ref
from yaml_texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable


class Sample(NamedTuple):
    """A text, what a rewrite has to make of it, the rules, and the references in it."""

    before: str
    after: str
    rules: tuple[str, ...]
    references: tuple[Ref, ...]

    def __repr__(self) -> str:
        """Show what a reader of a failure needs; the rest follows from it."""
        return f"Sample(before={self.before!r}, {len(self.rules)} rules)"


@dataclass
class Streams(Texts):
    """Writes whole streams of documents, and JSON."""

    # --- documents ---

    def stream(self) -> Pieces:
        pieces: Pieces = []
        ended = True
        for number in range(self.pick((1, 1, 2, 3))):
            self.anchors.clear()
            directives = ended and self.chance(10)
            self.own_tags = directives and self.chance(50)
            pieces += ["\ufeff"] if number and self.chance(10) else []
            pieces += self.comment_lines()
            pieces += self.directives() if directives else []
            pieces += self.document(marker=directives or not ended or self.chance(90 if number else 30))
            ended = self.chance(15)
            pieces += ["...", *self.comment(), "\n"] if ended else []
            self.budget = max(self.budget, 4)
        return pieces

    def directives(self) -> Pieces:
        pieces: Pieces = [f"%YAML 1.{self.number(1, 2)}", *self.comment(), "\n"] if self.chance(80) else []
        if self.own_tags:
            pieces += ["%TAG !e! tag:example.com,2000:", *self.comment(), "\n"]
        if self.chance(10):
            pieces += [self.pick(("%TAG ! tag:example.com,2000:x", "%TAG !! tag:yaml.org,2002:")), "\n"]
        return [*pieces, *self.comment_lines()]

    def document(self, *, marker: bool) -> Pieces:
        if not marker:
            start = self.number(0, 2)
            body = self.sequence(start) if self.chance(25) else self.mapping(start)
            return [" " * start, *body]
        if self.chance(10):
            return ["---", *self.comment(), "\n", *self.comment_lines()]  # empty
        if self.chance(30):
            return ["---", *self.node(-1)]
        return ["---", *self.comment(), "\n", *self.comment_lines(), *self.document(marker=False)]

    # --- JSON ---

    def json(self, depth: int = 0) -> Pieces:
        self.budget -= 1
        kind = self.number(0, 6) if depth and self.budget > 0 else 5 + self.number(0, 1) if not depth else 0
        if kind < 3:
            return self.json_string()
        if kind < 5:
            return [self.pick(("1.10", "true", "null", "-0.5e3", "[]", "{}", '""'))]
        entries = [self.json(depth + 1) for _ in range(self.number(1, 4))]
        if kind == 5:
            entries = [[*self.json_string(), self.pick((":", ": ", " :\t")), *entry] for entry in entries]
        blank = self.pick(("", "\n" + "\t" * depth, "\n" + "  " * depth, " "))
        pieces: Pieces = ["{" if kind == 5 else "["]
        for number, entry in enumerate(entries):
            pieces += [blank, *entry, *([","] if number < len(entries) - 1 else [])]
        return [*pieces, blank, "}" if kind == 5 else "]"]

    def json_string(self) -> Pieces:
        pieces: Pieces = []
        for number, word in enumerate(self.words("double", 3)):
            pieces += [self.blank()] if number else []
            pieces += [self.escaped_json(piece) if isinstance(piece, str) else piece for piece in word]
        return ['"', *pieces, '"']

    def escaped_json(self, text: str) -> str:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
        if not self.chance(30):
            return text
        return text.replace("😀", "\\ud83d\\ude00").replace("é", "\\u00e9").replace("日", "\\u65E5")


def sample(draw: Callable[..., Any], pieces: Pieces, rules: dict[str, str]) -> Sample:
    """Choose the line ends and the end of the text."""
    style = draw(st.sampled_from(("\n", "\n", "\n", "\r\n", "\r\n", "\r", "mixed")))
    before: list[str] = []
    after: list[str] = []
    references: list[Ref] = []
    if draw(_CUT) and pieces and pieces[-1] == "\n":
        pieces = pieces[:-1]
    for piece in pieces:
        if isinstance(piece, Ref):
            references.append(piece)
            before.append(piece.old)
            after.append(piece.new)
            continue
        text = piece
        if "\n" in text and style != "\n":
            text = text.replace("\n", style if style != "mixed" else draw(_LINE_ENDS))
        before.append(text)
        after.append(text)
    rule_texts = tuple(f"{old}={new}" for old, new in rules.items())
    return Sample("".join(before), "".join(after), rule_texts, tuple(references))


_LINE_ENDS = st.sampled_from(("\n", "\r\n", "\n", "\r\n", "\r"))
_CUT = st.sampled_from((False, False, False, True))
_RULES = st.sampled_from((RULES, RULES, RULES | MANY_HOSTS))


@st.composite
def yaml_samples(draw: Callable[..., Any]) -> Sample:
    """Streams of YAML documents; references stand in values, in keys, and in comments."""
    rules = draw(_RULES)
    return sample(draw, Streams(draw, rules).stream(), rules)


@st.composite
def json_samples(draw: Callable[..., Any]) -> Sample:
    """JSON texts."""
    rules = draw(_RULES)
    return sample(draw, Streams(draw, rules, is_json=True).json(), rules)
