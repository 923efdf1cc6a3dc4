"""Patterns taken apart: each atom is a regex for one character, or None for a star.

git's syntax follows its wildmatch.c (with WM_PATHNAME), Helm's Go's path/filepath.Match. They agree on `*`, `?`
and the backslash, and differ within brackets. A regex made here matches neither `/` (but for a slash that the
pattern has, and a class of Helm) nor NUL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Atom = str | None

SLASH = "/"
_ONE = r"[^/\0]"

# The classes of wildmatch.c: those of ctype(3) in the C locale.
_CLASSES = {
    "alnum": ("09", "AZ", "az"),
    "alpha": ("AZ", "az"),
    "blank": ("\t\t", "  "),
    "cntrl": ("\x01\x1f", "\x7f\x7f"),
    "digit": ("09",),
    "graph": ("!~",),
    "lower": ("az",),
    "print": (" ~",),
    "punct": ("!/", ":@", "[`", "{~"),
    "space": ("\t\r", "  "),
    "upper": ("AZ",),
    "xdigit": ("09", "AF", "af"),
}


class GlobError(ValueError):
    """A pattern that its tool refuses, or that can never match."""


def git_atoms(text: str) -> list[Atom]:
    """Take a pattern of a .gitignore apart. Raises GlobError where git would let it match nothing."""
    return _atoms(text, _git_class)


def helm_atoms(text: str) -> list[Atom]:
    """Take a pattern of a .helmignore apart. Raises GlobError where filepath.Match says ErrBadPattern."""
    return _atoms(text, _helm_class)


def _atoms(text: str, read_class: Callable[[str, int], tuple[Atom, int]]) -> list[Atom]:
    atoms: list[Atom] = []
    at = 0
    while at < len(text):
        atom, at = read_class(text, at + 1) if text[at] == "[" else _plain_atom(text, at)
        atoms.append(atom)
    return atoms


def _plain_atom(text: str, at: int) -> tuple[Atom, int]:
    if text[at] == "*":
        return None, at + 1
    if text[at] == "?":
        return _ONE, at + 1
    char, at = _escaped(text, at)
    return (SLASH if char == "/" else _code(char)), at


def _escaped(text: str, at: int) -> tuple[str, int]:
    """Return the character at an offset, or the one after a backslash there, and the offset behind it."""
    at += text.startswith("\\", at)
    if at >= len(text):
        raise GlobError(text)
    return text[at], at + 1


def _git_class(text: str, at: int) -> tuple[Atom, int]:
    """Read a bracket expression from behind its `[`; a `]` that comes first stands for itself."""
    negated = text[at : at + 1] in ("!", "^")
    first = at = at + negated
    ranges: list[str] = []
    low = ""  # what a following "-" would begin a range with
    while at == first or text[at : at + 1] != "]":
        if text[at : at + 1] == "-" and low and text[at + 1 : at + 2] not in ("", "]"):
            high, at = _escaped(text, at + 1)
            ranges.append(low + high)
            low = ""
        elif named := _git_named(text, at):
            ranges += _CLASSES[named]
            at += len(named) + len("[::]")
            low = ""
        else:
            low, at = _escaped(text, at)
            ranges.append(low + low)
    return _set(ranges, negated, "/"), at + 1


def _git_named(text: str, at: int) -> str:
    """Return the name of the class at an offset (`[:alpha:]`), or the empty string if there is none."""
    if not text.startswith("[:", at):
        return ""
    end = text.find("]", at + 2)
    if end < 0:
        raise GlobError(text)
    name = text[at + 2 : end - 1]
    if end == at + 2 or text[end - 1] != ":":
        return ""
    if name not in _CLASSES:
        raise GlobError(text)
    return name


def _helm_class(text: str, at: int) -> tuple[Atom, int]:
    """Read a character class from behind its `[`; `-` and `]` stand for themselves after a backslash only."""
    negated = text.startswith("^", at)
    at += negated
    ranges: list[str] = []
    while not ranges or text[at : at + 1] != "]":
        low, at = _helm_bound(text, at)
        high = low
        if text.startswith("-", at):
            high, at = _helm_bound(text, at + 1)
        ranges.append(low + high)
    return _set(ranges, negated, ""), at + 1


def _helm_bound(text: str, at: int) -> tuple[str, int]:
    if text[at : at + 1] in ("-", "]"):
        raise GlobError(text)
    return _escaped(text, at)


def _set(ranges: list[str], negated: bool, never: str) -> str:
    """Return the regex for one character in, or not in, ranges (two characters each); `never` is not matched."""
    body = "".join(f"{_code(pair[0])}-{_code(pair[1])}" for pair in ranges if pair[0] <= pair[1])
    if negated:
        return rf"[^{body}{never}\0]"
    return f"(?![{never}\\0])[{body}]" if body else "(?!)"


def _code(char: str) -> str:
    return char if char.isalnum() else f"\\U{ord(char):08x}"
