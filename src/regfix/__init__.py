"""regfix: move container image references from one registry to another, and touch nothing else.

The names below are the public API; they are imported when they are first used, because start-up time counts.
"""

import os
import sys


def _leave_working_folder() -> None:
    """Take the working folder off the path of `python -m regfix`, which puts it first: it may be anybody's.

    `sys.argv` begins with `-m` as long as the module is looked for. Has to come before any other import.
    """
    if sys.argv[:1] != ["-m"] or sys.flags.safe_path:
        return
    module = sys.orig_argv[len(sys.orig_argv) - len(sys.argv)]
    if module.partition(".")[0] != "regfix" and not (module.startswith("-") and module.endswith("mregfix")):
        return
    try:
        here = os.getcwd()
    except OSError:
        return
    if sys.path[:1] == [here] and __file__ != os.path.join(here, "regfix", "__init__.py"):
        del sys.path[0]


_leave_working_folder()

TYPE_CHECKING = False  # as in `typing`, which is not needed for that
if TYPE_CHECKING:
    from regfix.api import RewrittenText, rewrite, rewrite_text, scan
    from regfix.errors import InvalidReference, RegfixError, RuleError, SettingsError, SourceError, UsageError
    from regfix.finding import Action, Finding
    from regfix.image.mirror import Mirror
    from regfix.image.prefix import Prefix
    from regfix.image.reference import Reference
    from regfix.image.rule import Rule
    from regfix.locate.kind import Kind
    from regfix.locate.site import Context, Reason
    from regfix.outcome import Outcome, Status
    from regfix.settings.model import Field, FieldUse
    from regfix.text.edit import Edit

__version__ = "0.1.0"

_HOMES = {
    "RewrittenText": "regfix.api",
    "rewrite": "regfix.api",
    "rewrite_text": "regfix.api",
    "scan": "regfix.api",
    "InvalidReference": "regfix.errors",
    "RegfixError": "regfix.errors",
    "RuleError": "regfix.errors",
    "SettingsError": "regfix.errors",
    "SourceError": "regfix.errors",
    "UsageError": "regfix.errors",
    "Context": "regfix.locate.site",
    "Kind": "regfix.locate.kind",
    "Reason": "regfix.locate.site",
    "Action": "regfix.finding",
    "Finding": "regfix.finding",
    "Mirror": "regfix.image.mirror",
    "Prefix": "regfix.image.prefix",
    "Reference": "regfix.image.reference",
    "Rule": "regfix.image.rule",
    "Outcome": "regfix.outcome",
    "Status": "regfix.outcome",
    "Edit": "regfix.text.edit",
    "Field": "regfix.settings.model",
    "FieldUse": "regfix.settings.model",
}

__all__ = [
    "Action",
    "Context",
    "Edit",
    "Field",
    "FieldUse",
    "Finding",
    "InvalidReference",
    "Kind",
    "Mirror",
    "Outcome",
    "Prefix",
    "Reason",
    "Reference",
    "RegfixError",
    "RewrittenText",
    "Rule",
    "RuleError",
    "SettingsError",
    "SourceError",
    "Status",
    "UsageError",
    "rewrite",
    "rewrite_text",
    "scan",
]


def __getattr__(name: str) -> object:
    """Import a public name (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'regfix' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(home), name)
