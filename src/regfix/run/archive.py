"""A chart archive in a run: what is in it is told, or rewritten, checked and written as a whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from regfix.chart.files import is_archive, is_ignored
from regfix.check import failed_check
from regfix.errors import SourceError
from regfix.rewriting import as_written
from regfix.run.members import Line, as_failed, member_outcomes, rewritten_members
from regfix.text.read import read_file
from regfix.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.locate.hosts import HostFinder
    from regfix.outcome import Outcome
    from regfix.run.file import Options

SIGNATURE = ".prov"
"""What follows the name of an archive in that of its provenance file (Helm's pkg/provenance)."""


def is_packed_chart(path: str) -> bool:
    """Tell whether a file is an archive in the `charts/` of a chart, which Helm would load (R46)."""
    folder, name = os.path.split(path)
    above, last = os.path.split(os.path.abspath(folder))
    packed = is_archive(name) and not is_ignored(name) and last == "charts"
    return packed and os.path.isfile(os.path.join(above, "Chart.yaml"))


def told_members(path: str, options: Options, hosts: HostFinder, data: bytes | None = None) -> Iterator[Outcome]:
    """Yield what is in an archive, member by member, as if each was a file. Raises SourceError.

    `data` are the bytes of one that is not on the disk.
    """
    return member_outcomes(read_file(path)[0] if data is None else data, path, Line(options, hosts))


def rewritten_archive(path: str, options: Options, hosts: HostFinder) -> Sequence[Outcome]:
    """Rewrite an archive, as far as references in it move, and return the outcomes of its members.

    It is written only if something changes. Raises SourceError for an archive that cannot be read.
    """
    data, state = read_file(path)
    signed = os.path.lexists(path + SIGNATURE)
    told = rewritten_members(data, path, Line(options, hosts), signed=signed)
    if told.data is None:
        return told.outcomes
    from regfix.text.write import replace_file, require_replaceable

    try:
        _require_stable(told.data, path, options, hosts)
        if options.write:
            replace_file(path, data, told.data, state)
        else:
            require_replaceable(path, state)
    except SourceError as error:
        return as_failed(path, told.outcomes, error)
    return [as_written(one) if options.write and one.after is not None else one for one in told.outcomes]


def _require_stable(data: bytes, path: str, options: Options, hosts: HostFinder) -> None:
    """Raise SourceError unless a second run would leave the new archive as it is."""
    again = rewritten_members(data, path, Line(options, hosts), signed=False)
    if again.data is not None:
        raise failed_check(Source(path, ""), "a second run would change the archive again")
