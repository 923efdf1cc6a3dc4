"""`regfix rules`: list presets and rules, show a preset, explain what happens to one reference."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from regfix.commands.rules_in_force import Choice, in_force
from regfix.commands.sink import ExitCode
from regfix.image.catalogue import preset, whole_catalogue
from regfix.image.deadline import days_left, state
from regfix.image.prefix import Prefix
from regfix.image.reference import Reference
from regfix.image.rule import RuleSet
from regfix.locate.site import REASONS, Reason
from regfix.report.escape import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from regfix.commands.sink import Sink
    from regfix.image.catalogue import Preset
    from regfix.image.rule import Held, Move, Rule


def list_rules(choice: Choice, sink: Sink, today: date, *, json: bool) -> int:
    """List the rules in force, then the presets there are, with what they are on a day."""
    force = in_force(choice)
    rules = [{"from": str(r.source), "to": str(r.target), "origin": r.origin} for r in force.rules.rules]
    presets = [preset_object(one, today) for one in whole_catalogue(force.catalogue)]
    if json:
        return _json({"rules": rules, "presets": presets}, sink)
    _table(("from", "to", "origin"), rules, sink)
    sink.result("\n")
    shown = [one | {"classes": ", ".join(f"{n} {kind}" for kind, n in one["classes"].items())} for one in presets]
    _table(("name", "classes", "since", "until", "state", "summary"), shown, sink)
    return ExitCode.DONE


def preset_object(one: Preset, today: date) -> dict[str, Any]:
    """Return a preset as plain data: how many entries of which class, the first date, the next deadline or the last."""
    entries = [rule.entry for rule in one.rules if rule.entry is not None]
    ahead = sorted((e for e in entries if days_left(e, today)), key=lambda e: days_left(e, today) or 0)
    behind = sorted((e for e in entries if e.until or e.since), key=lambda e: (e.until, e.since))
    telling = (ahead or behind[::-1] or entries)[0]
    return {
        "name": one.name, "summary": one.summary, "classes": dict(Counter(str(e.kind) for e in entries)),
        "since": min((e.since for e in entries if e.since), default=""), "until": telling.until,
        "state": state(telling, today),
    }  # fmt: skip


def show_preset(name: str, choice: Choice, sink: Sink, today: date, *, json: bool) -> int:
    """Show the entries of a preset with classes, dates, conditions and sources."""
    found = preset(name, in_force(choice).catalogue)
    rows = [entry_object(rule, today) for rule in found.rules]
    if json:
        return _json({"name": found.name, "summary": found.summary, "entries": rows}, sink)
    sink.result(f"{escape(found.name)}: {escape(found.summary)}\n")
    for row in rows:
        sink.result(f"\n{_head(row)}\n")
        for line in _lines(row):
            sink.result(f"    {escape(line)}\n")
    return ExitCode.DONE


def entry_object(rule: Rule, today: date) -> dict[str, Any]:
    """Return an entry of the catalogue as plain data, in the form of the catalogue, with its state on a day."""
    entry = rule.entry
    if entry is None:
        return {"from": str(rule.source), "to": str(rule.target), "origin": rule.origin}
    return {
        "from": str(rule.source), "to": None if rule.keeps else str(rule.target), "class": str(entry.kind),
        "since": entry.since or None, "until": entry.until or None, "state": state(entry, today),
        "tags": str(entry.tags) if entry.tags else None, "tag": str(entry.tag) if entry.tag else None,
        "note": entry.note, "sources": list(entry.sources), "origin": rule.origin,
    }  # fmt: skip


def _head(row: dict[str, Any]) -> str:
    arrow = f" -> {row['to']}" if row["to"] else ""
    return f"{row['from']}{arrow} ({row['class']})"


def _lines(row: dict[str, Any]) -> Iterator[str]:
    dates = (f"since {row['since']}" if row["since"] else "", f"until {row['until']}" if row["until"] else "")
    yield ", ".join(filter(None, (*dates, row["state"])))
    if row["tags"]:
        yield f"tags: {row['tags']}"
    if row["tag"]:
        yield f"tags at the new home: {row['tag']}"
    if row["note"]:
        yield row["note"]
    yield from row["sources"]


def explain(reference: str, choice: Choice, sink: Sink, today: date, *, json: bool) -> int:
    """Tell what the rules in force do to one reference, and why, and what the whole catalogue says of it."""
    parsed = Reference.parse(reference)
    force = in_force(choice, asked=parsed)
    rules, given = force.rules, force.catalogue
    path, tag = tuple(parsed.repository.split("/")), parsed.tag or None
    move, held = rules.resolve(parsed.host, path, tag), rules.held(parsed.host, path, tag)
    facts = _facts(parsed, move, held)
    concerned = [entry_object(rule, today) for rule in concerning(parsed, whole_catalogue(given))]
    if json:
        return _json(facts | {"catalogue": concerned}, sink)
    for key, value in facts.items():
        for line in value if isinstance(value, list) else [value]:
            sink.result(f"{key + ':':12}{escape(line)}\n")
    for row in concerned:
        sink.result(f"catalogue:  {escape(_head(row))}, {escape(row['origin'])}\n")
        for line in _lines(row | {"sources": ()}):  # `rules show` has them
            sink.result(f"            {escape(line)}\n")
    return ExitCode.DONE


def _facts(parsed: Reference, move: Move | None, held: Held | None) -> dict[str, Any]:
    path = tuple(parsed.repository.split("/"))
    facts: dict[str, Any] = {"reference": str(parsed), "normalized": parsed.normalized, "familiar": parsed.familiar}
    if move is not None:
        name = "/".join((move.target, *path[move.consumed :]))
        facts["result"] = name + parsed._replace(tag=move.tag or parsed.tag).suffix
        facts["rules"] = [f"{rule} ({_origin(rule)})" for rule in move.rules]
    elif held is not None:
        facts["result"] = str(parsed)
        if held.rule.entry is None:
            facts["rules"] = [f"{held.rule} ({held.rule.origin}) keeps it"]
        else:
            said = held.rule.source if held.rule.keeps else held.rule
            facts["rules"] = [f"{said} ({_origin(held.rule)}) decides"]
            facts["reason"] = f"{REASONS[Reason(held.why)]} [{held.why}]"
    else:
        facts |= {"result": str(parsed), "rules": ["none concerns it"]}
    return facts


def _origin(rule: Rule) -> str:
    return rule.origin if rule.entry is None else f"{rule.origin}, {rule.entry.kind}"


def concerning(parsed: Reference, presets: Iterable[Preset]) -> list[Rule]:
    """Return the entries of a catalogue that a reference meets on its way to its last home, the longest first."""
    rules = [rule for one in presets for rule in one.rules]
    path = tuple(parsed.repository.split("/"))
    move = RuleSet(rules).resolve(parsed.host, path, parsed.tag or None)
    names = [Prefix(parsed.host, parsed.path)]
    if move is not None:
        host, *there = move.target.split("/")
        names.append(Prefix(host, (*there, *path[move.consumed :])).normalized)
    on_the_way = move.rules if move is not None else ()
    found = [r for r in rules if r in on_the_way or any(r.source.starts(name) for name in names)]
    return sorted(found, key=lambda rule: -len(rule.source.path))


def _json(value: Any, sink: Sink) -> int:
    import json

    sink.result(json.dumps(value, indent=2) + "\n")
    return ExitCode.DONE


def _table(header: tuple[str, ...], rows: list[dict[str, Any]], sink: Sink) -> None:
    from regfix.report.table import table_lines

    for line in table_lines(header, [[str(row[name]) for name in header] for row in rows]):
        sink.result(line.rstrip() + "\n")
