"""Manifests and values on the disk: which file and line declares an object, or sets a value of a release."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from regfix.cluster.declared import plain
from regfix.cluster.model import ClusterError
from regfix.cluster.objects import identity, named_path
from regfix.discover import Failed, File, discover
from regfix.errors import SourceError
from regfix.finding import Action
from regfix.image.reference import Reference
from regfix.locate.kind import PARSED, Kind, kind_of
from regfix.locate.site import Context
from regfix.rewriting import rewrite_source
from regfix.syntax.keypath import format_key_path
from regfix.syntax.yamltree import data_of, parse_tree
from regfix.text.read import read_file
from regfix.text.source import decode
from regfix.text.span import LineIndex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from regfix.cluster.locating import Locator
    from regfix.cluster.model import ApiObject, Identity
    from regfix.finding import Finding
    from regfix.syntax.keypath import KeyPath
    from regfix.text.source import Source

MAX_SOURCE = 8 * 1024 * 1024
"""Larger files are passed over, in bytes: they are no manifests that a person changes."""


class Line(NamedTuple):
    """A reference in a file: where, its key as `format_key_path` gives it, its place, what the rules make of it."""

    path: str
    line: int
    key: str
    place: KeyPath
    reference: str
    result: str


class Declaration(NamedTuple):
    """A document that declares an object, with its references."""

    who: Identity
    path: str
    line: int
    lines: tuple[Line, ...]


class Sources:
    """What the files at and below some paths declare; `values` are the references in what declares no object."""

    def __init__(self, paths: Sequence[str], locator: Locator) -> None:
        self.problems: list[ClusterError] = []
        self.values: list[Line] = []
        self._paths = paths
        self._locator = locator
        self._declared: dict[tuple[str, str], list[Declaration]] = {}
        self._kustomized: list[Line] = []

    def read(self, wanted: Collection[tuple[str, str]]) -> None:
        """Read values, kustomizations, and what declares objects of these kinds and names."""
        names = {name.encode() for _, name in wanted}
        for found in discover(self._paths):
            if isinstance(found, Failed):
                self._note(found.error)
            elif isinstance(found, File) and kind_of(found.path) in PARSED:
                try:
                    self._take(found.path, names, wanted)
                except SourceError as error:
                    self._note(error)

    def declarations(self, who: Identity) -> Iterator[Declaration]:
        """Yield what declares an object; a file need not say the namespace."""
        for one in self._declared.get((who.kind, who.name), ()):
            spaces = {who.namespace, one.who.namespace}
            if _group(one.who) == _group(who) and (len(spaces) == 1 or "" in spaces):
                yield one

    def kustomized(self, reference: str) -> Iterator[Line]:
        """Yield the lines of kustomizations that bring an image."""
        return (line for line in self._kustomized if _is_same_image(line.reference, reference))

    def _take(self, path: str, names: Collection[bytes], wanted: Collection[tuple[str, str]]) -> None:
        data, _ = read_file(path)
        worth = self._locator.hosts.may_concern(data)
        declares = b"kind" in data and any(found[0] in names for found in _word().finditer(data))
        if len(data) > MAX_SOURCE or not (worth or declares):
            return
        source = decode(data, path)
        findings = self._findings(source) if worth else ()
        try:
            documents = [*_documents(source, findings)]
        except SourceError:
            if not worth or "{{" in source.text or "{%" in source.text:
                return  # a template declares no object, and what names no image hides none
            raise
        for who, line, lines in documents:
            if kind_of(path) is Kind.KUSTOMIZATION:
                self._kustomized += lines
            elif who is None:
                self.values += lines
            elif (who.kind, who.name) in wanted:
                self._declared.setdefault((who.kind, who.name), []).append(Declaration(who, path, line, lines))

    def _findings(self, source: Source) -> tuple[Finding, ...]:
        outcome = rewrite_source(source, kind_of(source.name), self._locator.rules, self._locator.hosts)
        if outcome.error is not None:
            raise outcome.error
        return tuple(f for f in outcome.findings if f.action is Action.REWRITE and f.context is not Context.COMMENT)

    def _note(self, error: SourceError) -> None:
        self.problems.append(error.turned_into(ClusterError))


@cache
def _word() -> re.Pattern[bytes]:
    return re.compile(rb"[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?")


def _group(who: Identity) -> str:
    """Return the group of an object; `extensions` was that of what is in `apps` now."""
    group, slash, _ = who.api_version.rpartition("/")
    group = group if slash else "" if who.api_version == "v1" else who.api_version
    return "apps" if group == "extensions" else group


def _documents(source: Source, findings: Sequence[Finding]) -> Iterator[tuple[Identity | None, int, tuple[Line, ...]]]:
    """Yield the documents of a file: what they declare, in which line they begin, and their references."""
    tree = parse_tree(source.text, source.name)
    index = LineIndex(source.text)
    starts = [index.position(node.start).line for node in tree.documents]
    for node, start, end in zip(tree.documents, starts, (*starts[1:], len(source.text) + 2), strict=True):
        content = plain(data_of(node, tree.anchors, source.name))
        if isinstance(content, dict):
            who = identity("", content) if content.get("kind") and content.get("apiVersion") else None
            here = (finding for finding in findings if start <= finding.position.line < end)
            yield who, start, tuple(_line(finding, content) for finding in here)


def _line(finding: Finding, content: ApiObject) -> Line:
    _, place = named_path(content, finding.key_path)
    key = format_key_path(finding.key_path)
    return Line(finding.source, finding.position.line, key, place, finding.reference, finding.result or "")


def best_line(declared: Declaration, place: KeyPath, reference: str) -> Line | None:
    """Return the line of a document with an image: with the same tag, and at the same place, if there is one."""
    like = (line for line in declared.lines if _is_same_image(line.reference, reference))
    return max(like, key=lambda line: (line.reference == reference, line.place == place), default=None)


def _is_same_image(one: str, other: str) -> bool:
    parsed, second = Reference.match(one), Reference.match(other)
    return parsed is not None and second is not None and parsed.name == second.name
