"""Manifests: which kinds are taken, whether a body is what its digest says, which platforms an index has. Pure.

Sources: https://github.com/opencontainers/image-spec (manifest.md, image-index.md),
https://distribution.github.io/distribution/spec/manifest-v2-2/
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from regfix.registry.answer import is_digest

_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"
ACCEPT = ", ".join((
    "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
    _SIGNED, "application/vnd.docker.distribution.manifest.v1+json",
))  # fmt: skip
"""The kinds of manifests; a registry answers 404 for an image whose kind is not among those that are accepted."""

MAX_BYTES = 4 * 1024 * 1024
"""The largest manifest that is read, as the specification of registries recommends it."""


class BadManifest(Exception):
    """A manifest is not what its digest says, or cannot be read; the text says why."""


def verified_digest(body: bytes, kind: str, told: str, asked: str) -> str:
    """Return the digest of a manifest; raises BadManifest if it is not the one that was told, or asked for.

    The digest of a signed manifest of the first version is that of the text without its signatures.
    """
    body = _unsigned(body) if kind == _SIGNED else body
    for claimed, who in ((asked, "that was asked for"), (told, "that the registry tells")):
        if claimed and _digest(body, claimed) != claimed:
            raise BadManifest(f"the manifest has not the digest {who}")
    return asked or told or _digest(body, "sha256:")


def _unsigned(body: bytes) -> bytes:
    """Return the text that was signed; raises BadManifest. Source: https://github.com/distribution/distribution (v1)"""
    try:
        protected = parsed(body)["signatures"][0]["protected"]
        said = json.loads(_decoded(protected))
        size, tail = said["formatLength"], _decoded(said["formatTail"])
    except (LookupError, TypeError, ValueError, RecursionError):
        raise BadManifest("the manifest is not signed as its kind says") from None
    if type(size) is not int or not 0 <= size <= len(body):
        raise BadManifest("the manifest is not signed as its kind says")
    return body[:size] + tail


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _digest(body: bytes, like: str) -> str:
    algorithm = like.partition(":")[0]
    if algorithm not in ("sha256", "sha384", "sha512"):
        raise BadManifest("its digest has an unknown algorithm")
    return f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"


def parsed(body: bytes) -> dict[str, Any]:
    """Return the content of a manifest; raises BadManifest."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadManifest("the manifest is no JSON") from None
    if not isinstance(found, dict) or found.get("schemaVersion") not in (1, 2):
        raise BadManifest("what it answers with is no manifest")
    return found


def platforms(manifest: dict[str, Any]) -> dict[str, str] | None:
    """Return the digests of an index by platform; None for the manifest of one image.

    Entries without a platform are attestations, not images.
    """
    entries = manifest.get("manifests")
    if not isinstance(entries, list):
        return None
    found: dict[str, str] = {}
    for entry in entries:
        platform = entry.get("platform") if isinstance(entry, dict) else None
        if not isinstance(platform, dict) or not is_digest(entry.get("digest")):
            continue
        steps = [platform.get(key) for key in ("os", "architecture", "variant", "os.version")]
        name = "/".join(step for step in steps if isinstance(step, str) and step)
        if platform.get("os") != "unknown" and name:
            found[name[:100]] = entry["digest"]
    return found


def some_blobs(manifest: dict[str, Any]) -> list[str]:
    """Return digests of an image: of its configuration and of a layer, which may be kept at different places."""
    layers = manifest.get("layers") or manifest.get("fsLayers")
    found = (_blob(manifest.get("config")), *map(_blob, layers if isinstance(layers, list) else ()))
    return list(dict.fromkeys(filter(None, (found[0], next(filter(None, found[1:]), "")))))


def _blob(entry: object) -> str:
    """Return the digest of an entry of a manifest, `blobSum` in the first version; empty where it has none."""
    digest = (entry.get("digest") or entry.get("blobSum")) if isinstance(entry, dict) else None
    return str(digest) if is_digest(digest) else ""
