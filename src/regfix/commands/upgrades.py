"""`regfix upgrades`: which newer versions of a chart's dependencies no longer pull from a registry that moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.commands.chart_at import load
from regfix.commands.rules_in_force import Choice, fields_in_force, in_force
from regfix.commands.sink import ExitCode
from regfix.errors import SourceError
from regfix.locate.hosts import HostFinder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.commands.sink import Sink
    from regfix.helm.upgrade import Upgrade

MOST = 20
"""How many newer versions are downloaded for one dependency, unless the user says otherwise."""


class UpgradesOptions(NamedTuple):
    """The options of `upgrades`: a chart (folder or archive), the Helm program if not the one on the PATH.

    At most `most` newer versions are downloaded for each dependency. `format` is text or json.
    """

    chart: str
    choice: Choice = Choice()
    most: int = MOST
    helm: str | None = None
    format: str = "text"
    verbose: bool = False
    quiet: bool = False


def upgrades(options: UpgradesOptions, sink: Sink) -> int:
    """Report, and return the exit code: 1 if a dependency holds what moves. Raises RegfixError."""
    from regfix.helm.downloads import downloads
    from regfix.helm.upgrade import upgrades as found_in

    force = in_force(options.choice)
    rules, hosts = force.rules, HostFinder(force.rules, fields_in_force(force.settings))
    chart = load(options.chart)
    found: list[Upgrade] = []
    errors: list[SourceError] = []
    with downloads(options.helm) as helm:
        for one in found_in(chart, helm, rules, hosts, options.most):
            if isinstance(one, SourceError):
                errors.append(one)
            else:
                found.append(one)
                errors += [one.error] if one.error is not None else []
    _report(options, found, errors, sink)
    if errors:
        return ExitCode.FAILED
    return ExitCode.FINDINGS if any(one.held for one in found) else ExitCode.DONE


def _report(options: UpgradesOptions, found: Sequence[Upgrade], errors: Sequence[SourceError], sink: Sink) -> None:
    from regfix.report import upgrades as report
    from regfix.report.text import error_line

    if options.format == "json":
        import json

        sink.result(json.dumps(report.upgrades_object(options.chart, found, errors), indent=2) + "\n")
        return
    for line in report.upgrade_lines(found):
        sink.result(line + "\n")
    for error in errors:
        sink.message(error_line(error))
    if options.verbose:
        for line in report.held_lines(found):
            sink.message(line)
    if not options.quiet:
        for line in report.accounting_lines(found, options.most):
            sink.message(line)
