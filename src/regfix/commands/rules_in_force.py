"""Which rules a run follows: those of the command line, else of the settings, else the default preset."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.image.catalogue import DEFAULT_PRESET, preset_rules
from regfix.image.rule import Rule, RuleSet
from regfix.settings.find import find_settings
from regfix.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regfix.commands.sink import Sink
    from regfix.image.catalogue import Preset
    from regfix.image.reference import Reference
    from regfix.locate.fields import FieldFinder


class Choice(NamedTuple):
    """What the command line says about rules and settings; `config` is a settings file that it names.

    `catalogue` are files with presets.
    """

    paths: Sequence[str] = (".",)
    rules: Sequence[str] = ()
    presets: Sequence[str] = ()
    config: str | None = None
    catalogue: Sequence[str] = ()


class Reading(NamedTuple):
    """What a command reads of its paths, which decides what a mirror has to take."""

    exclude: Sequence[str] = ()
    text: bool | None = None
    ignore_files: bool = True


class InForce(NamedTuple):
    """The settings and rules of a run, and the presets that the user brings."""

    settings: Settings
    rules: RuleSet
    catalogue: tuple[Preset, ...] = ()


def in_force(choice: Choice, reading: Reading | None = None, asked: Reference | None = None) -> InForce:
    """Return what counts: rules on the command line replace those of the settings. Raises RuleError, SettingsError.

    A mirror of the settings is for the reference that is asked about, else for all that the paths hold.
    """
    path = choice.config if choice.config is not None else find_settings(choice.paths)
    settings = Settings()
    given: tuple[Preset, ...] = ()
    if choice.catalogue:
        from regfix.settings.presets import load_presets

        given = tuple(load_presets(file) for file in choice.catalogue)
    if path is not None:
        from regfix.settings.load import load_settings

        settings = load_settings(path, given)
    given = (*settings.catalogue, *given)
    if choice.rules or choice.presets:
        return InForce(settings, _rule_set([*map(Rule.parse, choice.rules)], choice.presets, given), given)
    if settings.mirror is not None:
        rules = _rules(settings.rules, settings.presets, given)
        return InForce(settings, _mirrored(settings, rules, choice.paths, reading or Reading(), asked), given)
    if settings.rules or settings.presets:
        return InForce(settings, _rule_set(settings.rules, settings.presets, given), given)
    return InForce(settings, _rule_set((), (DEFAULT_PRESET,), given), given)


def fields_in_force(settings: Settings) -> FieldFinder | None:
    """Return the fields of the settings, ready for use, None where there are none; raises SettingsError."""
    if not settings.fields:
        return None
    from regfix.locate.fields import FieldFinder

    return FieldFinder(settings.fields)


def say_what_matches_nothing(finder: FieldFinder | None, sink: Sink) -> None:
    """Tell which fields of the settings matched nothing in what was read."""
    from regfix.report.escape import escape

    for field in finder.unmatched if finder is not None else ():
        sink.message(f"field: {escape(field.where)}: {escape(field.path)} matches nothing in what was read")


def either(option: bool | None, setting: bool | None, *, default: bool) -> bool:
    """Return what the command line says, else the settings, else the default."""
    for said in (option, setting):
        if said is not None:
            return said
    return default


def _mirrored(
    settings: Settings, rules: Sequence[Rule], paths: Sequence[str], reading: Reading, asked: Reference | None
) -> RuleSet:  # fmt: skip
    """Put rules and a mirror together; raises RuleError for names that the mirror cannot take."""
    from regfix.image.mirror import mirror_rules

    assert settings.mirror is not None  # noqa: S101
    if asked is not None:
        places = {asked: ""}
    else:
        from regfix.commands.references_found import references_found
        from regfix.run.file import Options

        text = either(reading.text, settings.text, default=False)
        options = Options(
            RuleSet(), text=text, exclude=(*settings.exclude, *reading.exclude), ignore_files=reading.ignore_files,
            settings=settings.path, fields=fields_in_force(settings),
        )  # fmt: skip
        found = references_found(paths, options, (rule.source.host for rule in rules))
        places = {reference: standing.place for reference, standing in found.items()}
    return RuleSet((*rules, *mirror_rules(settings.mirror, places, rules)))


def _rule_set(rules: Sequence[Rule], presets: Sequence[str], given: Sequence[Preset]) -> RuleSet:
    return RuleSet(_rules(rules, presets, given))


def _rules(rules: Sequence[Rule], presets: Sequence[str], given: Sequence[Preset]) -> tuple[Rule, ...]:
    """Put rules and presets together: a rule of the user takes the place of an entry with the same source."""
    own = {rule.source.normalized for rule in rules}
    known = (rule for name in presets for rule in preset_rules(name, given))
    return (*rules, *(rule for rule in known if rule.source.normalized not in own))
