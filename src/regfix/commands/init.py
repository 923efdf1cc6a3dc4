"""`regfix init`: looks at a tree and writes settings for it, with the registries that it found in comments."""

from __future__ import annotations

import os
from string import Template
from typing import TYPE_CHECKING, NamedTuple

from regfix.commands.sink import ExitCode
from regfix.errors import SourceError, UsageError
from regfix.image.catalogue import DEFAULT_PRESET, whole_catalogue
from regfix.image.rule import RuleSet
from regfix.report.escape import escape
from regfix.report.text import error_line, plural
from regfix.run.file import Options
from regfix.run.references import references_found
from regfix.settings.find import SETTINGS_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from regfix.commands.sink import Sink
    from regfix.image.catalogue import Preset
    from regfix.image.reference import Reference
    from regfix.run.references import Standing


class InitOptions(NamedTuple):
    """The options of `init`: the folder, the file to write (`-` for the result, None for the folder's settings)."""

    folder: str = "."
    file: str | None = None
    force: bool = False
    dry_run: bool = False
    exclude: Sequence[str] = ()
    quiet: bool = False


_PAGE = Template("""\
# Settings of regfix. `regfix rewrite --dry-run` shows what they would do.
#
# Registries that were found, how often, and where first:
$registries

# Known moves. `regfix rules show NAME` tells what is in a preset.
$presets

# Moves of your own: OLD: NEW, the longest match counts. A rule with two equal sides keeps what is below it.
# rules:
$rules

# Or everything behind one registry, Harbor here:
# mirror: harbor.example.com/{registry}/{repository}

# What is not read, written as in .gitignore:
# exclude:
#   - testdata/

# Whether references in comments move, and complete references in files that are no manifests:
# comments: true
# text: false
""")


def init(options: InitOptions, sink: Sink) -> int:
    """Write the settings and return the exit code; raises UsageError where they are there, or cannot be written."""
    path = options.file if options.file is not None else os.path.normpath(os.path.join(options.folder, SETTINGS_NAME))
    shown = options.dry_run or path == "-"
    if not os.path.isdir(options.folder):
        raise UsageError("there is no such folder", where=options.folder, hint="name the root of the project")
    if not shown and not options.force and os.path.lexists(path):
        raise UsageError("there are settings already", where=path, hint="look at --dry-run, or say --force")
    failures: list[SourceError] = []
    found = references_found((options.folder,), Options(RuleSet(), exclude=options.exclude), failures=failures)
    for error in failures:
        sink.message(error_line(error))
    page = settings_page(found)
    if shown:
        sink.result(page)
    else:
        _write(path, page.encode())
        if not options.quiet:
            hosts = {reference.host for reference in found}
            sink.message(f"{escape(path)} written: {plural(len(hosts), 'registry', 'registries')} found")
    return ExitCode.FAILED if failures else ExitCode.DONE


def settings_page(found: Mapping[Reference, Standing]) -> str:
    """Return settings for a tree with these references, as YAML with comments."""
    hosts: dict[str, list[Reference]] = {}
    for reference in found:
        hosts.setdefault(reference.host, []).append(reference)
    return _PAGE.substitute(
        registries="\n".join(_registries(hosts, found)) or "#   none",
        presets="\n".join(_presets(found)),
        rules="\n".join(f"#   {_key(host)}: harbor.example.com/{host.partition(':')[0]}" for host in sorted(hosts))
        or "#   docker.io: harbor.example.com/docker.io",
    )


def _key(host: str) -> str:
    return f'"{host}"' if ":" in host else host


def _registries(hosts: Mapping[str, Sequence[Reference]], found: Mapping[Reference, Standing]) -> Iterator[str]:
    """Yield a line for each registry, those with the most references first."""
    counts = {host: sum(found[one].times for one in ones) for host, ones in hosts.items()}
    width = max(map(len, hosts), default=0)
    for host in sorted(hosts, key=lambda host: (-counts[host], host)):
        first = hosts[host][0]
        yield f"#   {counts[host]:>5}  {host:{width}}  {escape(found[first].place)}: {first}"


def _presets(found: Mapping[Reference, Standing]) -> Iterator[str]:
    """Yield the key `presets`: those that move something to where it is known to be count, others are in comments."""
    lines = [line for one in whole_catalogue(()) if (line := _preset_line(one, found))]
    if not any(line.startswith(" ") for line in lines):
        lines = [f"  - {DEFAULT_PRESET}  # what counts where settings say nothing", *lines]
    yield "presets:"
    yield from sorted(lines, key=lambda line: line.startswith("#"))


def _preset_line(preset: Preset, found: Mapping[Reference, Standing]) -> str:
    """Return a preset as an item, in a comment where what it moves needs a look; empty where it concerns nothing."""
    rules = RuleSet(preset.rules)
    moving = concerned = safe = 0
    for reference, standing in found.items():
        path, tag = tuple(reference.repository.split("/")), reference.tag or None
        move, held = rules.resolve(reference.host, path, tag), rules.held(reference.host, path, tag)
        concerned += standing.times if move or (held and held.why != "kept") else 0
        moving += standing.times if move else 0
        safe += standing.times if move and all(rule.verified for rule in move.rules) else 0
    if not concerned:
        return ""
    said = f"concerns {plural(concerned, 'reference')}, moves {moving}"
    return f"{'  ' if safe else '#   '}- {preset.name}  # {said}"


def _write(path: str, data: bytes) -> None:
    """Write a file that is new, or put the new content in the place of an old one. Raises UsageError."""
    from regfix.text.read import read_file
    from regfix.text.write import replace_file

    try:
        if os.path.lexists(path):
            old, state = read_file(path)
            replace_file(path, old, data, state)
        else:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "wb") as file:
                file.write(data)
    except OSError as error:
        raise UsageError("the settings were not written", where=path, why=error.strerror or str(error)) from None
    except SourceError as error:
        raise UsageError("the settings were not written", where=path, why=error.why or error.what) from None
