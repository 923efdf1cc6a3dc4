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


class InForce(NamedTuple):
    """The settings and rules of a run, and the presets that the user brings."""

    settings: Settings
    rules: RuleSet
    catalogue: tuple[Preset, ...] = ()


def in_force(choice: Choice) -> InForce:
    """Return what counts: rules on the command line replace those of the settings. Raises RuleError, SettingsError."""
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


def _rule_set(rules: Sequence[Rule], presets: Sequence[str], given: Sequence[Preset]) -> RuleSet:
    """Put rules and presets together: a rule of the user takes the place of an entry with the same source."""
    own = {rule.source.normalized for rule in rules}
    known = (rule for name in presets for rule in preset_rules(name, given))
    return RuleSet((*rules, *(rule for rule in known if rule.source.normalized not in own)))
