"""Globs as questions about an entry of a folder, and about all its entries at once.

How an entry is described: see `regfix.discover.ignore`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.discover.glob import FOLDER, Glob, Kind

if TYPE_CHECKING:
    import re
    from collections.abc import Collection, Sequence

_MANY = 100
"""With more regexes than this each entry is asked about: compiling them a second time would take longer."""


class Listing(NamedTuple):
    """The names in a folder: as a collection, and in one text, each between slashes (`/a/b/`)."""

    names: Collection[str]
    text: str

    @classmethod
    def of(cls, names: Collection[str]) -> Listing:
        """Return the listing of some names."""
        return cls(names, f"/{'/'.join(names)}/")


class Matcher(NamedTuple):
    """Several globs as one question: does any of them match?

    `known`, `ends` and `names_regex` answer it roughly for all names of a folder at once: the last names of all fixed
    texts, the suffixes with a slash behind, and the regexes of names to be looked for in a listing's text (None also
    where there are too many).
    """

    names: frozenset[str]
    suffixes: tuple[str, ...]
    name_regex: re.Pattern[str] | None
    paths: frozenset[str]
    path_regex: re.Pattern[str] | None
    known: frozenset[str]
    ends: tuple[str, ...]
    names_regex: re.Pattern[str] | None

    def may_match(self, listing: Listing) -> bool:
        """Tell, fast and never wrongly in the negative, whether any entry of a folder may be meant."""
        text = listing.text
        for end in self.ends:
            if end in text:
                return True
        return (
            not self.known.isdisjoint(listing.names)
            or self.path_regex is not None
            or (self.name_regex is not None and (self.names_regex is None or self.names_regex.search(text) is not None))
        )

    def matches(self, mark: str, path: str, start: int) -> bool:
        """Return whether an entry is meant by its mark, or by its path (with the mark) from `start` on."""
        return (
            mark in self.names
            or mark.endswith(self.suffixes)
            or (self.name_regex is not None and self.name_regex.fullmatch(mark) is not None)
            or (bool(self.paths) and path[start:] in self.paths)
            or (self.path_regex is not None and self.path_regex.fullmatch(path, start) is not None)
        )


def matcher_of(globs: Sequence[Glob]) -> Matcher:
    regexes = [glob for glob in globs if glob.kind is Kind.REGEX and glob.base]
    return Matcher(
        names=frozenset(_texts(globs, Kind.EQUAL, base=True)),
        suffixes=tuple(_texts(globs, Kind.SUFFIX, base=True)),
        name_regex=_any_of(regexes),
        paths=frozenset(_texts(globs, Kind.EQUAL, base=False)),
        path_regex=_any_of([glob for glob in globs if glob.kind is Kind.REGEX and not glob.base]),
        known=frozenset(glob.text.rpartition("/")[2] for glob in globs if glob.kind is Kind.EQUAL),
        ends=tuple(glob.text + "/" for glob in globs if glob.kind is Kind.SUFFIX),
        names_regex=_any_of(regexes, before="/", behind="/") if len(regexes) <= _MANY else None,
    )


def _texts(globs: Sequence[Glob], kind: Kind, *, base: bool) -> list[str]:
    """Return the texts of some globs as marks: with and without the sign of a folder, or with it only."""
    chosen = [glob for glob in globs if glob.kind is kind and glob.base is base]
    return [glob.text + FOLDER for glob in chosen] + [glob.text for glob in chosen if not glob.folders]


def _any_of(globs: Sequence[Glob], before: str = "", behind: str = "") -> re.Pattern[str] | None:
    """Return one regex for marks; with `before` and `behind`, one for names between these, files or folders."""
    if not globs:
        return None
    import re

    ends = (behind or f"{FOLDER}{'' if glob.folders else '?'}" for glob in globs)
    return re.compile("|".join(f"{before}(?:{glob.text}){end}" for glob, end in zip(globs, ends, strict=True)))
