"""The lexical structure of Go templates, written from its description: what is code, what is not."""

from __future__ import annotations

import re

SPACE = " \t\r\n"


def parts_of_go(text: str) -> str | None:
    """Return for each code point L (literal), C (code, comment) or S (string); None where something is not closed.

    Written from https://pkg.go.dev/text/template, code point by code point, as the lexer of Go does it.
    """
    parts = ["L"] * len(text)
    at = 0
    while (start := text.find("{{", at)) >= 0:
        trims = text[start + 2 : start + 3] == "-" and text[start + 3 : start + 4] in tuple(SPACE)
        inner = start + 3 if trims else start + 2
        rest = text[inner:].lstrip(SPACE) if trims else text[inner:]
        if rest.startswith("/*"):
            opened = len(text) - len(rest)
            closed = text.find("*/", opened + 2)
            found = re.compile(r"\*/(?:[ \t\r\n]+-)?\}\}").match(text, closed) if closed >= 0 else None
            end = found.end() if found else None
        else:
            end = _action_end(text, start + 2, parts)
        if end is None:
            return None
        parts[start:end] = [part if part == "S" else "C" for part in parts[start:end]]
        at = end
    return "".join(parts)


def _action_end(text: str, at: int, parts: list[str]) -> int | None:
    while at < len(text):
        if text.startswith("}}", at):
            return at + 2
        if text.startswith("/*", at):
            return None  # a comment that is not the whole action is a syntax error
        start, quote = at, text[at]
        at += 1
        if quote not in "\"'`":
            continue
        while text[at : at + 1] != quote:
            if at >= len(text) or (quote != "`" and text[at] == "\n"):
                return None
            at += 2 if quote != "`" and text[at] == "\\" else 1
        at += 1
        parts[start:at] = ["S"] * (at - start)
    return None
