"""The command line: parses, calls the commands, prints, exits. The only place that knows typer."""
