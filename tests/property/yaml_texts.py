"""Collections of YAML written as text, block and flow, nested at random (see `yaml_streams`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from yaml_scalars import COLLECTION_TAGS, Scalars

if TYPE_CHECKING:
    from vocabulary import Pieces


@dataclass
class Texts(Scalars):
    """Writes collections and documents; `budget` bounds their number."""

    budget: int = 12

    # --- block collections: the first line is already indented, the last one is ended ---

    def node(self, indent: int, *, tab: bool = False) -> Pieces:
        """A value behind `key:`, `-`, `?` or `---`, with the blank before it; ends its line."""
        self.budget -= 1
        kind = self.number(0, 9) if self.budget > 0 else self.number(0, 3)
        if kind < 4:
            lead = (
                self.gap(indent)
                if self.chance(15)
                else [self.pick((" ", " ", " ", "   ", *(("\t", " \t") if tab else ())))]
            )
            return self.ended([*lead, *self.value(indent)])
        if kind == 4:
            properties, anchors = self.of_collection(indent)
            pieces = self.ended([" ", *properties, *self.flow(indent)])
            self.anchors += anchors
            return pieces
        if kind == 5 and self.anchors:
            return self.ended([f" *{self.pick(self.anchors)}"])
        if kind == 6:
            empty = self.properties(indent, flow=True, tags=("!!null", "!!str", "!x"))
            return [*([" ", *empty[:-1]] if empty else []), *self.comment(), "\n"]
        return self.nested(indent)

    def ended(self, pieces: Pieces) -> Pieces:
        """A value with the rest of its line; a block scalar's last line takes no comment."""
        block = any(isinstance(p, str) and p[:1] in ("|", ">") and not p[2:3].isalnum() for p in pieces if p)
        return [*pieces, *([] if block else self.comment()), "\n"]

    def nested(self, indent: int) -> Pieces:
        """A block collection on the lines below."""
        properties, anchors = self.of_collection(indent)
        inner = indent + self.number(1, 4)
        body = self.mapping(inner) if self.chance(60) else self.sequence(inner)
        self.anchors += anchors
        return [
            *([" ", *properties[:-1]] if properties else []),
            *self.comment(),
            "\n",
            *self.comment_lines(),
            " " * inner,
            *body,
        ]

    def of_collection(self, indent: int, *, flow: bool = False) -> tuple[Pieces, list[str]]:
        """The properties of a collection, and the anchors to be known behind it: not within itself."""
        known = len(self.anchors)
        properties = self.properties(indent, flow=flow, tags=COLLECTION_TAGS, percent=15)
        own, self.anchors[known:] = self.anchors[known:], []
        return properties, own

    def mapping(self, indent: int) -> Pieces:
        pieces: Pieces = []
        for number in range(self.number(1, 4)):
            if number:
                pieces += [*self.comment_lines(), " " * indent]
            pieces += self.entry(indent)
        return pieces

    def entry(self, indent: int) -> Pieces:
        kind = self.number(0, 22)
        if kind == 22:
            return self.explicit(indent)
        if kind == 21 and self.anchors:
            return [f"*{self.pick(self.anchors)} :", *self.node(indent)]
        if kind == 20:
            return ["?", *self.comment(), "\n", " " * indent, ":", *self.node(indent)]
        if kind == 19:
            return [*self.flow_in_line(), ":", *self.node(indent, tab=True)]
        colon = self.pick((":", ":", ":", " :", "\t:"))
        properties = self.properties(indent, flow=True, percent=8)
        if kind == 18:
            return [*properties, *self.key(), colon, *self.comment(), "\n", " " * indent, *self.sequence(indent)]
        return [*properties, *self.key(), colon, *self.node(indent, tab=True)]

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

    def flow_in_line(self) -> Pieces:
        """A flow collection that is a key."""
        outer, self.in_line = self.in_line, True
        pieces = self.flow(0)
        self.in_line = outer
        return pieces

    def flow_mapping(self, indent: int) -> Pieces:
        entries: list[Pieces] = []
        for _ in range(self.number(0, 3)):
            key = self.flow_in_line() if self.budget > 0 and self.chance(5) else self.key(flow=True)
            key = [*self.properties(indent, flow=True, percent=5), *key]
            form = self.number(0, 9)
            if form == 0:
                entries.append(key)
            elif form == 1:
                entries.append([*key, ": "])
            elif form == 2 and key[-1] in ("'", '"', "]", "}"):
                entries.append([*key, ":", *self.flow_value(indent)])
            else:
                entries.append([*(["? "] if form == 3 else []), *key, ": ", *self.flow_value(indent)])
        return ["{", *self.flow_entries(entries, indent), "}"]

    def flow_sequence(self, indent: int) -> Pieces:
        entries: list[Pieces] = []
        for _ in range(self.number(0, 3)):
            pair = [*(["? "] if self.chance(20) else []), *self.key(flow=True), ": "] if self.chance(15) else []
            entries.append([*pair, *self.flow_value(indent)])
        return ["[", *self.flow_entries(entries, indent), "]"]

    def flow_value(self, indent: int) -> Pieces:
        if self.budget > 0 and self.chance(25):
            properties, anchors = self.of_collection(indent, flow=True)
            pieces = [*properties, *self.flow(indent)]
            self.anchors += anchors
            return pieces
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
        return [] if kind < 2 else [self.pick((" ", " ", "\t"))] if kind < 4 or self.in_line else self.gap(indent)
