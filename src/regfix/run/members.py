"""The members of a chart archive through the line, like files: read as they are, or with the archive repacked.

An archive inside of an archive is one of its members. Whatever happens, an archive is changed as a whole or not at all.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.archive import Budget, open_archive, safe_name, unreadable
from regfix.chart.files import MAX_VALUES_BYTES, chart_folder, is_archive, is_ignored
from regfix.chart.tree import MAX_DEPTH
from regfix.errors import SourceError
from regfix.locate.kind import Kind, kind_of
from regfix.locate.site import Reason
from regfix.outcome import Outcome, Status
from regfix.overrides.chartplan import as_vendored
from regfix.rewriting import account, left_as_failed
from regfix.run.file import read_outcome
from regfix.run.lock import LOCKS, lock_outcome
from regfix.text.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.chart.archive import Archive
    from regfix.locate.hosts import HostFinder
    from regfix.run.file import Options

MAX_REFERENCES = 100_000
"""References in an archive, and in those inside it, that are looked into: what memory allows for."""


class Told(NamedTuple):
    """What became of the members of an archive; `data` is its new content, None if it stays as it is."""

    outcomes: Sequence[Outcome]
    data: bytes | None = None


class Line:
    """The line for the members of one archive, with what is left of the limits on it."""

    def __init__(self, options: Options, hosts: HostFinder) -> None:
        self.options = options
        self.hosts = hosts
        self.budget = Budget()
        self._references = MAX_REFERENCES

    def file(self, where: str, data: bytes) -> Outcome | None:
        """Take a file through the line, up to the check. Raises SourceError beyond the limit on references."""
        self._count(where, data)
        try:
            if len(data) > MAX_VALUES_BYTES and self.hosts.may_hold(data):
                why = f"it is larger than the limit of {MAX_VALUES_BYTES // (1024 * 1024)} MiB on files in archives"
                raise SourceError("not read", where=where, why=why)
            return read_outcome(where, data, self.options, self.hosts)
        except SourceError as error:
            return Outcome(where, Status.FAILED, error=error)

    def text(self, where: str, data: bytes, reason: Reason) -> Outcome | None:
        """Return what there is in a member that is not taken for a file; None if that is nothing."""
        self._count(where, data)
        if not self.hosts.in_bytes(data):
            return None
        source = Source(where, data.decode("utf-8", "replace").replace("\0", ""))
        return account(source, self.options.rules, self.hosts, reason)

    def _count(self, where: str, data: bytes) -> None:
        manifest = kind_of(where) is not Kind.TEXT
        if not (self.hosts.may_hold(data) or self.options.every if manifest else self.hosts.in_bytes(data)):
            return
        self._references -= self.hosts.count(data, every=self.options.every)
        if self._references < 0:
            why = f"it names registries and images more than {MAX_REFERENCES} times"
            raise unreadable(where.partition("!")[0], why)


def member_outcomes(data: bytes, path: str, line: Line) -> Iterator[Outcome]:
    """Yield the outcomes of all members as if they were files, also of archives within. Raises SourceError."""
    archive = open_archive(data, path, line.budget)
    for member in archive.members:
        name, content = safe_name(member.name), archive.content(member)
        where = f"{path}!{name or member.name}"
        if name is not None and not member.odd and is_archive(name):
            yield from member_outcomes(content, where, line)
            continue
        plain = name is not None and not member.odd
        outcome = line.file(where, content) if plain else line.text(where, content, Reason.VENDORED)
        if outcome is not None:
            yield outcome


def rewritten_members(data: bytes, path: str, line: Line, *, signed: bool, depth: int = 0) -> Told:
    """Take the members of an archive through the line and repack it; raises SourceError if it cannot be read.

    `signed`: a signature of the archive lies beside it. An archive that cannot be repacked as it should be is among
    the outcomes, as failed.
    """
    if depth > MAX_DEPTH:
        raise unreadable(path, f"archives are nested deeper than {MAX_DEPTH} levels")
    work = _Work(open_archive(data, path, line.budget), line, depth)
    try:
        work.go()
        if signed and work.contents:
            raise refused(path, "its .prov file signs what it is now", "remove the signature, then run again")
        if not work.contents:
            return Told(work.told())
        from regfix.chart.repack import repacked

        return Told(work.told(), repacked(work.archive, work.contents))
    except SourceError as error:
        return Told(as_failed(path, work.told(), error))


def left_as_vendored(outcome: Outcome) -> Outcome:
    """Return the outcome of a file in a vendored chart that is not rewritten."""
    status = outcome.status if outcome.after is None else Status.UNCHANGED
    return outcome._replace(status=status, findings=tuple(as_vendored(outcome.findings)), decoded=None, after=None)


def refused(where: str, why: str, hint: str = "") -> SourceError:
    """Return the error of an archive that would change, but cannot be kept as it has to be."""
    return SourceError("the chart archive is not rewritten", where=where, why=why, hint=hint or "it is left as it is")


def as_failed(path: str, told: Sequence[Outcome], error: SourceError) -> list[Outcome]:
    """Return the outcomes of an archive that stays as it is because of an error, which is told once."""
    members = (one if one.after is None else left_as_failed(one, error)._replace(error=None) for one in told)
    unchanged = (one._replace(status=Status.UNCHANGED) if one.error is None else one for one in members)
    return [Outcome(path, Status.FAILED, error=error), *unchanged]


class _Work:
    """The members of one archive on their way; `contents` are the new ones by the numbers of the members."""

    def __init__(self, archive: Archive, line: Line, depth: int) -> None:
        self.archive = archive
        self.contents: dict[int, bytes] = {}
        self._line = line
        self._depth = depth
        self._names = [safe_name(member.name) for member in archive.members]
        self._count = Counter(self._names)
        self._outcomes: dict[int, Sequence[Outcome]] = {}
        self._problem: SourceError | None = None
        chart_folder((name for name in self._names if name is not None), archive.path)

    def told(self) -> list[Outcome]:
        """Return the outcomes in the order of the members."""
        return [outcome for index in sorted(self._outcomes) for outcome in self._outcomes[index]]

    def go(self) -> None:
        """Take all members through the line; raises SourceError if one would change that has to stay."""
        locks: list[tuple[int, str]] = []
        for index, name in enumerate(self._names):
            if name is None or self.archive.members[index].odd:
                self._odd(index)
            elif is_archive(name):
                self._archive(index, name)
            elif name.rpartition("/")[2] in LOCKS and self._metadata(name) is not None:
                locks.append((index, name))
            else:
                self._take(index, name, self._line.file(self._where(index), self._content(index)))
        for index, name in locks:
            self._take(index, name, self._lock(index, name))
        if self._problem is not None:
            raise self._problem

    def _content(self, index: int) -> bytes:
        return self.archive.content(self.archive.members[index])

    def _where(self, index: int) -> str:
        return f"{self.archive.path}!{self._names[index] or self.archive.members[index].name}"

    def _odd(self, index: int) -> None:
        """Account for what is no plain file of the chart: it is kept, or nothing is changed."""
        outcome = self._line.text(self._where(index), self._content(index), Reason.FAILED)
        if outcome is None:
            return
        self._outcomes[index] = (outcome,)
        if any(finding.reason is Reason.FAILED for finding in outcome.findings):
            odd = self.archive.members[index].odd or "its name leads out of the folder of the chart"
            self._refuse(index, f"a reference in it would have to move, and {odd}")

    def _archive(self, index: int, name: str) -> None:
        """Take an archive within: it is repacked in the `charts/` of a chart only, elsewhere accounted for."""
        where, content = self._where(index), self._content(index)
        try:
            if self._is_packed_chart(name):
                signed = f"{name}.prov" in self._count
                told = rewritten_members(content, where, self._line, signed=signed, depth=self._depth + 1)
            else:
                told = Told([left_as_vendored(one) for one in member_outcomes(content, where, self._line)])
        except SourceError as error:
            told = Told([Outcome(where, Status.FAILED, error=error)])
        self._outcomes[index] = told.outcomes
        if told.data is not None:
            self._change(index, name, told.data)

    def _is_packed_chart(self, name: str) -> bool:
        folder, _, file = name.rpartition("/")
        chart, _, charts = folder.rpartition("/")
        return charts == "charts" and not is_ignored(file) and f"{chart}/Chart.yaml" in self._count

    def _take(self, index: int, name: str, outcome: Outcome | None) -> None:
        if outcome is not None:
            self._outcomes[index] = (outcome,)
            if outcome.after is not None and outcome.decoded is not None:
                self._change(index, name, outcome.decoded.encode(outcome.after))

    def _change(self, index: int, name: str, content: bytes) -> None:
        if self._count[name] > 1:
            self._refuse(index, "it would change, and another member has the same name")
        self.contents[index] = content

    def _refuse(self, index: int, why: str) -> None:
        self._problem = self._problem or refused(self._where(index), why, "the archive is left as it is")

    def _metadata(self, lock: str) -> int | None:
        """Return the number of the file that a lock file belongs to."""
        folder, _, file = lock.rpartition("/")
        name = f"{folder}/{LOCKS[file]}"
        return self._names.index(name) if name in self._count else None

    def _lock(self, index: int, name: str) -> Outcome | None:
        """Return the outcome of a lock file: it follows the metadata of its chart."""
        metadata, where, content = self._metadata(name), self._where(index), self._content(index)
        chart = next(iter(self._outcomes.get(-1 if metadata is None else metadata, ())), None)
        options, hosts = self._line.options, self._line.hosts
        try:
            if chart is not None and chart.after is not None:
                return lock_outcome(decode(content, where), chart, options.rules, hosts)
            if hosts.in_bytes(content):
                return account(decode(content, where), options.rules, hosts, Reason.LOCK)
        except SourceError as error:
            return Outcome(where, Status.FAILED, error=error)
        return None
