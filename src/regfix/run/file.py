"""One file through the line: read, rewrite, write."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.vendored import Vendored
from regfix.errors import SourceError
from regfix.locate.kind import PARSED, Kind, kind_of
from regfix.text.read import read_file, read_worth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from regfix.chart.fetching import Fetcher
    from regfix.image.rule import RuleSet
    from regfix.locate.fields import FieldFinder
    from regfix.locate.hosts import HostFinder
    from regfix.outcome import Outcome
    from regfix.run.kustomizations import Kustomizations
    from regfix.run.piped import Piped
    from regfix.text.read import FileState
    from regfix.text.source import Source


class Known:
    """The references that were written, and the kustomizations of the run.

    `written` are the old references by the real paths of files, `kustomizations` None before one was met.
    """

    __slots__ = ("kustomizations", "written")

    def __init__(self) -> None:
        self.written: dict[str, frozenset[str]] = {}
        self.kustomizations: Kustomizations | None = None

    def note(self, outcomes: Iterable[Outcome]) -> None:
        """Take notice of files that were written: a kustomization that comes later selects what was in them."""
        for outcome in outcomes:
            if outcome.after is not None:
                moved = frozenset(finding.reference for finding in outcome.findings if finding.edits)
                self.written[os.path.realpath(outcome.source)] = moved


class Options(NamedTuple):
    """What a run does: the rules, what it reads, what it leaves, and whether it writes.

    `text` adds files that are no manifests; `every` lists references that no rule concerns; `settings` is the path
    of the settings file in force, which is never rewritten; `vendored` says what is done about charts in `charts/`,
    `fetcher` brings dependencies that are not there; `bump` is the part of a changed chart's version that is raised;
    `values` are the real paths of values files elsewhere, with the folder of the chart that they are for.
    `roots` are the paths of the run, `fields` those of the settings, ready for use. Of what the paths hold the run is
    about the files `only`, if these are given; `piped` takes the place of all paths. `known` is what it knows of
    files that were done already.
    """

    rules: RuleSet
    write: bool = False
    text: bool = False
    comments: bool = True
    every: bool = False
    exclude: Sequence[str] = ()
    ignore_files: bool = True
    settings: str | None = None
    vendored: Vendored = Vendored.OVERRIDE
    fetcher: Fetcher | None = None
    bump: str = ""
    values: Mapping[str, str] = MappingProxyType({})
    roots: Sequence[str] = ()
    fields: FieldFinder | None = None
    only: Sequence[str] | None = None
    piped: Piped | None = None
    known: Known | None = None


def failed(path: str, error: SourceError) -> Outcome:
    """Return the outcome of a source of which nothing could be done."""
    from regfix.outcome import Outcome, Status

    return Outcome(path, Status.FAILED, error=error)


def skipped(path: str, reason: str) -> Outcome:
    """Return the outcome of a source that is not read."""
    from regfix.outcome import Outcome, Status

    return Outcome(path, Status.SKIPPED, reason=reason)


def file_outcome(path: str, options: Options, hosts: HostFinder) -> Outcome | None:
    """Take one file through the line, to the write; None where it holds nothing to tell. Raises SourceError."""
    read = read_file(path) if options.every else read_worth(path, hosts.may_concern)
    if read is None:
        return None  # what most files are: this is all that is done for them
    data, state = read
    kind, told = _judged(path, data, options, hosts)
    del read, data  # the decoded text is enough from here on
    outcome = _outcome(told, kind, options, hosts)
    if outcome is None or outcome.after is None or options.every:
        return outcome
    return written(path, outcome, state, write=options.write)


def read_outcome(path: str, data: bytes, options: Options, hosts: HostFinder) -> Outcome | None:
    """Take the bytes of a file through the line, up to the check; None where they hold nothing to tell."""
    kind, told = _judged(path, data, options, hosts)
    return _outcome(told, kind, options, hosts)


def _judged(path: str, data: bytes, options: Options, hosts: HostFinder) -> tuple[Kind, Source | Outcome | None]:
    """Return what a file is, and its source where that is to be rewritten, else what there is to tell."""
    kind = kind_of(path)
    manifest = kind in PARSED or kind is Kind.TEMPLATE
    worth = (options.every and manifest) or (hosts.may_hold(data) if manifest else hosts.in_bytes(data))
    if not worth and not (manifest and hosts.in_wide_bytes(data)):
        return kind, None
    if kind is Kind.SETTINGS or (options.settings is not None and _same(path, options.settings)):
        return kind, skipped(path, "settings")
    if kind is Kind.TEXT and b"\0" in data:
        return kind, None  # a binary file, as ripgrep and git judge it
    return kind, _decoded(path, data, kind, options, hosts)


def _decoded(path: str, data: bytes, kind: Kind, options: Options, hosts: HostFinder) -> Source | Outcome:
    """Return the source to rewrite, or what is told of one that stays. Raises SourceError for want of memory."""
    from regfix.text.memory import SMALL_BYTES, require_memory
    from regfix.text.source import Source, decode

    if len(data) >= SMALL_BYTES:
        require_memory(path, len(data), hosts.count(data))
    if kind is Kind.TEXT and not options.text:
        from regfix.locate.site import Reason
        from regfix.rewriting import account

        return account(Source(path, data.decode("utf-8", "replace")), options.rules, hosts, Reason.TEXT)
    try:
        return decode(data, path)
    except SourceError as error:
        from regfix.rewriting import failed_source

        lenient = Source(path, data.decode("utf-8", "replace").replace("\0", ""))
        return failed_source(lenient, error, options.rules, hosts)


def _outcome(told: Source | Outcome | None, kind: Kind, options: Options, hosts: HostFinder) -> Outcome | None:
    """Take a source through the line, up to the check; what is no source is told already."""
    if told is None:
        return None
    from regfix.text.source import Source

    return source_outcome(told, kind, options, hosts) if isinstance(told, Source) else told


def source_outcome(source: Source, kind: Kind, options: Options, hosts: HostFinder) -> Outcome:
    """Take a source through the line, up to the check."""
    from regfix.plan import Policy
    from regfix.rewriting import rewrite_source

    here: frozenset[str] | None = frozenset()
    if kind is Kind.KUSTOMIZATION:
        from regfix.run.kustomize import selected_in_run

        kind, here = selected_in_run(source.name, source.text, options, hosts)
    policy = Policy(comments=options.comments)
    return rewrite_source(source, kind, options.rules, hosts, policy, every=options.every, here=here)


def written(path: str, outcome: Outcome, state: FileState, *, write: bool) -> Outcome:
    """Write a changed source; without `write` only see whether that could be done."""
    from regfix.rewriting import as_written, left_as_failed
    from regfix.text.write import replace_file, require_replaceable

    source = outcome.decoded
    if source is None or outcome.after is None:
        return outcome
    try:
        if write:
            replace_file(path, source.content(source.text), source.content(outcome.after), state)
        else:
            require_replaceable(path, state)
    except SourceError as error:
        return left_as_failed(outcome, error)
    return as_written(outcome) if write else outcome


def _same(path: str, other: str) -> bool:
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False
