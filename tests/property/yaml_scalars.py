"""Scalars of every style, and comments, written as text (see `yaml_texts`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st
from vocabulary import COMMENTS, DECOYS, FREE_WORDS, KEYS, ODD_WORDS, PLAIN_WORDS, RESTS, VERSIONS, Pieces, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Choice = TypeVar("Choice")

SCALAR_TAGS = ("!!str", "!local", "!", "!<tag:yaml.org,2002:str>")
COLLECTION_TAGS = ("!local", "!<tag:example.com,2000:x>")


@cache
def _integers(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high)


@dataclass
class Scalars:
    """Writes scalars; every choice is drawn, so that a failing example shrinks towards the plain and short."""

    draw: Callable[[st.SearchStrategy[int]], int]
    rules: dict[str, str]
    anchors: list[str] = field(default_factory=list)
    anchor_count: int = 0
    own_tags: bool = False
    in_line: bool = False
    is_json: bool = False

    # --- choices ---

    def number(self, low: int, high: int) -> int:
        return self.draw(_integers(low, high)) if high > low else low

    def chance(self, percent: int) -> bool:
        return self.number(0, 99) >= 100 - percent

    def pick(self, choices: Sequence[Choice]) -> Choice:
        return choices[self.number(0, len(choices) - 1)]

    # --- words ---

    def reference(self) -> Ref:
        old, new = self.pick(list(self.rules.items()))
        rest = f"/{self.pick(RESTS)}{self.pick(VERSIONS)}"
        return Ref(old + rest, new + rest)

    def word(self, style: str, *, first: bool = False) -> Pieces:
        """One word without blanks: noise, a look-alike, or a reference with something around it."""
        free = style not in ("plain", "flow")
        kind = self.number(0, 9)
        if style in ("single", "double") and self.chance(2):
            return [self.pick(ODD_WORDS)]
        if kind < 3:
            return [self.pick(FREE_WORDS if free else PLAIN_WORDS)]
        if kind == 3:
            return [self.pick(DECOYS)]
        if kind < 7:
            return [self.reference()]
        around = [("--image=", ""), ("oci://", ""), ("x=", ";"), ("docker://", "")]
        if free:
            around += [("(", ")"), ('"', '"'), ("'", "'"), ("`", "`"), ("", "."), ("", ","), ("[", "]"), ('{"i":"', '"}'),
                       ("image: ", ""), ("- ", ""), ("# ", ""), ('\\"', '\\"')]  # fmt: skip
        before, after = self.pick(around)
        return [before, self.reference(), after]

    def words(self, style: str, most: int = 4) -> list[Pieces]:
        return [self.word(style, first=number == 0) for number in range(self.number(1, most))]

    @staticmethod
    def joined(words: Sequence[Pieces], blank: str = " ") -> Pieces:
        pieces: Pieces = []
        for number, word in enumerate(words):
            pieces += [blank, *word] if number else word
        return pieces

    # --- scalars ---

    def scalar(self, indent: int, *, flow: bool = False, key: bool = False) -> Pieces:
        """A scalar below a collection at column `indent` (-1: a document's root); a key is on one line."""
        lines = 1 if key or self.in_line else self.pick((1, 1, 1, 2, 3))
        style = self.pick(("plain", "single", "double") if key or flow else ("plain", "single", "double", "|", ">"))
        if style == "plain":
            return self.plain(indent, lines, "flow" if flow else "plain")
        if style == "single":
            return ["'", *self.folded(indent, lines, "single"), "'"]
        if style == "double":
            return ['"', *self.folded(indent, lines, "double"), '"']
        return self.block(indent, style)

    def value(self, indent: int, *, flow: bool = False) -> Pieces:
        """A scalar, often only a reference as under `image:`, now and then tagged or anchored."""
        props = self.properties(indent, flow=flow)
        only = self.number(0, 3)
        if only == 0:
            return [*props, self.reference()]
        if only == 1:
            quote = self.pick("'\"")
            return [*props, quote, self.reference(), quote]
        return [*props, *self.scalar(indent, flow=flow)]

    def properties(
        self, indent: int, *, flow: bool = False, tags: Sequence[str] = SCALAR_TAGS, percent: int = 20
    ) -> Pieces:
        """A tag, an anchor, or both, each with the blank behind it; often nothing."""
        if not self.chance(percent):
            return []
        tag = self.pick((*tags, self.pick(("!e!x", "!e!x%21")) if self.own_tags else "!x"))
        anchor = self.new_anchor()
        both = [tag, f"&{anchor}"]
        chosen = self.pick(([tag], both[::-1], both, both[1:]))
        self.anchors += [anchor] if chosen != [tag] else []
        pieces: Pieces = []
        for one in chosen:
            pieces += [one, *(self.gap(indent) if not flow and self.chance(20) else [self.pick((" ", " ", "\t"))])]
        return pieces

    def new_anchor(self) -> str:
        self.anchor_count += 1
        return self.pick((f"n{self.anchor_count}", f"n-{self.anchor_count}_x"))

    def gap(self, indent: int) -> Pieces:
        """What may stand between two tokens of a value: a line break, comments, and the indentation."""
        pieces: Pieces = [*self.comment(), "\n"]
        for _ in range(self.number(0, 1)):
            pieces += [" " * self.number(0, 3), "#", *self.comment_text(), "\n"]
        return [*pieces, " " * (indent + self.number(1, 3))]

    def plain(self, indent: int, lines: int, style: str) -> Pieces:
        pieces: Pieces = []
        for number in range(lines):
            if number:
                pieces += self.fold(indent, quoted=False)
            elif self.chance(8):
                pieces.append(self.pick(("-x ", "?x ", ":x ")) if style == "plain" else "-x ")
            pieces += self.joined(self.words(style))
        return pieces

    def folded(self, indent: int, lines: int, style: str) -> Pieces:
        pieces: Pieces = []
        for number in range(lines):
            if number:
                if style == "double" and self.chance(30):
                    pieces += [" \\", "\n", " " * (indent + self.number(1, 3)), self.pick(("", "\\ "))]
                else:
                    pieces += self.fold(indent, quoted=True)
            for at, word in enumerate(self.words(style)):
                pieces += [self.blank() if style == "double" else " "] if at else []
                pieces += [self.escaped(piece, style) if isinstance(piece, str) else piece for piece in word]
        return pieces

    def fold(self, indent: int, *, quoted: bool) -> Pieces:
        """A line break inside a plain or quoted scalar, with blank lines and trailing blanks now and then."""
        blank = [self.pick(("", " ", "    ", "  \t" if quoted else "")) + "\n" for _ in range(self.pick((0, 0, 1, 2)))]
        tab = self.pick(("", "", "", "\t"))
        return [self.pick(("", "", " ", "\t")), "\n", *blank, " " * (indent + self.number(1, 4)), tab]

    def blank(self) -> str:
        """What separates words in double quotes, an escape now and then."""
        return (
            self.pick((" ", " ", "\\n", "\\t", "\\r\\n", "  ", "\\ "))
            if not self.is_json
            else self.pick((" ", "\\n", "\\t"))
        )

    def escaped(self, text: str, style: str) -> str:
        if style == "single":
            return text.replace("'", "''")
        text = text.replace("\\", "\\\\").replace('"', '\\"')
        return "".join(self.escape(char) if ord(char) > 126 and self.chance(30) else char for char in text)

    @staticmethod
    def escape(char: str) -> str:
        code = ord(char)
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08x}"

    def block(self, indent: int, style: str) -> Pieces:
        """A literal or folded scalar; ends without its last line break."""
        more = self.number(1 if indent >= 0 else 0, 4)
        given = more > 0 and self.chance(30)
        indicators = [str(more) if given else "", self.pick(("", "-", "+"))]
        header = style + "".join(indicators if self.chance(50) else indicators[::-1])
        pieces: Pieces = [header, *(self.comment() if self.chance(20) else [])]
        margin = " " * (max(indent, 0) + more)
        for number in range(self.number(1, 4)):
            pieces.append("\n")
            if self.chance(15):
                pieces += [" " * self.number(0, len(margin)), "\n"]
            pieces.append(margin)
            if number or given:
                pieces.append(self.pick(("", "", " ", "   ", "\t")))
            elif not margin:
                pieces.append(self.pick(("x ", "'", '"', "- ")))  # a marker or a directive would end the scalar
            pieces += self.joined(self.words("block"))
            pieces.append(self.pick(("", "", " ", "\t ")))
        return [*pieces, *("\n" for _ in range(self.pick((0, 0, 0, 1, 2))))]

    def key(self, *, flow: bool = False) -> Pieces:
        kind = self.number(0, 9)
        if kind < 6:
            return ["k" * self.pick((900, 1023, 1024, 1025))] if self.chance(1) else [self.pick(KEYS)]
        if kind == 6:
            return [self.reference()]
        if kind == 7:
            quote = self.pick("'\"")
            return [quote, self.reference(), quote]
        return self.scalar(0, flow=flow, key=True)

    # --- comments ---

    def comment(self) -> Pieces:
        """The rest of a line behind a value: nothing, blanks, or a comment."""
        kind = self.number(0, 5)
        if kind < 3:
            return []
        blank = self.pick((" ", " ", "   ", "\t" if self.chance(20) else " "))
        if kind == 3:
            return [blank]
        return [blank, "#", *self.comment_text()]

    def comment_text(self) -> Pieces:
        kind = self.number(0, 3)
        if kind == 0:
            return [self.pick(COMMENTS)]
        if kind == 1:
            return [
                self.pick((" ", "", " image: ", ' image: "')),
                self.reference(),
                self.pick(("", '"', " and more", ".")),
            ]
        return [" ", *self.joined(self.words("block"))]

    def comment_lines(self) -> Pieces:
        """Lines of their own between entries: blank, or comments at any column."""
        pieces: Pieces = []
        for _ in range(self.pick((0, 0, 0, 1, 2))):
            blank = self.chance(40)
            pieces += [" " * self.number(0, 5), *([] if blank else ["#", *self.comment_text()]), "\n"]
        return pieces
