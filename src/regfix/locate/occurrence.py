"""The lexical locator: every bounded occurrence of a source registry in a text, wherever it stands."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from regfix.image import grammar
from regfix.image.host import DOCKER_HUB_HOSTS
from regfix.locate.assigned import is_start_for_flag
from regfix.locate.mirrors import defines_mirror, may_define_mirrors
from regfix.locate.site import Occurrence, Reason
from regfix.locate.tail import with_tail
from regfix.text.span import line_start

if TYPE_CHECKING:
    from regfix.locate.hosts import HostFinder

_IMAGE_SCHEMES = frozenset({"oci", "docker", "docker-image"})
"""Schemes in front of image references (Helm, skopeo, BuildKit); behind any other one stands a URL."""

_ESCAPED = r"\\[nrtabfve0_NLP]"
"""An escape of white space or of a control character (YAML 1.2.2, 5.7): no name goes on behind it."""


@cache
def _path() -> re.Pattern[str]:
    return re.compile(rf"(?::{grammar.PORT}(?!\.*[\w-]))?((?:/{grammar.COMPONENT}){{0,64}})")


@cache
def _scheme() -> re.Pattern[str]:
    return re.compile(rf"(?:{_ESCAPED})?([A-Za-z][A-Za-z0-9+.-]*):/{{2,}}$")


_MAY_END_KEY = frozenset(":\"'\\")
_NAME_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def find_occurrences(text: str, hosts: HostFinder, begin: int = 0, end: int | None = None) -> list[Occurrence]:
    """Return the bounded occurrences of the rules' hosts in `text[begin:end]`, in order."""
    stop = len(text) if end is None else end
    found = (_occurrence(text, start, host_end) for start, host_end in hosts.starts(text, begin, stop))
    occurrences = [_weighed(text, occurrence) for occurrence in found if occurrence is not None]
    return _with_mirrors(text, occurrences) if occurrences and may_define_mirrors(text) else occurrences


@cache
def _login_behind() -> re.Pattern[str]:
    blank, quote = r"(?:\s|\\[nrt])", r"(?:\\*[\"'])?"
    return re.compile(
        rf"{quote}{blank}*:{blank}*(?:\{{{blank}*|(?<=[\s{{])){quote}"
        rf"(?:auth|username|password|identitytoken|registrytoken){quote}{blank}*:"
    )


@cache
def _image_before() -> re.Pattern[str]:
    # A key or variable of an image, `FROM` of a Dockerfile, a command that takes an image.
    return re.compile(
        r"(?:[iI][mM][aA][gG][eE]s?[\w.-]*\\?[\"']?[ \t]*[:=][ \t]*[\[(]?|\bFROM[ \t]+(?:--\S+[ \t]+)?"
        r"|\b(?:docker|podman|nerdctl|crictl|ctr|buildah|skopeo|crane|kubectl|oc|kind|minikube)\b[^\n]*[ \t]"
        r"|docker:/{2,}|^[ \t]*-?[ \t]*)\\?[\"'`]?$"
    )


def _weighed(text: str, found: Occurrence) -> Occurrence:
    """Tell whether a name is surely the start of one, or may be a namespace of Docker Hub.

    The latter has one component, no version, and nothing that says `image`.
    """
    if found.host not in DOCKER_HUB_HOSTS:
        return found._replace(prefix=True) if found.path and is_start_for_flag(text, found) else found
    if len(found.path) != 1 or found.open_ended or found.path == ("library",):
        return found
    if text[found.end : found.end + 1] in (":", "@"):
        return found
    line = max(line_start(text, found.start), found.start - _LINE)
    return found._replace(namespace=_image_before().search(text[line : found.start]) is None)


_LINE = 200
"""So far before a name it is looked for what says that it is an image, in code points."""


def _with_mirrors(text: str, occurrences: list[Occurrence]) -> list[Occurrence]:
    """Leave what stands in definitions of mirrors."""
    return [
        found._replace(blocker=Reason.MIRROR) if found.blocker is None and defines_mirror(text, found.start) else found
        for found in occurrences
    ]


def _occurrence(text: str, start: int, host_end: int) -> Occurrence | None:
    if not _bounded_left(text, start) or not _bounded_right(text, host_end):
        return None
    found = _path().match(text, host_end)
    assert found is not None  # the pattern matches the empty text  # noqa: S101
    end, host = found.end(), text[start : found.start(1)]
    path = tuple(found.group(1).split("/")[1:])
    blocker = _blocked_before(text, start)
    if blocker is None and not path and _is_encoded(text, end):
        blocker = Reason.ENCODED  # the slash is, so that the repository is not known
    if blocker is None and text[end : end + 1] in _MAY_END_KEY and _login_behind().match(text, end) is not None:
        blocker = Reason.CREDENTIALS  # the key of a login, in the JSON of a Secret's text too
    if host in DOCKER_HUB_HOSTS and path in (("v1",), ("v2",)):
        blocker = Reason.URL  # the address that people log in to
    # Charts and other artifacts lie below an oci:// address: it is a prefix, and no official image of Docker Hub.
    oci = text[start - 6 : start].lower() == "oci://"
    return with_tail(text, Occurrence(start, end, host, path, prefix=oci, blocker=blocker))


def _bounded_left(text: str, start: int) -> bool:
    """Tell whether a name can begin here: no letter, digit, dot, dash or underscore stands before it.

    A character that is percent-encoded, an escaped blank (`\\n`, however often it is escaped) and the dash of a shell's
    default (`${IMAGE:-`) end what stands before.
    """
    before = text[start - 1 : start]
    if (before not in _NAME_CHARS and before != ".") or _is_encoded(text, start - 3):
        return True
    if before == "-":
        return _shell_default().search(text, max(0, start - 80), start) is not None
    return before == "" or _after_escape().match(text, start - 2) is not None


_HEX = frozenset("0123456789abcdefABCDEF")


def _is_encoded(text: str, at: int) -> bool:
    """Tell whether a character that is percent-encoded stands at a place (RFC 3986, 2.1)."""
    return at >= 0 and text[at : at + 1] == "%" and not {*text[at + 1 : at + 3]} - _HEX and len(text) > at + 2


@cache
def _after_escape() -> re.Pattern[str]:
    return re.compile(_ESCAPED)


@cache
def _shell_default() -> re.Pattern[str]:
    return re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?-$")


def _bounded_right(text: str, end: int) -> bool:
    after = text[end : end + 1]
    return after not in _NAME_CHARS and not (after == "." and text[end + 1 : end + 2].isalnum())


def _blocked_before(text: str, start: int) -> Reason | None:
    """Return why what stands before a host keeps it from being the start of a reference."""
    before = text[start - 1 : start] if start else ""
    if _is_encoded(text, start - 3):
        return Reason.URL if _inside_url(text, start) else None
    if before == "/":
        scheme = _scheme().search(text, max(0, start - 40), start)
        if scheme is None:
            return Reason.OTHER_HOST
        return None if scheme.group(1).lower() in _IMAGE_SCHEMES else Reason.URL
    if before == "}" and _opens_branch(text, start):
        return None
    if before in ("}", ")") or (before == "]" and text[start - 2 : start - 1] == "]"):
        return Reason.DYNAMIC
    if before == "^":
        return Reason.PATTERN
    if before == "@" and _login_before().search(text, max(0, start - 80), start):
        return Reason.URL
    if before == "@":
        return Reason.DYNAMIC if _configured().search(text, max(0, start - 80), start) else Reason.INVALID
    if before == "$":
        return Reason.DYNAMIC
    if before == "\\" or (before == "%" and start > 1):
        return Reason.PATTERN
    return Reason.URL if before == "=" and _inside_url(text, start) else None


@cache
def _control() -> re.Pattern[str]:
    return re.compile(r"(?:^|(.))\{[{%]-?\s*(else|elif|if|with|range|define|block|for)\b[^{}]*[}%]\}$", re.DOTALL)


def _opens_branch(text: str, start: int) -> bool:
    """Tell whether the action before `start` is a branch of the template, and nothing is glued to its front."""
    found = _control().search(text, max(0, start - 300), start)
    if found is None:
        return False
    return found.group(2) in ("else", "elif") or found.group(1) is None or found.group(1) in " \t\n\r\"'="


@cache
def _login_before() -> re.Pattern[str]:
    return re.compile(r"(?:://[^\s/@\"'`]*|\bgit)@$")


@cache
def _configured() -> re.Pattern[str]:
    return re.compile(r"@[A-Za-z_]\w*@$")


def _inside_url(text: str, start: int) -> bool:
    """Tell whether the word up to `start` is a URL with this as a parameter."""
    word = re.split(r"[\s\"'`<>,;|]", text[max(0, start - 400) : start])[-1]
    return "://" in word and "?" in word
