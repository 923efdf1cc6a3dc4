"""The command line: parses, calls the commands, prints, exits. The only place that knows typer."""

from regfix.cli.late import import_late, run_late

run_late("tokenize", "yaml")  # the first is for `inspect`, which typer imports
import_late("typer", "typer.core")  # before any module of this package asks for it
