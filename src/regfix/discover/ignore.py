"""The rules of one ignore file, and what they say about an entry.

An entry is described by its mark (glob.FOLDER follows the name of a folder) and by the same with its path before
it. Rules only look at the entry itself: what lies in an ignored folder is never asked about, as that folder is
not entered.
"""

from __future__ import annotations

import codecs
import errno
import os
import stat
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from regfix.discover.atoms import GlobError
from regfix.discover.glob import git_glob, helm_glob
from regfix.discover.matcher import matcher_of
from regfix.errors import SourceError
from regfix.text.read import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from regfix.discover.glob import Glob
    from regfix.discover.matcher import Listing, Matcher

MAX_IGNORE_BYTES = 256 * 1024
"""The largest ignore file whose rules are read (R19): some hundred times what people write."""

_FIRST_BYTES = 8 * 1024


class GitRules(NamedTuple):
    """The rules of a .gitignore, the last first: runs of patterns that say the same (gitignore(5))."""

    runs: tuple[tuple[bool, Matcher], ...]

    def may_match(self, listing: Listing) -> bool:
        """Tell, fast and never wrongly in the negative, whether these rules speak of any entry of a folder."""
        for _, matcher in self.runs:  # noqa: SIM110 - asked for each folder
            if matcher.may_match(listing):
                return True
        return False

    def verdict(self, mark: str, path: str, start: int) -> bool | None:
        """Return whether the entry is ignored; None if these rules do not speak of it."""
        for ignored, matcher in self.runs:
            if matcher.matches(mark, path, start):
                return ignored
        return None


class HelmRules(NamedTuple):
    """The rules of a .helmignore (Helm's pkg/ignore).

    Helm takes the first line that decides, and no line can decide that an entry is kept: a pattern drops what it
    matches, a negated one drops what it does not match. So an entry is kept if `none` does not match and every
    one of `each` does.
    """

    none: Matcher
    each: tuple[Matcher, ...]

    def may_match(self, listing: Listing) -> bool:
        """Tell, fast and never wrongly in the negative, whether these rules leave out any entry of a folder."""
        return bool(self.each) or self.none.may_match(listing)

    def ignores(self, mark: str, path: str, start: int) -> bool:
        """Return whether Helm leaves the entry out of the chart."""
        return self.none.matches(mark, path, start) or not all(
            matcher.matches(mark, path, start) for matcher in self.each
        )


def git_rules(lines: Iterable[str]) -> GitRules:
    """Build the rules of the lines of a .gitignore (bytes as Latin-1); a malformed line matches nothing, as in git."""
    runs = groupby(_globs(lines, git_glob), key=lambda glob: glob.negated)
    return GitRules(tuple((not negated, matcher_of(list(run))) for negated, run in runs)[::-1])


def helm_rules(lines: Iterable[str]) -> HelmRules:
    """Build the rules of the lines of a .helmignore.

    Helm refuses a chart for a malformed line; here such a line is not in force, so that nothing is missed. Nor is
    Helm's built-in `templates/.?*`: no file of the user's says so, and a reference in a hidden file would stay
    behind without a word in any ignore file.
    """
    globs = list(_globs(lines, helm_glob))
    each = tuple(matcher_of([glob]) for glob in globs if glob.negated)
    return HelmRules(matcher_of([glob for glob in globs if not glob.negated]), each)


def exclude_rules(patterns: Sequence[str]) -> GitRules:
    """Build rules from patterns as in a .gitignore.

    Raises ValueError, whose text is the pattern, for one that holds no pattern, can never match, or is no text.
    """
    for pattern in patterns:
        try:
            sound = git_glob(latin(pattern)) is not None
        except ValueError:
            sound = False
        if not sound:
            raise ValueError(repr(pattern))
    return git_rules(latin(pattern) for pattern in patterns)


def latin(text: str) -> str:
    """Return the bytes of a name or a path as Latin-1 text, which is what git's rules are about."""
    return text if text.isascii() else os.fsencode(text).decode("latin-1")


def git_lines(data: bytes) -> list[str]:
    """Split a .gitignore as git does: without a BOM, at LF or CRLF; bytes as Latin-1."""
    text = data.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    return [line.removesuffix("\r") for line in text.split("\n")]


def helm_lines(data: bytes) -> list[str]:
    """Split a .helmignore as Helm does: at LF; a BOM belongs to the first pattern."""
    return os.fsdecode(data).split("\n")


def read_rules(path: str, *, follow: bool) -> bytes | None:
    """Return the content of an ignore file; None if there is no regular file (`follow`: or link to one).

    Raises SourceError if it cannot be read or is larger than MAX_IGNORE_BYTES.
    """
    try:
        if not stat.S_ISREG(os.stat(path, follow_symlinks=follow).st_mode):
            return None
        data = _start_of(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise _not_in_force(path, reason(error)) from None
    except ValueError:  # a NUL in the path, which a `.git` file may have led to
        return None
    if len(data) > MAX_IGNORE_BYTES:
        raise _not_in_force(path, f"it is larger than the limit of {MAX_IGNORE_BYTES // 1024} KiB")
    return data


def _start_of(path: str) -> bytes:
    """Read a file to one byte behind the limit; does not wait for a writer, should it be a named pipe by now."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        data = os.read(descriptor, _FIRST_BYTES)
        while len(data) <= MAX_IGNORE_BYTES and (more := os.read(descriptor, MAX_IGNORE_BYTES)):
            data += more
    finally:
        os.close(descriptor)
    return data


def _not_in_force(path: str, why: str) -> SourceError:
    return SourceError("ignore file not read", where=path, why=why, hint="what it ignores was not left out")


def _globs(lines: Iterable[str], read: Callable[[str], Glob | None]) -> Iterable[Glob]:
    for line in lines:
        try:
            glob = read(line)
        except GlobError:
            continue
        if glob is not None:
            yield glob
