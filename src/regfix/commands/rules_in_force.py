"""Which rules a run follows: those of the command line, else of the settings, else the default preset."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from regfix.image.catalogue import DEFAULT_PRESET, preset_rules
from regfix.image.rule import Rule, RuleSet
from regfix.settings.find import find_settings
from regfix.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regfix.chart.fetching import Fetcher
    from regfix.commands.sink import Sink
    from regfix.image.catalogue import Preset
    from regfix.image.mirror import Mirror
    from regfix.image.reference import Reference
    from regfix.locate.fields import FieldFinder
    from regfix.run.piped import Piped


class Choice(NamedTuple):
    """What the command line says about rules and settings; `config` is a settings file that it names.

    `catalogue` are files with presets, `mirror` is a template for the target of one, `origin` is where the rules stand
    if that is elsewhere.
    """

    paths: Sequence[str] = (".",)
    rules: Sequence[str] = ()
    presets: Sequence[str] = ()
    config: str | None = None
    catalogue: Sequence[str] = ()
    mirror: str | None = None
    origin: str = "--rule"


class Reading(NamedTuple):
    """What a command reads besides its paths, or of them, which decides what a mirror has to take."""

    exclude: Sequence[str] = ()
    text: bool | None = None
    ignore_files: bool = True
    values: Sequence[str] = ()
    fetcher: Fetcher | None = None
    piped: Piped | None = None


class InForce(NamedTuple):
    """The settings and rules of a run, and the presets that the user brings.

    `unnamed` are registries that the mirror does not know, each with a place where one stands.
    """

    settings: Settings
    rules: RuleSet
    catalogue: tuple[Preset, ...] = ()
    unnamed: Mapping[str, str] = MappingProxyType({})


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
    if choice.rules or choice.presets or choice.mirror is not None:
        rules = _rules(_given(choice), choice.presets, given)
        if choice.mirror is None:
            return InForce(settings, RuleSet(rules), given)
        from regfix.image.mirror import mirror_to

        mirror = mirror_to(choice.mirror, "--mirror-to")
        return _mirrored(InForce(settings, RuleSet(rules), given), mirror, choice.paths, reading or Reading(), asked)
    if settings.mirror is not None:
        rules = _rules(settings.rules, settings.presets, given)
        force = InForce(settings, RuleSet(rules), given)
        return _mirrored(force, settings.mirror, choice.paths, reading or Reading(), asked)
    if settings.rules or settings.presets:
        return InForce(settings, _rule_set(settings.rules, settings.presets, given), given)
    return InForce(settings, _rule_set((), (DEFAULT_PRESET,), given), given)


def _given(choice: Choice) -> list[Rule]:
    return [Rule.parse(text, choice.origin) for text in choice.rules]


def fields_in_force(settings: Settings) -> FieldFinder | None:
    """Return the fields of the settings, ready for use, None where there are none; raises SettingsError."""
    if not settings.fields:
        return None
    from regfix.locate.fields import FieldFinder

    return FieldFinder(settings.fields)


def say_what_is_in_force(force: InForce, sink: Sink) -> None:
    """Tell which settings file and which rules count."""
    from regfix.report.escape import escape

    path = force.settings.path
    sink.message(f"settings: {escape(path)}" if path else "settings: none")
    for rule in force.rules.rules:
        sink.message(f"rule: {rule} ({escape(rule.origin)})")


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
    force: InForce, mirror: Mirror, paths: Sequence[str], reading: Reading, asked: Reference | None
) -> InForce:  # fmt: skip
    """Add a mirror to what is in force; raises RuleError for names that the mirror cannot take."""
    from regfix.image.mirror import mirror_rules

    settings, rules = force.settings, force.rules.rules
    if asked is not None:
        return force._replace(rules=RuleSet((*rules, *mirror_rules(mirror, {asked: ""}, rules))))
    from regfix.run.file import Options
    from regfix.run.references import mirrored, unnamed_hosts

    options = Options(
        RuleSet(), text=either(reading.text, settings.text, default=False),
        exclude=(*settings.exclude, *reading.exclude), ignore_files=reading.ignore_files, settings=settings.path,
        fields=fields_in_force(settings), fetcher=reading.fetcher, piped=reading.piped,
    )  # fmt: skip
    where = (*paths, *reading.values)
    moving = mirrored(mirror, rules, where, options)
    unnamed = unnamed_hosts(mirror, moving, where, options) if mirror.names is None else {}
    return force._replace(rules=moving, unnamed=unnamed)


def say_what_is_not_mirrored(force: InForce, sink: Sink) -> None:
    """Tell the registries that stand in arguments and texts alone, and that no rule of the mirror is for."""
    from regfix.report.escape import escape

    for host, place in force.unnamed.items():
        sink.message(f"not mirrored: {escape(host)} at {escape(place)} (a rule, or mirror: registries, can name it)")


def _rule_set(rules: Sequence[Rule], presets: Sequence[str], given: Sequence[Preset]) -> RuleSet:
    return RuleSet(_rules(rules, presets, given))


def _rules(rules: Sequence[Rule], presets: Sequence[str], given: Sequence[Preset]) -> tuple[Rule, ...]:
    """Put rules and presets together: a rule of the user takes the place of an entry with the same source."""
    own = {rule.source.normalized for rule in rules}
    known = (rule for name in presets for rule in preset_rules(name, given))
    return (*rules, *(rule for rule in known if rule.source.normalized not in own))
