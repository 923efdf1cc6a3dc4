"""Many sources through the line: discover, read, rewrite, write. One that fails stays as it was; the rest goes on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from regfix.discover import Failed, File, Leftover, Skipped, discover
from regfix.errors import SourceError
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import Kind, kind_of
from regfix.text.read import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.discover import Found
    from regfix.image.rule import RuleSet
    from regfix.outcome import Outcome
    from regfix.text.read import FileState


class Options(NamedTuple):
    """What a run does: the rules, what it reads, what it leaves, and whether it writes.

    `text` adds files that are no manifests; `every` lists references that no rule concerns; `settings` is the path
    of the settings file in force, which is never rewritten.
    """

    rules: RuleSet
    write: bool = False
    text: bool = False
    comments: bool = True
    every: bool = False
    exclude: Sequence[str] = ()
    ignore_files: bool = True
    settings: str | None = None


def run(paths: Sequence[str], options: Options) -> Iterator[Outcome]:
    """Yield an outcome for each source that holds something to tell; the order is stable."""
    hosts = HostFinder(options.rules)
    for found in discover(paths, exclude=options.exclude, ignore_files=options.ignore_files):
        outcome = _outcome(found, options, hosts)
        if outcome is not None:
            yield outcome


def _outcome(found: Found, options: Options, hosts: HostFinder) -> Outcome | None:
    if isinstance(found, File):
        try:
            return _file(found.path, options, hosts)
        except SourceError as error:
            return _failed(found.path, error)
    if isinstance(found, Failed):
        return _failed(found.path, found.error)
    if isinstance(found, Skipped):
        from regfix.outcome import Outcome, Status

        return Outcome(found.path, Status.SKIPPED, reason=found.reason)
    if isinstance(found, Leftover) and options.write:
        from regfix.text.write import remove_leftover

        remove_leftover(found.path)
    return None


def _failed(path: str, error: SourceError) -> Outcome:
    from regfix.outcome import Outcome, Status

    return Outcome(path, Status.FAILED, error=error)


def _file(path: str, options: Options, hosts: HostFinder) -> Outcome | None:
    data, state = read_file(path)
    kind = kind_of(path)
    manifest = kind is Kind.YAML or kind is Kind.TEMPLATE
    worth = (options.every and manifest) or (hosts.may_hold(data) if manifest else hosts.in_bytes(data))
    if not worth and not (manifest and hosts.in_wide_bytes(data)):
        return None
    if options.settings is not None and kind is not Kind.TEXT and _same(path, options.settings):
        kind = Kind.SETTINGS
    outcome = _located(path, data, kind, options, hosts)
    if outcome is not None and outcome.after is not None and options.write:
        del data
        _write(path, outcome, state)
    return outcome


def _located(path: str, data: bytes, kind: Kind, options: Options, hosts: HostFinder) -> Outcome | None:
    from regfix.plan import Policy
    from regfix.rewriting import rewrite_source
    from regfix.text.source import decode

    if kind is Kind.TEXT and b"\0" in data:
        return None  # a binary file, as ripgrep and git judge it
    if kind is Kind.SETTINGS or (kind is Kind.TEXT and not options.text):
        return _accounted(path, data, kind, options, hosts)
    source = decode(data, path)
    policy = Policy(comments=options.comments)
    return rewrite_source(source, kind, options.rules, hosts, policy, every=options.every)


def _accounted(path: str, data: bytes, kind: Kind, options: Options, hosts: HostFinder) -> Outcome:
    """Name the references of a file that is not to be rewritten."""
    from regfix.locate.site import Reason
    from regfix.rewriting import account_text
    from regfix.text.source import Source

    reason = Reason.SETTINGS if kind is Kind.SETTINGS else Reason.TEXT
    return account_text(Source(path, data.decode("utf-8", "replace")), options.rules, hosts, reason)


def _same(path: str, other: str) -> bool:
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False


def _write(path: str, outcome: Outcome, state: FileState) -> None:
    from regfix.text.write import replace_file

    source = outcome.decoded
    if source is not None and outcome.after is not None:
        replace_file(path, source.encode(source.text), source.encode(outcome.after), state)
