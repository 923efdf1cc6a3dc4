"""The commands: typed options in, results and messages out through a sink; they neither parse nor print."""
