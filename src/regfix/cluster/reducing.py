"""What a dump keeps of a Helm release: its workloads, in the form of Helm, without values, templates and Secrets.

A dump holds the specifications of workloads anyway; what else stands in a release nobody can tell from a password.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from regfix.cluster.declared import parts_of
from regfix.cluster.kinds import CUSTOM, RANK
from regfix.cluster.model import ClusterError
from regfix.cluster.objects import json_text, mapping
from regfix.cluster.release import release_in

if TYPE_CHECKING:
    from regfix.cluster.declared import Part
    from regfix.cluster.model import ApiObject

_KINDS = frozenset({*RANK, *(kind for kinds in CUSTOM.values() for kind in kinds)})
_METADATA = ("name", "namespace", "labels", "annotations")


def reduced(one: ApiObject, cluster: str) -> ApiObject:
    """Return an object of Helm with what a dump keeps of its release; one that cannot be read without any."""
    metadata = mapping(one.get("metadata"))
    kept: dict[str, Any] = {key: one[key] for key in ("apiVersion", "kind", "type") if key in one}
    kept["metadata"] = {key: value for key, value in metadata.items() if key not in ("managedFields", "annotations")}
    try:
        text = json_text(_reduced(one, cluster)).encode()
    except (ClusterError, RecursionError):
        return kept
    for _ in range(2 if one.get("kind") == "Secret" else 1):
        text = base64.b64encode(text)
    return {**kept, "data": {"release": text.decode()}}


def _reduced(one: ApiObject, cluster: str) -> dict[str, Any]:
    release = release_in(one, cluster)
    declared = release.declared
    parts = [part for part in parts_of(release, _names_a_kind, lambda _: None) if part.object.get("kind") in _KINDS]
    hooks = [
        {"path": part.declared.template, "events": [*part.declared.events], "manifest": _text(part)}
        for part in parts if part.declared.events
    ]  # fmt: skip
    return {
        "name": declared.release, "namespace": declared.namespace, "version": declared.revision,
        "chart": {"metadata": {"name": declared.chart, "version": declared.version}},
        "manifest": "".join(_text(part) for part in parts if not part.declared.events), "hooks": hooks,
    }  # fmt: skip


def _names_a_kind(text: str) -> bool:
    return any(kind in text for kind in _KINDS)


def _text(part: Part) -> str:
    metadata = mapping(part.object.get("metadata"))
    kept = {key: metadata[key] for key in _METADATA if key in metadata}
    content = json.dumps({**part.object, "metadata": kept}, separators=(",", ":"))
    return f"---\n# Source: {' '.join(part.declared.template.split())}\n{content}\n"
