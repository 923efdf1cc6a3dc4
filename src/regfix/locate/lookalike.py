"""What stands under image keys, reads like the short name of an image, and is none. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regfix.image.host import is_host

if TYPE_CHECKING:
    from regfix.image.reference import Reference

_PICTURES = (
    ".png", ".jpg", ".jpeg", ".jfif", ".gif", ".svg", ".ico", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".heic",
)  # fmt: skip
_DISKS = (
    ".iso", ".img", ".qcow", ".qcow2", ".vmdk", ".vdi", ".vhd", ".vhdx", ".raw", ".ova", ".ovf", ".dmg", ".wic",
)  # fmt: skip
_WORDS = frozenset((
    "auto", "automatic", "custom", "default", "disabled", "enabled", "false", "image", "latest", "legacy",
    "linux", "no", "none", "null", "off", "on", "optional", "placeholder", "required", "string", "text", "true", "url",
    "windows", "yes",
))  # fmt: skip
"""Words that stand under image keys and are no images, though they could be names of some."""


def is_picture(value: str) -> bool:
    """Tell whether a value is the name of a file with a picture."""
    return value.strip().lower().endswith(_PICTURES)


def is_something_else(value: str, reference: Reference) -> bool:
    """Tell whether what reads like a short name is a registry by itself, a picture, a disk or an image's ID."""
    return (
        ("/" not in value and is_host(reference.repository))
        or reference.repository.lower().endswith(_PICTURES + _DISKS)
        or (reference.repository == "sha256" and len(reference.tag) >= 32)
        or "/images/" in value  # of virtual machines, as https://cloud.google.com/compute/docs/images
        or value in _WORDS
    )
