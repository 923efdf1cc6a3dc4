"""The digest of `Chart.lock`, by which Helm tells whether the lock file belongs to the chart. Pure.

Sources: HashReq and HashV2Req in internal/resolver/resolver.go, Dependency in pkg/chart/v2/dependency.go of
https://github.com/helm/helm; encoding/json of Go.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from regfix.syntax.yamltree import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from regfix.syntax.yamltree import Data

_TEXTS = ("name", "version", "repository", "condition")
_TRUE = frozenset({"true", "True", "TRUE"})


def digests(dependencies: Sequence[Data], locked: Sequence[Data]) -> Iterator[str]:
    """Yield the digests that versions of Helm give to a lock file, always in the same order.

    First that of Helm 3 and of Helm 4 with its key `depends-on`, then that of Helm 2, which looks at the chart only.
    """
    wanted, locks = [_entry(entry) for entry in dependencies], [_entry(entry) for entry in locked]
    ordered = [_entry(entry, ordered=True) for entry in dependencies]
    for value in ([wanted, locks], [ordered, locks], {"dependencies": wanted}):
        yield "sha256:" + hashlib.sha256(_json(value).encode("utf-8", "surrogatepass")).hexdigest()


def _entry(data: Data, *, ordered: bool = False) -> dict[str, Any]:
    """Return an entry with its keys in the order of Helm's structure; what is empty is left out."""
    entry: Mapping[str, Data] = data if isinstance(data, dict) else {}
    found: dict[str, Any] = {key: _text(entry.get(key)) for key in _TEXTS}
    found["tags"] = [_text(tag) for tag in _list(entry, "tags")]
    enabled = entry.get("enabled")
    found["enabled"] = isinstance(enabled, Scalar) and enabled.plain and enabled.value in _TRUE
    found["import-values"] = [_value(value) for value in _list(entry, "import-values")]
    found["alias"] = _text(entry.get("alias"))
    if ordered:
        found["depends-on"] = [_text(name) for name in _list(entry, "depends-on")]
    return {key: value for key, value in found.items() if value or key in ("name", "repository")}


def _list(entry: Mapping[str, Data], key: str) -> list[Data]:
    value = entry.get(key)
    return value if isinstance(value, list) else []


def _text(data: Data | None) -> str:
    return data.value if isinstance(data, Scalar) and not data.is_null else ""


def _value(data: Data) -> Any:
    """Return what is not looked into further as JSON has it; keys are sorted, as Go does."""
    if isinstance(data, dict):
        return {key: _value(data[key]) for key in sorted(data)}
    if isinstance(data, list):
        return [_value(item) for item in data]
    if data.is_null:
        return None
    if data.plain and re.fullmatch(r"true|false|-?(0|[1-9][0-9]{0,14})", data.value):
        return json.loads(data.value)
    return data.value


def _json(value: Any) -> str:
    """Return JSON as Go writes it: no blanks, and these characters escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda found: f"\\u{ord(found.group()):04x}", text)
