"""The service that runs the user's own Helm: found, bounded in time and output, never in the user's files."""
