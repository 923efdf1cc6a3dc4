"""`regfix verify`: are the images where the rules put them, and are they the same as before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.chart.vendored import Vendored
from regfix.commands.chart_at import of_chart
from regfix.commands.rewrite import fetching
from regfix.commands.rules_in_force import Choice, Reading, either, fields_in_force, in_force, say_what_is_not_mirrored
from regfix.commands.sink import ExitCode
from regfix.registry.asked import pairs
from regfix.registry.asking import Manner, registries
from regfix.registry.verify import UNKNOWN, WRONG, verify
from regfix.report.text import error_line
from regfix.report.verified import left_lines
from regfix.run.file import Options
from regfix.run.pipeline import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regfix.chart.fetching import Fetcher
    from regfix.commands.sink import Sink
    from regfix.finding import Finding
    from regfix.registry.asked import Pair
    from regfix.registry.asking import Registries
    from regfix.registry.verify import Checked


class VerifyOptions(NamedTuple):
    """The options of `verify`; `every` takes references that stay, too, `hosts` only asks which hosts take part.

    `format` is text, json, sarif or markdown. `values`, `fetch`, `vendored` and `helm` are as for `rewrite`.
    """

    choice: Choice = Choice()
    exclude: Sequence[str] = ()
    text: bool | None = None
    comments: bool | None = None
    ignore_files: bool = True
    every: bool = False
    hosts: bool = False
    format: str = "text"
    verbose: bool = False
    quiet: bool = False
    manner: Manner = Manner()
    vendored: Vendored = Vendored.OVERRIDE
    values: Sequence[str] = ()
    fetch: bool = False
    helm: str | None = None


def verify_images(options: VerifyOptions, sink: Sink) -> int:
    """Report and return the exit code: 1 if an image is missing or differs, 2 if one could not be asked for.

    Raises RegfixError.
    """
    errors: list[str] = []
    places, left = _asked_for(options, errors, sink)
    with registries(options.manner) as asked:
        if options.hosts:
            code = _tell_hosts(places, asked, sink)
            if not options.quiet:
                for line in left_lines(left):
                    sink.message(line)
            return ExitCode.FAILED if errors else code
        found = verify(places, asked, lambda count: sink.progress(count, "images asked for"))
        remaining = asked.remaining()
    _report(options, found, places, left, errors, sink)
    if not options.quiet:
        from regfix.report.escape import escape

        for host, said in remaining.items():
            sink.message(escape(f"{host}: {said}"))
    if errors or any(one.verdict in UNKNOWN for one in found):
        return ExitCode.FAILED
    return ExitCode.FINDINGS if any(one.verdict in WRONG for one in found) else ExitCode.DONE


def _asked_for(
    options: VerifyOptions, errors: list[str], sink: Sink
) -> tuple[dict[Pair, list[Finding]], list[Finding]]:
    """Return the images with the places that use them, and the references that are not complete."""
    with fetching(options.fetch, options.helm) as fetcher:
        return pairs(_findings(options, fetcher, errors, sink), every=options.every)


def _findings(options: VerifyOptions, fetcher: Fetcher | None, errors: list[str], sink: Sink) -> Iterator[Finding]:
    """Yield the findings of the sources, and tell those that failed."""
    reading = Reading(options.exclude, options.text, options.ignore_files, options.values, fetcher)
    force = in_force(options.choice, reading)
    say_what_is_not_mirrored(force, sink)
    settings = force.settings
    outcomes = run(
        (*options.choice.paths, *options.values),
        Options(
            force.rules,
            text=either(options.text, settings.text, default=False),
            comments=either(options.comments, settings.comments, default=True),
            every=options.every,
            exclude=(*settings.exclude, *options.exclude),
            ignore_files=options.ignore_files,
            settings=settings.path,
            vendored=options.vendored,
            values=of_chart(options.choice.paths, options.values) if options.values else {},
            fetcher=fetcher,
            fields=fields_in_force(settings),
        ),
    )
    for count, outcome in enumerate(outcomes, 1):
        sink.progress(count)
        if outcome.error is not None:
            errors.append(str(outcome.error))
            sink.message(error_line(outcome.error))
        yield from outcome.findings


def _report(
    options: VerifyOptions, found: Sequence[Checked], places: dict[Pair, list[Finding]], left: Sequence[Finding],
    errors: Sequence[str], sink: Sink,
) -> None:  # fmt: skip
    from regfix.report import verified as report

    if options.format == "json":
        import json

        sink.result(json.dumps(report.verified_object(found, places, left, errors), indent=2) + "\n")
        return
    if options.format == "sarif":
        from regfix.report.verified_sarif import verified_sarif

        for piece in verified_sarif(found, places, errors):
            sink.result(piece)
    elif options.format == "markdown":
        for piece in report.verified_markdown(found, places):
            sink.result(piece)
    else:
        for line in report.verified_lines(found, places, verbose=options.verbose):
            sink.result(line + "\n")
    if not options.quiet:
        for line in report.verified_summary(found, places, left):
            sink.message(line)


def _tell_hosts(places: dict[Pair, list[Finding]], asked: Registries, sink: Sink) -> int:
    """List the hosts that take part when the images are pulled; one image of each repository tells them."""
    from regfix.report.escape import escape

    one_each = {pair.new.name: pair.new for pair in sorted(places, key=lambda pair: pair.new)}
    unknown = False
    lines: dict[str, None] = {}
    for host, uses in sorted(asked.hosts(one_each.values()).items()):
        for use, names in sorted(uses.items()):
            unknown = unknown or use == "not known"
            lines.update(dict.fromkeys(f"{name}\t{use} of {host}" for name in sorted(names)))
    for line in lines:
        sink.result("\t".join(map(escape, line.split("\t"))) + "\n")
    return ExitCode.FAILED if unknown else ExitCode.DONE
