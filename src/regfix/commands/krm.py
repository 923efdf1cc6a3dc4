"""`regfix krm`: a KRM function, for kustomize and kpt.

Sources: the KRM Functions Specification; `api/internal/plugins/execplugin` of kustomize for what runs in kubectl.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.check import check_conservation
from regfix.commands.rules_in_force import Choice, either, fields_in_force, in_force
from regfix.commands.sink import ExitCode
from regfix.errors import SettingsError, SourceError
from regfix.finding import Action
from regfix.plan import edits_of
from regfix.report.krm import krm_result, results_edit
from regfix.report.text import error_line
from regfix.run.file import Options
from regfix.run.piped import NAME, Piped, piped_outcome
from regfix.syntax.yamlevents import MAPPING, SCALAR, SEQUENCE
from regfix.syntax.yamltree import Scalar, load_mapping, parse_tree
from regfix.text.edit import apply_edits
from regfix.text.read import read_file
from regfix.text.source import Source, decode
from regfix.text.span import LineIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regfix.commands.sink import Sink
    from regfix.finding import Finding
    from regfix.outcome import Outcome
    from regfix.syntax.yamltree import Data, Node


class KrmOptions(NamedTuple):
    """The options of `krm`: what was piped in, and the configuration of a plugin of kubectl, which is a file."""

    choice: Choice
    piped: Piped
    config: str | None = None


class _List(NamedTuple):
    """A ResourceList: its mapping, its items, and all of it as data."""

    root: Node
    items: Node | None
    data: Mapping[str, Data]


def krm(options: KrmOptions, sink: Sink) -> int:
    """Run the function and return its exit code; raises RegfixError where nothing can be made of what is given."""
    if options.config is not None:
        source = decode(read_file(options.config)[0], options.config)
        config = load_mapping(source.text, source.name)
        outcome = piped_outcome(options.piped, _options(options.choice, config))
        text = outcome.after
    else:
        source = decode(options.piped.data, NAME)
        listed = _list(source)
        config_data = listed.data.get("functionConfig")
        config = config_data if isinstance(config_data, dict) else {}
        outcome = piped_outcome(options.piped, _options(options.choice, config))
        text = _with_results(source, listed, outcome) if outcome.error is None else None
    if outcome.error is not None:
        sink.message(error_line(outcome.error))
        return ExitCode.FAILED
    given = options.piped.data.decode("utf-8")
    sink.result(given if text is None else ("\ufeff" if given.startswith("\ufeff") else "") + text)
    return ExitCode.DONE


def _list(source: Source) -> _List:
    """Return the ResourceList in a text; raises SourceError where there is none."""
    documents = parse_tree(source.text, source.name).documents
    root = documents[0] if len(documents) == 1 and documents[0].kind == MAPPING else None
    data = load_mapping(source.text, source.name) if root is not None else {}
    kind = data.get("kind")
    if root is None or not isinstance(kind, Scalar) or kind.value != "ResourceList":
        raise SourceError("no ResourceList", where=source.name, hint="for manifests use rewrite -")
    items = next((value for key, value in root.pairs() if key.kind == SCALAR and key.value == "items"), None)
    return _List(root, items if items is not None and items.kind == SEQUENCE else None, data)


def _with_results(source: Source, listed: _List, outcome: Outcome) -> str | None:
    """Return the list with the references of its items moved, and what there is to tell; None where it is nothing.

    What stands outside of the items stays: the configuration names the old registry.
    """
    if listed.items is None:
        return None
    lines, items, nodes = LineIndex(source.text), listed.data.get("items"), listed.items.children
    found: list[tuple[Finding, Data | None]] = []
    for finding in outcome.findings:
        at = lines.offset(finding.position)
        if listed.items.start <= at < listed.items.end:
            index = max((n for n, node in enumerate(nodes) if node.start <= at), default=0)
            found.append((finding, items[index] if isinstance(items, list) and index < len(items) else None))
    told = [krm_result(one, item) for one, item in found if one.action is not Action.NONE or one.reason is not None]
    if not told:
        return None
    edits = edits_of(one for one, _ in found)
    edits = sorted((*edits, results_edit(source.text, listed.root, told, source.name)))
    after = apply_edits(source.text, edits)
    check_conservation(source, after, edits)
    parse_tree(after, source.name)
    return after


def _options(choice: Choice, config: Mapping[str, Data]) -> Options:
    """Return the options of the run: rules of the command line, else of the configuration, else of the settings.

    Raises SettingsError for a configuration with something that is not known.
    """
    spec = config.get("data" if _text(config.get("kind")) == "ConfigMap" else "spec")
    given = spec if isinstance(spec, dict) else {}
    if unknown := [key for key in given if key not in ("rules", "presets")]:
        raise SettingsError(f"unknown key {unknown[0]!r}", where="functionConfig", hint="known are rules and presets")
    if not (choice.rules or choice.presets):
        choice = choice._replace(
            rules=_words(given.get("rules")), presets=_words(given.get("presets")), origin="functionConfig"
        )  # fmt: skip
    force = in_force(choice)
    return Options(
        force.rules, text=False, comments=either(None, force.settings.comments, default=True),
        fields=fields_in_force(force.settings),
    )  # fmt: skip


def _words(value: Data | None) -> Sequence[str]:
    """Return the pairs of a mapping, the texts of a list, or the words of one text, as a ConfigMap has to put them."""
    if value is None:
        return ()
    if isinstance(value, dict):
        return tuple(f"{old}={_text(new)}" for old, new in value.items())
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(one, Scalar) for one in found):
        raise SettingsError("neither a text nor a list of texts", where="functionConfig")
    return tuple(word for one in found for word in _text(one).replace(",", " ").split())


def _text(value: Data | None) -> str:
    return value.value if isinstance(value, Scalar) else ""
