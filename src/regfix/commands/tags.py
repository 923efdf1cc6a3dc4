"""`regfix tags`: the tags of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.commands.sink import ExitCode
from regfix.errors import UsageError
from regfix.registry.asking import Manner, registries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.commands.sink import Sink


class TagsOptions(NamedTuple):
    """The options of `tags`: `pattern` is one for file names; `everything` adds tags of signatures to the text."""

    repository: str
    pattern: str | None = None
    format: str = "text"
    everything: bool = False
    manner: Manner = Manner()


def tags(options: TagsOptions, sink: Sink) -> int:
    """List the tags and return the exit code: 1 if there is no such repository. Raises RegfixError."""
    from fnmatch import fnmatchcase

    from regfix.image.reference import Reference
    from regfix.registry.answer import State, Wanted

    reference = Reference.parse(options.repository)
    if reference.suffix:
        raise UsageError("a repository has neither tag nor digest", where=options.repository)
    wanted = Wanted.of(reference)
    with registries(options.manner) as asked:
        found = asked.tags([wanted])[wanted]
        for host, left in asked.remaining().items():
            sink.message(f"{host}: {left}")
    if found.answer.state is not State.FOUND:
        from regfix.report.escape import escape

        why = f": {found.answer.why}" if found.answer.why else ""
        sink.message(escape(f"error: {wanted}: {found.answer.state}{why}"))
        return ExitCode.FINDINGS if found.answer.state is State.MISSING else ExitCode.FAILED
    pattern = options.pattern
    _show(options, wanted, [tag for tag in found.names if pattern is None or fnmatchcase(tag, pattern)], sink)
    return ExitCode.DONE


def _show(options: TagsOptions, repository: object, names: Sequence[str], sink: Sink) -> None:
    from regfix.registry.tagnames import is_signature, natural

    if options.format == "json":
        import json

        sink.result(json.dumps({"Repository": str(repository), "Tags": list(names)}, indent=4) + "\n")
        return
    shown = sorted((tag for tag in names if not is_signature(tag)), key=natural)
    apart = sorted((tag for tag in names if is_signature(tag)), key=natural)
    for tag in [*shown, *(apart if options.everything else ())]:
        sink.result(tag + "\n")
    if apart and not options.everything:
        from regfix.report.text import plural

        sink.message(f"{plural(len(apart), 'tag')} of signatures and attestations not shown (--all)")
