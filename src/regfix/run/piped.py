"""Standard input through the line, up to the check: a source without a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.errors import SourceError
from regfix.locate.analysis import YamlFailure
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import PARSED, Kind, kind_of
from regfix.locate.site import Reason
from regfix.rewriting import account
from regfix.run.file import failed, skipped, source_outcome
from regfix.syntax.documents import split_documents
from regfix.syntax.yamlevents import YamlError, require_yaml
from regfix.text.source import Source, decode

if TYPE_CHECKING:
    from regfix.outcome import Outcome
    from regfix.run.file import Options

NAME = "<stdin>"
"""What standard input is called where no name is given for it."""


class Piped(NamedTuple):
    """What was read from standard input; `name` is the file that it would be, empty where that is not known."""

    data: bytes
    name: str = ""


def piped_outcome(piped: Piped, options: Options) -> Outcome:
    """Return what the rules make of it. Without a name it is YAML.

    Other than of a file, of which nothing is asked that holds no reference, it is an error if it is not UTF-8 or not
    what its name says: whoever reads the result should not have to find out.
    """
    name = piped.name or NAME
    kind = kind_of(piped.name) if piped.name else Kind.YAML
    try:
        source = decode(piped.data, name)
        if kind in PARSED:
            _require_yaml(source)
    except SourceError as error:
        return failed(name, error)
    if kind is Kind.SETTINGS:
        return skipped(name, "settings")
    hosts = HostFinder(options.rules, options.fields)
    if kind is Kind.TEXT and not options.text:
        return account(source, options.rules, hosts, Reason.TEXT)
    return source_outcome(source, kind, options, hosts)


def _require_yaml(source: Source) -> None:
    """Raise SourceError for a text that is neither YAML nor a template of it."""
    text = source.text
    if "{{" in text or "{%" in text:
        return
    for start, end in split_documents(text):
        try:
            require_yaml(text[start:end])
        except YamlError as error:
            raise YamlFailure(error, text.count("\n", 0, start)).as_source_error(source.name) from None
