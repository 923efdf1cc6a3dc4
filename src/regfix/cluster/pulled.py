"""What was really pulled, as the status of a pod tells it, where that is not what its specification asks for. Pure.

`status.containerStatuses[].image` and `.imageID` are those of the container runtime; an imageID is a name with a
digest, in older clusters behind `docker-pullable://`, or the bare digest of a configuration, which names no registry
(https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ContainerStatus).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from regfix.cluster.objects import containers, mapping, mappings
from regfix.image.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regfix.cluster.model import ApiObject
    from regfix.syntax.keypath import KeyPath

_STATUSES = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")


class Pulled(NamedTuple):
    """An image that was pulled (`reference`) where the specification asks for another one (`spec`)."""

    container: str
    key_path: KeyPath
    spec: str
    reference: str


def pulled_otherwise(pod: ApiObject) -> Iterator[Pulled]:
    """Yield the containers of a pod whose image is of another name, or another digest, than the specification's."""
    asked = {name: str(one.get("image", "")) for name, one in containers(pod)}
    for field in _STATUSES:
        for at, status in enumerate(mappings(mapping(pod.get("status")).get(field))):
            name = str(status.get("name", ""))
            for key in ("imageID", "image"):
                text = status.get(key)
                said = text.removeprefix("docker-pullable://") if isinstance(text, str) else ""
                if name in asked and _differs(asked[name], said):
                    yield Pulled(name, ("status", field, at, key), asked[name], said)
                    break


def _differs(asked: str, pulled: str) -> bool:
    spec, status = Reference.match(asked), Reference.match(pulled)
    if spec is None or status is None or "://" in pulled or pulled.startswith("sha256:"):
        return False
    other_digest = bool(spec.digest and status.digest and spec.digest != status.digest)
    return other_digest or spec.name != status.name
