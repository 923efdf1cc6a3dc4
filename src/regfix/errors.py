"""The errors that regfix raises; each is a sentence for the person who has to act on it."""

from __future__ import annotations

from typing import TypeVar

_Error = TypeVar("_Error", bound="RegfixError")


class RegfixError(Exception):
    """Base of every error that regfix raises on purpose.

    `what` went wrong, `where` (file:line:column, an option, a setting), `why`, and what to do (`hint`). `excerpt` is a
    text and the offset in it that a caret is to point at.
    """

    def __init__(
        self, what: str, *, where: str = "", why: str = "", hint: str = "", excerpt: tuple[str, int] | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.hint = hint
        self.excerpt = excerpt

    def turned_into(self, kind: type[_Error], where: str | None = None) -> _Error:
        """Return the same as an error of another kind, and of another place if one is given."""
        return kind(self.what, where=self.where if where is None else where, why=self.why, hint=self.hint)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.why:
            text += f": {self.why}"
        if self.hint:
            text += f" ({self.hint})"
        return text


class InvalidReference(RegfixError, ValueError):
    """A text is not a reference by the grammar of distribution/reference."""


class RuleError(RegfixError, ValueError):
    """A rule, or a set of rules, cannot be used: malformed, in conflict, or a cycle."""


class SettingsError(RegfixError):
    """A settings file holds something that regfix does not understand."""


class UsageError(RegfixError):
    """The command line asks for something that does not exist or does not fit together."""


class SourceError(RegfixError):
    """One source cannot be read, decoded, parsed, checked or written; it stays as it was."""


class StaleEdit(SourceError):
    """An edit's old text is not at its span: the text is not the one that was planned on."""
