"""API objects as plain data: who they are, who owns them, and the part of them that can name images. Pure.

What is here comes from a cluster and may be of any form; whatever is not as the API documents it counts as absent.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from regfix.cluster.model import Condition, Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.cluster.model import ApiObject
    from regfix.syntax.keypath import KeyPath

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which kubectl keeps the whole object as it was applied."""

CONTAINERS = ("containers", "initContainers", "ephemeralContainers")

_METADATA = ("annotations", "labels")
_OF_THE_NODE = ("nodeName", "hostname", "hostIP", "tolerations")
"""What differs between the pods of one controller, and names no image."""


def mapping(value: Any) -> dict[str, Any]:
    """Return a mapping, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the mappings in a list, nothing for anything else."""
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def flat(content: dict[str, Any]) -> Iterator[ApiObject]:
    """Yield the objects of a list, which may hold lists; items of a typed list need not name their type."""
    todo = [content]
    while todo:
        one = todo.pop()
        kind, items = str(one.get("kind", "")), one.get("items")
        if not kind.endswith("List") or not isinstance(items, list):
            yield one
            continue
        said = {} if kind == "List" else {"apiVersion": one.get("apiVersion"), "kind": kind.removesuffix("List")}
        todo += [{**said, **item} for item in reversed(items) if isinstance(item, dict)]


def identity(cluster: str, one: ApiObject) -> Identity:
    """Return who an object is."""
    metadata = mapping(one.get("metadata"))
    said = (metadata.get("namespace"), metadata.get("name"), metadata.get("uid"))
    return Identity(cluster, str(one.get("apiVersion", "")), str(one.get("kind", "")), *(str(s or "") for s in said))


def is_release(one: ApiObject) -> bool:
    """Tell whether Helm keeps a release in an object: a Secret of its type, or a ConfigMap with its label and name."""
    metadata = mapping(one.get("metadata"))
    if one.get("kind") == "Secret":
        return one.get("type") == "helm.sh/release.v1"
    named = str(metadata.get("name")).startswith("sh.helm.release.v1.")
    return one.get("kind") == "ConfigMap" and mapping(metadata.get("labels")).get("owner") == "helm" and named


def owner_of(one: ApiObject, who: Identity) -> Identity | None:
    """Return the controller that owns an object, else its first owner, as the object names it."""
    owners = [*mappings(mapping(one.get("metadata")).get("ownerReferences"))]
    said = next((owner for owner in owners if owner.get("controller") is True), owners[0] if owners else None)
    if said is None or said.get("kind") == "Node":  # a static pod: what names its image is a file of the node
        return None
    version, kind, name, uid = (str(said.get(key) or "") for key in ("apiVersion", "kind", "name", "uid"))
    return Identity(who.cluster, version, kind, who.namespace, name, uid)


def condition(one: ApiObject) -> Condition:
    """Return why nothing of an object may run right now."""
    spec, status = mapping(one.get("spec")), mapping(one.get("status"))
    if spec.get("suspend") is True:
        return Condition.SUSPENDED
    if spec.get("replicas") == 0 and "replicas" in spec:
        owners = mappings(mapping(one.get("metadata")).get("ownerReferences"))
        kept = one.get("kind") == "ReplicaSet" and any(owner.get("kind") == "Deployment" for owner in owners)
        return Condition.OLD if kept else Condition.ZERO
    ended = status.get("completionTime") or status.get("phase") in ("Succeeded", "Failed")
    failed = any(c.get("type") == "Failed" and c.get("status") == "True" for c in mappings(status.get("conditions")))
    return Condition.FINISHED if ended or (failed and one.get("kind") == "Job") else Condition.NONE


def compact(one: ApiObject) -> Iterator[str]:
    """Yield what of an object can name images as JSON on one line, which the locators read as YAML.

    Managed fields and the status are left out, and of a pod what differs from its siblings. Annotations and labels come
    apart, because addresses and hashes in them differ from pod to pod, while the specification is one.
    """
    rest = {key: value for key, value in one.items() if key not in ("metadata", "status")}
    spec = one.get("spec")
    if one.get("kind") == "Pod" and isinstance(spec, dict):
        rest["spec"] = {key: value for key, value in spec.items() if key not in _OF_THE_NODE}
    yield _token_volume().sub("kube-api-access", json_text(rest))
    metadata = mapping(one.get("metadata"))
    kept = {key: metadata[key] for key in _METADATA if metadata.get(key)}
    if kept:
        yield json_text({"apiVersion": one.get("apiVersion"), "kind": one.get("kind"), "metadata": kept})


def json_text(content: dict[str, Any]) -> str:
    """Return data as compact JSON that can be read as YAML, too."""
    return readable(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def readable(text: str) -> str:
    """Return a text with a replacement character for each one that YAML refuses."""
    return _unreadable().sub("\ufffd", text)


@cache
def _token_volume() -> re.Pattern[str]:
    """The volume of the token, which the API server names for each pod (`generateName` of five letters)."""
    return re.compile(r"kube-api-access-[a-z0-9]{5}(?=\")")


@cache
def _unreadable() -> re.Pattern[str]:
    """Code points that JSON holds as they are, and YAML refuses (YAML 1.2.2, 5.1)."""
    return re.compile("[^\x00-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def containers(pod: ApiObject) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the containers of a pod of every kind, by name."""
    for key in CONTAINERS:
        for one in mappings(mapping(pod.get("spec")).get(key)):
            yield str(one.get("name", "")), one


def named_path(one: ApiObject, path: KeyPath) -> tuple[str, tuple[str | int, ...]]:
    """Return the name of the container that a key path leads into, and a path that a template and its pods share.

    `spec.template.spec.containers[0].image` and `spec.containers[1].image` of a pod that a webhook put a container
    into are the same place, if the containers have one name.
    """
    here: Any = one
    container, start = "", 0
    steps: list[str | int] = []
    for at, step in enumerate(path):
        known = (isinstance(here, dict) and step in here) or (
            isinstance(here, list) and isinstance(step, int) and step < len(here)
        )
        here = here[step] if known else None
        before = path[at - 1] if at else ""
        if step in (*CONTAINERS, "volumes", "metadata"):
            start = at
        if isinstance(step, int) and before in (*CONTAINERS, "volumes") and isinstance(here, dict):
            name = str(here.get("name", ""))
            container = name if before in CONTAINERS else container
            steps.append(name)
        else:
            steps.append(step)
    return container, tuple(steps[start:])
