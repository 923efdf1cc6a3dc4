"""What can stand in place of the last word of a command line: `regfix __complete WORD...`, asked by shells.

The answer is in the form that cobra has for it, which kubectl and Helm expect of their plugins, too
(https://github.com/spf13/cobra/blob/main/site/content/completions/_index.md): a line for each word that is possible,
with its description behind a tab, and at the end `:N`, the sum of directives. For `--option=VALUE` it is the value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

# What completion of typer's own is made of; a test says if it goes.
from typer._click.shell_completion import _resolve_context, _resolve_incomplete
from typer.core import TyperArgument, TyperOption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FILES, ERROR, NO_SPACE, NO_FILES, FOLDERS = 0, 1, 2, 4, 16
"""The directives: what the shell does besides or instead of offering the words."""

_PATHS = {
    **dict.fromkeys(("PATH", "FILE", "PROGRAM", "CHART", "PLAN", "CONFIG"), FILES),
    "FOLDER": FOLDERS,
}
"""What a parameter takes whose value is a path, by what the help calls it."""

_PLAIN = re.compile(r"[\w.@%+=:,/-]+", re.ASCII)
"""Words that every shell takes as they are. Others, which a cluster may name, are not offered."""


class Answer(NamedTuple):
    """The words, each with its description, and the sum of directives."""

    words: Sequence[tuple[str, str]]
    directives: int

    def __str__(self) -> str:
        lines = [f"{word}\t{about}" if about else word for word, about in self.words if _PLAIN.fullmatch(word)]
        return "".join(f"{line}\n" for line in [*lines, f":{self.directives}"])


def answer(program: Any, words: Sequence[str]) -> Answer:
    """Return what can stand in place of the last of the words behind the name of the program."""
    *before, begun = words or ("",)
    context = _resolve_context(program, {}, "regfix", before)
    if context._protected_args:  # a command that there is not
        return Answer((), NO_FILES)
    asked, begun = _resolve_incomplete(context, before, begun)
    if not isinstance(asked, TyperArgument | TyperOption):  # a command: what can be said behind it
        return Answer([(one.value, _first(one.help)) for one in asked.shell_complete(context, begun)], NO_FILES)
    offered, directives = _values(asked, context)
    return Answer([(word, about) for word, about in offered if word.startswith(begun)], directives)


def _values(asked: TyperArgument | TyperOption, context: Any) -> tuple[Iterable[tuple[str, str]], int]:
    if asked.name in _WORDS:
        known, directives = _WORDS[asked.name]
        return known(context), directives
    path = _PATHS.get((asked.metavar or "").strip("[.]"))
    if path is not None:
        return (), path
    return [(one.value, _first(one.help)) for one in asked.shell_complete(context, "")], NO_FILES


def _first(text: str | None) -> str:
    """Return the first clause of a help text: a list of a shell has a line for it, and not more."""
    return re.split(r"[.;:](?:\s|$)", text or "", maxsplit=1)[0]


def _presets(context: Any) -> Iterable[tuple[str, str]]:
    from regfix.image.catalogue import PRESETS, packaged

    return [(name, packaged(name).summary) for name in PRESETS]


def _sources(context: Any) -> Iterable[tuple[str, str]]:
    from regfix.image.catalogue import PRESETS, packaged

    found = {f"{rule.source}=": f"preset {name}" for name in PRESETS for rule in packaged(name).rules}
    return sorted(found.items())


def _shells(context: Any) -> Iterable[tuple[str, str]]:
    from regfix.cli.completion import SHELLS

    return [(name, "") for name in SHELLS]


def _contexts(context: Any) -> Iterable[tuple[str, str]]:
    from regfix.cluster.kubectl import Kubectl, find_kubectl

    said = context.params
    kubectl = Kubectl(find_kubectl(said.get("kubectl")), kubeconfig=said.get("kubeconfig") or "")
    return [(name, "") for name in kubectl.contexts()]


_WORDS: dict[str | None, tuple[Callable[[Any], Iterable[tuple[str, str]]], int]] = {
    "preset": (_presets, NO_FILES),
    "rule": (_sources, NO_SPACE | NO_FILES),
    "shell": (_shells, NO_FILES),
    "contexts": (_contexts, NO_FILES),
}
"""What is known of the value of a parameter, by its name."""
