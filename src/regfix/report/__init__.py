"""Reports: outcomes and findings as text, diffs, JSON and CSV."""
