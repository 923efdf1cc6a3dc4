"""What follows the last whole component of a name: the rest of another word, a placeholder, an escape, a slash."""

from __future__ import annotations

import re
from functools import cache

from regfix.locate.site import Occurrence, Reason

_PLACEHOLDER = re.compile(
    r"\{\{(?!-?\s*(?:end|else|/\*))|\$[({A-Za-z_]|%[sdvq({]|\[\[|<[A-Za-z_]|\{[A-Za-z_]|\{%(?!-?\s*(?:end|else))|@[A-Z_]+@|\{#"
)
_PATTERN_CHARS = frozenset("*?^[+(")


@cache
def _tail() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z0-9._-]*")


@cache
def _escape() -> re.Pattern[str]:
    return re.compile(r"\\(?:(/|\r?\n)|(?:x|u00|U000000)([2-7][0-9a-fA-F]))")


def _goes_on_escaped(text: str, end: int) -> bool:
    """Tell whether a name goes on behind `end` with an escape: a slash, a letter, or a line break that is none."""
    found = _escape().match(text, end)
    if found is None:
        return False
    return found.group(1) is not None or _NAME_OR_SLASH.match(chr(int(found.group(2), 16))) is not None


_NAME_OR_SLASH = re.compile(r"[\w./-]")


def with_tail(text: str, name: Occurrence) -> Occurrence:
    """Return the occurrence with what follows its last whole component."""
    start, end, host, path, blocker = name.start, name.end, name.host, name.path, name.blocker
    run = _tail().match(text, end)
    rest = run.group() if run and path else ""
    after = end + len(rest)
    if path and _PLACEHOLDER.match(text, after) is not None:
        cut = end - len(path[-1])
        return Occurrence(start, cut - 1, host, path[:-1], path[-1] + rest, open_ended=True, blocker=blocker)
    if rest.strip("._-"):
        return name._replace(blocker=blocker or Reason.INVALID)
    if text[end : end + 1] == "/":
        return _with_slash(text, name)
    if not path and text[end : end + 1] == ":" and _PLACEHOLDER.match(text, end + 1) is not None:
        return name._replace(blocker=blocker or Reason.DYNAMIC)
    if path and _of_project().match(text, end - len(path[-1])) is not None:
        return name._replace(blocker=blocker or Reason.URL)
    if path and _release().match(text, end) is not None:
        return name._replace(blocker=blocker or Reason.INVALID)
    if path and _wild_version().match(text, end) is not None:
        return name._replace(blocker=blocker or Reason.PATTERN)
    if not path and _PLACEHOLDER.match(text, end) is not None and text[end] != "<":
        return Occurrence(start, end, host, path, open_ended=True, blocker=blocker or Reason.DYNAMIC)
    if _goes_on_escaped(text, after):
        return name._replace(blocker=blocker or Reason.ESCAPED)
    if path and (text[after : after + 1] in ("*", "?", "^") or text[after : after + 2] == "\\."):
        return name._replace(blocker=blocker or Reason.PATTERN)
    return name


@cache
def _of_project() -> re.Pattern[str]:
    # `host/group/project.git` and `host/group/project//folder?ref=v1` are addresses of git, without their scheme.
    return re.compile(r"[\w.-]+\.git(?![\w/-])")


@cache
def _release() -> re.Pattern[str]:
    return re.compile(r"@(?:v?\d+\.\d|latest\b|main\b|master\b)")


@cache
def _wild_version() -> re.Pattern[str]:
    return re.compile(r"[:@][\w.-]*(?:\*|\\d|\.\*)")


def _with_slash(text: str, name: Occurrence) -> Occurrence:
    """Return the occurrence when a slash follows that begins no whole component."""
    start, end, host, path, blocker = name.start, name.end, name.host, name.path, name.blocker
    if path and text.startswith("//", end) and text[end + 2 : end + 3].isalnum():
        return name._replace(slash=True, blocker=blocker or Reason.URL)  # a folder in a git project
    run = _tail().match(text, end + 1)
    rest = run.group() if run else ""
    after = end + 1 + len(rest)
    if _PLACEHOLDER.match(text, after) is not None:
        return Occurrence(start, end, host, path, rest, open_ended=True, slash=True, blocker=blocker)
    if text[after : after + 1] == "\\" and text[after + 1 : after + 2] in ("\n", "\r"):
        return name._replace(slash=True, blocker=blocker or Reason.ESCAPED)
    following = text[after : after + 1]
    if following in _PATTERN_CHARS or (
        following == "\\" and text[after + 1 : after + 2] not in ("n", '"', "t", "r", "")
    ):
        return name._replace(slash=True, blocker=blocker or Reason.PATTERN)
    if rest.strip("._-"):
        return name._replace(slash=True, blocker=blocker or Reason.INVALID)
    return name._replace(slash=True, blocker=blocker)
