"""The public API for scripts: the same line as the command line, without its manners."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.image.catalogue import DEFAULT_PRESET, preset_rules
from regfix.image.rule import Rule, RuleSet
from regfix.locate.hosts import HostFinder
from regfix.locate.kind import Kind
from regfix.plan import Policy
from regfix.rewriting import rewrite_source
from regfix.run.file import Options
from regfix.run.pipeline import run
from regfix.text.source import Source
from regfix.text.span import Span

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence

    from regfix.finding import Finding
    from regfix.image.mirror import Mirror
    from regfix.locate.fields import FieldFinder
    from regfix.outcome import Outcome
    from regfix.settings.model import Field


if TYPE_CHECKING:
    Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


class RewrittenText(NamedTuple):
    """A text after the rules, and what was found in it."""

    text: str
    findings: tuple[Finding, ...]


def rewrite_text(
    text: str,
    rules: Iterable[Rule | str],
    *,
    kind: Kind | str = Kind.YAML,
    comments: bool = True,
    name: str = "<text>",
    fields: Sequence[Field] = (),
) -> RewrittenText:
    """Return `text` with its references moved. Pure: nothing is read or written.

    `rules` are Rule objects or texts `OLD=NEW`. `kind` is yaml (JSON too), template or text. `name` stands in
    findings and errors. All offsets in findings count code points of `text`; lines and columns count from 1, columns
    without a byte-order mark at the start.

    `fields` say what stands where no key tells it, as in the settings.

    Raises RuleError for rules that do not hold, SettingsError for a field whose path is no JSONPath, and SourceError
    where the text is not what `kind` says or an edit does not pass the check; the text is never changed by half.
    """
    rule_set = _rule_set(rules)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    source = Source(name, text[len(mark) :], bom=bool(mark))
    outcome = rewrite_source(
        source, Kind(kind), rule_set, HostFinder(rule_set, _finder(fields)), Policy(comments=comments)
    )
    if outcome.error is not None:
        raise outcome.error
    findings = tuple(_shifted(finding, len(mark)) for finding in outcome.findings) if mark else outcome.findings
    return RewrittenText(text if outcome.after is None else mark + outcome.after, findings)


def _shifted(finding: Finding, by: int) -> Finding:
    """Return a finding with the offsets of its edits moved."""
    edits = (edit._replace(span=Span(edit.span.start + by, edit.span.end + by)) for edit in finding.edits)
    return finding._replace(edits=tuple(edits))


def rewrite(
    paths: Paths,
    rules: Iterable[Rule | str] | None = None,
    *,
    write: bool = True,
    text: bool = False,
    comments: bool = True,
    exclude: Sequence[str] = (),
    ignore_files: bool = True,
    fields: Sequence[Field] = (),
    mirror: Mirror | str | None = None,
) -> tuple[Outcome, ...]:
    """Move the references of all files at or below `paths`; with `write=False` only tell what would change.

    Returns an outcome for each source with something to tell: changed, unchanged (with what was left and why),
    skipped or failed. A source that fails stays as it was, carries its error, and does not stop the others. Settings
    files are not looked for: a script says what it wants. Without `rules` and `mirror` the preset `kubernetes` counts.
    A `mirror`, or its template, moves all that the paths hold, after the rules; the files are read once more for it.

    Raises RuleError for rules that do not hold, and for names that the mirror cannot take.
    """
    options = Options(
        RuleSet(), write, text, comments, exclude=exclude, ignore_files=ignore_files, fields=_finder(fields)
    )
    options = options._replace(rules=_in_force(rules, mirror, _names(paths), options))
    return tuple(outcome._replace(decoded=None, after=None) for outcome in run(_names(paths), options))


def scan(
    paths: Paths,
    rules: Iterable[Rule | str] | None = None,
    *,
    text: bool = False,
    exclude: Sequence[str] = (),
    ignore_files: bool = True,
    fields: Sequence[Field] = (),
    mirror: Mirror | str | None = None,
) -> Iterator[Outcome]:
    """Yield, file by file, every reference at or below `paths` and what the rules would do. Writes nothing.

    The parameters are those of `rewrite`, and so is RuleError; a file that fails is an outcome with its error.
    """
    options = Options(
        RuleSet(), text=text, every=True, exclude=exclude, ignore_files=ignore_files, fields=_finder(fields)
    )
    options = options._replace(rules=_in_force(rules, mirror, _names(paths), options))
    return (outcome._replace(decoded=None, after=None) for outcome in run(_names(paths), options))


def _names(paths: Paths) -> list[str]:
    import os

    if isinstance(paths, str | os.PathLike):
        paths = [paths]
    return [os.fsdecode(path) for path in paths]


def _finder(fields: Sequence[Field]) -> FieldFinder | None:
    if not fields:
        return None
    from regfix.locate.fields import FieldFinder
    from regfix.settings.model import FieldUse

    return FieldFinder([field._replace(use=FieldUse(field.use)) for field in fields])


def _in_force(
    rules: Iterable[Rule | str] | None, mirror: Mirror | str | None, paths: Sequence[str], options: Options
) -> RuleSet:
    """Return the rules, with those of a mirror."""
    if mirror is None:
        return _rule_set(rules)
    from regfix.image.mirror import mirror_to
    from regfix.run.references import mirrored

    own = _rule_set(() if rules is None else rules).rules
    return mirrored(mirror_to(mirror, "mirror") if isinstance(mirror, str) else mirror, own, paths, options)


def _rule_set(rules: Iterable[Rule | str] | None) -> RuleSet:
    if rules is None:
        return RuleSet(preset_rules(DEFAULT_PRESET))
    return RuleSet(rule if isinstance(rule, Rule) else Rule.parse(rule, "rule") for rule in rules)
