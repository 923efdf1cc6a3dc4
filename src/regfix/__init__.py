"""regfix: move container image references from one registry to another, and touch nothing else."""

__version__ = "0.1.0"
