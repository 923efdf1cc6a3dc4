"""Runs: files and charts through the line, from discovery to the write."""
