"""Values written as YAML: block lines or one flow text, quoted only where a plain scalar would mean something else."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError
from regfix.syntax.scalar import is_string
from regfix.syntax.yamltree import OddKey, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from regfix.syntax.yamltree import Data

_STRING_TAGS = ("!", "tag:yaml.org,2002:str")


class Style(NamedTuple):
    """How a file is laid out: columns per level, columns of a list's dashes behind its key, JSON's quotes."""

    width: int = 2
    dash: int = 2
    json: bool = False


def block_lines(values: Mapping[str, Data], column: int, style: Style) -> Iterator[str]:
    """Yield the lines, without line ends, of a block mapping at `column`. Raises SourceError."""
    pad = " " * column
    for key, value in values.items():
        yield from _entry(pad + key_text(key) + ":", value, column, style)


def _entry(head: str, value: Data, column: int, style: Style) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield head
        yield from block_lines(value, column + style.width, style)
    elif isinstance(value, list) and value:
        yield head
        for item in value:
            yield from _item(item, column + style.dash, style)
    elif isinstance(value, Scalar) and _fits_block(value):
        yield from _block_scalar(head, value.value, column + style.width)
    else:
        yield f"{head} {flow_text(value, style)}"


def _item(value: Data, column: int, style: Style) -> Iterator[str]:
    pad = " " * column + "- "
    if isinstance(value, dict) and value:
        lines = block_lines(value, column + 2, style)
        yield pad + next(lines)[column + 2 :]
        yield from lines
    elif isinstance(value, Scalar) and _fits_block(value):
        yield from _block_scalar(pad[:-1], value.value, column + 2)
    else:
        yield pad + flow_text(value, style)


def _fits_block(value: Scalar) -> bool:
    """Tell whether a text of several lines can stand as a literal block scalar."""
    text = value.value
    return "\n" in text.rstrip("\n") and value.tag is None and _block_text().fullmatch(text) is not None


@cache
def _block_text() -> re.Pattern[str]:
    # Printable lines; the first is not indented, none ends with a blank: what an editor would keep as it is.
    line = r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    return re.compile(rf"(?! ){line}*(?<! )(?:\n(?:{line}*(?<! ))?)+")


def _block_scalar(head: str, text: str, column: int) -> Iterator[str]:
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    yield f"{head} |{'-' if ends == 0 else '' if ends == 1 else '+'}"
    for line in [*body.split("\n"), *[""] * (ends - 1)]:
        yield " " * column + line if line else ""


def flow_text(value: Data, style: Style) -> str:
    """Return a value on one line. Raises SourceError for what has a tag of its own."""
    if isinstance(value, dict):
        return "{" + flow_pairs(value, style) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow_text(item, style) for item in value) + "]"
    return _scalar_text(value, quote=style.json)


def flow_pairs(values: Mapping[str, Data], style: Style) -> str:
    """Return the pairs of a flow mapping without its braces."""
    return ", ".join(f"{key_text(key, quote=style.json)}: {flow_text(value, style)}" for key, value in values.items())


def key_text(key: str, *, quote: bool = False) -> str:
    """Return a key; one that YAML versions read differently (`on`, `1.0`) as it was written where it came from."""
    if isinstance(key, OddKey) and not quote:
        return key or "null"
    return _text(key, quote=quote)


def _scalar_text(scalar: Scalar, *, quote: bool) -> str:
    value = scalar.value
    if scalar.tag is not None and scalar.tag not in _STRING_TAGS:
        raise SourceError("not written", why=f"a value has the tag {scalar.tag!r}")
    if scalar.is_null:
        return "null"
    if scalar.plain and not is_string(value, plain=True):
        return value
    return _text(value, quote=quote)


def _text(value: str, *, quote: bool) -> str:
    if not quote and _plain().fullmatch(value) and is_string(value, plain=True):
        return value
    return _escapes().sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(value, ensure_ascii=False))


@cache
def _plain() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z0-9_./$][\w./@+=$-]*(?:[ :]+[\w./@+=$()-]+)*(?<!:)", re.ASCII)


@cache
def _escapes() -> re.Pattern[str]:
    # What YAML does not take raw, or takes for a line break.
    return re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
