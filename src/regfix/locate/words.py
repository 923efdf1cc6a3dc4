"""Which keys carry images: the words of a key, and what they say about its value."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import NamedTuple


class Role(StrEnum):
    """What a key's value is of a reference."""

    REFERENCE = "reference"
    REGISTRY = "registry"
    ORGANIZATION = "organization"
    REPOSITORY = "repository"
    NAME = "name"
    TAG = "tag"
    DIGEST = "digest"
    HOST = "host"
    PULL_POLICY = "pull policy"
    OF_JOB = "image of a job"


class KeyRole(NamedTuple):
    """A role, and the words that tell apart several images of one mapping (`sidecar` of `sidecarImageTag`)."""

    role: Role
    stem: tuple[str, ...]


_REGISTRY_WORDS = {"registry", "hub"}
_HOST_WORDS = {"host", "hostname", "server", "url", "address", "domain", "endpoint", "name"}
"""Words behind `registry` in keys that hold one: `registryHost`, `registry_url`, `registryName`."""

_OF_ALL = (("default",), ("system", "default"))
"""Words in front of `registry` that name no image of their own (`systemDefaultRegistry` of Rancher's charts)."""

_ORGANIZATION_WORDS = {"org", "organization", "organisation"}
_REPOSITORY_WORDS = {"repository", "repo"}
NO_CONTAINER = {
    "vm",
    "vmi",
    "box",
    "iso",
    "avatar",
    "ami",
    "os",
    "machine",
    "disk",
    "boot",
    "cover",
    "background",
    "og",
    "logo",
    "icon",
    "social",
}
_NO_NAME = {"secret", "secrets", "pull"}
_HOLDER_WORDS = {"registry", "hub", "repo", "repository", "image", "images"}
_NO_REGISTRY_WORDS = {
    "secret",
    "secrets",
    "credentials",
    "mirror",
    "mirrors",
    "insecure",
    "policy",
    "username",
    "package",
    "packages",
    "apt",
}


_NUMBERED = frozenset(("image", "registry", "repository", "repo", "tag", "digest"))
"""Words that keys of one mapping number: `image1`, `image_2`."""

SERVICE = "service"
"""Stands for the key of a text in a list `services`, which may be the images of a pipeline's job."""


@cache
def words(key: str) -> tuple[str, ...]:
    """Return the words of a key in lower case: `initImageTag`, `init_image_tag` and `init-image.tag` are alike."""
    return tuple(word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", key))


@cache
def key_role(key: str) -> KeyRole | None:
    """Return what a key says about its value, or None where it says nothing about images."""
    parts = words(key)
    if parts[-1:] and parts[-1].isdigit() and parts[-2:-1] and parts[-2] in _NUMBERED:
        parts = (parts[-1], *parts[:-1])  # `image2` belongs to `image2Tag`, and to `tag2`
    if not parts:
        return None
    if key in ("container", SERVICE):
        return KeyRole(Role.OF_JOB, ())
    last, stem = parts[-1], tuple(word for word in parts[:-1] if word not in ("image", "docker", "container"))
    if last == "image" and not NO_CONTAINER.intersection(parts):
        return KeyRole(Role.REFERENCE, stem)
    if last in _REGISTRY_WORDS:
        return KeyRole(Role.REGISTRY, () if stem in _OF_ALL else stem)
    if last in _HOST_WORDS and parts[-2:-1] in (("registry",), ("hub",)) and not _NO_NAME.intersection(parts):
        return KeyRole(Role.HOST, tuple(word for word in stem if word not in _REGISTRY_WORDS))
    if len(parts) == 1 and last in ("host", "server", "domain", "base"):
        return KeyRole(Role.HOST, ())
    if last in _ORGANIZATION_WORDS:
        return KeyRole(Role.ORGANIZATION, stem)
    if last in _REPOSITORY_WORDS:
        return KeyRole(Role.REPOSITORY, stem)
    if (
        last in ("name", "reference")
        and (len(parts) == 1 or parts[0] == "new" or parts[-2] == "image")
        and not _NO_NAME.intersection(parts)
    ):
        return KeyRole(Role.NAME, stem)
    if parts[-2:] == ("pull", "policy"):
        return KeyRole(Role.PULL_POLICY, tuple(word for word in stem if word != "pull"))
    if last in ("tag", "digest"):
        return KeyRole(Role.TAG if last == "tag" else Role.DIGEST, stem)
    return KeyRole(Role.TAG, stem) if last == "version" and "image" in parts else None


@cache
def holds_registry(key: str) -> bool:
    """Tell whether a bare host under this key is the registry of images (`imageRegistry`, `hub`, `baseRepo`)."""
    parts = set(words(key))
    return bool(parts & _HOLDER_WORDS) and not parts & _NO_REGISTRY_WORDS


def is_image_word(key: str) -> bool:
    """Tell whether a key speaks of images."""
    return bool({"image", "images", "docker"}.intersection(words(key)))
