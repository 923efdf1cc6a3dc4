"""How commands declare what the command line may say, and what several of them share.

Parameters are typer's own objects. Declared by annotated signatures, as typer is mostly used, they would have to be
read from these at each start, by the half of typer and the modules of the standard library that are slow to import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from regfix.chart.vendored import Vendored

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Declared = Callable[[Callable[..., int]], TyperCommand]
    Parameter = TyperArgument | TyperOption

Words = tuple[str, ...]
"""What a repeatable parameter gives: its words in order, none if it was not used."""


class Command(TyperCommand):
    """A command with a page of its own for help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        from regfix.cli.page import page

        formatter.write(page(self, ctx))


class Group(TyperGroup):
    """Commands below one name, with a page of its own for help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        from regfix.cli.page import page

        formatter.write(page(self, ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is asked for; raises UsageError where there is none."""
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            from regfix.cli.usage import no_such_command

            raise no_such_command(args[0], self.list_commands(ctx), ctx)
        return super().resolve_command(ctx, args)


def command(*parameters: Parameter, name: str | None = None, epilog: str | None = None) -> Declared:
    """Make a function a command of its name. It gets each parameter by its name; its docstring is the help."""

    def declare(function: Callable[..., int]) -> TyperCommand:
        return Command(
            name or function.__name__, callback=function, params=[*parameters], help=function.__doc__, epilog=epilog,
            short_help=(function.__doc__ or "").partition("\n\n")[0], rich_markup_mode=None,
        )  # fmt: skip

    return declare


def argument(name: str, metavar: str, help: str, *, many: bool = False) -> TyperArgument:
    """Declare an argument that must be given: `str`; or `many`, any number of them: `Words`."""
    return TyperArgument(param_decls=[name], metavar=metavar, help=help, required=not many, nargs=-1 if many else 1)


def flag(name: str, *spellings: str, help: str, default: bool | None = False) -> TyperOption:
    """Declare an option without a value: `bool`; or None where the default is None and the option was not used."""
    return TyperOption(param_decls=[name, *spellings], is_flag=True, default=default, help=help)


def value(name: str, *spellings: str, metavar: str, help: str, many: bool = False) -> TyperOption:
    """Declare an option with a value: `str`, or None if it was not used; or `many`, a repeatable one: `Words`."""
    return TyperOption(param_decls=[name, *spellings], type=str, metavar=metavar, help=help, multiple=many)


def choice(name: str, *spellings: str, words: Sequence[str], help: str) -> TyperOption:
    """Declare an option that takes one of some words, the first if it was not used."""

    def one_of(said: str) -> str:
        for word in words:
            if word == said:
                return word
        from typer import BadParameter

        raise BadParameter(f"{said!r} is not one of {', '.join(words)}")

    def complete(context: Any, arguments: Any, begun: str) -> Sequence[str]:
        return words

    return TyperOption(
        param_decls=[name, *spellings], type=one_of, metavar=f"<{'|'.join(words)}>", help=help, default=words[0],
        show_default=True, autocompletion=complete,
    )  # fmt: skip


def output(*formats: str) -> TyperOption:
    """Declare the option for the format of the result."""
    return choice("output", "--format", words=formats, help="Format of the result.")


REPORTS = ("sarif", "github", "gitlab", "markdown")
"""Formats of reports about files, besides text and JSON."""

PATHS = argument(
    "paths", "[PATH]...", "Files and folders, or - for standard input; the working folder if none is given.", many=True
)
RULES = value(
    "rule", "--rule", "-r", metavar="OLD=NEW", many=True, help="Move what is below OLD to NEW: a registry, with a path "
    "if need be. Repeatable; the longest match counts.",
)  # fmt: skip
PRESETS = value("preset", "--preset", metavar="NAME", help="Rules of the catalogue. Repeatable.", many=True)
MIRROR_TO = value(
    "mirror_to", "--mirror-to", metavar="TEMPLATE", help="Move everything behind one registry: "
    "HOST/{registry}/{repository} or the like. Presets and rules go first.",
)  # fmt: skip
CONFIG = value("config", "--config", metavar="FILE", help="Settings instead of the nearest .regfix.yaml.")
CATALOGUE = value(
    "catalogue", "--catalogue", "--catalogue-file", metavar="FILE", many=True, help="Presets of your own, which extend "
    "and correct the catalogue. Repeatable.",
)  # fmt: skip
CATALOGUE_FILES = value(
    "catalogue_file", "--catalogue-file", metavar="FILE", many=True, help="Presets of your own, which extend and "
    "correct the catalogue. Repeatable.",
)  # fmt: skip
WHOLE_CATALOGUE = flag(
    "catalogue", "--catalogue", help="List what any entry of the catalogue concerns, with class, state and deadline, "
    "whatever the rules are.",
)  # fmt: skip
AS_OF = value("as_of", "--as-of", metavar="DATE", help="Tell what is due or past on this day instead of today.")
VENDORED = choice(
    "vendored", "--vendored", words=tuple(Vendored), help="Charts in charts/: override their values in the parent's, "
    "rewrite the copies themselves, or ignore them.",
)  # fmt: skip
VALUES = value(
    "values", "--values", "-f", metavar="FILE", many=True, help="Values file elsewhere, for the chart that is the "
    "PATH. Repeatable.",
)  # fmt: skip
EXCLUDE = value(
    "exclude", "--exclude", metavar="PATTERN", many=True, help="Leave out what matches, written as in .gitignore. "
    "Repeatable.",
)  # fmt: skip
STDIN_FILENAME = value(
    "stdin_filename", "--stdin-filename", metavar="NAME", help="What standard input (the PATH -) would be as a file; "
    "YAML if this is not said.",
)  # fmt: skip
FORCE_EXCLUDE = flag(
    "force_exclude", "--force-exclude", help="Treat files that are named as a run over the working folder would: "
    "excludes and ignore files hold, copies in charts/ are vendored. For hooks.",
)  # fmt: skip
DIFF_FROM = value(
    "diff_from", "--diff-from", metavar="REV", help="Take only files that changed since a git revision: committed on "
    "this branch, in the checkout, or new. Of a chart its values and metadata, too.",
)  # fmt: skip
TEXT = flag("text", "--text/--no-text", help="Take complete references in all other text files, too.", default=None)
COMMENTS = flag(
    "comments", "--comments/--no-comments", help="Take references in comments (the default).", default=None
)  # fmt: skip
NO_IGNORE = flag("no_ignore", "--no-ignore", help="Read what .gitignore and .helmignore leave out, too.")
FETCH = flag("fetch", "--fetch", help="Let Helm fetch dependencies that are not in charts/, to a temporary place.")
HELM = value("helm", "--helm", metavar="PROGRAM", help="Helm, if not the one on the PATH.")
VERBOSE = flag("verbose", "--verbose", "-v", help="Tell which settings and rules count, what is not read.")
QUIET = flag("quiet", "--quiet", "-q", help="Print no summary and no list of files.")
ACCESS = (
    value("plain", "--plain-http", metavar="HOST", many=True, help="Ask this host without TLS. Repeatable."),
    value("ca", "--ca", metavar="FILE", help="Certificates (PEM) to trust besides those of the system."),
    value("realm", "--realm", metavar="HOST", many=True, help="Take tokens from this host, on another site than its "
          "registry, too. Repeatable."),
)  # fmt: skip
REGISTRIES = (
    *ACCESS,
    value("timeout", "--timeout", metavar="SECONDS", help="Time for all questions to one host (120)."),
)  # fmt: skip
ANSWERS = (
    flag("no_cache", "--no-cache", help="Neither use nor keep answers on disk."),
    flag("offline", "--offline", help="Ask nobody: only answers on disk count, however old."),
    value("mirror", "--mirror", metavar="REGISTRY=MIRROR", many=True, help="Ask a mirror first, and the registry for "
          "what is not there. Repeatable."),
)  # fmt: skip
VERIFY = flag(
    "verify", "--verify", help="Ask the registries first; what is not at its new home, or not the same where it should "
    "be, stays. Exit 1 if something stays for that, 2 if a registry gave no answer.",
)  # fmt: skip


def require_fitting(fetch: bool, vendored: Vendored) -> None:
    """Raise UsageError for `--fetch` where nothing is done with what it brings."""
    if fetch and vendored is not Vendored.OVERRIDE:
        from regfix.errors import UsageError

        raise UsageError("--fetch is for overrides", hint="leave --vendored out, or --fetch")
