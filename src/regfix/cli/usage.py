"""Errors of the command line itself: what typer says of them, as a sentence of ours with what to do next."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

# typer has no other names for them; a test of each kind of error says if they go.
from typer._click.exceptions import BadOptionUsage, BadParameter, MissingParameter, NoSuchOption

from regfix.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


def usage_error(error: Any) -> UsageError:
    """Return what typer raised about a command line as an error of ours."""
    context, param = getattr(error, "ctx", None), getattr(error, "param", None)
    see = _help(context) if context is not None else ""
    match error:
        case BadOptionUsage(option_name=name):
            needs = "requires" in error.message
            what, hint = ("needs a value", f"{name} VALUE") if needs else ("takes no value", f"{name} alone")
            return UsageError(f"{name} {what}", hint=f"write {hint}")
        case NoSuchOption(option_name=name) if context is not None:
            options = [name for param in context.command.get_params(context) for name in param.opts]
            return UsageError(
                f"there is no option {name}", hint=_behind(name, context) or _hint(name, options, context)
            )
        case MissingParameter() if param is not None:
            about = param.help.rstrip(".")
            return UsageError(f"{param.metavar} is missing", why=about[:1].lower() + about[1:], hint=see)
        case BadParameter() if param is not None:
            return UsageError(error.message.rstrip("."), where=param.opts[0], hint=see)
    extra = re.fullmatch(r"Got unexpected extra argument\(s\) \((.*)\)", error.message, re.DOTALL)
    return UsageError(f"unexpected: {extra[1]}" if extra else error.format_message().rstrip("."), hint=see)


def no_such_command(word: str, known: Iterable[str], context: Any) -> UsageError:
    """Return the error for a command that there is not, with those that look alike."""
    return UsageError(f"there is no command {word!r}", hint=_hint(word, known, context))


def _behind(option: str, context: Any) -> str:
    """Return a hint at the first command that has an option which stands before all commands."""
    group = context.command
    for word in getattr(group, "list_commands", lambda _: ())(context):
        if any(option in param.opts for param in group.get_command(context, word).params):
            return f"write it behind the command, as in {context.command_path} {word} {option}"
    return ""


def _hint(word: str, known: Iterable[str], context: Any) -> str:
    words = [one for one in known if len(one) > 2]
    close = [one for one in words if one.startswith(word)] or get_close_matches(word, words, n=2, cutoff=0.7)
    return f"did you mean {' or '.join(close)}? {_help(context)}" if word and close else _help(context)


def _help(context: Any) -> str:
    return f"see {context.command_path} --help"
