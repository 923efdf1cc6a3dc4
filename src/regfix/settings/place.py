"""Where something stands in a file of settings, and the prefixes and rules that stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regfix.errors import RuleError, SettingsError
from regfix.image.prefix import parse_prefix
from regfix.image.rule import Rule

if TYPE_CHECKING:
    from regfix.image.prefix import Prefix


def place(path: str, line: int, column: int) -> str:
    """Return `file:line:column` for a line and a column that count from 0, as ruamel.yaml's do."""
    return f"{path}:{line + 1}:{column + 1}"


def prefix_at(text: str, where: str) -> Prefix:
    """Return the prefix that a text is; raises SettingsError with its place."""
    try:
        return parse_prefix(text, where=where)
    except RuleError as error:
        raise error.turned_into(SettingsError) from None


def rule_at(old: Any, new: Any, where: str) -> Rule:
    """Return the rule that a key and its value are; raises SettingsError with its place."""
    if not isinstance(old, str) or not isinstance(new, str):
        raise SettingsError("both sides of a rule are text", where=where)
    return Rule(prefix_at(old, where), prefix_at(new, where), where)
