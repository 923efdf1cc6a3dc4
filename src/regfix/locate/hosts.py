"""Which texts are worth a look: the hosts of a rule set, looked for in bytes and in text."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.image.host import DOCKER_HUB, DOCKER_HUB_HOSTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regfix.image.rule import RuleSet
    from regfix.locate.fields import FieldFinder

_FEW = 12
"""Up to this many hosts are looked for one by one; more are looked up among the names of a text."""


_IMAGE_WORDS = (b"mage", b"repo", b"Repo", b"MAGE", b"REPO", b"runs-on", b"services:")
"""Pieces of every key that an unwritten Docker Hub name stands under, or beside."""


_BASE64 = b"ase64"
"""A piece of what says that text is written in base64."""


class HostFinder:
    """Finds the hosts of a rule set in bytes (is it worth decoding?) and in text (where?)."""

    __slots__ = ("_bytes", "_few", "_names", "_odd", "_short_names", "fields", "short_names")

    def __init__(self, rules: RuleSet, fields: FieldFinder | None = None) -> None:
        self.fields = fields  # of the user's own, which may hold short names under any key
        hosts = set(rules.hosts)
        self.short_names = DOCKER_HUB in hosts
        first = {r.source.path[:1] for r in rules.rules if r.source.host == DOCKER_HUB}
        self._short_names = () if () in first or ("library",) in first else tuple(p[0].encode() for p in first)
        if self.short_names:
            hosts |= DOCKER_HUB_HOSTS
        names = {_name(host) for host in hosts}
        self._odd = frozenset(name for name in names if "." not in name or name[:1] == "[")
        self._names = frozenset(names) - self._odd
        self._few = len(self._names) <= _FEW
        self._bytes = tuple(_shortest(n.encode() for n in (names if self._few else self._odd)))

    def may_concern(self, data: bytes) -> bool:
        """Tell whether the bytes of a file may hold a site, or are no text; asked for each file of a run."""
        for name in self._bytes:
            if name in data:
                return True
        if self._few and not self.short_names and b"\\" not in data and _BASE64 not in data:
            return b"\0" in data
        return self.may_hold(data) or b"\0" in data

    def may_hold(self, data: bytes) -> bool:
        """Tell, fast and never wrongly in the negative, whether the bytes of a manifest can hold a site."""
        for name in self._bytes:
            if name in data:
                return True
        if self._few and not self.short_names:
            return (b"\\" in data and self.hides_in_bytes(data)) or self._hides_in_base64(data)
        found = self.in_bytes(data) or (self.short_names and self._may_hold_short_name(data))
        return found or self._hides_in_base64(data)

    def _hides_in_base64(self, data: bytes) -> bool:
        if _BASE64 not in data:
            return False
        from regfix.locate.encoded import hides_in_base64

        return hides_in_base64(data, self)

    def in_bytes(self, data: bytes) -> bool:
        """Tell whether a host stands in the bytes, be it with escapes."""
        return self._plain_in_bytes(data) or (b"\\" in data and self.hides_in_bytes(data))

    def in_wide_bytes(self, data: bytes) -> bool:
        """Tell whether a host stands in bytes of UTF-16 or UTF-32, which regfix refuses to read."""
        return b"\0" in data and self._plain_in_bytes(data.replace(b"\0", b""))

    def _plain_in_bytes(self, data: bytes) -> bool:
        for name in self._bytes:
            if name in data:
                return True
        if self._few:
            return False
        tokens = {token.decode("ascii") for token in set(_name_bytes().findall(data))}
        return any(token in self._names or any(True for _ in self._inside(token)) for token in tokens)

    def hides_in_bytes(self, data: bytes) -> bool:
        """Tell whether the bytes hold escapes, and a host once these are decoded."""
        folded, count = _escapes().subn(_unescape, data)
        return count > 0 and self._plain_in_bytes(folded)

    def count(self, data: bytes, *, every: bool = False) -> int:
        """Return about how many sites and anchors the bytes of a source hold: rather too many than too few.

        `every` counts those of other registries, too.
        """
        wanted = (*self._bytes, b"&", *(_IMAGE_WORDS if every or self.short_names else ()))
        if b"\\" in data and self.hides_in_bytes(data):
            wanted = (*wanted, b"\\")
        listed = 0 if self._few else sum(1 for n in _name_bytes().finditer(data) if n[0].decode("ascii") in self._names)
        return listed + sum(map(data.count, wanted))

    def _may_hold_short_name(self, data: bytes) -> bool:
        if self._shows_short_name(data):
            return True
        return b"\\" in data and self._shows_short_name(_escapes().sub(_unescape, data))

    def _shows_short_name(self, data: bytes) -> bool:
        """Tell whether the bytes hold a key of images, and a namespace of the rules where they are for some only."""
        if self._short_names and not any(name in data for name in self._short_names):
            return False
        return any(word in data for word in _IMAGE_WORDS) or (self.fields is not None and self.fields.may_match(data))

    def starts(self, text: str, begin: int, end: int) -> list[tuple[int, int]]:
        """Return `(start, end)` of each name of a host in `text[begin:end]`, in order, boundaries unchecked."""
        found = [hit for name in (self._names if self._few else ()) for hit in _finds(text, name, begin, end)]
        found += [hit for name in self._odd for hit in _finds(text, name, begin, end)]
        if not self._few:
            names = self._names
            for m in _name_token().finditer(text, begin, end):
                if m.group() in names:
                    found.append(m.span())
                elif m.group()[0] in "\\-":
                    found += [(m.start() + by, m.end()) for by in self._inside(m.group())]
        found.sort()
        return found

    def _inside(self, token: str) -> Iterator[int]:
        """Yield where a host begins in a token: behind a backslash or the letter that it escapes, or behind a dash."""
        if token[0] == "-" and token[1:] in self._names:
            yield 1
        if token[0] == "\\":
            yield from (by for by in (1, 2) if token[by:] in self._names)


def _finds(text: str, name: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    size = len(name)
    at = text.find(name, begin, end)
    while at >= 0:
        yield at, at + size
        at = text.find(name, at + size, end)


def _name(host: str) -> str:
    """Return a host without its port."""
    return host.partition("]")[0] + "]" if host[:1] == "[" else host.partition(":")[0]


def _shortest(names: Iterable[bytes]) -> list[bytes]:
    """Drop the names that hold another one: finding the shorter is enough to have a look."""
    kept: list[bytes] = []
    for name in sorted(names, key=len):
        if not any(short in name for short in kept):
            kept.append(name)
    return kept


_DOTTED = r"(?:\\|(?<![A-Za-z0-9_-]))[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)+"
"""A dotted name, with the backslash before it: it escapes the first letter, or it does not.

It is not tried again within a word, and nothing of it is given back: a long word without a dot costs no more.
"""


@cache
def _name_token() -> re.Pattern[str]:
    return re.compile(_DOTTED)


@cache
def _name_bytes() -> re.Pattern[bytes]:
    return re.compile(_DOTTED.encode())


@cache
def _escapes() -> re.Pattern[bytes]:
    # YAML 1.2.2, 5.7: \xNN, \uNNNN, \UNNNNNNNN and the escaped line break; JSON has \uNNNN.
    return re.compile(rb"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|\r?\n[ \t]*)")


def _unescape(found: re.Match[bytes]) -> bytes:
    code = found.group(1) or found.group(2) or found.group(3)
    return b"" if code is None else chr(min(int(code, 16), 0x10FFFF)).encode("utf-8", "replace")
