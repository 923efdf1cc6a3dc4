"""Random YAML written as text, with references at places that are known because they are put there.

The idea of the yaml-test-suite: every way in which the same data can be written. Nothing here asks regfix anything;
the collections are nested at random, the scalars come from `yaml_scalars`, the references from `vocabulary`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st
from vocabulary import MANY_HOSTS, RULES, Pieces, Ref
from yaml_scalars import Scalars

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
class Texts(Scalars):
    """Writes collections and documents; `budget` bounds their number."""

    budget: int = 12

    # --- block collections: the first line is already indented, the last one is ended ---

    def node(self, indent: int) -> Pieces:
        """A value behind `key:`, `-`, `?` or `---`, with the blank before it; ends its line."""
        self.budget -= 1
        kind = self.number(0, 9) if self.budget > 0 else self.number(0, 3)
        if kind < 4:
            lead = self.gap(indent) if self.chance(15) else [self.pick((" ", " ", " ", "   "))]
            return self.ended([*lead, *self.value(indent)])
        if kind == 4:
            return self.ended([" ", *self.flow(indent)])
        if kind == 5 and self.anchors:
            return self.ended([f" *{self.pick(self.anchors)}"])
        if kind == 6:
            return [*self.comment(), "\n"]  # null
        return self.nested(indent)

    def ended(self, pieces: Pieces) -> Pieces:
        """A value with the rest of its line; a block scalar's last line takes no comment."""
        block = any(isinstance(p, str) and p[:1] in ("|", ">") and not p[2:3].isalnum() for p in pieces if p)
        return [*pieces, *([] if block else self.comment()), "\n"]

    def nested(self, indent: int) -> Pieces:
        """A block collection on the lines below."""
        anchors = [self.new_anchor()] if self.chance(10) else []
        inner = indent + self.number(1, 4)
        body = self.mapping(inner) if self.chance(60) else self.sequence(inner)
        self.anchors += anchors
        return [
            *(f" &{anchor}" for anchor in anchors),
            *self.comment(),
            "\n",
            *self.comment_lines(),
            " " * inner,
            *body,
        ]

    def mapping(self, indent: int) -> Pieces:
        pieces: Pieces = []
        for number in range(self.number(1, 4)):
            if number:
                pieces += [*self.comment_lines(), " " * indent]
            pieces += self.entry(indent)
        return pieces

    def entry(self, indent: int) -> Pieces:
        kind = self.number(0, 19)
        if kind == 19:
            return self.explicit(indent)
        if kind == 18 and self.anchors:
            return [f"*{self.pick(self.anchors)} :", *self.node(indent)]
        colon = self.pick((":", ":", ":", " :"))
        if kind == 17:
            return [*self.key(), colon, *self.comment(), "\n", " " * indent, *self.sequence(indent)]
        return [*self.key(), colon, *self.node(indent)]

    def explicit(self, indent: int) -> Pieces:
        compact = self.mapping(indent + 2) if self.chance(30) else self.sequence(indent + 2)
        key: Pieces = [" ", *compact] if self.chance(30) else self.node(indent)
        return ["?", *key, *([*self.comment_lines(), " " * indent, ":", *self.node(indent)] if self.chance(85) else [])]

    def sequence(self, indent: int) -> Pieces:
        pieces: Pieces = []
        for number in range(self.number(1, 3)):
            if number:
                pieces += [*self.comment_lines(), " " * indent]
            pieces.append("-")
            if self.budget > 0 and self.chance(40):
                self.budget -= 1
                gap = self.number(1, 3)
                inner = indent + 1 + gap
                pieces += [" " * gap, *(self.mapping(inner) if self.chance(70) else self.sequence(inner))]
            else:
                pieces += self.node(indent)
        return pieces

    # --- flow collections ---

    def flow(self, indent: int) -> Pieces:
        self.budget -= 1
        return self.flow_mapping(indent) if self.chance(50) else self.flow_sequence(indent)

    def flow_mapping(self, indent: int) -> Pieces:
        entries: list[Pieces] = []
        for _ in range(self.number(0, 3)):
            key = self.key(flow=True)
            form = self.number(0, 9)
            if form == 0:
                entries.append(key)
            elif form == 1:
                entries.append([*key, ": "])
            elif form == 2 and key[0] in ("'", '"'):
                entries.append([*key, ":", *self.flow_value(indent)])
            else:
                entries.append([*(["? "] if form == 3 else []), *key, ": ", *self.flow_value(indent)])
        return ["{", *self.flow_entries(entries, indent), "}"]

    def flow_sequence(self, indent: int) -> Pieces:
        entries: list[Pieces] = []
        for _ in range(self.number(0, 3)):
            pair = [*self.key(flow=True), ": "] if self.chance(15) else []
            entries.append([*pair, *self.flow_value(indent)])
        return ["[", *self.flow_entries(entries, indent), "]"]

    def flow_value(self, indent: int) -> Pieces:
        if self.budget > 0 and self.chance(25):
            return self.flow(indent)
        if self.anchors and self.chance(10):
            return [f"*{self.pick(self.anchors)} "]
        return self.value(indent, flow=True)

    def flow_entries(self, entries: list[Pieces], indent: int) -> Pieces:
        pieces: Pieces = [*self.flow_blank(indent)]
        for number, entry in enumerate(entries):
            last = number == len(entries) - 1
            pieces += [*entry, *self.flow_blank(indent), *([","] if not last or self.chance(20) else [])]
            pieces += self.flow_blank(indent)
        return pieces

    def flow_blank(self, indent: int) -> Pieces:
        kind = self.number(0, 4)
        return [] if kind < 2 else [" "] if kind < 4 else self.gap(indent)

    # --- documents ---

    def stream(self) -> Pieces:
        pieces: Pieces = []
        ended = True
        for number in range(self.pick((1, 1, 2, 3))):
            self.anchors.clear()
            directives = ended and self.chance(10)
            self.own_tags = directives and self.chance(50)
            pieces += self.comment_lines()
            if directives:
                pieces += [f"%YAML 1.{self.number(1, 2)}\n"]
                pieces += ["%TAG !e! tag:example.com,2000:\n"] if self.own_tags else []
                pieces += self.comment_lines()
            pieces += self.document(marker=directives or not ended or self.chance(90 if number else 30))
            ended = self.chance(15)
            pieces += ["...", *self.comment(), "\n"] if ended else []
            self.budget = max(self.budget, 4)
        return pieces

    def document(self, *, marker: bool) -> Pieces:
        if not marker:
            start = self.number(0, 2)
            body = self.sequence(start) if self.chance(25) else self.mapping(start)
            return [" " * start, *body]
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
            pieces += [self.blank(word)] if number else []
            pieces += [self.escaped_json(piece) if isinstance(piece, str) else piece for piece in word]
        return ['"', *pieces, '"']

    def escaped_json(self, text: str) -> str:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
        if not self.chance(30):
            return text
        return text.replace("😀", "\\ud83d\\ude00").replace("é", "\\u00e9").replace("日", "\\u65E5")


def sample(draw: Callable[..., Any], pieces: Pieces, rules: dict[str, str]) -> Sample:
    """Choose the line ends and the end of the text."""
    style = draw(st.sampled_from(("\n", "\n", "\n", "\r\n", "\r\n", "mixed")))
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


_LINE_ENDS = st.sampled_from(("\n", "\r\n"))
_CUT = st.sampled_from((False, False, False, True))
_RULES = st.sampled_from((RULES, RULES, RULES | MANY_HOSTS))


@st.composite
def yaml_samples(draw: Callable[..., Any]) -> Sample:
    """Streams of YAML documents; references stand in values, in keys, and in comments."""
    rules = draw(_RULES)
    return sample(draw, Texts(draw, rules).stream(), rules)


@st.composite
def json_samples(draw: Callable[..., Any]) -> Sample:
    """JSON texts."""
    rules = draw(_RULES)
    return sample(draw, Texts(draw, rules, is_json=True).json(), rules)
