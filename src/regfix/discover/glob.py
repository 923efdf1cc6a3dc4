"""Lines of ignore files as data: what the name or the path of an entry must look like to be meant.

Two dialects: that of gitignore(5), as git's dir.c reads it, and that of Helm's pkg/ignore. Both become a Glob,
matched against the *mark* of an entry: its name or its path, with a NUL behind it if it is a folder (no name can
hold a NUL). git's dialect is about bytes (`?` is one byte of a UTF-8 character), so its lines and marks are bytes
decoded as Latin-1; Helm's is about characters.

Why not the library pathspec: its answer for an entry includes the folders above it, so that a deeper `!keep/`
lets in what an outer `*.log` keeps out; it does not know `[[:alpha:]]`; its regexes take exponential time on some
names, and ignore files come with the tree (R19). Here a regex takes linear time, and git is the judge in tests.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from regfix.discover.atoms import SLASH, Atom, GlobError, git_atoms, helm_atoms

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = "\0"
"""What follows the name of a folder in its mark."""

_ANY = r"[^/\0]*"
_SOME = r"[^/\0]+"
_BELOW = r"[^\0]+"
_FOLDERS = r"(?:[^/\0]+/)*?"
_WILD = frozenset("*?[\\")


class Kind(Enum):
    """How the text of a Glob is compared with a name or a path: most lines of most files need no regex."""

    EQUAL = 1
    SUFFIX = 2
    REGEX = 3


class Glob(NamedTuple):
    """One pattern. `base`: the name is meant, not the path; `folders`: only folders are meant."""

    text: str
    kind: Kind
    base: bool
    folders: bool
    negated: bool


def git_glob(line: str) -> Glob | None:
    """Read a line (without its line end) of a .gitignore; None if it holds no pattern.

    Raises GlobError for a pattern that can never match: an open bracket, an unknown class, a final backslash.
    Not taken over: against its manual, git reads the stars of `a**/b` as those of `**/b`; and `**\\/b` leaves out
    the `b` that has no folder above it.
    """
    text = _trimmed(line.partition("\0")[0])
    if not text or text.startswith("#"):
        return None
    return _glob(text, _git_regex)


def helm_glob(line: str) -> Glob | None:
    """Read a line of a .helmignore; None if it holds no pattern.

    Raises GlobError for a pattern that Helm refuses: a double star, or one that filepath.Match calls malformed.
    """
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    if "**" in text or "\0" in text:
        raise GlobError(line)
    return _glob(text, _helm_regex)


def _glob(text: str, regex: Callable[[str], str]) -> Glob:
    """Read what both dialects have in common: `!` before, `/` behind, and what a `/` elsewhere means."""
    negated = text.startswith("!")
    text = text[1:] if negated else text
    folders = text.endswith("/")
    text = text[:-1] if folders else text
    base = "/" not in text
    text = text.removeprefix("/")
    if _WILD.isdisjoint(text):
        return Glob(text, Kind.EQUAL, base, folders, negated)
    if base and text.startswith("*") and _WILD.isdisjoint(text[1:]):
        return Glob(text[1:], Kind.SUFFIX, base, folders, negated)
    return Glob(regex(text), Kind.REGEX, base, folders, negated)


def _trimmed(line: str) -> str:
    """Drop the blanks at the end as git does: the first one stays if a backslash protects it."""
    kept = line.rstrip(" ")
    protected = kept != line and (len(kept) - len(kept.rstrip("\\"))) % 2
    return kept + " " if protected else kept


def _helm_regex(text: str) -> str:
    return _linear(helm_atoms(text))


def _git_regex(text: str) -> str:
    """Join the components of a pattern; `**` as a whole component stands for any number of folders."""
    head, *rest = _git_runs(text)
    regex = head + "/" if head and rest else head
    if not rest:
        return regex
    *middle, last = rest
    regex += "".join(f"(?>{_FOLDERS}{run}/)" for run in middle if run)
    return regex + (_FOLDERS + last if last else _BELOW)


def _git_runs(text: str) -> list[str]:
    """Return the regexes of the components between the double stars; one is empty where they touch."""
    runs: list[list[str]] = [[]]
    for atoms in _components(git_atoms(text)):
        stars = 0 if any(atoms) else len(atoms)
        if stars > 1:
            runs.append([])
        else:
            runs[-1].append(_SOME if stars else _linear(atoms))
    return ["/".join(run) for run in runs]


def _components(atoms: list[Atom]) -> list[list[Atom]]:
    components: list[list[Atom]] = [[]]
    for atom in atoms:
        if atom == SLASH:
            components.append([])
        else:
            components[-1].append(atom)
    return components


def _linear(atoms: list[Atom]) -> str:
    """Return a regex that takes linear time, however many stars and whatever the name.

    What stands between two stars is matched at the first place where it fits, for good (an atomic group): no
    later place could do better.
    """
    chunks = [""]
    for atom in atoms:
        if atom is None:
            chunks.append("")
        else:
            chunks[-1] += atom
    head, *rest = chunks
    if not rest:
        return head
    *middle, last = rest
    return head + "".join(f"(?>{_ANY}?{chunk})" for chunk in middle if chunk) + _ANY + last
