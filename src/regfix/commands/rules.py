"""`regfix rules`: list presets and rules, show a preset, explain what happens to one reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.commands.rules_in_force import Choice, in_force
from regfix.commands.sink import ExitCode
from regfix.image.catalogue import PRESETS, preset
from regfix.image.reference import Reference

if TYPE_CHECKING:
    from regfix.commands.sink import Sink
    from regfix.image.rule import Move, RuleSet


def list_rules(choice: Choice, sink: Sink, *, json: bool) -> int:
    """List the rules in force, then the presets there are."""
    force = in_force(choice)
    rules = [{"from": str(r.source), "to": str(r.target), "origin": r.origin} for r in force.rules.rules]
    presets = [{"name": p.name, "summary": p.summary, "rules": len(p.entries)} for p in PRESETS.values()]
    if json:
        return _json({"rules": rules, "presets": presets}, sink)
    _table(("from", "to", "origin"), rules, sink)
    sink.result("\n")
    _table(("name", "summary", "rules"), presets, sink)
    return ExitCode.DONE


def show_preset(name: str, sink: Sink, *, json: bool) -> int:
    """Show the entries of a preset with date and source."""
    found = preset(name)
    rows = [
        {"from": e.source, "to": e.target, "since": e.since, "note": e.note, "source": e.url} for e in found.entries
    ]
    if json:
        return _json({"name": found.name, "summary": found.summary, "rules": rows}, sink)
    sink.result(f"{found.name}: {found.summary}\n")
    for row in rows:
        sink.result(f"\n{row['from']} -> {row['to']}\n")
        sink.result(f"    since {row['since']}: {row['note']}\n    {row['source']}\n")
    return ExitCode.DONE


def explain(reference: str, choice: Choice, sink: Sink, *, json: bool) -> int:
    """Tell what the rules in force do to one reference, and why."""
    rules = in_force(choice).rules
    parsed = Reference.parse(reference)
    path = tuple(parsed.repository.split("/"))
    move = rules.resolve(parsed.host, path)
    facts = _facts(parsed, move, rules)
    if json:
        return _json(facts, sink)
    for key, value in facts.items():
        for line in value if isinstance(value, list) else [value]:
            sink.result(f"{key + ':':12}{line}\n")
    return ExitCode.DONE


def _facts(parsed: Reference, move: Move | None, rules: RuleSet) -> dict[str, Any]:
    path = tuple(parsed.repository.split("/"))
    facts: dict[str, Any] = {"reference": str(parsed), "normalized": parsed.normalized, "familiar": parsed.familiar}
    if move is not None:
        rest = path[move.consumed :]
        facts["result"] = "/".join((move.target, *rest)) + parsed.suffix
        facts["rules"] = [f"{rule} ({rule.origin})" for rule in move.rules]
        return facts
    facts["result"] = str(parsed)
    kept = rules.keeper(parsed.host, path)
    facts["rules"] = [f"{kept} ({kept.origin}) keeps it"] if kept else ["none concerns it"]
    return facts


def _json(value: Any, sink: Sink) -> int:
    import json

    sink.result(json.dumps(value, indent=2) + "\n")
    return ExitCode.DONE


def _table(header: tuple[str, ...], rows: list[dict[str, Any]], sink: Sink) -> None:
    from regfix.report.table import table_lines

    for line in table_lines(header, [[str(row[name]) for name in header] for row in rows]):
        sink.result(line + "\n")
