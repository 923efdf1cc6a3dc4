"""Strings in template actions that are held against a value, or looked for in it (decision 11).

Sources: https://pkg.go.dev/text/template (eq, ne), https://masterminds.github.io/sprig/strings.html,
https://jinja.palletsprojects.com/en/stable/templates/
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.locate.site import Occurrence

_SUBJECTS = frozenset(
    ["eq", "ne", "contains", "hasPrefix", "hasSuffix", "has", "mustHas", "regexMatch", "mustRegexMatch"]
)
"""Functions that hold all that they are given against each other."""

_FUNCTIONS = _SUBJECTS | {
    "replace", "trimPrefix", "trimSuffix", "trimAll", "split", "splitn", "splitList", "without", "mustWithout",
    "regexFind", "regexFindAll", "regexReplaceAll", "regexReplaceAllLiteral", "regexSplit", "mustRegexFind",
    "mustRegexFindAll", "mustRegexReplaceAll", "mustRegexReplaceAllLiteral", "mustRegexSplit",
}  # fmt: skip
"""Functions that look for what they are given in something else."""

_METHODS = frozenset([
    "startswith", "endswith", "replace", "removeprefix", "removesuffix", "strip", "lstrip", "rstrip", "split", "rsplit",
    "partition", "rpartition", "find", "index", "count", "regex_replace", "regex_search", "regex_findall", "match",
    "search", "regex",
])  # fmt: skip
"""The like in Jinja and Ansible, as methods, filters and tests."""

_LOOK_BACK = 600
"""So far before a string its action is looked for, in code points."""


@cache
def _string() -> re.Pattern[str]:
    return re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`|'(?:[^'\\\n]|\\.)*'")


@cache
def _front() -> re.Pattern[str]:
    return re.compile(r"^[{%\s-]*(?:(?:else|if|elif|with|range|set|when)\b\s*|\$?\w*\s*:?=(?!=)\s*|not\b\s*)*")


@cache
def _operator_before() -> re.Pattern[str]:
    return re.compile(r"(?:[=!]=|(\bfor\b[\w\s,]*)?\bin)\s*(?:[(\[][^()\[\]]*)?$")


@cache
def _operator_behind() -> re.Pattern[str]:
    return re.compile(r"\s*(?:[=!]=|(?:not\s+)?in\b)")


def is_compared(text: str, start: int, end: int) -> bool:
    """Tell whether the string literal at `[start, end)`, its quotes included, is an operand of a comparison or search.

    False where no action of a template is open before it.
    """
    begin = max(0, start - _LOOK_BACK)
    opened = max(text.rfind("{{", begin, start), text.rfind("{%", begin, start))
    if opened < 0:
        return False
    code = _string().sub('""', text[opened:start])
    if "}}" in code or "%}" in code:
        return False
    if any(name in _SUBJECTS for name in _pipes_behind(text, end)):
        return True
    before = _operator_before().search(code)
    if (before is not None and before.group(1) is None) or _operator_behind().match(text, end) is not None:
        return True
    return any(command in _FUNCTIONS or method in _METHODS for command, method in _commands(code))


def is_compared_in_action(text: str, found: Occurrence) -> bool:
    """Tell the same of the literal that begins with an occurrence, in a text in which actions are not lexed."""
    start = found.start - 1
    if text[start : found.start] not in ('"', "'", "`"):
        return False
    end = text.find(text[start], found.end, found.end + _LOOK_BACK)
    return end >= 0 and is_compared(text, start, end + 1)


def _pipes_behind(text: str, end: int) -> Iterator[str]:
    """Yield the functions into which the rest of an action, up to its end or a closing parenthesis, is piped."""
    behind = _string().sub('""', text[end : end + _LOOK_BACK])
    rest = re.match(r"(?:[^()}%|]|\([^()]*\)|\|[ \t]*\w+)*", behind)
    yield from re.findall(r"\|[ \t]*(\w+)", rest.group() if rest else "")


def _commands(code: str) -> Iterator[tuple[str, str]]:
    """Yield for each parenthesis that is open at the end of an action's code, the innermost first, and for the action:

    the first word of the command, and the word in front of the parenthesis.
    """
    depth, end, told = 0, len(code), False
    for at in range(len(code) - 1, -1, -1):
        char = code[at]
        if char in ")]":
            depth += 1
        elif char in "([" and depth:
            depth -= 1
        elif char == "|" and not depth and not told:
            told = True
            yield _first_word(code[at + 1 : end]), ""
        elif char in "([":
            before = re.search(r"(\w+)$", code[:at]) if char == "(" else None
            yield "" if told else _first_word(code[at + 1 : end]), before.group(1) if before else ""
            end, told = at, False
    if not told:
        yield _first_word(code[:end]), ""


def _first_word(code: str) -> str:
    found = re.match(r"\w+", code[_end_of_front(code) :])
    return found.group() if found else ""


def _end_of_front(code: str) -> int:
    found = _front().match(code)
    return found.end() if found else 0
