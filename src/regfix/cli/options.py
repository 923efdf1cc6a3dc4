"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """Formats of results."""

    TEXT = "text"
    JSON = "json"


class ReportFormat(StrEnum):
    """Formats of reports about files."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    MARKDOWN = "markdown"


class TableFormat(StrEnum):
    """Formats of reports that are tables."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    SARIF = "sarif"
    GITHUB = "github"
    MARKDOWN = "markdown"


Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PATH]...", help="Files and folders; the working folder if none is given."),
]
Rules = Annotated[
    list[str] | None,
    typer.Option("--rule", "-r", metavar="OLD=NEW", help="Move what is below OLD to NEW: a registry, with a path if "
                 "need be. Repeatable; the longest match counts."),
]  # fmt: skip
Presets = Annotated[
    list[str] | None, typer.Option("--preset", metavar="NAME", help="Rules of the catalogue. Repeatable.")
]
Config = Annotated[
    str | None, typer.Option("--config", metavar="FILE", help="Settings instead of the nearest .regfix.yaml.")
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="PATTERN", help="Leave out what matches, written as in .gitignore. Repeatable."),
]
Text = Annotated[
    bool | None,
    typer.Option("--text/--no-text", show_default=False, help="Take complete references in all other text files, too."),
]
Comments = Annotated[
    bool | None,
    typer.Option("--comments/--no-comments", show_default=False, help="Take references in comments (the default)."),
]
NoIgnore = Annotated[bool, typer.Option("--no-ignore", help="Read what .gitignore and .helmignore leave out, too.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Tell which settings and rules count, what is not read.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no summary and no list of files.")]
