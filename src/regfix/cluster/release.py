"""A Helm release as Helm keeps it, decoded from its Secret or ConfigMap within limits. Pure.

It is JSON, packed by gzip and written in base64, once more in base64 in the data of a Secret; old ones are not packed.
Sources: pkg/storage/driver/{util,secrets,cfgmaps}.go and pkg/release/v1/release.go of https://github.com/helm/helm.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from regfix.chart.gzipped import MAGIC, TooLarge, expand
from regfix.cluster.model import ClusterError, Declared
from regfix.cluster.objects import identity, mapping, mappings

if TYPE_CHECKING:
    from regfix.cluster.model import ApiObject

MAX_RELEASE_BYTES = 16 * 1024 * 1024
"""What a release may expand to; its object may have 1 MiB, and what is in it shrinks to a fifth or a tenth."""

_PAST = frozenset({"superseded", "uninstalled"})
_DEPLOYED = "deployed"


class Kept(NamedTuple):
    """What the labels of an object say of the release in it."""

    namespace: str
    name: str
    revision: int
    status: str

    @property
    def is_past(self) -> bool:
        """Whether nothing of it is in the cluster."""
        return self.status in _PAST

    @property
    def rank(self) -> tuple[bool, int]:
        """The revision of a release that counts has the highest: the last one that was deployed, else the last."""
        return self.status == _DEPLOYED, self.revision


class Hook(NamedTuple):
    """A hook of a release: the template it comes from, its manifest, the events that it is for."""

    template: str
    manifest: str
    events: tuple[str, ...]


class Release(NamedTuple):
    """A release: where it is declared, its manifest and hooks, the values that it was given, and its chart as kept."""

    declared: Declared
    manifest: str
    hooks: tuple[Hook, ...]
    config: dict[str, Any]
    chart: dict[str, Any]


def kept_in(one: ApiObject) -> Kept:
    """Return what the labels of an object of Helm say."""
    metadata = mapping(one.get("metadata"))
    labels = mapping(metadata.get("labels"))
    version = str(labels.get("version", ""))
    revision = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    namespace, name = str(metadata.get("namespace") or ""), str(labels.get("name") or metadata.get("name") or "")
    return Kept(namespace, name, revision, str(labels.get("status", "")))


def release_in(one: ApiObject, cluster: str) -> Release:
    """Return the release in an object of Helm; raises ClusterError for one that cannot be read."""
    where = f"{cluster}: {identity(cluster, one)}"
    try:
        return _release(json.loads(_unpacked(one)), kept_in(one))
    except TooLarge:
        why = f"it expands to more than {MAX_RELEASE_BYTES // (1024 * 1024)} MiB"
    except EOFError:
        why = "it is cut off"
    except RecursionError:
        why = "it is nested too deeply"
    except (ValueError, zlib.error) as error:
        why = str(error)
    raise ClusterError("the Helm release cannot be read", where=where, why=why,
                       hint="helm get all shows whether Helm can read it")  # fmt: skip


def _unpacked(one: ApiObject) -> bytes:
    text = mapping(one.get("data")).get("release")
    if not isinstance(text, str):
        raise ValueError("there is no release in it")
    data = text.encode()
    for _ in range(2 if one.get("kind") == "Secret" else 1):
        data = _decoded(data)
    if not data.startswith(MAGIC):
        if not data.lstrip().startswith(b"{"):
            raise ValueError("it is neither gzip nor JSON")
        return data[: MAX_RELEASE_BYTES + 1]
    return expand(data, MAX_RELEASE_BYTES).content


def _decoded(data: bytes) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        raise ValueError("it is not base64, or cut off") from None


def _release(content: Any, kept: Kept) -> Release:
    if not isinstance(content, dict):
        raise ValueError("it is no release, but JSON of another form")
    chart = mapping(content.get("chart"))
    metadata = mapping(chart.get("metadata"))
    declared = Declared(
        kept.namespace or _text(content, "namespace"), _text(content, "name") or kept.name, kept.revision,
        _text(metadata, "name"), _text(metadata, "version"),
    )  # fmt: skip
    hooks = (
        Hook(_text(one, "path"), _text(one, "manifest"), tuple(map(str, _items(one, "events"))))
        for one in mappings(content.get("hooks"))
    )
    return Release(declared, _text(content, "manifest"), tuple(hooks), mapping(content.get("config")), chart)


def _text(content: dict[str, Any], key: str) -> str:
    value = content.get(key)
    return value if isinstance(value, str) else ""


def _items(content: dict[str, Any], key: str) -> list[Any]:
    value = content.get(key)
    return value if isinstance(value, list) else []
